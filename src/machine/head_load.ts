import type { CaptureHead, FdEntry, ProcessEntry } from '../scap/head.js';
import type { StoredFds } from '../scap/stored_fds.js';
import { type StoredProcesses, storedProcessesOf } from '../scap/stored_processes.js';
import { byteString, connectionName, isMapped, serverName, unixName } from './addresses.js';
import { FdInfo, FdType, Link, Role } from './fd.js';
import { FdTable } from './fd_table.js';
import type { Machine } from './machine.js';
import { programOf } from './program.js';
import { ThreadFlag, ThreadInfo } from './thread.js';
import { whileYoungStaysSmall } from './young_generation.js';

/** So many threads make V8's young generation grow. */
const MANY = 4096;

/** Fills a machine with the state at the start of a capture section; `merge` keeps what is known (merged captures). */
export function loadHead(machine: Machine, head: CaptureHead, merge = false): void {
  if (!merge) {
    machine.threads.clear();
    machine.users.clear();
  }
  machine.machineInfo = head.machine;
  machine.interfaceEntries = head.interfaces;
  machine.version = head.version;
  machine.scannedUntil = head.scannedUntil ?? 0n;
  machine.interfaces.load(head.interfaces);
  machine.lastSwitch.length = 0;
  for (const user of head.users) machine.users.addUser('', user);
  for (const group of head.groups) machine.users.addGroup('', group);
  // Main threads first: their other threads are tied to them as they are added.
  const scanned = head.scannedUntil !== undefined;
  const list = storedProcessesOf(head) ?? new EntryList(head.processes);
  /** Parents may stand behind their children in the list: tied when all are there. */
  const parents = new Map<number, number>();
  const others: number[] = [];
  const add = (i: number): void => {
    const thread = threadOf(machine, list.entry(i));
    const fds = list.fdsOf(i);
    if (fds.length > 0) thread.takeFds(storedTableOf(fds));
    thread.scanned = scanned;
    thread.listed = !scanned;
    machine.addThread(thread);
  };
  const addAll = (): void => {
    for (let i = 0; i < list.length; i++) {
      const { tid, pid, ptid } = list.ids(i);
      parents.set(tid, ptid);
      if (tid === pid) add(i);
      else others.push(i);
    }
    for (const i of others) add(i);
  };
  if (list.length < MANY) addAll();
  else whileYoungStaysSmall(addAll);
  for (const thread of machine.threads.values()) {
    thread.ptid = parents.get(thread.tid) ?? 0;
    machine.tieToParent(thread);
  }
}

/** Processes that are decoded, read as stored ones are. */
class EntryList implements Pick<StoredProcesses, 'length' | 'ids' | 'entry' | 'fdsOf'> {
  readonly length: number;

  constructor(private readonly entries: readonly ProcessEntry[]) {
    this.length = entries.length;
  }

  ids(i: number): ProcessEntry {
    return this.entries[i];
  }

  entry(i: number): ProcessEntry {
    return this.entries[i];
  }

  /** They stand in the entries. */
  fdsOf(): readonly StoredFds[] {
    return [];
  }
}

/** A thread as the process list or the /proc scan tells it. */
export function threadOf(machine: Machine, entry: ProcessEntry): ThreadInfo {
  const thread = new ThreadInfo(entry.tid, entry.pid);
  fillThread(machine, thread, entry);
  return thread;
}

/** Fills a thread that already has its tid and pid. */
export function fillThread(machine: Machine, thread: ThreadInfo, entry: ProcessEntry): void {
  thread.pid = entry.pid;
  thread.ptid = entry.ptid;
  thread.sid = entry.sid;
  thread.vpgid = entry.vpgid;
  thread.pgid = entry.pgid;
  thread.comm = entry.comm;
  thread.exe = entry.exe;
  thread.exepath = entry.exepath;
  thread.args = entry.args;
  thread.env = entry.env;
  thread.cwd = entry.cwd;
  thread.root = entry.root;
  thread.uid = entry.uid;
  thread.gid = entry.gid;
  thread.loginuid = entry.loginuid;
  thread.tty = entry.tty;
  thread.fdLimit = entry.fdLimit;
  thread.flags = entry.flags | (entry.tid === entry.pid ? ThreadFlag.IS_MAIN_THREAD : 0);
  thread.vmsizeKb = entry.vmsizeKb;
  thread.vmrssKb = entry.vmrssKb;
  thread.vmswapKb = entry.vmswapKb;
  thread.pfmajor = entry.pfmajor;
  thread.pfminor = entry.pfminor;
  thread.vtid = entry.vtid;
  thread.vpid = entry.vpid;
  const cgroups = machine.cgroupTexts.get(entry.cgroups.join('\0'));
  thread.cgroups = cgroups.list;
  thread.containerId = cgroups.containerId;
  thread.cloneTs = entry.startTs ?? 0n;
  machine.meetContainer(thread);
  thread.pidnsInitStartTs = entry.pidnsInitStartTs;
  thread.program = programOf(entry);
  if (entry.fds.length > 0) thread.takeFds(fdTableOf(entry.fds));
}

/** The fds of a process; which end of its connections it is follows from the ports it listens on. */
export function fdTableOf(entries: readonly FdEntry[]): FdTable {
  const listening = new Set<number>();
  for (const entry of entries) {
    if (entry.type === FdType.IPV4_SERVSOCK || entry.type === FdType.IPV6_SERVSOCK)
      listening.add(entry.sport ?? 0);
  }
  return FdTable.of(entries, (entry) => fdOf(entry, listening));
}

/** The same of lists that a capture stores. */
function storedTableOf(lists: readonly StoredFds[]): FdTable {
  if (lists.length > 1) return fdTableOf(lists.flatMap((list) => list.entries()));
  const [stored] = lists;
  return FdTable.ofStored(stored, (entry) => fdOf(entry, stored.listening));
}

function fdOf(entry: FdEntry, listening: ReadonlySet<number>): FdInfo {
  const info = new FdInfo(entry.type, entry.name);
  info.ino = entry.ino;
  info.dev = entry.dev;
  info.openFlags = entry.openFlags;
  switch (entry.type) {
    case FdType.FILE:
      info.type = FdType.FILE_V2;
      info.nameRaw = entry.name;
      break;
    case FdType.FILE_V2:
    case FdType.DIRECTORY:
      info.nameRaw = entry.name;
      break;
    case FdType.IPV4_SOCK:
    case FdType.IPV6_SOCK:
      connection(info, entry, listening);
      break;
    case FdType.IPV4_SERVSOCK:
    case FdType.IPV6_SERVSOCK:
      info.sip = byteString(entry.sip);
      info.sport = entry.sport ?? 0;
      info.socketL4 = entry.l4proto ?? 0;
      info.takeRole(Role.SERVER);
      info.name = serverName(info.sip, info.sport);
      break;
    case FdType.UNIX_SOCK:
      info.source = entry.source ?? 0n;
      info.destination = entry.destination ?? 0n;
      info.nameRaw = entry.name;
      info.link = Link.CONNECTED;
      if (info.destination !== 0n) info.name = unixName(info.source, info.destination, entry.name);
      break;
    default:
      break;
  }
  return info;
}

/** The list has the local end first. */
function connection(info: FdInfo, entry: FdEntry, listening: ReadonlySet<number>): void {
  let local = byteString(entry.sip);
  let remote = byteString(entry.dip);
  if (isMapped(local) && isMapped(remote)) {
    local = local.slice(12);
    remote = remote.slice(12);
    info.type = FdType.IPV4_SOCK;
  }
  const localPort = entry.sport ?? 0;
  const remotePort = entry.dport ?? 0;
  const server = listening.has(localPort);
  info.socketL4 = entry.l4proto ?? 0;
  info.takeRole(server ? Role.SERVER : Role.CLIENT);
  info.cip = server ? remote : local;
  info.cport = server ? remotePort : localPort;
  info.sip = server ? local : remote;
  info.sport = server ? localPort : remotePort;
  info.link = Link.CONNECTED;
  info.name = connectionName(info.cip, info.cport, info.sip, info.sport);
}
