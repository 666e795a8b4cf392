import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS } from '../../src/scap/events.generated.js';
import { eventName, exitsBesideStrace, expectSameArguments } from './beside_strace.js';
import { type FollowedRecording, recordFollowed } from './followed.js';
import { CAN_RECORD, compileProgram, type RecordedEvent, writeCapture } from './recording.js';
import { parseStrace, type StraceCall } from './strace_lines.js';

const folders: string[] = [];
function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-live-'));
  folders.push(folder);
  return folder;
}

describe.runIf(CAN_RECORD).each(['compatible', 'full'] as const)(
  'live capture beside strace, %s events',
  (ids) => {
    let recording: FollowedRecording;
    /** Calls of each thread by strace. */
    const calls = new Map<number, StraceCall[]>();
    let workload: string;
    /** System call exits of each thread by tsdig. */
    let exits: Map<number, RecordedEvent[]>;

    beforeAll(async () => {
      workload = compileProgram('workload');
      folders.push(dirname(workload));
      const out = freshFolder();
      const home = process.cwd();
      process.chdir(freshFolder());
      // Of this command alone: what others do meanwhile must not cost any of its events.
      recording = await recordFollowed(
        'ebpf',
        ['strace', '-ff', '-a', '1', '-s', '200', '-o', join(out, 't'), workload],
        { tracepoints: { switch: false, signal: true }, events: ids },
      );
      process.chdir(home);
      for (const file of readdirSync(out))
        calls.set(Number(file.slice(2)), parseStrace(readFileSync(join(out, file), 'latin1')));
      exits = exitsBesideStrace(calls, recording.events);
    });
    afterAll(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });

    it('records without loss', () => {
      const { dropsKernel, dropsRing, dropsOversize } = recording.counters;
      expect({ dropsKernel, dropsRing, dropsOversize }).toEqual({
        dropsKernel: 0,
        dropsRing: 0,
        dropsOversize: 0,
      });
      expect(calls.size).toBe(8);
    });

    it('has the same calls in the same order, thread by thread', () => {
      for (const [tid, list] of calls) {
        const theirs = list.filter((c) => !c.name.startsWith('exit')).map((c) => eventName(c, ids));
        expect(
          exits.get(tid)!.map((e) => e.name),
          `thread ${tid}`,
        ).toEqual(theirs);
      }
      expect([...calls.values()].flat().length).toBeGreaterThan(280);
    });

    it('has an enter event directly before every exit event of a thread', () => {
      for (const tid of calls.keys()) {
        const own = recording.events.filter((e) => e.tid === tid && EVENTS[e.type]!.source & 512);
        let before: RecordedEvent | undefined;
        for (const e of own) {
          const child = e.params[0] === 0 && /clone|fork/.test(e.name) && !e.enter;
          if (!e.enter && !child && e.name !== 'close_range')
            expect(before?.type, `${e.name} of ${tid}`).toBe(e.type - 1);
          before = e;
        }
      }
    });

    it('has the same results and arguments', () => {
      let compared = 0;
      for (const [tid, list] of calls) {
        const theirs = list.filter((c) => !c.name.startsWith('exit'));
        compared += expectSameArguments(theirs, exits.get(tid)!);
      }
      expect(compared).toBeGreaterThan(700);
    });

    it('tells a program start in full', () => {
      const exec = recording.events.find(
        (e) => e.name === 'execve' && !e.enter && String(e.params[2]).includes('child') && e.params[0] === 0,
      )!;
      expect(exec.params[1]).toBe(workload);
      expect((exec.params[2] as Buffer).toString()).toBe('child\0with some\0arguments\0');
      expect((exec.params[15] as Buffer).toString()).toBe('COLOR=blue\0EMPTY=\0');
      expect(exec.params[3]).toBe(exec.tid);
      expect(exec.params[13]).toBe('workload');
      expect(exec.params[27]).toBe(workload);
      expect((exec.params[14] as Buffer).toString()).toMatch(
        /cpuset=\/.*\0cpu=\/.*\0cpuacct=\/.*\0io=\/.*\0memory=\/.*\0$/,
      );
      expect(exec.params[26]).toBe(0);
      const failed = recording.events.find(
        (e) => e.name === 'execve' && e.tid === exec.tid && e.params[0] === -2,
      )!;
      expect((failed.params[2] as Buffer).toString()).toBe('child\0with some\0arguments\0');
      expect((failed.params[15] as Buffer).toString()).toBe('COLOR=blue\0EMPTY=\0');
    });

    it('tells how processes end', () => {
      const ends = recording.events
        .filter((e) => e.name === 'procexit' && calls.has(e.tid))
        .map((e) => [e.params[1], e.params[2]]);
      expect(ends).toContainEqual([7, 0]);
      expect(ends).toContainEqual([3, 0]);
      expect(ends).toContainEqual([0, 9]);
      expect(ends).toContainEqual([4, 0]);
      const chld = recording.events.filter(
        (e) => e.name === 'signaldeliver' && calls.has(e.tid) && e.params[2] === 17,
      );
      expect(chld.length).toBe(4);
      for (const e of chld) expect(calls.has(Number(e.params[0])), `sender ${e.params[0]}`).toBe(true);
    });

    it('gives time in order, across CPUs', () => {
      for (let i = 1; i < recording.events.length; i++)
        if (recording.events[i]!.ts < recording.events[i - 1]!.ts)
          expect.fail(`event ${i} is earlier than the one before`);
      const now = BigInt(Date.now()) * 1_000_000n;
      expect(Number(now - recording.events.at(-1)!.ts) / 1e9).toBeLessThan(60);
      expect(recording.events.at(-1)!.ts <= now).toBe(true);
    });

    it('writes what sysdig reads: the same events and arguments', () => {
      const file = join(freshFolder(), 'live.scap');
      writeCapture(file, recording.blocks);
      const lines = execFileSync(
        'sysdig',
        ['-r', file, '-p', '%evt.rawtime %thread.tid %evt.dir %evt.type %evt.args'],
        {
          encoding: 'latin1',
          maxBuffer: 1 << 28,
        },
      ).split('\n');
      const sysdig = lines.filter((l) => l !== '').map((l) => l.split(' '));
      // It skips the ids that it does not know.
      const known = recording.events.filter((e) => e.type < 336);
      expect(sysdig.length).toBe(known.length);
      if (ids === 'compatible') expect(known.length).toBe(recording.events.length);
      // sysdig names some calls without an event of their own differently, or not at all.
      sysdig.forEach(([ts, tid, dir, type], i) => {
        const e = known[i]!;
        const same = BigInt(ts!) === e.ts && tid === String(e.tid) && dir === (e.enter ? '>' : '<');
        if (!same || (type !== e.name && e.type > 1))
          expect.fail(`event ${i}: ${e.name}, sysdig has ${lines[i]}`);
      });
      const args = (name: string) => lines.find((l) => l.includes(name)) ?? '';
      expect(args('< openat fd=3(<f>')).toMatch(/name=\S+ flags=\d+\(O_/);
      expect(lines.some((l) => / < connect res=0 tuple=127\.0\.0\.1:\d+->127\.0\.0\.1:\d+/.test(l))).toBe(
        true,
      );
      expect(lines.some((l) => / < connect res=0 tuple=::1:\d+->::1:\d+/.test(l))).toBe(true);
      expect(
        lines.some((l) => / < recvfrom res=8 data=datagram tuple=127\.0\.0\.1:\d+->127\.0\.0\.1:\d+/.test(l)),
      ).toBe(true);
      // Its fds come from calls whose newer events it skips.
      if (ids === 'compatible')
        expect(lines.some((l) => / < poll res=2 fds=\d+:e1 \d+:p1/.test(l))).toBe(true);
    });
  },
);
