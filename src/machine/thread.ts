import { Call, CallTable, doublesAt, ENTER_TS, LATENCY, LOOSE, MAX_TID, rowAt } from './call_table.js';
import { FdTable } from './fd_table.js';
import { type Program, UNKNOWN_PROGRAM } from './program.js';

/** PPM_CL_* bits of `ThreadInfo.flags` that the state engine looks at. */
export const ThreadFlag = {
  CLONE_FILES: 1,
  CLONE_FS: 2,
  CLONE_NEWPID: 64,
  CLONE_PARENT: 256,
  CLONE_THREAD: 8192,
  CLONE_INVERTED: 65536,
  NAME_CHANGED: 131072,
  CLOSED: 262144,
  ACTIVE: 524288,
  CHILD_IN_PIDNS: 536870912,
  IS_MAIN_THREAD: 1073741824,
} as const;

/** Probes of a container that a process may run for. */
export const ProbeKind = { NONE: 0, HEALTHCHECK: 1, LIVENESS: 2, READINESS: 3 } as const;

/** Use of processor as PROCINFO events tell it. */
export interface CpuUse {
  /** CPU time in clock ticks as of the last one. */
  readonly user: number;
  readonly system: number;
  /** Percent of one CPU in the interval before it; NaN if unknown. */
  readonly userPercent: number;
  readonly systemPercent: number;
}

/** One thread of the observed machine. Text is byte strings; times are ns relative to `EventView.baseSec` unless said otherwise. */
export class ThreadInfo {
  tid: number;
  pid: number;
  // What every event looks at stands together: with many threads the cost of an event is that of fetching this.
  /** PPM_CL_* */
  flags = 0;
  /** Own table; threads of a process read their main thread's through `Machine.fdTable(thread)`. */
  fds: FdTable | null = null;
  /** The main thread of the process; itself for a main thread; null while it is unknown. */
  main: ThreadInfo | null = null;
  comm = '<NA>';
  /** '' = on the host. */
  containerId = '';

  /** Where its calls are: a row of its own in the table of its machine. */
  calls: CallTable = LOOSE;
  row = 0;
  /** Buffer for its enter events, once it needed one: see `KeptEnters`. */
  enterOwn: { readonly bytes: Buffer; readonly dv: DataView } | null = null;

  /** Parent: tid of the parent process's thread as recorded. */
  ptid = -1;
  sid = -1;
  vpgid = -1;
  pgid = -1;
  vtid: number;
  vpid: number;
  /** argv[0] */
  exe = '<NA>';
  exepath = '';
  args: string[] = [];
  env: string[] = [];
  cwd = '';
  root = '/';
  uid = 0;
  gid = 0;
  /** Audit id of who logged in; 0xffffffff = nobody, -1 = not known. */
  loginuid = -1;
  tty = 0;
  fdLimit = -1;
  vmsizeKb = 0;
  vmrssKb = 0;
  vmswapKb = 0;
  pfmajor = 0;
  pfminor = 0;
  /** subsys=/path */
  cgroups: string[] = [];
  /** Its properties can be read as the thread's own. */
  program: Program = UNKNOWN_PROGRAM;
  /** ns from the program's inode change to the start of the process that executed it; 0n if unknown. */
  exeAgeAtStart = 0n;
  /** ns from the start of the pid namespace to the program's inode change; 0n if unknown or the other way round. */
  exeAgeInPidns = 0n;
  pidnsInitStartTs = 0n;
  /** Absolute ns since the epoch; 0n if unknown. */
  cloneTs = 0n;
  /** Time of the last successful exec, absolute ns since the epoch; 0n if none was seen. */
  lastExecTs = 0n;
  /** Threads alive in the process (kept on the main thread). */
  nthreads = 1;
  /** Threads whose `ptid` is this one, if any. */
  children: Set<ThreadInfo> | null = null;
  /** Other threads of the process (kept on the main thread), if there ever were any. */
  siblings: Set<ThreadInfo> | null = null;
  /** The main thread has exited while others of its process live on. */
  dead = false;
  /** It was found in /proc when the live capture began. */
  scanned = false;
  /** A capture file began with it. */
  listed = false;
  /** Made up because an event came from a thread that nobody announced. */
  invalid = false;
  /** ProbeKind number: the process, or an ancestor, was started to check on its container. */
  probe = 0;
  /** The process made itself a reaper of its descendants (prctl PR_SET_CHILD_SUBREAPER). */
  reaper = false;

  /** What PROCINFO events told, if there were any. */
  cpu: CpuUse | null = null;
  /** CPU time in ns seen through scheduler switches since the capture's start. */
  totalExecTime = 0;

  constructor(tid: number, pid: number) {
    this.tid = tid;
    this.pid = pid;
    this.vtid = tid;
    this.vpid = pid;
  }

  get exeWritable(): boolean {
    return this.program.exeWritable;
  }

  get exeUpperLayer(): boolean {
    return this.program.exeUpperLayer;
  }

  get exeLowerLayer(): boolean {
    return this.program.exeLowerLayer;
  }

  get exeFromMemfd(): boolean {
    return this.program.exeFromMemfd;
  }

  get exeIno(): number {
    return this.program.exeIno;
  }

  get exeInoCtime(): bigint {
    return this.program.exeInoCtime;
  }

  get exeInoMtime(): bigint {
    return this.program.exeInoMtime;
  }

  get capInheritable(): bigint {
    return this.program.capInheritable;
  }

  get capPermitted(): bigint {
    return this.program.capPermitted;
  }

  get capEffective(): bigint {
    return this.program.capEffective;
  }

  /** Percent of one CPU in the last PROCINFO interval; NaN if unknown. */
  get cpuUserPercent(): number {
    return this.cpu?.userPercent ?? Number.NaN;
  }

  get cpuSystemPercent(): number {
    return this.cpu?.systemPercent ?? Number.NaN;
  }

  /** Leader of its thread group. */
  get isMain(): boolean {
    return this.tid === this.pid || (this.flags & ThreadFlag.IS_MAIN_THREAD) !== 0;
  }

  /** Fd of the call under way or of the last one, -1 if it has none. */
  get lastFd(): number {
    return this.calls.words[rowAt(this.row) + Call.FD];
  }

  set lastFd(fd: number) {
    this.calls.words[rowAt(this.row) + Call.FD] = fd;
  }

  /** Time of the enter event of that call, ns relative to the base second. */
  get lastEnterTs(): number {
    return this.calls.doubles[doublesAt(this.row) + ENTER_TS];
  }

  /** How long the last call took, ns; 0 while one is under way. Shown with events between calls, such as switches. */
  get lastLatency(): number {
    return this.calls.doubles[doublesAt(this.row) + LATENCY];
  }

  /** No filter's answer for its fds is known. */
  forgetRuledFds(): void {
    this.calls.words[rowAt(this.row) + Call.FDS_RULED] = -1;
  }

  /** The same for one of them, below ROW_FDS. */
  forgetRuledFd(fd: number): void {
    if (fd < 0) return;
    this.calls.words[rowAt(this.row) + Call.FDS_LOW + (fd >> 5)] &= ~(1 << (fd & 31));
  }

  /** The thread's own fd table, made when first needed. */
  ownFds(): FdTable {
    if (this.fds === null) this.takeFds(new FdTable());
    return this.fds as FdTable;
  }

  /** Gives the thread a table of its own, or one that it shares with another process. */
  takeFds(table: FdTable): void {
    this.fds = table;
    table.heldBy(this);
  }
}

/** Threads by tid. A Map for whoever walks it; look-ups, one per event, go through the table of their calls. */
export class ThreadTable extends Map<number, ThreadInfo> {
  readonly calls = new CallTable();

  override get(tid: number): ThreadInfo | undefined {
    return this.calls.thread(this.calls.row(tid)) ?? (tid < 0 || tid > MAX_TID ? super.get(tid) : undefined);
  }

  override has(tid: number): boolean {
    return this.get(tid) !== undefined;
  }

  override set(tid: number, thread: ThreadInfo): this {
    const old = this.get(tid);
    if (old !== thread) {
      if (old !== undefined) this.calls.remove(tid, old);
      this.calls.add(tid, thread);
    }
    return super.set(tid, thread);
  }

  override delete(tid: number): boolean {
    const old = this.get(tid);
    if (old !== undefined) this.calls.remove(tid, old);
    return super.delete(tid);
  }

  override clear(): void {
    for (const [tid, thread] of this) this.calls.remove(tid, thread);
    super.clear();
  }
}
