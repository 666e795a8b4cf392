import { CaptureError } from '../scap/capture_error.js';
import type { AttachPlan, NativeCapture } from './native.js';
import type { EventChunk, Source, SourceCounters, SourceItem } from './source.js';

/** Which machinery records. `auto` takes the best that works here. */
export type LiveEngine = 'auto' | 'ebpf';

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
  /** Process ids (tgid). */
  pids?: Iterable<number>;
  /** Command names (first 15 bytes count). */
  comms?: Iterable<string>;
  /** Real user ids in the host's namespace. */
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

/** Live capture does not work here: `message` is one line with what is missing and the remedy. */
export class LiveError extends CaptureError {
  override readonly name: string = 'LiveError';
}

/** The native helper has not been built or cannot be loaded: `message` says what to install and run. */
export class NativeMissingError extends LiveError {
  override readonly name: string = 'NativeMissingError';
}

/** A live capture. Delivers event chunks only: the head is the machine layer's scan of /proc. */
export class LiveSource implements Source {
  readonly kind = 'live';
  readonly name = '';
  readonly skipped = 0;
  readonly engine: Exclude<LiveEngine, 'auto'> = 'ebpf';
  private readonly native: NativeCapture;

  constructor(native: NativeCapture) {
    this.native = native;
  }

  /** Attaches the tracepoints: events flow from here on. Throws LiveError. */
  start(): void {
    this.native.start();
  }

  /** The next run of events: at once when there is one, else when one comes; null after `stop()` when all was given. */
  next(): SourceItem | null | Promise<SourceItem | null> {
    throw new Error('not implemented');
  }

  progress(): { readonly done: number; readonly total: number } {
    return { done: 0, total: 0 };
  }

  counters(): SourceCounters {
    throw new Error('not implemented');
  }

  /** Adds ids to allow-sets while running (a container that appears). The sets must have been given to `openLive`. */
  allow(_sets: AllowSets): void {
    throw new Error('not implemented');
  }

  /** Takes ids out of allow-sets. */
  disallow(_sets: AllowSets): void {
    throw new Error('not implemented');
  }

  stop(): void {}

  close(): void {}
}

/**
 * Loads the helper and its eBPF programs and prepares a capture; recording begins with `start()`
 * (attach first, then scan /proc, then read events: so nothing falls between). Runs off the JS thread.
 * Throws NativeMissingError, LiveError.
 */
export async function openLive(_options: LiveOptions = {}): Promise<LiveSource> {
  throw new Error('not implemented');
}

export type { AttachPlan, EventChunk };
