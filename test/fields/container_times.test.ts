import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../src/format/template.js';
import { cloneParams, Observed, processEntry } from '../machine/observed.js';

const NS = 1_000_000_000n;
const MACHINE = { numCpus: 1, memorySize: 0, maxPid: 0, hostname: '', flags: 0n };
const IN_PIDNS = 0x20000000;

/** What the fields print on the return of clone in a child inside a pid namespace. `start`: ns, as its event has it. */
function printed(bootTime: bigint, start: bigint): string | undefined {
  const o = new Observed({ machine: { ...MACHINE, bootTime }, processes: [processEntry(10)] });
  o.event('SYSCALL_CLONE_20_E', 10);
  o.event('SYSCALL_CLONE_20_X', 11, {
    ...cloneParams({ res: 0, tid: 11, pid: 11, ptid: 10, flags: IN_PIDNS, vtid: 3, vpid: 3 }),
    pidns_init_start_ts: start,
  });
  const line = compileTemplate('*%container.start_ts %container.duration').render(o.ev, o.machine);
  const now = o.ev.absTs;
  return line?.replace(String(now - bootTime - start), 'NOW-START').replace(String(now - start), 'NOW-START');
}

describe('times of containers', () => {
  const boot = 1_699_990_000n * NS;

  it('count from the epoch, whatever the event counts from', () => {
    expect(printed(boot, 77n * NS)).toBe(`${boot + 77n * NS} NOW-START`);
    expect(printed(boot, boot + 5n)).toBe(`${boot + 5n} NOW-START`);
  });

  it('have no value where the start is not known', () => {
    expect(printed(0n, 77n * NS)).toBe('<NA> <NA>');
    expect(printed(boot, 0n)).toBe('<NA> <NA>');
  });
});
