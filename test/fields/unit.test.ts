import { describe, expect, it } from 'vitest';
import { humanAmount, unitOfField } from '../../src/fields/unit.js';
import { compileTemplate } from '../../src/format/template.js';
import { Machine } from '../../src/machine/machine.js';
import { PPME, PT } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from './built_event.js';

describe('humanAmount', () => {
  it.each([
    [0, 'bytes', '0B'],
    [1023, 'bytes', '1023B'],
    [4096, 'bytes', '4.00KB'],
    [1.5 * 1024 ** 3, 'bytes', '1.50G'],
    [920, 'kilobytes', '920.00KB'],
    [0, 'kilobytes', '0B'],
    [2048, 'kilobytes', '2.00M'],
    [999, 'ns', '999ns'],
    [19209, 'ns', '19.21us'],
    [5_820_000, 'ns', '5.82ms'],
    [90e9, 'ns', '1.50min'],
    [172800e9, 'ns', '2.00d'],
  ] as const)('%d %s is %s', (amount, unit, text) => {
    expect(humanAmount(amount, unit)).toBe(text);
  });
});

it('parts of a time, and numbers that are no amounts, stay numbers', () => {
  expect(unitOfField('evt.latency', PT.RELTIME)).toBe('ns');
  for (const name of ['evt.latency.s', 'evt.latency.ns'])
    expect(unitOfField(name, PT.RELTIME)).toBeUndefined();
  expect(unitOfField('proc.pid', PT.INT64)).toBeUndefined();
});

describe('--human', () => {
  const machine = new Machine();
  const ev = builtEvent(PPME.SYSCALL_READ_E, [bytes.i64(3), bytes.u32(65536)]);
  machine.process(ev);
  const render = (text: string, human: boolean) => compileTemplate(text, { human }).render(ev, machine);

  it('writes sizes among the arguments and fields of amounts with units', () => {
    expect(render('%evt.args', false)).toContain('size=65536');
    expect(render('%evt.args', true)).toContain('size=64.00KB');
    expect(render('%evt.arg.size', true)).toBe('64.00KB');
    expect(render('%evt.latency %proc.vmsize', true)).toBe('0ns 0B');
    expect(render('%evt.latency %proc.vmsize', false)).toBe('0 0');
  });
});
