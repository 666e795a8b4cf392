import { statSync } from 'node:fs';
import type { ProcessEntry } from '../scap/head.js';
import { UNSET_ID, unknownProcess } from '../scap/unknown_process.js';
import { splitStrings } from './cgroups.js';
import { readFds } from './proc_fds.js';
import { lineValue, readLink, readText, storedDevice } from './proc_files.js';
import type { NetworkNamespaces } from './proc_sockets.js';
import { ThreadFlag } from './thread.js';

/** Lists are stored with at most this many bytes. */
const MAX_LIST = 4096;
/** Nobody needs more of an environment. */
const LARGE_ENVIRONMENT = 2 * 1024 * 1024;
/** Clock ticks in a second, as /proc shows times (USER_HZ). */
const TICKS = 100n;
const NS = 1_000_000_000n;

/** What a scan knows about the machine beforehand. */
export interface ScanBase {
  /** ns since the epoch at which the machine started. */
  readonly bootTime: bigint;
  readonly networks: NetworkNamespaces;
  /** Environments of any size (up to LARGE_ENVIRONMENT) instead of their first 4 KiB. */
  readonly largeEnvironment: boolean;
  /** Start of the first process of each pid namespace met, by the namespace's link. */
  readonly pidNamespaces: Map<string, bigint>;
}

/** Processor time used so far, in clock ticks (1/100 s). */
export interface ProcessorTicks {
  readonly user: number;
  readonly system: number;
}

/** What a `stat` file of /proc tells: /proc/PID/stat of all threads together, …/task/TID/stat of one. Null if it has gone. */
export function readProcessorTicks(path: string): ProcessorTicks | null {
  const text = readText(path);
  // The name may hold spaces and brackets; behind it stand the state and 10 numbers, then these two.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 13);
  if (fields.length < 13) return null;
  return { user: Number(fields[11]), system: Number(fields[12]) };
}

/** The process in `dir` (`/proc/<pid>`), with its fds; null if it has gone. */
export function readProcess(dir: string, pid: number, base: ScanBase): ProcessEntry | null {
  const entry = readTask(dir, pid, base);
  if (entry === null) return null;
  const exepath = readLink(`${dir}/exe`);
  entry.exepath = exepath;
  const words = splitStrings(readText(`${dir}/cmdline`, MAX_LIST));
  // Kernel threads have no command line: their name stands in.
  entry.exe = words[0] ?? entry.comm;
  entry.args = words.slice(1);
  entry.env = readEnvironment(dir, base.largeEnvironment ? LARGE_ENVIRONMENT : MAX_LIST);
  const cwd = readLink(`${dir}/cwd`);
  entry.cwd = cwd === '' || cwd.endsWith('/') ? cwd : `${cwd}/`;
  entry.root = readLink(`${dir}/root`) || '/';
  entry.cgroups = readCgroups(dir);
  entry.fdLimit = openFilesLimit(readText(`${dir}/limits`));
  const loginuid = readText(`${dir}/loginuid`);
  entry.loginuid = loginuid === '' ? UNSET_ID : Number(loginuid);
  if (exepath !== '') readProgram(dir, entry);
  if (entry.vpid !== entry.pid) {
    entry.pidnsInitStartTs = namespaceStart(dir, entry, base);
  }
  entry.fds = readFds(dir, base.networks);
  return entry;
}

/** The environment of the process in `dir` (`/proc/<pid>`), at most `limit` bytes of it; empty if it cannot be read. */
export function readEnvironment(dir: string, limit = LARGE_ENVIRONMENT): string[] {
  return splitStrings(readText(`${dir}/environ`, limit));
}

/** A further thread of a process: what it does not have of its own is its main thread's. */
export function readThread(
  dir: string,
  tid: number,
  main: ProcessEntry,
  base: ScanBase,
): ProcessEntry | null {
  const own = readTask(dir, tid, base);
  if (own === null) return null;
  return {
    ...main,
    tid,
    comm: own.comm,
    uid: own.uid,
    gid: own.gid,
    vtid: own.vtid,
    pfmajor: own.pfmajor,
    pfminor: own.pfminor,
    capInheritable: own.capInheritable,
    capPermitted: own.capPermitted,
    capEffective: own.capEffective,
    startTs: own.startTs,
    flags: ThreadFlag.CLONE_THREAD | ThreadFlag.CLONE_FILES,
    fds: [],
  };
}

/** What `stat` and `status` tell. */
function readTask(dir: string, tid: number, base: ScanBase): ProcessEntry | null {
  const stat = readText(`${dir}/stat`);
  const status = readText(`${dir}/status`);
  // The name may hold anything, brackets and blanks too: it ends at the last bracket.
  const end = stat.lastIndexOf(')');
  if (end < 0 || status === '') return null;
  const comm = stat.slice(stat.indexOf('(') + 1, end);
  // Behind the name: state ppid pgrp session tty_nr tpgid flags minflt cminflt majflt cmajflt … starttime (20th).
  const words = stat.slice(end + 2).split(' ');
  const ids = lineValue(status, 'Uid').split('\t');
  const groups = lineValue(status, 'Gid').split('\t');
  const pid = Number(lineValue(status, 'Tgid')) || tid;
  const tty = Number(words[4]) >>> 0;
  return {
    ...unknownProcess(tid, pid),
    ptid: Number(lineValue(status, 'PPid')) || 0,
    sid: Number(words[3]) || 0,
    vpgid: innermost(lineValue(status, 'NSpgid'), Number(words[2]) || 0),
    pgid: Number(words[2]) || 0,
    comm,
    uid: Number(ids[1]) || 0,
    gid: Number(groups[1]) || 0,
    vmsizeKb: Number.parseInt(lineValue(status, 'VmSize'), 10) || 0,
    vmrssKb: Number.parseInt(lineValue(status, 'VmRSS'), 10) || 0,
    vmswapKb: Number.parseInt(lineValue(status, 'VmSwap'), 10) || 0,
    pfmajor: Number(words[9]) || 0,
    pfminor: Number(words[7]) || 0,
    vtid: innermost(lineValue(status, 'NSpid'), tid),
    vpid: innermost(lineValue(status, 'NStgid'), pid),
    root: '/',
    tty: storedDevice((tty >> 8) & 0xfff, (tty & 0xff) | ((tty >>> 12) & 0xfff00)),
    capInheritable: mask(lineValue(status, 'CapInh')),
    capPermitted: mask(lineValue(status, 'CapPrm')),
    capEffective: mask(lineValue(status, 'CapEff')),
    startTs: startTime(words[19], base.bootTime),
  };
}

/** Last of the ids of all pid namespaces: that of the innermost. */
function innermost(list: string, otherwise: number): number {
  const id = list.slice(list.lastIndexOf('\t') + 1);
  return id === '' ? otherwise : Number(id);
}

function mask(hex: string): bigint {
  return /^[0-9a-f]+$/i.test(hex) ? BigInt(`0x${hex}`) : 0n;
}

function startTime(ticks: string | undefined, bootTime: bigint): bigint {
  if (ticks === undefined || bootTime === 0n || !/^\d+$/.test(ticks)) return 0n;
  return bootTime + (BigInt(ticks) * NS) / TICKS;
}

/** `Max open files   1024   1048576   files`: the first number. */
function openFilesLimit(limits: string): number {
  const match = /^Max open files\s+(\S+)/m.exec(limits);
  if (match === null) return -1;
  return match[1] === 'unlimited' ? -1 : Number(match[1]);
}

/** Behind the path of a cgroup that has been removed: only what has ended and was not waited for is in it. */
const REMOVED = / \(deleted\)$/;

/** Subsystems that a unified cgroup is listed under. */
const UNIFIED = ['cpuset', 'cpu', 'cpuacct', 'io', 'memory'];

/**
 * Cgroups as `subsys=/path`. Lines are `number:subsys,subsys:/path`; the unified hierarchy (`0::/path`) stands for
 * those subsystems that no older hierarchy has.
 *
 * @param removed whether what is in a removed cgroup counts, which has ended
 */
export function readCgroups(dir: string, removed = true): string[] {
  const found: string[] = [];
  const names = new Set<string>();
  let unified = '';
  for (const line of readText(`${dir}/cgroup`).split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (second < 0) continue;
    const subsystems = line.slice(first + 1, second);
    const path = line.slice(second + 1).replace(REMOVED, '');
    if (!removed && REMOVED.test(line)) return [];
    if (subsystems === '') {
      unified = path;
      continue;
    }
    for (const name of subsystems.split(',')) {
      names.add(name === 'blkio' ? 'io' : name);
      found.push(`${name}=${path}`);
    }
  }
  if (unified !== '' && unified !== '/') {
    for (const name of UNIFIED) if (!names.has(name)) found.push(`${name}=${unified}`);
  }
  return found.length === 0 && unified !== '' ? UNIFIED.map((name) => `${name}=${unified}`) : found;
}

/** Inode, times and rights of the program. */
function readProgram(dir: string, entry: ProcessEntry): void {
  entry.exeFromMemfd = entry.exepath.startsWith('/memfd:');
  try {
    const stats = statSync(`${dir}/exe`, { bigint: true });
    entry.exeIno = Number(stats.ino);
    entry.exeInoCtime = stats.ctimeNs;
    entry.exeInoMtime = stats.mtimeNs;
    const mode = Number(stats.mode);
    entry.exeWritable =
      (mode & 0o002) !== 0 ||
      (Number(stats.uid) === entry.uid && (mode & 0o200) !== 0) ||
      (Number(stats.gid) === entry.gid && (mode & 0o020) !== 0);
  } catch {
    // Gone, or in a mount namespace that may not be looked into.
  }
}

/** When the first process of the pid namespace started; found when that process itself is read, else unknown. */
function namespaceStart(dir: string, entry: ProcessEntry, base: ScanBase): bigint {
  const link = readLink(`${dir}/ns/pid`);
  if (link === '') return 0n;
  if (entry.vpid === 1) base.pidNamespaces.set(link, entry.startTs ?? 0n);
  return base.pidNamespaces.get(link) ?? 0n;
}
