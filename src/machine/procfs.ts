import type { CaptureHead, GroupEntry, ProcessEntry, UserEntry } from '../scap/head.js';
import { FdType } from './fd.js';
import { fdTableOf, fillThread } from './head_load.js';
import type { Machine, MachineHooks } from './machine.js';
import { readFd, readFds } from './proc_fds.js';
import { readNumbers } from './proc_files.js';
import { readAccounts, readInterfaces, readMachine } from './proc_host.js';
import type { ScanBase } from './proc_process.js';
import { readCgroups, readEnvironment, readProcess, readThread } from './proc_process.js';
import { NetworkNamespaces } from './proc_sockets.js';

/** Where to look, and what to leave out. */
export interface ScanOptions {
  /** Where the host's file system is mounted, when tsdig runs in a container. Default: TSDIG_HOST_ROOT, else ''. */
  hostRoot?: string;
  /** Process ids that are not recorded (tsdig itself). */
  exclude?: readonly number[];
  /** Take in environments of any size instead of their first 4 KiB. */
  largeEnvironment?: boolean;
}

/** The host's root directory: option, then environment (sysdig's names too), then this machine's. */
export function hostRootOf(options: ScanOptions): string {
  const env = process.env;
  const root =
    options.hostRoot ?? env['TSDIG_HOST_ROOT'] ?? env['SYSDIG_HOST_ROOT'] ?? env['HOST_ROOT'] ?? '';
  return root.replace(/\/+$/, '');
}

/**
 * The state of the running machine: processes, threads, fds and sockets, users, interfaces.
 * Never throws: what cannot be read, or goes away meanwhile, is left out.
 */
export function scanProc(options: ScanOptions = {}): CaptureHead {
  const hostRoot = hostRootOf(options);
  const proc = `${hostRoot}/proc`;
  const machine = readMachine(hostRoot);
  const base: ScanBase = {
    bootTime: machine.bootTime,
    networks: new NetworkNamespaces(),
    pidNamespaces: new Map(),
    largeEnvironment: options.largeEnvironment ?? false,
  };
  const processes: ProcessEntry[] = [];
  for (const pid of readNumbers(proc)) {
    if (options.exclude?.includes(pid)) continue;
    const dir = `${proc}/${pid}`;
    const entry = readProcess(dir, pid, base);
    if (entry === null) continue;
    processes.push(entry);
    for (const tid of readNumbers(`${dir}/task`)) {
      if (tid === pid) continue;
      const thread = readThread(`${dir}/task/${tid}`, tid, entry, base);
      if (thread !== null) processes.push(thread);
    }
  }
  const { users, groups } = readAccounts(hostRoot);
  const interfaces = readInterfaces();
  // This clock counts whole milliseconds.
  const scannedUntil = BigInt(Date.now() + 1) * 1_000_000n;
  return { machine, interfaces, users, groups, processes, version: [1, 2], scannedUntil };
}

/** The sets of cgroups (`subsys=/path`) that running processes are in, each once. Much faster than the whole scan. Never throws. */
export function cgroupsInUse(options: ScanOptions = {}): string[][] {
  const proc = `${hostRootOf(options)}/proc`;
  const sets = new Map<string, string[]>();
  for (const pid of readNumbers(proc)) {
    const cgroups = readCgroups(`${proc}/${pid}`, false);
    if (cgroups.length > 0) sets.set(cgroups.join(), cgroups);
  }
  return [...sets.values()];
}

/**
 * One thread of the running machine, with its process's fds if it is the main one.
 * null if it has gone.
 */
export function readLiveThread(tid: number, options: ScanOptions = {}): ProcessEntry | null {
  const hostRoot = hostRootOf(options);
  return readOne(tid, hostRoot, readMachine(hostRoot).bootTime, options.largeEnvironment ?? false);
}

function readOne(
  tid: number,
  hostRoot: string,
  bootTime: bigint,
  largeEnvironment: boolean,
): ProcessEntry | null {
  const networks = new NetworkNamespaces();
  const base: ScanBase = { bootTime, networks, pidNamespaces: new Map(), largeEnvironment };
  // Threads have a directory here too, though it is not listed.
  const entry = readProcess(`${hostRoot}/proc/${tid}`, tid, base);
  if (entry === null || entry.pid === tid) return entry;
  return readThread(`${hostRoot}/proc/${entry.pid}/task/${tid}`, tid, entry, base);
}

/** Users and groups as the root directory of a process has them: those of its container. */
export function accountsOf(
  pid: number,
  options: ScanOptions = {},
): { users: UserEntry[]; groups: GroupEntry[] } {
  return readAccounts(`${hostRootOf(options)}/proc/${pid}/root`);
}

/** Look-ups in a second at most: a storm of unknown threads must not stop the reading of events. */
const LOOKUPS_PER_SECOND = 500;

/**
 * Hooks for a machine that is fed live: threads that nobody announced are looked up in /proc, and containers'
 * users in their own file systems.
 */
export function liveHooks(
  options: ScanOptions = {},
): Required<Pick<MachineHooks, 'onUnknownThread' | 'onContainerMet' | 'presentFds'>> & MachineHooks {
  const hostRoot = hostRootOf(options);
  const largeEnvironment = options.largeEnvironment ?? false;
  let bootTime: bigint | undefined;
  let second = 0;
  let lookups = 0;
  const mayLook = (): boolean => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      lookups = 0;
    }
    return lookups++ < LOOKUPS_PER_SECOND;
  };
  return {
    ...(largeEnvironment
      ? { wholeEnvironment: (thread) => readEnvironment(`${hostRoot}/proc/${thread.pid}`) }
      : {}),
    onUnknownThread(thread, machine: Machine) {
      if (thread.tid <= 0 || !mayLook()) return;
      bootTime ??= readMachine(hostRoot).bootTime;
      const entry = readOne(thread.tid, hostRoot, bootTime, largeEnvironment);
      if (entry === null) return;
      fillThread(machine, thread, entry);
      thread.invalid = false;
    },
    receivedFd(thread, fd) {
      const entry = mayLook() ? readFd(`${hostRoot}/proc/${thread.tid}`, fd) : null;
      return entry === null ? null : (fdTableOf([entry]).get(fd) ?? null);
    },
    presentFds(pid) {
      if (!mayLook()) return null;
      const entries = readFds(`${hostRoot}/proc/${pid}`, new NetworkNamespaces());
      return entries.length > 0 ? fdTableOf(entries) : null;
    },
    onContainerMet(thread, machine: Machine) {
      const { users, groups } = accountsOf(thread.tid, options);
      for (const user of users) machine.users.addUser(thread.containerId, user);
      for (const group of groups) machine.users.addGroup(thread.containerId, group);
    },
  };
}

/**
 * Forgets processes that are no longer there: the event of their exit was lost. To be called now and then on long
 * live runs. `before`: threads met after that time (ns, as `EventView.ts`) stay, as their events may be newer than the look at /proc.
 * @returns how many threads were forgotten.
 */
export function pruneGone(machine: Machine, before: number, options: ScanOptions = {}): number {
  const alive = new Set(readNumbers(`${hostRootOf(options)}/proc`));
  // Without any process /proc cannot be read: nothing is known then.
  if (alive.size === 0) return 0;
  let gone = 0;
  for (const thread of [...machine.threads.values()]) {
    if (thread.tid <= 0 || alive.has(thread.pid) || thread.lastEnterTs >= before) continue;
    if (machine.threads.get(thread.tid) !== thread) continue;
    machine.removeThread(thread);
    gone++;
  }
  return gone;
}

/** Counts of a scan, for `doctor` and verbose output. */
export function describeScan(head: CaptureHead): {
  processes: number;
  threads: number;
  fds: number;
  sockets: number;
} {
  let processes = 0;
  let fds = 0;
  let sockets = 0;
  for (const entry of head.processes) {
    if (entry.tid === entry.pid) processes++;
    fds += entry.fds.length;
    for (const fd of entry.fds) {
      if ((fd.type >= FdType.IPV4_SOCK && fd.type <= FdType.IPV6_SERVSOCK) || fd.type === FdType.UNIX_SOCK)
        sockets++;
    }
  }
  return { processes, threads: head.processes.length, fds, sockets };
}
