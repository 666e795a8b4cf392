import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from '../../src/fields/line_buffer.js';
import { compileJsonTemplate, writeJsonString } from '../../src/format/json.js';
import { DEFAULT_TEMPLATE } from '../../src/format/template.js';
import { Machine } from '../../src/machine/machine.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from '../fields/built_event.js';

const machine = new Machine();
const thread = new ThreadInfo(100, 100);
thread.comm = 'a"b\\c\n\xff';
machine.addThread(thread);

function line(template: string, type: number, params: Buffer[]): string | undefined {
  const ev = builtEvent(type, params);
  machine.process(ev);
  const text = compileJsonTemplate(template).render(ev, machine);
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8');
}

describe('compileJsonTemplate', () => {
  it('gives an object with sorted keys, numbers as numbers, times in ns', () => {
    expect(line(DEFAULT_TEMPLATE, PPME.SYSCALL_CLOSE_E, [bytes.i64(7)])).toBe(
      '{"evt.cpu":0,"evt.dir":">","evt.info":"fd=7 ","evt.num":1,"evt.outputtime":1795244784265128132,"evt.type":"close",' +
        '"proc.name":"a\\"b\\\\c\\n\ufffd","thread.tid":100}',
    );
  });

  it('gives null for what has no value, or no line at all', () => {
    expect(line('*%evt.num %fd.name', PPME.SYSCALL_CLOSE_E, [bytes.i64(7)])).toBe(
      '{"evt.num":1,"fd.name":null}',
    );
    expect(line('%evt.num %fd.name', PPME.SYSCALL_CLOSE_E, [bytes.i64(7)])).toBeUndefined();
    expect(line('*text', PPME.SYSCALL_CLOSE_E, [bytes.i64(7)])).toBe('{}');
  });

  it('keeps all digits of 64-bit numbers', () => {
    const params = [
      bytes.i64(0),
      bytes.text('/x'),
      bytes.u32(1),
      bytes.u32(0),
      bytes.u32(0),
      bytes.i64(9223372036854775807n),
    ];
    expect(line('%evt.rawarg.ino', PPME.SYSCALL_OPEN_X, params)).toBe(
      '{"evt.rawarg.ino":9223372036854775807}',
    );
  });

  it('does not cut buffers', () => {
    const data = 'x'.repeat(100);
    expect(line('%evt.buffer', PPME.SYSCALL_READ_X, [bytes.i64(100), bytes.raw(data)])).toBe(
      `{"evt.buffer":"${data}"}`,
    );
  });

  it('names every field once', () => {
    expect(line('%evt.num %evt.type %evt.num', PPME.SYSCALL_CLOSE_E, [bytes.i64(7)])).toBe(
      '{"evt.num":1,"evt.type":"close"}',
    );
  });
});

describe('writeJsonString', () => {
  function quoted(text: string): string {
    const out = new LineBuffer(1);
    writeJsonString(out, text);
    return Buffer.from(out.since(0), 'latin1').toString('utf8');
  }

  it('gives valid JSON for any bytes; UTF-8 comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        const parsed: unknown = JSON.parse(quoted(Buffer.from(array).toString('latin1')));
        expect(typeof parsed).toBe('string');
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(JSON.parse(quoted(Buffer.from(text, 'utf8').toString('latin1')))).toBe(text);
      }),
    );
  });

  it.each([
    ['\xc0\x80', 'overlong'],
    ['\xed\xa0\x80', 'surrogate'],
    ['\xf4\x90\x80\x80', 'above U+10FFFF'],
    ['\xe2\x82', 'cut'],
    ['\x80', 'continuation alone'],
  ])('replaces %j: %s', (text) => {
    expect(quoted(text)).toMatch(/^"\ufffd+"$/);
  });
});
