import { ContainerTable } from '../container/container.js';
import { EventView } from '../event/view.js';
import { EVENTS } from '../scap/events.generated.js';
import type { CaptureHead, InterfaceEntry, MachineInfo, PassingHead } from '../scap/head.js';
import { Call, doublesAt, ENTER_TS, Kept, LATENCY, LOOSE, rowAt } from './call_table.js';
import { CgroupTexts } from './cgroups.js';
import { ENTER_FD, EXIT_FD, FD_EVENTS, HAS_RESULT, KEEPS_ENTER, KINDS, Kind } from './event_kinds.js';
import type { FdInfo } from './fd.js';
import type { FdTable } from './fd_table.js';
import type { Handler } from './handler.js';
import { HANDLERS } from './handlers.js';
import { loadHead } from './head_load.js';
import { Interfaces } from './interfaces.js';
import { KeptEnters } from './kept_enters.js';
import { passingOf } from './passing.js';
import { PathCache } from './path_cache.js';
import { isOfInterest, type MachinePlan, workOf } from './plan.js';
import { RecentExits } from './recent_exits.js';
import { countExecTime, countProcinfo } from './scheduler.js';
import { passingHead, snapshotHead } from './snapshot.js';
import { ThreadFlag, ThreadInfo, ThreadTable } from './thread.js';
import { UserTable } from './users.js';

/** What the machine asks from the layers after it. */
export interface MachineHooks {
  /** Container id of a process in these cgroups (`subsys=/path`), '' on the host. Asked once for each set of cgroups. */
  containerIdOf?: (cgroups: readonly string[]) => string;
  /** A container event (types 228, 272, 324, 402) passes. */
  onContainerEvent?: (ev: EventView) => void;
  /** IPv4 address of a container as 4 bytes (byte string), '' if unknown. */
  containerIp?: (containerId: string) => string;
  /** ProbeKind number of a process that has just executed a program in a container. */
  probeOf?: (thread: ThreadInfo) => number;
  /** A process of a container is met whose users are not known yet. Once per container. */
  onContainerMet?: (thread: ThreadInfo, machine: Machine) => void;
  /** The environment of a process of which an exec event told the first 4 KiB only; empty if it has gone. */
  wholeEnvironment?: (thread: ThreadInfo) => string[];
  /** An fd that a process has been handed in a message (live capture), while it is open; null if it is not known. */
  receivedFd?: (thread: ThreadInfo, fd: number) => FdInfo | null;
  /** The fds that a process has at this moment (live capture), null if it has gone. */
  presentFds?: (pid: number) => FdTable | null;
  onThreadAdded?: (thread: ThreadInfo) => void;
  onThreadRemoved?: (thread: ThreadInfo) => void;
  /** A thread was met that nobody announced (live capture): its entry from /proc, if it still lives. Fills `thread`. */
  onUnknownThread?: (thread: ThreadInfo, machine: Machine) => void;
}

/**
 * The observed system: threads, fds, users, interfaces; and the context of the current event.
 *
 * `process(ev)` is called once per event, in order. After it, `thread`, `fd`, `fdNum`, `latency` and
 * `errorCode` tell about that event until the next call.
 */
export class Machine {
  readonly threads = new ThreadTable();
  readonly users = new UserTable();
  readonly interfaces = new Interfaces();
  /** What is known of the containers; filled by container events or, live, by the resolver. */
  containers = new ContainerTable();
  machineInfo: MachineInfo | null = null;
  interfaceEntries: InterfaceEntry[] = [];
  /** Live: when the reading of /proc at the start ended, ns since the epoch; 0n in files. */
  scannedUntil = 0n;
  /** Version of the capture file the state came from. */
  version: [number, number] = [1, 2];
  readonly cgroupTexts: CgroupTexts;
  /** For handlers that read paths. */
  readonly paths = new PathCache();
  /** Enter events that wait for their exit. */
  readonly enters = new KeptEnters(this.threads.calls);
  /** For handlers of births and exits. */
  readonly exits = new RecentExits();
  readonly hooks: MachineHooks;
  /** Most threads that are kept; beyond it unknown ones are not remembered. */
  maxThreads = 262144;

  /** Events whose parameters did not hold what their type says. */
  damaged = 0;

  // Context of the current event.
  /** Thread of the current event; null when unknown (metadata events). */
  thread: ThreadInfo | null = null;
  /**
   * ns between the enter event and this exit event; 0 for enter events and where no enter event was seen. Events that
   * are no calls have that of the call before them.
   */
  latency = 0;
  /** The exit event follows the enter event of the same call. */
  paired = false;
  /** Switch events: ns that the outgoing thread ran; 0 for all others. */
  execTime = 0;
  /** The event gave its fd another name (fd.name_changed). */
  fdNameChanged = false;
  /** Fd tables and threads whose removal waits until the next event, so that this one can still be looked at. */
  private doomedThread: ThreadInfo | null = null;
  private doomedTable: FdTable | null = null;
  private doomedFd = -1;

  private readonly metContainers = new Set<string>();
  private ev: EventView = new EventView();
  private fdFound: FdInfo | null | undefined = undefined;
  private handlers: (Handler | undefined)[] = HANDLERS.all;
  private needThreads = true;
  /** 1 for enter events that are kept for their exit under the current plan. */
  keeps = KEEPS_ENTER;
  /** Last switch per CPU, ns relative to the base. */
  readonly lastSwitch: number[] = [];
  /** Thread that the last switch per CPU switched to, -1 if it does not say. */
  readonly lastNext: number[] = [];

  /**
   * 1 for each event type that has to go through `process` under the current plan. The others change nothing
   * and may be skipped on their header alone, if nothing looks at their context.
   */
  readonly interest = new Uint8Array(1024).fill(1);
  /** How each type may be passed over, a `Passing` number: see `passBy`. */
  readonly passing = new Uint8Array(1024);
  /** Goes up with each event that may tell who a thread is, and with each thread that comes or goes. */
  generation = 0;

  constructor(hooks: MachineHooks = {}) {
    this.hooks = hooks;
    this.cgroupTexts = new CgroupTexts((cgroups) => this.hooks.containerIdOf?.(cgroups) ?? '');
  }

  /** Sets what is kept up to date. Call before the first event; without it everything is. */
  plan(plan: MachinePlan): void {
    const work = workOf(plan);
    this.needThreads = work.threads;
    this.handlers = work.handlers;
    this.keeps = work.keeps;
    for (let type = 0; type < this.interest.length; type++) {
      this.interest[type] = isOfInterest(type, work, plan.types);
      this.passing[type] = work.threads ? passingOf(type, work.handlers[type] !== undefined, work.usage) : 0;
    }
  }

  /** A 1 for each event type that changes nothing here but what is known of the call under way and of the use of the processor. */
  unhandledTypes(): Uint8Array {
    const types = new Uint8Array(65536);
    for (let type = 0; type < EVENTS.length; type++) {
      const handled = this.handlers[type] !== undefined || this.handlers[type ^ 1] !== undefined;
      if (EVENTS[type] !== undefined && !handled && KINDS[type] !== Kind.PROCINFO) types[type] = 1;
    }
    return types;
  }

  /** Takes over the state at the start of a capture section. Replaces what was known. */
  load(head: CaptureHead, add = false): void {
    this.flush();
    this.generation++;
    if (!add) this.metContainers.clear();
    loadHead(this, head, add);
  }

  /** The present state in the form of a capture head. */
  snapshot(): CaptureHead {
    this.flush();
    return snapshotHead(this);
  }

  /** The present state for who writes it down before the next event. */
  passingHead(): PassingHead {
    this.flush();
    return passingHead(this);
  }

  /** Whole second that event times count from. */
  get baseSec(): number {
    return this.ev.baseSec;
  }

  /** Time of the current event, ns relative to the base second. */
  get now(): number {
    return this.ev.ts;
  }

  /** Takes in one event and sets its context. An event whose parameters are too short for its type changes nothing. */
  process(ev: EventView): void {
    try {
      this.take(ev);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.damaged++;
    }
  }

  private take(ev: EventView): void {
    this.settle();
    const type = ev.type;
    if (TELLS_THREADS[type] === 1) this.generation++;
    this.ev = ev;
    this.fdFound = undefined;
    this.latency = 0;
    this.paired = false;
    this.fdNameChanged = false;
    this.execTime = 0;
    const kind = KINDS[type];
    if (kind === Kind.NONE || kind === undefined || !this.needThreads) {
      this.thread = this.needThreads ? (this.threads.get(ev.tid) ?? null) : null;
      this.handlers[type]?.(this, ev, NOBODY);
      return;
    }
    let thread = this.threads.get(ev.tid);
    if (kind === Kind.ENTER) {
      if (thread === undefined) thread = this.unknownThread(ev.tid);
      this.thread = thread;
      const { row } = thread;
      const { words, doubles } = thread.calls;
      const first = rowAt(row);
      words[first + Call.TYPE] = type;
      words[first + Call.KEPT] = Kept.NONE;
      doubles[doublesAt(row) + ENTER_TS] = ev.ts;
      doubles[doublesAt(row) + LATENCY] = 0;
      const at = ENTER_FD[type];
      words[first + Call.FD] =
        at >= 0 && at < ev.nparams && ev.paramLen(at) === 8 ? fdNumber(ev.i64(at)) : -1;
      if (this.keeps[type] === 1) this.enters.keep(row, thread, ev.dv, ev.block);
    } else if (kind === Kind.EXIT) {
      if (thread === undefined) {
        if (CREATES_THREAD[type] === 1) {
          this.thread = null;
          this.handlers[type]?.(this, ev, NOBODY);
          return;
        }
        thread = this.unknownThread(ev.tid);
      }
      this.thread = thread;
      const { words, doubles } = thread.calls;
      const first = rowAt(thread.row);
      const times = doublesAt(thread.row);
      if (words[first + Call.TYPE] === type - 1) {
        this.paired = true;
        this.latency = ev.ts - doubles[times + ENTER_TS];
        if (doubles[times + LATENCY] !== 0) words[first + Call.KEPT] = Kept.NONE;
      } else words[first + Call.FD] = this.exitFd(ev);
      doubles[times + LATENCY] = this.latency;
    } else {
      if (thread === undefined) {
        this.thread = kind === Kind.SWITCH || kind === Kind.PROCINFO ? null : this.unknownThread(ev.tid);
        if (kind === Kind.SWITCH) countExecTime(this, ev, null);
        return;
      }
      this.thread = thread;
      this.latency = thread.lastLatency;
      if (kind === Kind.SWITCH) countExecTime(this, ev, thread);
      else if (kind === Kind.PROCINFO) countProcinfo(ev, thread);
    }
    const handler = this.handlers[type];
    if (handler !== undefined) handler(this, ev, thread);
  }

  /** Fd of the current event (fd table entry), null if none or unknown. */
  get fd(): FdInfo | null {
    let found = this.fdFound;
    if (found === undefined) {
      const thread = this.thread;
      found = null;
      if (thread !== null && thread.lastFd >= 0 && FD_EVENTS[this.ev.type] === 1) {
        found = this.fdTable(thread)?.get(thread.lastFd) ?? null;
      }
      this.fdFound = found;
    }
    return found;
  }

  /** Whether the current event is of a type that uses, makes or closes an fd, and its thread is known. */
  get hasFd(): boolean {
    return this.thread !== null && FD_EVENTS[this.ev.type] === 1;
  }

  /** Number of the current event's fd, -1 if it has none. */
  get fdNum(): number {
    return this.thread !== null && FD_EVENTS[this.ev.type] === 1 ? this.thread.lastFd : -1;
  }

  /** Makes `info` (or none) the fd of the current event; undefined: it is looked up anew by `lastFd`. For handlers. */
  setFd(info: FdInfo | null | undefined): void {
    this.fdFound = info;
  }

  /**
   * Makes one fd of a thread the context, as if `ev` had used it: for filters over whole tables. Gives back a function
   * that restores the context.
   */
  lookAt(ev: EventView, thread: ThreadInfo, num: number, fd: FdInfo): () => void {
    const before = { ev: this.ev, thread: this.thread, fd: this.fdFound, lastFd: thread.lastFd };
    this.ev = ev;
    this.thread = thread;
    this.fdFound = fd;
    thread.lastFd = num;
    return () => {
      this.ev = before.ev;
      this.thread = before.thread;
      this.fdFound = before.fd;
      thread.lastFd = before.lastFd;
    };
  }

  /** errno of the current exit event, 0 if it succeeded or has no result. */
  get errorCode(): number {
    const ev = this.ev;
    if (HAS_RESULT[ev.type] === 0 || ev.paramLen(0) !== 8) return 0;
    const result = ev.i64(0);
    return result < 0 ? -result : 0;
  }

  /**
   * The enter event that belongs to the current exit event, for the types whose enter parameters are kept;
   * null if it was not seen. Valid until the next call.
   */
  enterEvent(): EventView | null {
    const thread = this.thread;
    if (thread === null || !this.paired) return null;
    if (thread.calls.words[rowAt(thread.row) + Call.TYPE] !== this.ev.type - 1) return null;
    return this.enters.of(thread);
  }

  /** Fd table that `thread` uses: its process's, or its own. null while its main thread is unknown. */
  fdTable(thread: ThreadInfo): FdTable | null {
    if ((thread.flags & ThreadFlag.CLONE_FILES) === 0 || thread.isMain) return thread.ownFds();
    const main = this.mainThread(thread);
    return main === null ? null : main.ownFds();
  }

  /** Leader of the thread's process; null while unknown. */
  mainThread(thread: ThreadInfo): ThreadInfo | null {
    if (thread.isMain) return thread;
    if (thread.main === null) thread.main = this.threads.get(thread.pid) ?? null;
    return thread.main;
  }

  /** Thread that the process's parent is recorded as; null if unknown. */
  parent(thread: ThreadInfo): ThreadInfo | null {
    return thread.ptid > 0 ? (this.threads.get(thread.ptid) ?? null) : null;
  }

  /** The n-th ancestor of the thread's process (0: its main thread); null if there is none. */
  ancestor(thread: ThreadInfo, n: number): ThreadInfo | null {
    let at = this.mainThread(thread);
    for (let i = 0; i < n && at !== null; i++) at = this.parent(at);
    return at;
  }

  /** Working directory of the thread, with a trailing slash; '' if unknown. */
  cwdOf(thread: ThreadInfo): string {
    if ((thread.flags & ThreadFlag.CLONE_FS) === 0 || thread.isMain) return thread.cwd;
    return this.mainThread(thread)?.cwd ?? thread.cwd;
  }

  /** To be called when a thread turns out to be in a container. For handlers. */
  meetContainer(thread: ThreadInfo): void {
    const id = thread.containerId;
    if (id === '' || this.hooks.onContainerMet === undefined || this.metContainers.has(id)) return;
    this.metContainers.add(id);
    if (!this.users.knows(id)) this.hooks.onContainerMet(thread, this);
  }

  /** Forgets what is kept about a container that is gone. */
  forgetContainer(id: string): void {
    this.metContainers.delete(id);
    this.users.deleteContainer(id);
  }

  /** Adds a thread under its tid, replacing a stale one, and ties it to its process and parent. */
  addThread(thread: ThreadInfo): void {
    this.generation++;
    const old = this.threads.get(thread.tid);
    if (old !== undefined) this.removeThread(old);
    this.threads.set(thread.tid, thread);
    if (thread.isMain) {
      thread.main = thread;
    } else {
      const main = this.threads.get(thread.pid);
      if (main !== undefined) {
        thread.main = main;
        main.siblings ??= new Set();
        main.siblings.add(thread);
        main.nthreads++;
      }
    }
    this.tieToParent(thread);
    this.hooks.onThreadAdded?.(thread);
  }

  /** Makes the thread a child of its recorded parent. One that is not known leaves it without (ptid 0), as sysdig has it. */
  tieToParent(thread: ThreadInfo): void {
    const parent = thread.ptid > 0 ? this.threads.get(thread.ptid) : undefined;
    if (parent === undefined || parent.invalid) {
      thread.ptid = 0;
      return;
    }
    parent.children ??= new Set();
    parent.children.add(thread);
  }

  /** Forgets a thread at once. */
  removeThread(thread: ThreadInfo): void {
    this.generation++;
    this.threads.delete(thread.tid);
    const main = thread.isMain ? null : thread.main;
    if (main !== null) {
      if (main.siblings?.delete(thread) && (thread.flags & ThreadFlag.CLOSED) === 0) main.nthreads--;
      if (main.dead && main.nthreads <= 0 && this.threads.get(main.tid) === main) this.removeThread(main);
    } else if (thread.siblings !== null) {
      for (const sibling of thread.siblings) sibling.main = null;
    }
    const parent = thread.ptid > 0 ? this.threads.get(thread.ptid) : undefined;
    parent?.children?.delete(thread);
    this.hooks.onThreadRemoved?.(thread);
  }

  /** Gives a thread another parent. */
  reparent(thread: ThreadInfo, ptid: number): void {
    this.threads.get(thread.ptid)?.children?.delete(thread);
    thread.ptid = ptid;
    this.tieToParent(thread);
  }

  /** Removes a thread once the current event is done with. For handlers. */
  removeThreadLater(thread: ThreadInfo): void {
    this.doomedThread = thread;
  }

  /** Removes an fd once the current event is done with. For handlers. */
  removeFdLater(table: FdTable, fd: number): void {
    const info = table.get(fd);
    if (info !== undefined) info.ruledFor = null;
    table.forgetRuling(fd);
    this.doomedTable = table;
    this.doomedFd = fd;
  }

  /** Puts an fd into the thread's table and makes it the fd of the current event. For handlers. */
  addFd(thread: ThreadInfo, fd: number, info: FdInfo): void {
    const table = this.fdTable(thread);
    if (table === null) return;
    const old = table.get(fd);
    // Given out again between enter and exit of its close (another thread): that exit must spare the new one.
    if (old?.closing) info.closeCanceled = old;
    table.set(fd, info);
    thread.lastFd = fd;
    this.fdFound = info;
  }

  /** A thread that nobody announced: known from now on by its number alone. For handlers. */
  unknownThread(tid: number): ThreadInfo {
    const thread = new ThreadInfo(tid, tid);
    thread.invalid = true;
    thread.uid = 0xffffffff;
    thread.gid = 0xffffffff;
    this.hooks.onUnknownThread?.(thread, this);
    if (tid >= 0 && this.threads.size < this.maxThreads) this.addThread(thread);
    else LOOSE.reset(0);
    return thread;
  }

  /** The fd that an exit event itself tells, -1 if none. */
  private exitFd(ev: EventView): number {
    const at = EXIT_FD[ev.type];
    return at >= 0 && at < ev.nparams && ev.paramLen(at) === 8 ? fdNumber(ev.i64(at)) : -1;
  }

  /** Does what was put off until after the last event. */
  settle(): void {
    if (this.doomedThread !== null || this.doomedFd >= 0) this.flush();
  }

  private flush(): void {
    if (this.doomedFd >= 0) {
      this.doomedTable?.delete(this.doomedFd);
      this.doomedFd = -1;
      this.doomedTable = null;
    }
    const thread = this.doomedThread;
    if (thread !== null) {
      this.doomedThread = null;
      if (this.threads.get(thread.tid) !== thread) return;
      // A process lives on in its other threads, which need its fds and directory.
      if (!(thread.isMain && thread.nthreads > 0)) this.removeThread(thread);
    }
  }
}

/** Stands in for the thread in handlers of events that have none. */
const NOBODY = new ThreadInfo(-1, -1);

/** An fd as 32 bits: Linux gives no larger one, and what a damaged event says is none. */
export function fdNumber(value: number): number {
  return value === (value | 0) ? value : -1;
}

const TELLS_THREADS = new Uint8Array(65536);
for (const type of HANDLERS.tellingThreads) TELLS_THREADS[type] = 1;

const CREATES_THREAD = new Uint8Array(1024);
for (const type of HANDLERS.creatingThreads) CREATES_THREAD[type] = 1;
