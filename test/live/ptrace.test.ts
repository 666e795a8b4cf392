import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asFarAs,
  type FollowedRecording,
  recordFollowed,
  type Step,
  stepsOfEvents,
  stepsOfStrace,
} from './followed.js';
import { compileProgram, type RecordedEvent } from './recording.js';
import { FREESTANDING, RUNS_32_BITS } from './thirty_two_bits.js';

/** The ptrace engine beside strace, on a fixed program. Needs no privileges. */
describe.runIf(process.platform === 'linux')('ptrace engine', () => {
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
  const find = (name: string, enter: boolean): RecordedEvent[] =>
    recording.events.filter((ev) => ev.name === name && ev.enter === enter);

  beforeAll(async () => {
    program = compileProgram('steps');
    folders.push(dirname(program));
    strace = stepsOfStrace([program], freshFolder(), freshFolder());
    const cwd = freshFolder();
    // Forked test files have a process of their own.
    process.chdir(cwd);
    recording = await recordFollowed('ptrace', [program]);
    process.chdir(home);
  });
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('passes on the exit code', () => {
    expect(recording.code).toBe(4);
  });

  it('records the same calls, results and paths as strace, thread by thread', () => {
    const own = stepsOfEvents(recording.events.filter((ev) => ev.name !== 'signaldeliver'));
    expect(strace.length).toBe(3);
    expect(own.length).toBe(3);
    for (const [i, steps] of own.entries()) expect(steps).toEqual(asFarAs(steps, strace[i]!));
    expect(own.flat().filter((step) => step.path !== undefined).length).toBeGreaterThan(8);
  });

  it('begins with execve of the command and ends with its exit', () => {
    const [first] = recording.events;
    expect(first).toMatchObject({ name: 'execve', enter: true, params: [program] });
    expect(recording.events.at(-1)).toMatchObject({
      name: 'procexit',
      tid: first!.tid,
      params: [4 << 8, 4, 0, 0, 0],
    });
  });

  it('pairs every entering with a leaving', () => {
    const open = new Map<number, RecordedEvent>();
    for (const ev of recording.events) {
      if (ev.name === 'procexit' || ev.name === 'signaldeliver') continue;
      const entered = open.get(ev.tid);
      if (ev.enter) {
        expect(entered).toBeUndefined();
        open.set(ev.tid, ev);
      } else {
        if (entered) expect(ev.type).toBe(entered.type + 1);
        else expect(ev.name).toMatch(/clone|fork/);
        open.delete(ev.tid);
      }
    }
    expect([...open.values()].map((ev) => ev.name).filter((name) => !name.startsWith('exit'))).toEqual([]);
  });

  it('reads buffers, also scattered ones', () => {
    expect(find('write', false).map((ev) => String(ev.params[1]))).toEqual(['hello', 'from the child']);
    expect(find('writev', false).map((ev) => String(ev.params[1]))).toEqual(['scattered words']);
    expect(
      find('read', false)
        .map((ev) => String(ev.params[1]))
        .slice(-3),
    ).toContain('from the child');
  });

  it('tells a created file from one that was there', () => {
    const opened = find('openat', false).filter((ev) => ev.params[2] === 'first.txt');
    expect(opened.length).toBe(1);
    expect(Number(opened[0]!.params[3]) & 0x4000).toBe(0x4000);
    const library = find('openat', false).find((ev) => String(ev.params[2]).includes('libc.so'));
    expect(Number(library!.params[3]) & 0x4000).toBe(0);
    expect(Number(library!.params[6])).toBeGreaterThan(0);
  });

  it('knows both ends of connections', () => {
    const tuple = find('connect', false)[0]!.params[1] as Buffer;
    expect(tuple[0]).toBe(2);
    expect(tuple.length).toBe(13);
    expect([...tuple.subarray(1, 5), ...tuple.subarray(7, 11)]).toEqual([127, 0, 0, 1, 127, 0, 0, 1]);
    const accepted = find('accept', false)[0]!.params;
    expect(accepted[1]).toEqual(tuple);
    expect(accepted[4]).toBe(3);
    const sent = find('sendto', false)[0]!;
    expect(String(sent.params[1])).toBe('over the wire');
  });

  it('follows what is executed, with arguments, environment and folder', () => {
    const [failed, done] = find('execve', false).slice(-2);
    expect(failed!.params[0]).toBe(-2);
    expect(failed!.params[1]).toBe(program);
    expect(String(failed!.params[2])).toBe('again\0');
    expect(done!.params[0]).toBe(0);
    expect(String(done!.params[2])).toBe('again\0');
    expect(String(done!.params[15])).toBe('MARK=steps\0');
    expect(done!.params[6]).toBe(folders.at(-1));
    expect(done!.params[13]).toBe('exe');
    expect(Number(done!.params[4])).toBe(done!.tid);
  });

  it('records delivered signals with their senders', () => {
    const user = find('signaldeliver', true).filter((ev) => ev.params[2] === 10);
    expect(user.length).toBe(1);
    expect(user[0]!.params[1]).toBe(user[0]!.tid);
    expect(find('signaldeliver', true).some((ev) => ev.params[2] === 17)).toBe(true);
  });

  it('keeps the order of time', () => {
    const times = recording.events.map((ev) => ev.ts);
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  it('records only the calls that are asked for', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'sub'));
    const few = await recordFollowed('ptrace', ['/bin/ls', folder], {
      syscalls: [3],
      tracepoints: { lifecycle: false },
    });
    expect(new Set(few.events.map((ev) => ev.name))).toEqual(new Set(['close']));
    const life = await recordFollowed('ptrace', ['/bin/sh', '-c', '/bin/true; exit 2'], { syscalls: 'none' });
    expect(life.code).toBe(2);
    expect(new Set(life.events.map((ev) => ev.name).filter((name) => !/fork|clone/.test(name)))).toEqual(
      new Set(['execve', 'procexit', 'signaldeliver']),
    );
  });

  it.runIf(RUNS_32_BITS)('gives 32-bit programs the events of the same calls of 64-bit ones', async () => {
    const small = compileProgram('ia32', ...FREESTANDING);
    folders.push(dirname(small));
    const { events } = await recordFollowed('ptrace', [small]);
    const exits = events.filter((ev) => !ev.enter && ev.name !== 'procexit').slice(1);
    expect(exits.slice(0, 5).map((ev) => ev.name)).toEqual(['open', 'read', 'llseek', 'pread', 'close']);
    expect(exits[0]!.params[1]).toBe('/etc/hostname');
    expect(String((exits[1]!.params[1] as Buffer).subarray(0, 2)).length).toBe(2);
    const sent = exits.find((ev) => ev.name === 'sendto')!;
    expect(String(sent.params[1])).toBe('compat');
  });

  it('follows many processes at once, to their last event', async () => {
    const script =
      'for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5; do /bin/echo $i$j >/dev/null & done; wait) & done; wait';
    const { events, code } = await recordFollowed('ptrace', ['/bin/sh', '-c', script], { syscalls: 'none' });
    expect(code).toBe(0);
    const born = events.filter((ev) => /clone|fork/.test(ev.name) && ev.params[0] === 0).map((ev) => ev.tid);
    const ended = events.filter((ev) => ev.name === 'procexit').map((ev) => ev.tid);
    expect(new Set(born).size).toBe(48);
    expect(ended.length).toBe(49);
    expect(new Set(ended).size).toBe(49);
    const said = events
      .filter((ev) => ev.name === 'execve' && ev.params[1] === '/bin/echo')
      .map((ev) => String(ev.params[2]));
    expect(new Set(said).size).toBe(40);
  });
});
