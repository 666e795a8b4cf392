import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { helperFile } from '../../src/capture/helper_files.js';
import { openPerf } from '../../src/capture/perf.js';
import {
  asFarAs,
  type FollowedRecording,
  recordFollowed,
  type Step,
  stepsOfEvents,
  stepsOfStrace,
} from './followed.js';
import { CAN_RECORD, compileProgram, decodeBlocks, type RecordedEvent } from './recording.js';
import { TsdigProcess } from './tsdig_process.js';

/** The perf engine beside strace, on a fixed program. */
describe.runIf(CAN_RECORD)('perf engine', () => {
  const home = process.cwd();
  const folders: string[] = [];
  let program = '';
  let strace: Step[][] = [];
  let recording: FollowedRecording;

  const freshFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-steps-'));
    folders.push(folder);
    return folder;
  };

  beforeAll(async () => {
    program = compileProgram('steps');
    folders.push(dirname(program));
    strace = stepsOfStrace([program], freshFolder(), freshFolder());
    process.chdir(freshFolder());
    recording = await recordFollowed('perf', [program]);
    process.chdir(home);
  });
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('records the same calls and results as strace, thread by thread', () => {
    expect(recording.code).toBe(4);
    const own = stepsOfEvents(recording.events.filter((ev) => ev.name !== 'signaldeliver'));
    expect(own.length).toBe(3);
    for (const [i, steps] of own.entries()) {
      const told = steps.map((step) => ({ ...step, path: undefined }));
      expect(told).toEqual(asFarAs(told, strace[i]!));
    }
  });

  it('names the right paths, or <NA> where the process was gone', () => {
    const own = stepsOfEvents(recording.events.filter((ev) => ev.name !== 'signaldeliver'));
    for (const [i, steps] of own.entries())
      for (const [j, step] of steps.entries())
        if (step.path !== undefined) expect([strace[i]![j]!.path, '<NA>']).toContain(step.path);
  });

  it('has no buffers, and life-cycle events with what is known', () => {
    const writes = recording.events.filter((ev) => ev.name === 'write' && !ev.enter);
    expect(writes.map((ev) => [ev.params[0], (ev.params[1] as Buffer).length])).toEqual([
      [5, 0],
      [14, 0],
    ]);
    const executed = recording.events.filter((ev) => ev.name === 'execve' && !ev.enter && ev.params[0] === 0);
    expect(executed.map((ev) => ev.params[13])).toEqual(['steps', 'exe']);
    for (const ev of executed) {
      expect(ev.params[4]).toBe(ev.tid);
      // Read after the call: the program may have changed to / by then.
      expect([folders.at(-1), '/']).toContain(ev.params[6]);
    }
    const ends = recording.events.filter((ev) => ev.name === 'procexit').map((ev) => ev.params[1]);
    expect(ends).toContain(7);
    expect(ends.at(-1)).toBe(4);
  });

  it('knows how processes are killed', async () => {
    const killed = await recordFollowed('perf', ['/bin/sh', '-c', 'kill -9 $$']);
    expect(killed.code).toBe(137);
    expect(
      killed.events
        .filter((ev) => ev.name === 'procexit')
        .at(-1)!
        .params.slice(0, 3),
    ).toEqual([9, 0, 9]);
  });

  it('sees when the command runs and when it does not', () => {
    const leader = recording.events.find((ev) => ev.name === 'procexit' && ev.params[1] === 4)!.tid;
    const switches = recording.events.filter((ev) => ev.name === 'switch');
    expect(switches.some((ev) => ev.tid === leader)).toBe(true);
    expect(switches.some((ev) => ev.params[0] === leader)).toBe(true);
  });

  it('records where the verifier refuses the eBPF programs, and says so in one line, also without -v', async () => {
    const folder = freshFolder();
    const object = readFileSync(helperFile('tsdig.bpf.o')!).toString('latin1');
    // Under another licence the programs may not do what they do: a kernel that refuses them is not needed.
    expect(object).toContain('Dual BSD/GPL');
    writeFileSync(join(folder, 'tsdig.bpf.o'), object.replace('Dual BSD/GPL', 'Proprietary '), 'latin1');
    const env = { TSDIG_NATIVE_DIR: folder };
    const words = ['-n', '5', '-p', '@ %evt.num', 'evt.type=read'];
    const alone = await new TsdigProcess(words, { env }).ended;
    expect(alone.stderr).toMatch(
      /^tsdig: eBPF does not work here \(.*: cannot call GPL.*\): the perf engine records, with no buffers.*\n$/,
    );
    expect(alone.stdout).toMatch(/^(@ \d+\n){5}$/);
    expect(alone.code).toBe(0);
    const chosen = await new TsdigProcess(['--engine', 'perf', ...words], { env }).ended;
    expect(chosen.stderr).toMatch(/^tsdig: perf engine: no buffers.*\n$/);
    expect(chosen.stdout).toMatch(/^(@ \d+\n){5}$/);
  });

  it('records everybody but tsdig, in the order of time', async () => {
    const source = await openPerf({ syscalls: [257], tracepoints: { lifecycle: true } }, null);
    source.start();
    const run = spawnSync('/bin/sh', ['-c', 'cat /etc/hostname; exit 0']);
    expect(run.status).toBe(0);
    setTimeout(() => source.stop(), 100);
    const chunks: Buffer[] = [];
    for (;;) {
      const item = await source.next();
      if (item === null) break;
      if (item.kind === 'events') chunks.push(Buffer.from(item.bytes.subarray(item.start, item.end)));
    }
    source.close();
    const events: RecordedEvent[] = decodeBlocks(Buffer.concat(chunks));
    expect(events.some((ev) => ev.name === 'openat' && ev.tid !== process.pid)).toBe(true);
    expect(events.filter((ev) => ev.tid === process.pid)).toEqual([]);
    const times = events.map((ev) => ev.ts);
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });
});
