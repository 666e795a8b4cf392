/**
 * What stands before the events of a capture section: the observed machine at the start.
 * The file reader, the live /proc scan, the machine and the writer all speak this.
 * All strings are byte strings (latin1: one char per byte).
 */
import type { StoredFds } from './stored_fds.js';

/** Machine info block (MI). */
export interface MachineInfo {
  numCpus: number;
  memorySize: number;
  maxPid: number;
  hostname: string;
  /** ns since the epoch, 0 if unknown. */
  bootTime: bigint;
  flags: bigint;
}

/** One address of a network interface (IL). */
export interface InterfaceEntry {
  /** 4 or 16 bytes each, network order. */
  addr: Uint8Array;
  netmask: Uint8Array;
  broadcast: Uint8Array;
  linkSpeed: bigint;
  name: string;
}

export interface UserEntry {
  uid: number;
  gid: number;
  name: string;
  home: string;
  shell: string;
}

export interface GroupEntry {
  gid: number;
  name: string;
}

/** One fd of a process (FDL). Names as in the block: see the format, section 2.6. */
export interface FdEntry {
  fd: number;
  ino: number;
  /** SCAP_FD_* number (0..21). */
  type: number;
  /** Path, pipe name, unix path …; '' for sockets of the internet. */
  name: string;
  /** FILE_V2: stored open flags and device. */
  openFlags: number;
  dev: number;
  /** IPv4/IPv6 sockets: local end first. 4 or 16 bytes, network order. Ports in host order. */
  sip?: Uint8Array;
  dip?: Uint8Array;
  sport?: number;
  dport?: number;
  l4proto?: number;
  /** Unix sockets: kernel addresses of both ends. */
  source?: bigint;
  destination?: bigint;
}

/** One thread of the process list (PL). Absent = not in this version of the block. */
export interface ProcessEntry {
  tid: number;
  pid: number;
  ptid: number;
  sid: number;
  vpgid: number;
  comm: string;
  /** argv[0] */
  exe: string;
  exepath: string;
  /** argv[1..] */
  args: string[];
  cwd: string;
  fdLimit: number;
  /** PPM_CL_* bits. */
  flags: number;
  uid: number;
  gid: number;
  vmsizeKb: number;
  vmrssKb: number;
  vmswapKb: number;
  pfmajor: number;
  pfminor: number;
  /** NAME=value */
  env: string[];
  vtid: number;
  vpid: number;
  /** subsys=/path */
  cgroups: string[];
  root: string;
  /** ns since the epoch of the pid namespace's init, 0n if unknown. */
  pidnsInitStartTs: bigint;
  tty: number;
  /** 0xFFFFFFFF = unset. */
  loginuid: number;
  exeWritable: boolean;
  capInheritable: bigint;
  capPermitted: bigint;
  capEffective: bigint;
  exeUpperLayer: boolean;
  exeLowerLayer: boolean;
  exeFromMemfd: boolean;
  exeIno: number;
  /** ns since the epoch. */
  exeInoCtime: bigint;
  exeInoMtime: bigint;
  pgid: number;
  /** When the thread started, ns since the epoch; known from a live scan only, never stored in files. */
  startTs?: bigint;
  /** fds of the process: only under main threads. */
  fds: FdEntry[];
}

/** The metadata of one section. */
export interface CaptureHead {
  machine: MachineInfo | null;
  interfaces: InterfaceEntry[];
  users: UserEntry[];
  groups: GroupEntry[];
  processes: ProcessEntry[];
  /** Format version of the section header: [major, minor]. */
  version: [number, number];
  /**
   * Live: when the reading of /proc ended, ns since the epoch. Events that are older meet processes as they were
   * found at some time during it. Never stored in files.
   */
  scannedUntil?: bigint;
}

/**
 * A head to be written down at once: its processes come one by one, without their fds, and `fdsOf` gives these, as they are
 * stored if they can be written so. Gathered, those of a large machine are tens of megabytes.
 */
export interface PassingHead extends Omit<CaptureHead, 'processes'> {
  readonly processes: Iterable<ProcessEntry> & { readonly length: number };
  fdsOf(tid: number): Iterable<FdEntry> | StoredFds;
}

export type WritableHead = CaptureHead | PassingHead;

export function isPassing(head: WritableHead): head is PassingHead {
  return 'fdsOf' in head;
}
