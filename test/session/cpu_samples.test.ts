import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { compileFilter } from '../../src/filter/compile.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { CpuSamples } from '../../src/session/cpu_samples.js';
import { StreamTime } from '../../src/session/stream_time.js';
import { Observed, processEntry } from '../machine/observed.js';

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;

/** A root with a /proc of its own, an observed machine, and clocks that are set by hand. */
class Bench {
  readonly root = mkdtempSync(join(tmpdir(), 'tsdig-samples-'));
  readonly time = new StreamTime();
  readonly observed = new Observed({
    processes: [
      processEntry(10, { comm: 'a name) with (brackets' }),
      processEntry(20, { comm: 'many' }),
      processEntry(21, { pid: 20, comm: 'many', flags: 0x2001 }),
      processEntry(30, { comm: 'gone' }),
    ],
  });
  nowMs = 0;
  readonly samples: CpuSamples;

  constructor(filter?: string) {
    this.samples = new CpuSamples(
      this.observed.machine,
      this.time,
      filter === undefined ? undefined : compileFilter(filter),
      this.root,
      () => this.nowMs,
    );
  }

  /** Sets user and system time; `tid` absent: of all threads of the process together. */
  used(pid: number, user: number, system: number, tid?: number): void {
    const folder = join(this.root, 'proc', String(pid), ...(tid === undefined ? [] : ['task', String(tid)]));
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'stat'),
      `${tid ?? pid} (a name) with (brackets) S 1 1 1 0 -1 4194560 1 0 0 0 ${user} ${system} 0 0 20 0 1 0 5\n`,
    );
  }

  /** An event of the stream at this time is processed. */
  at(ts: bigint): void {
    const bytes = encodeEvent(PPME.SYSCALL_GETUID_E, { ts, tid: 10 }, []);
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.time.arrived({ kind: 'events', bytes, dv, start: 0, end: bytes.length });
    this.time.entered();
  }

  /** What is injected now: `tid user system`, and the times of the events. */
  take(): { lines: string[]; times: bigint[] } {
    const chunk = this.samples.injected();
    const lines: string[] = [];
    const times: bigint[] = [];
    if (chunk !== null) {
      const view = new EventView();
      view.attach(chunk.bytes, chunk.dv);
      for (let off = chunk.start; off < chunk.end && view.at(off); off = view.next) {
        expect(view.type).toBe(PPME.PROCINFO_E);
        lines.push(`${view.tid} ${view.u64(0)} ${view.u64(1)}`);
        times.push(view.absTs);
      }
    }
    return { lines, times };
  }
}

describe('samples of the processor time', () => {
  let bench: Bench;
  const fill = (): void => {
    bench.used(10, 5, 1, 10);
    bench.used(20, 40, 4);
    bench.used(20, 10, 1, 20);
    bench.used(20, 30, 3, 21);
    bench.at(START + 300n);
  };
  beforeEach(() => {
    bench = new Bench();
    fill();
  });
  afterEach(() => rmSync(bench.root, { recursive: true, force: true }));

  it('come once a second of the stream, for every thread, with the time of the stream', () => {
    expect(bench.take().lines).toEqual([]);
    bench.at(START + SECOND - 1n);
    expect(bench.take().lines).toEqual([]);
    bench.at(START + SECOND + 7n);
    const { lines, times } = bench.take();
    expect(lines).toEqual(['10 5 1', '20 10 1', '21 30 3']);
    expect(new Set(times)).toEqual(new Set([START + SECOND + 7n]));
    expect(bench.take().lines).toEqual([]);
  });

  it('look at threads of a process only where it has run at all', () => {
    bench.take();
    bench.at(START + SECOND);
    bench.take();
    // The sum says that nothing has run: the thread's own file is not looked at.
    bench.used(20, 99, 99, 21);
    bench.at(START + 2n * SECOND);
    expect(bench.take().lines).toContain('21 30 3');
    bench.used(20, 41, 4);
    bench.at(START + 3n * SECOND);
    expect(bench.take().lines).toContain('21 99 99');
  });

  it('go on with the clock where events are rare, behind what may be on its way', () => {
    bench.take();
    bench.nowMs = 1400;
    expect(bench.take().lines).toEqual([]);
    bench.nowMs = 1600;
    const { lines, times } = bench.take();
    expect(lines.length).toBe(3);
    expect(times[0]).toBe(START + 300n + (11n * SECOND) / 10n);
  });

  it('leave out the threads that the filter rejects', () => {
    rmSync(bench.root, { recursive: true, force: true });
    bench = new Bench('proc.name=many and evt.type in (procinfo, switch)');
    fill();
    bench.take();
    bench.at(START + SECOND);
    expect(bench.take().lines).toEqual(['20 10 1', '21 30 3']);
  });
});
