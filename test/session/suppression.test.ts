import { describe, expect, it } from 'vitest';
import { openBytes } from '../../src/capture/file.js';
import { Machine } from '../../src/machine/machine.js';
import { encodeEvent, type ParamValue } from '../../src/scap/encode_event.js';
import { encodeHead } from '../../src/scap/encode_head.js';
import { EVENTS, PPME } from '../../src/scap/events.generated.js';
import { Session } from '../../src/session/session.js';
import { Suppression } from '../../src/session/suppression.js';

let clock = 1_700_000_000_000_000_000n;

/** One event; parameters not named are empty. */
function event(name: keyof typeof PPME, tid: number, params: Readonly<Record<string, ParamValue>>): Buffer {
  clock += 1000n;
  const values = EVENTS[PPME[name]].params.map((param) => params[param.name] ?? null);
  return encodeEvent(PPME[name], { ts: clock, tid }, values);
}

const clone = (tid: number, ptid: number, comm: string): Buffer =>
  event('SYSCALL_CLONE_20_X', tid, {
    res: 0,
    tid,
    pid: tid,
    ptid,
    comm,
    exe: comm,
    flags: 0,
    vtid: tid,
    vpid: tid,
  });
const exec = (tid: number, ptid: number, comm: string): Buffer =>
  event('SYSCALL_EXECVE_19_X', tid, { res: 0, tid, pid: tid, ptid, comm, exe: comm });
const work = (tid: number): Buffer => event('SYSCALL_GETCWD_X', tid, { res: 0, path: '/' });
const end = (tid: number): Buffer => event('PROCEXIT_1_E', tid, { status: 0 });

/** `number tid` of each event that is seen, and how many were suppressed. */
async function run(
  names: string[],
  blocks: Buffer[],
  running: [tid: number, comm: string][] = [],
): Promise<{ seen: string[]; suppressed: number }> {
  const before = new Machine();
  for (const [tid, comm] of running) {
    const thread = before.unknownThread(tid);
    thread.invalid = false;
    thread.comm = comm;
  }
  const machine = new Machine();
  const seen: string[] = [];
  const session = new Session({
    source: openBytes(Buffer.concat([encodeHead(before.snapshot()), ...blocks])),
    machine,
    sinks: [{ onEvent: (ev) => void seen.push(`${ev.num} ${ev.tid}`) }],
    suppression: new Suppression(names),
  });
  const { suppressed } = await session.run();
  return { seen, suppressed };
}

describe('suppressed processes (-U)', () => {
  it('are those that a clone or an exec names so, with what they start, and take no number', async () => {
    const result = await run(
      ['evil'],
      [
        clone(100, 1, 'sh'),
        work(100),
        exec(100, 1, 'evil'),
        work(100),
        clone(101, 100, 'evil'),
        exec(101, 100, 'good'),
        work(101),
        work(1),
      ],
    );
    expect(result).toEqual({ seen: ['1 100', '2 100', '3 1'], suppressed: 5 });
  });

  it('come back under another name, and are forgotten when they end', async () => {
    const result = await run(
      ['evil'],
      [clone(100, 1, 'evil'), exec(100, 1, 'fine'), work(100), exec(100, 1, 'evil'), end(100), work(100)],
    );
    expect(result).toEqual({ seen: ['1 100', '2 100', '3 100'], suppressed: 3 });
  });

  it('include those that run when the recording begins', async () => {
    const result = await run(['evil'], [work(7), work(8)], [[7, 'evil']]);
    expect(result).toEqual({ seen: ['1 8'], suppressed: 1 });
  });
});
