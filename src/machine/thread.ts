import type { FdInfo } from './fd.js';

/** One thread of the observed machine. Text is byte strings; times are ns relative to `EventView.baseSec` unless said otherwise. */
export class ThreadInfo {
  tid: number;
  pid: number;
  /** Parent: tid of the parent process's thread as recorded. */
  ptid = -1;
  sid = 0;
  vpgid = 0;
  pgid = 0;
  vtid: number;
  vpid: number;
  comm = '<NA>';
  /** argv[0] */
  exe = '<NA>';
  exepath = '';
  args: string[] = [];
  env: string[] = [];
  cwd = '';
  root = '/';
  uid = 0;
  gid = 0;
  loginuid = 0xffffffff;
  tty = 0;
  fdLimit = -1;
  /** PPM_CL_* */
  flags = 0;
  vmsizeKb = 0;
  vmrssKb = 0;
  vmswapKb = 0;
  pfmajor = 0;
  pfminor = 0;
  /** subsys=/path */
  cgroups: string[] = [];
  /** '' = on the host. */
  containerId = '';
  exeWritable = false;
  exeUpperLayer = false;
  exeLowerLayer = false;
  exeFromMemfd = false;
  exeIno = 0;
  exeInoCtime = 0n;
  exeInoMtime = 0n;
  capInheritable = 0n;
  capPermitted = 0n;
  capEffective = 0n;
  pidnsInitStartTs = 0n;
  /** Absolute ns since the epoch; 0n if unknown. */
  cloneTs = 0n;
  /** Own table; threads of a process read their main thread's through `Machine.fdTable(thread)`. */
  fds: Map<number, FdInfo> | null = null;
  /** Threads alive in the process (kept on the main thread). */
  nthreads = 1;

  // State of the call under way, kept for its exit event.
  lastEnterType = -1;
  lastEnterTs = 0;
  lastFd = -1;

  constructor(tid: number, pid: number) {
    this.tid = tid;
    this.pid = pid;
    this.vtid = tid;
    this.vpid = pid;
  }
}
