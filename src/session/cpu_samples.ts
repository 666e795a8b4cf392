import type { EventChunk } from '../capture/source.js';
import { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { Machine } from '../machine/machine.js';
import { type ProcessorTicks, readProcessorTicks } from '../machine/proc_process.js';
import type { ThreadInfo } from '../machine/thread.js';
import { encodeEvent } from '../scap/encode_event.js';
import { PPME } from '../scap/events.generated.js';
import type { StreamTime } from './stream_time.js';

/** Events reach the session within this time. */
const UNDER_WAY_MS = 500;
const SECOND = 1_000_000_000n;
/** Looking at /proc may take this part of the time: with very many processes samples come less often. */
const MOST_OF_TIME = 0.2;

/**
 * Once a second of the stream, the processor time of every thread as a `procinfo` event: what `thread.cpu` tells, and what
 * sysdig's own CPU chisels count. Only threads whose event passes the filter.
 */
export class CpuSamples {
  private readonly machine: Machine;
  private readonly time: StreamTime;
  private readonly filter: CompiledFilter | undefined;
  private readonly hostRoot: string;
  private readonly now: () => number;
  private readonly view = new EventView();
  private second: bigint | null = null;
  /** Time of the stream's last event, and when it was processed. */
  private told = 0n;
  private toldAt = 0;
  private restUntil = Number.NEGATIVE_INFINITY;
  /** Of processes with several threads, by pid, and of these threads. */
  private processes = new Map<number, ProcessorTicks>();
  private threads = new Map<number, ProcessorTicks>();

  constructor(
    machine: Machine,
    time: StreamTime,
    filter: CompiledFilter | undefined,
    hostRoot = '',
    now: () => number = () => performance.now(),
  ) {
    this.machine = machine;
    this.time = time;
    this.filter = filter;
    this.hostRoot = hostRoot;
    this.now = now;
  }

  /** Blocks to process now, or null. To be called as often as one likes. */
  injected(): EventChunk | null {
    const ts = this.streamNow();
    const second = ts / SECOND;
    this.second ??= second;
    if (second <= this.second) return null;
    const began = this.now();
    if (began < this.restUntil) return null;
    this.second = second;
    const blocks = this.sample(ts);
    const ended = this.now();
    this.restUntil = ended + (ended - began) / MOST_OF_TIME - 1000;
    if (blocks.length === 0) return null;
    const bytes = Buffer.concat(blocks);
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { kind: 'events', bytes, dv, start: 0, end: bytes.length };
  }

  /**
   * Time of the stream. Where nothing but samples is asked for it stands still between events that come seldom: then it
   * goes on with the clock, behind what may still be on its way.
   */
  private streamNow(): bigint {
    const told = this.time.now;
    const now = this.now();
    if (told !== this.told) {
      this.told = told;
      this.toldAt = now;
    }
    const late = now - this.toldAt - UNDER_WAY_MS;
    return late > 0 ? told + BigInt(Math.floor(late * 1e6)) : told;
  }

  private sample(ts: bigint): Buffer[] {
    const blocks: Buffer[] = [];
    const processes = new Map<number, ProcessorTicks>();
    const threads = new Map<number, ProcessorTicks>();
    const add = (thread: ThreadInfo, ticks: ProcessorTicks): void => {
      const block = encodeEvent(PPME.PROCINFO_E, { ts, tid: thread.tid }, [ticks.user, ticks.system]);
      if (this.passes(block, thread)) blocks.push(block);
    };
    for (const thread of this.machine.threads.values()) {
      if (thread.tid <= 0 || !thread.isMain) continue;
      const folder = `${this.hostRoot}/proc/${thread.pid}`;
      const all = [thread, ...(thread.siblings ?? [])];
      let idle = false;
      if (all.length > 1) {
        const sum = readProcessorTicks(`${folder}/stat`);
        if (sum === null) continue;
        const before = this.processes.get(thread.pid);
        // The sum over all threads has not changed: neither has any of them.
        idle = before?.user === sum.user && before.system === sum.system;
        processes.set(thread.pid, sum);
      }
      for (const one of all) {
        const ticks =
          (idle ? this.threads.get(one.tid) : undefined) ??
          readProcessorTicks(`${folder}/task/${one.tid}/stat`);
        if (ticks === null) continue;
        if (all.length > 1) threads.set(one.tid, ticks);
        add(one, ticks);
      }
    }
    this.processes = processes;
    this.threads = threads;
    return blocks;
  }

  private passes(block: Buffer, thread: ThreadInfo): boolean {
    if (this.filter === undefined) return true;
    const { machine, view } = this;
    view.attach(block, new DataView(block.buffer, block.byteOffset, block.length));
    view.at(0);
    const current = machine.thread;
    machine.thread = thread;
    const passes = this.filter.matches(view, machine);
    machine.thread = current;
    return passes;
  }
}
