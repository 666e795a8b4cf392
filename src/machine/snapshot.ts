import type { CaptureHead, FdEntry, ProcessEntry } from '../scap/head.js';
import { bytesOf } from './addresses.js';
import type { FdInfo, FdTable } from './fd.js';
import { FdType, Role } from './fd.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';
import { ThreadFlag } from './thread.js';

/** The state of a machine as the head of a capture that begins now. */
export function snapshotHead(machine: Machine): CaptureHead {
  const processes: ProcessEntry[] = [];
  for (const thread of machine.threads.values()) {
    if (!thread.invalid && thread.tid >= 0) processes.push(entryOf(machine, thread));
  }
  return {
    machine: machine.machineInfo,
    interfaces: machine.interfaceEntries,
    users: machine.users.hostUsers(),
    groups: machine.users.hostGroups(),
    processes,
    version: machine.version,
  };
}

function entryOf(machine: Machine, thread: ThreadInfo): ProcessEntry {
  return {
    tid: thread.tid,
    pid: thread.pid,
    ptid: thread.ptid,
    sid: thread.sid,
    vpgid: thread.vpgid,
    comm: thread.comm,
    exe: thread.exe,
    exepath: thread.exepath,
    args: thread.args,
    cwd: machine.cwdOf(thread),
    fdLimit: thread.fdLimit,
    flags: thread.flags & ~ThreadFlag.IS_MAIN_THREAD,
    uid: thread.uid,
    gid: thread.gid,
    vmsizeKb: thread.vmsizeKb,
    vmrssKb: thread.vmrssKb,
    vmswapKb: thread.vmswapKb,
    pfmajor: thread.pfmajor,
    pfminor: thread.pfminor,
    env: thread.env,
    vtid: thread.vtid,
    vpid: thread.vpid,
    cgroups: thread.cgroups,
    root: thread.root,
    pidnsInitStartTs: thread.pidnsInitStartTs,
    tty: thread.tty,
    loginuid: thread.loginuid < 0 ? 0xffffffff : thread.loginuid,
    exeWritable: thread.exeWritable,
    capInheritable: thread.capInheritable,
    capPermitted: thread.capPermitted,
    capEffective: thread.capEffective,
    exeUpperLayer: thread.exeUpperLayer,
    exeLowerLayer: thread.exeLowerLayer,
    exeFromMemfd: thread.exeFromMemfd,
    exeIno: thread.exeIno,
    exeInoCtime: thread.exeInoCtime,
    exeInoMtime: thread.exeInoMtime,
    pgid: thread.pgid,
    fds: thread.isMain ? fdEntries(thread.fds) : [],
  };
}

/** What a process of a live machine has open now, read anew; nothing where that cannot be done. */
export function presentEntries(machine: Machine, pid: number): FdEntry[] {
  return fdEntries(machine.hooks.presentFds?.(pid) ?? null);
}

function fdEntries(table: FdTable | null): FdEntry[] {
  const entries: FdEntry[] = [];
  for (const [fd, info] of table ?? []) {
    // Fds of no known type cannot be stored.
    if (info.type > FdType.UNKNOWN && fd >= 0) entries.push(fdEntry(fd, info));
  }
  return entries;
}

function fdEntry(fd: number, info: FdInfo): FdEntry {
  const entry: FdEntry = {
    fd,
    ino: info.ino,
    type: info.type,
    name: '',
    openFlags: info.openFlags,
    dev: info.dev,
  };
  switch (info.type) {
    case FdType.IPV4_SOCK:
    case FdType.IPV6_SOCK: {
      const size = info.type === FdType.IPV4_SOCK ? 4 : 16;
      // The list has the local end first, whoever is the client.
      const server = info.role === Role.SERVER;
      entry.sip = addressOf(server ? info.sip : info.cip, size);
      entry.sport = server ? info.sport : info.cport;
      entry.dip = addressOf(server ? info.cip : info.sip, size);
      entry.dport = server ? info.cport : info.sport;
      entry.l4proto = info.socketL4;
      break;
    }
    case FdType.IPV4_SERVSOCK:
    case FdType.IPV6_SERVSOCK:
      entry.sip = addressOf(info.sip, info.type === FdType.IPV4_SERVSOCK ? 4 : 16);
      entry.sport = info.sport;
      entry.l4proto = info.socketL4;
      break;
    case FdType.UNIX_SOCK:
      entry.source = info.source;
      entry.destination = info.destination;
      entry.name = info.nameRaw !== '' || info.destination !== 0n ? info.nameRaw : info.name;
      break;
    case FdType.FIFO:
      entry.name = info.name === '' ? `pipe:[${info.ino}]` : info.name;
      break;
    default:
      entry.name = info.name;
  }
  return entry;
}

function addressOf(text: string, size: number): Uint8Array {
  return text.length === size ? bytesOf(text) : new Uint8Array(size);
}
