import { LiveError, NativeMissingError } from './live_error.js';
import {
  ALLOW_SET,
  FLAG,
  HALF,
  NativeCapture,
  type NativeCommand,
  type NativeOptions,
  TRACEPOINT,
} from './native.js';
import type { EventChunk, Source, SourceCounters, SourceItem } from './source.js';

export { LiveError, NativeMissingError };

/** Which machinery records. `auto` takes the best that works here (see engine.ts). */
export type LiveEngine = 'auto' | 'ebpf' | 'perf' | 'ptrace';

/** The hierarchy whose cgroup ids `AllowSets.cgroups` speaks of. */
export type CgroupHierarchy =
  | 'unified'
  | 'cpuset'
  | 'cpu'
  | 'cpuacct'
  | 'io'
  | 'devices'
  | 'freezer'
  | 'memory'
  | 'pids';

/**
 * Who is recorded. Every set that is given must let a task pass (a conjunction); a set that is
 * undefined lets all pass, an empty one none until ids are added. Life-cycle events (clone, exec,
 * exit) of everybody still come through unless `LiveOptions.lifecycle` is 'allowed'.
 */
export interface AllowSets {
  /**
   * Cgroup ids (inode numbers of the cgroup's folder, e.g. `statSync(path, { bigint: true }).ino`) in `hierarchy`.
   * A task passes when its cgroup or one of up to 7 ancestors is in the set.
   */
  cgroups?: Iterable<bigint>;
  /** `cgroups` are those that are *not* recorded, each alone without what lies below: unknown ones pass. */
  denyCgroups?: boolean;
  /** With `denyCgroups`: tasks in a pid namespace of their own pass, wherever they are. */
  spareNested?: boolean;
  /** Process ids (tgid). */
  pids?: Iterable<number>;
  /**
   * Command names (first 15 bytes count). Processes that had such a name when they last executed or before they
   * renamed themselves pass too, and so do their children until they execute: as user space knows them.
   */
  comms?: Iterable<string>;
  /** Effective or real user ids in the host's namespace. */
  uids?: Iterable<number>;
}

/** Which tracepoints beside the system calls are recorded. */
export interface LiveTracepoints {
  /** `switch` events. */
  switch?: boolean;
  /** `procexit` events; and clone and execve events even when no system call is recorded. Default true. */
  lifecycle?: boolean;
  /** `signaldeliver` events. */
  signal?: boolean;
  /** `page_fault` events. */
  pageFault?: boolean;
}

/** What to record live. Everything has a default: all system calls of everybody, switches and signals. */
export interface LiveOptions {
  engine?: LiveEngine;
  /** Bytes kept of I/O buffers, 0..65000. Default 80. */
  snaplen?: number;
  /** Bytes of the kernel's buffer per CPU, rounded up to a power of two. Default 8 MiB. */
  kernelBufferBytes?: number;
  /** Bytes of the ring in user space, rounded up to a power of two. Default 32 MiB. */
  ringBytes?: number;
  /** Native numbers of the system calls to record (see SYSCALLS in src/scap), 'all' or 'none'. Default 'all'. */
  syscalls?: 'all' | 'none' | Iterable<number>;
  /** Leave out the enter events of the recorded system calls. Default false (old readers want them). */
  exitOnly?: boolean;
  /**
   * Native numbers of those system calls that nobody looks at: they are recorded to know later what the others are about. The
   * eBPF engine leaves out what tells nothing more for that.
   */
  stateOnly?: ReadonlySet<number>;
  /**
   * This process keeps the right to attach programs while it records: what costs other processes much may then be attached
   * only when it is needed. Default true.
   */
  attachLater?: boolean;
  /**
   * 'compatible' (default): event ids that every reader of the format knows; calls without such an id are generic.
   * 'full': also the newer ids (chown, dup2, epoll_create1, memfd_create, prctl, …), which sysdig 0.29.3 skips.
   */
  events?: 'compatible' | 'full';
  tracepoints?: LiveTracepoints;
  allow?: AllowSets;
  hierarchy?: CgroupHierarchy;
  /** Whose life-cycle events (clone, exec, exit) are recorded. Default 'all'. */
  lifecycle?: 'all' | 'allowed';
  /** Add children of allowed pids to the allowed pids. Default true. */
  followForks?: boolean;
  /** Process ids (tgid) never recorded, beside tsdig's own. */
  excludePids?: Iterable<number>;
  /** Path of the compiled eBPF object. Default: the one that was built with this package. */
  bpfObject?: string;
}

/** Order of `hierarchy` in struct tsdig_options. */
const HIERARCHIES: readonly CgroupHierarchy[] = [
  'unified',
  'cpuset',
  'cpu',
  'cpuacct',
  'io',
  'devices',
  'freezer',
  'memory',
  'pids',
];

/** Largest run of events given at once: keeps what follows responsive. */
const CHUNK_BYTES = 2 * 1024 * 1024;
/** After this long without a pause the event loop gets a turn (timers, signals), in ms. */
const TURN_MS = 15;

/** After a run of so many bytes more are sure to come: a nap costs less than being woken by way of another thread. */
const STREAM_BYTES = 256 * 1024;
/** How long a nap lasts, in ms: the ring holds many times what comes meanwhile. */
const NAP_MS = 8;

/** An engine that does not tell how far it is has delivered what happened so long ago. */
const UNTOLD_LAG_NS = 1_000_000_000n;

/** A live capture. Delivers event chunks only: the head is the machine layer's scan of /proc. */
export class LiveSource implements Source {
  readonly kind = 'live';
  readonly name = '';
  readonly skipped = 0;
  readonly engine: Exclude<LiveEngine, 'auto'>;
  private readonly native: NativeCapture;
  private readonly chunk: EventChunk;
  /** Bytes handed out and not yet given back. */
  private lent = 0;
  private lastTurn = 0;
  /** The last run of events was a long one. */
  private streams = false;
  private stopped = false;
  private closed = false;
  private waiting = false;
  private last: SourceCounters | undefined;

  constructor(native: NativeCapture, engine: Exclude<LiveEngine, 'auto'> = 'ebpf') {
    this.native = native;
    this.engine = engine;
    this.chunk = { kind: 'events', bytes: native.ring, dv: native.ringView, start: 0, end: 0 };
  }

  /** Attaches the tracepoints: events flow from here on. Throws LiveError. */
  start(): void {
    this.native.start();
    this.lastTurn = performance.now();
  }

  /** The next run of events: at once when there is one, else when one comes; null after `stop()` when all was given. */
  next(): SourceItem | null | Promise<SourceItem | null> {
    this.giveBack();
    if (this.closed) return null;
    if (performance.now() - this.lastTurn > TURN_MS) return this.nextTurn();
    return this.take() ?? this.waitForEvents();
  }

  private giveBack(): void {
    if (this.lent === 0 || this.closed) return;
    this.native.consume(this.lent);
    this.lent = 0;
  }

  /** What there is, cut at a block boundary if it is much. */
  private take(): EventChunk | null {
    const available = this.native.available();
    if (available === 0) return null;
    const chunk = this.chunk;
    chunk.start = this.native.position();
    let length = available;
    if (length > CHUNK_BYTES) {
      let at = chunk.start;
      const limit = chunk.start + CHUNK_BYTES;
      while (at < limit) at += chunk.dv.getUint32(at + 4, true);
      length = at - chunk.start;
    }
    chunk.end = chunk.start + length;
    this.lent = length;
    this.streams = length >= STREAM_BYTES;
    return chunk;
  }

  private async nextTurn(): Promise<SourceItem | null> {
    await new Promise((resolve) => setImmediate(resolve));
    this.lastTurn = performance.now();
    if (this.closed) return null;
    return this.take() ?? this.waitForEvents();
  }

  private async waitForEvents(): Promise<SourceItem | null> {
    if (this.streams) {
      this.streams = false;
      await new Promise((resolve) => setTimeout(resolve, NAP_MS));
      this.lastTurn = performance.now();
      if (this.closed) return null;
      const chunk = this.take();
      if (chunk) return chunk;
    }
    for (;;) {
      this.waiting = true;
      const bytes = await this.native.wait(1000);
      this.waiting = false;
      this.lastTurn = performance.now();
      if (this.closed) {
        this.native.close();
        return null;
      }
      if (bytes < 0) return null;
      const chunk = this.take();
      if (chunk) return chunk;
    }
  }

  knownUntil(): bigint | undefined {
    // In this order: what comes to the ring after the first look is later than the time it gave.
    const known = this.native.known();
    if (this.closed || this.native.available() > this.lent) return undefined;
    return known > 0n ? known : BigInt(Date.now()) * 1_000_000n - UNTOLD_LAG_NS;
  }

  progress(): { readonly done: number; readonly total: number } {
    return { done: 0, total: 0 };
  }

  /** Events recorded and lost since the start. Also after `close()`. */
  counters(): SourceCounters {
    if (this.closed && this.last) return this.last;
    const all = this.native.count();
    const perCpu = [];
    for (let cpu = 0; cpu < this.native.cpus; cpu++) {
      const c = this.native.count(cpu);
      perCpu.push({ cpu, dropsKernel: c.buffer + c.nested, dropsOversize: c.oversize });
    }
    return {
      events: all.events,
      dropsKernel: all.buffer + all.nested,
      dropsRing: all.ring,
      dropsOversize: all.oversize,
      dropsUnseen: all.unseen,
      unreadable: all.unreadable,
      perCpu,
    };
  }

  /** Adds ids to allow-sets while running (a container that appears). The sets must have been given to `openLive`. */
  allow(sets: AllowSets): void {
    this.change(sets, true);
  }

  /** Takes ids out of allow-sets. */
  disallow(sets: AllowSets): void {
    this.change(sets, false);
  }

  /** Lets a held command execute, recorded with its children. The set of pids must have been given to `openLive`. */
  release(command: NativeCommand): void {
    this.native.release(command, true);
  }

  private change(sets: AllowSets, add: boolean): void {
    const key = Buffer.alloc(16);
    for (const id of sets.cgroups ?? []) {
      key.writeBigUInt64LE(id);
      this.native.allow(ALLOW_SET.cgroup, key, add);
    }
    for (const pid of sets.pids ?? []) {
      key.writeUInt32LE(pid);
      this.native.allow(ALLOW_SET.pid, key, add);
    }
    for (const uid of sets.uids ?? []) {
      key.writeUInt32LE(uid);
      this.native.allow(ALLOW_SET.uid, key, add);
    }
    for (const comm of sets.comms ?? []) {
      key.fill(0);
      Buffer.from(comm, 'latin1').copy(key, 0, 0, 15);
      this.native.allow(ALLOW_SET.comm, key, add);
    }
  }

  /** Where system calls are seen, in words; '' with other engines than eBPF. */
  attachment(): string {
    return this.native.attachment();
  }

  /** Whether all calls are seen entered now; undefined: that does not change. */
  entering(): boolean | undefined {
    return this.native.entering();
  }

  /**
   * Every cgroup in use is among those that are not recorded: entering calls need not be seen, until another one is made or
   * entered. Leaving them is seen always.
   */
  quiet(): void {
    this.native.quiet();
  }

  /** Ends recording; `next()` gives what is left and then null. Safe to call twice and from a signal handler. */
  stop(): void {
    if (this.stopped || this.closed) return;
    this.stopped = true;
    this.native.stop();
  }

  /** Frees the helper. Chunks given before must not be used any more. */
  close(): void {
    if (this.closed) return;
    this.last = this.counters();
    this.stop();
    this.closed = true;
    // A wait under way still uses the helper: it closes when it comes back.
    if (!this.waiting) this.native.close();
  }
}

const page = 4096;

/** By system call number, halves of HALF. */
function syscallBits(options: LiveOptions): Uint8Array {
  const bits = new Uint8Array(512);
  const value = options.exitOnly ? HALF.exit : HALF.enter | HALF.exit;
  const wanted = options.syscalls ?? 'all';
  if (wanted === 'all') bits.fill(value);
  else if (wanted !== 'none') for (const nr of wanted) if (nr >= 0 && nr < 512) bits[nr] = value;
  return bits;
}

/** The options as the helper takes them. */
export function nativeOptions(options: LiveOptions): NativeOptions {
  const allow = options.allow ?? {};
  const points = options.tracepoints ?? { switch: true, signal: true };
  return {
    snaplen: Math.min(Math.max(options.snaplen ?? 80, 0), 65000),
    kernelSize: Math.max(options.kernelBufferBytes ?? 8 << 20, page),
    ringSize: Math.max(options.ringBytes ?? 32 << 20, page),
    tracepoints:
      (points.switch ? TRACEPOINT.switch : 0) |
      (points.lifecycle === false ? 0 : TRACEPOINT.life) |
      (points.signal ? TRACEPOINT.signal : 0) |
      (points.pageFault ? TRACEPOINT.fault : 0),
    sets:
      (allow.cgroups ? 1 << ALLOW_SET.cgroup : 0) |
      (allow.pids ? 1 << ALLOW_SET.pid : 0) |
      (allow.comms ? 1 << ALLOW_SET.comm : 0) |
      (allow.uids ? 1 << ALLOW_SET.uid : 0),
    hierarchy: HIERARCHIES.indexOf(options.hierarchy ?? 'unified'),
    flags:
      (options.followForks === false ? 0 : FLAG.followForks) |
      (options.lifecycle === 'allowed' ? 0 : FLAG.lifeForAll) |
      (allow.denyCgroups ? FLAG.denyCgroups : 0) |
      (allow.spareNested ? FLAG.spareNested : 0) |
      (options.events === 'full' ? FLAG.fullEvents : 0) |
      (options.attachLater === false ? 0 : FLAG.attachLater),
    exclude: [...(options.excludePids ?? [])],
    syscalls: syscallBits(options),
  };
}

/**
 * Loads the helper and its eBPF programs and prepares a capture; recording begins with `start()`
 * (attach first, then scan /proc, then read events: so nothing falls between). Runs off the JS thread.
 * The other engines: `openEngine`.
 * Throws NativeMissingError, LiveError.
 */
export async function openLive(options: LiveOptions = {}): Promise<LiveSource> {
  const engine = options.engine ?? 'auto';
  if (engine !== 'auto' && engine !== 'ebpf') throw new LiveError(`this is the eBPF engine, not ${engine}`);
  const native = nativeOptions(options);
  for (const nr of options.stateOnly ?? []) native.syscalls[nr] = HALF.exit;
  const source = new LiveSource(await NativeCapture.open(native, options.bpfObject));
  source.allow(options.allow ?? {});
  return source;
}
