import type { EventView } from '../event/view.js';
import { EVENTS } from '../scap/events.generated.js';
import { containerOf } from './cgroup.js';
import type { CgroupContainer, ContainerInfo, ContainerTable } from './container.js';
import { encodeContainerEvent } from './event.js';

/** What the queue needs to know of a ContainerResolver. */
export interface PendingLookups {
  pending(id: string): boolean;
  /** How many look-ups are pending: while none is, only events that carry cgroups are looked at. */
  readonly pendingCount: number;
  onResolved: ((info: ContainerInfo) => void) | null;
}

/** Settings of a HoldQueue. */
export interface HoldOptions {
  /** How long the first event of a container waits for its name, ms. 0 = never hold anything back. */
  readonly waitMs: number;
  /** Most bytes held in all; beyond it everything is let go. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Clock, ms. Default `performance.now`. */
  readonly now?: () => number;
  /** Time for events of our own, ns since the epoch. Default the wall clock. */
  readonly nowNs?: () => bigint;
}

/** A run of whole event blocks, as `EventChunk` of the capture layer. */
export interface HeldChunk {
  readonly kind: 'events';
  readonly bytes: Buffer;
  readonly dv: DataView;
  start: number;
  end: number;
}

/** Index of the parameter `cgroups` per event type, -1 without one: exits of clone and execve and their kin. */
const CGROUPS_PARAM = new Int8Array(512).fill(-1);
for (const info of EVENTS) {
  if (info !== undefined && !info.enter && info.id < 512) {
    CGROUPS_PARAM[info.id] = info.params.findIndex((param) => param.name === 'cgroups');
  }
}

/** One container's events, oldest first. */
interface Held {
  readonly since: number;
  readonly firstTs: bigint;
  readonly blocks: Buffer[];
}

/**
 * Holds back the events of containers whose look-up is under way, so that their first event has a name already,
 * and lets all other events pass. Held events are copied *before* the machine sees them, and come back later,
 * in order, to be processed like new ones: the state of their threads is then as it was.
 *
 * The rule: an event is held when its thread is known to be in a container that is waited for. A thread gets known
 * so by its machine entry, by an earlier held event, or, for threads that the machine has not met and those that
 * change into the container, by the cgroups that clone and execve events carry. Events of unknown threads pass.
 *
 * Use: `hold(ev)` before each event; `injected()` before each chunk and when idle, until it gives null.
 */
export class HoldQueue {
  private readonly lookups: PendingLookups;
  private readonly table: ContainerTable;
  private readonly containerOfThread: (tid: number) => string | undefined;
  private readonly waitMs: number;
  private readonly maxBytes: number;
  private readonly now: () => number;
  private readonly nowNs: () => bigint;
  private readonly held = new Map<string, Held>();
  /** Threads of held containers. */
  private readonly threads = new Map<number, string>();
  /** Containers that have waited long enough: not held again. */
  private readonly overdue = new Set<string>();
  private bytes = 0;
  private draining = false;
  /** Found since the last `injected()`, by id: of several news only the last counts. */
  private resolved = new Map<string, ContainerInfo>();
  private readonly known = new Map<string, CgroupContainer | null>();

  /**
   * @param containerOfThread container id of a thread ('' = host), undefined when the thread is unknown
   */
  constructor(
    lookups: PendingLookups,
    table: ContainerTable,
    containerOfThread: (tid: number) => string | undefined,
    options: HoldOptions,
  ) {
    this.lookups = lookups;
    this.table = table;
    this.containerOfThread = containerOfThread;
    this.waitMs = options.waitMs;
    this.maxBytes = options.maxBytes ?? 64 << 20;
    this.now = options.now ?? (() => performance.now());
    this.nowNs = options.nowNs ?? (() => BigInt(Date.now()) * 1_000_000n);
    // Others hear of it, too: the kernel's verdicts.
    const heard = lookups.onResolved;
    lookups.onResolved = (info) => {
      heard?.(info);
      this.resolved.set(info.id, info);
    };
  }

  /** Whether anything is held. */
  get holding(): boolean {
    return this.held.size > 0;
  }

  /** Whether any event may have to be held: else only those that carry cgroups. */
  get mayHold(): boolean {
    return this.held.size > 0 || this.lookups.pendingCount > 0;
  }

  /** True when the event was taken: the caller goes on with the next one. */
  hold(ev: EventView): boolean {
    if (this.draining) return false;
    const param = ev.type < 512 ? CGROUPS_PARAM[ev.type] : -1;
    if (param < 0 && !this.mayHold) return false;
    // What its thread did before is held: it must not overtake that, wherever the thread is now.
    let id = this.threads.get(ev.tid);
    if (id !== undefined && this.held.has(id)) {
      this.take(ev, id);
      return true;
    }
    if (param >= 0 && ev.paramLen(param) > 0) {
      id = this.fromCgroups(ev, param);
    } else {
      id = this.containerOfThread(ev.tid);
    }
    if (id === undefined || id === '') return false;
    if (!this.held.has(id) && !this.mustWait(id)) return false;
    this.take(ev, id);
    return true;
  }

  /** Blocks to process now: events of containers just found, and events whose waiting is over. Null when there are none. */
  injected(): HeldChunk | null {
    if (this.resolved.size === 0 && this.held.size === 0) return null;
    const out: Buffer[] = [];
    const infos = this.resolved;
    this.resolved = new Map();
    for (const info of infos.values()) {
      const ts = this.held.get(info.id)?.firstTs ?? this.nowNs();
      out.push(encodeContainerEvent(info, ts));
      this.overdue.delete(info.id);
    }
    const now = this.now();
    const full = this.bytes > this.maxBytes;
    for (const [id, held] of this.held) {
      const pending = this.lookups.pending(id);
      if (pending && !full && !this.draining && now - held.since < this.waitMs) continue;
      if (pending) this.giveUp(id);
      for (const block of held.blocks) {
        out.push(block);
        this.bytes -= block.length;
      }
      this.held.delete(id);
    }
    if (this.held.size === 0) this.threads.clear();
    return chunkOf(out);
  }

  /** Lets everything go, and holds nothing from now on: at the end of the capture. `injected()` then gives it. */
  flush(): void {
    this.draining = true;
  }

  private fromCgroups(ev: EventView, param: number): string {
    const off = ev.paramOffset(param);
    const text = ev.bytes.latin1Slice(off, off + ev.paramLen(param));
    let found = this.known.get(text);
    if (found === undefined) {
      if (this.known.size >= 4096) this.known.clear();
      found = containerOf(text.split('\0'));
      this.known.set(text, found);
    }
    if (found === null) return '';
    if (this.table.get(found.id) === undefined) this.table.note(found);
    return found.id;
  }

  private mustWait(id: string): boolean {
    return this.waitMs > 0 && !this.overdue.has(id) && this.lookups.pending(id);
  }

  private take(ev: EventView, id: string): void {
    const block = Buffer.from(ev.bytes.subarray(ev.block, ev.next));
    let held = this.held.get(id);
    if (held === undefined) {
      held = { since: this.now(), firstTs: ev.absTs, blocks: [] };
      this.held.set(id, held);
    }
    held.blocks.push(block);
    this.bytes += block.length;
    this.threads.set(ev.tid, id);
  }

  private giveUp(id: string): void {
    // Bounded: ids of containers that nobody ever resolves.
    if (this.overdue.size >= 4096) this.overdue.clear();
    this.overdue.add(id);
  }
}

function chunkOf(blocks: readonly Buffer[]): HeldChunk | null {
  if (blocks.length === 0) return null;
  const bytes = Buffer.concat(blocks);
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { kind: 'events', bytes, dv, start: 0, end: bytes.length };
}
