import type { CaptureHead, FdEntry, PassingHead, ProcessEntry } from '../scap/head.js';
import { bytesOf } from './addresses.js';
import type { FdInfo } from './fd.js';
import { FdType, Role } from './fd.js';
import type { FdTable } from './fd_table.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';
import { ThreadFlag } from './thread.js';

/** The state of a machine as the head of a capture that begins now. */
export function snapshotHead(machine: Machine): CaptureHead {
  const processes = storable(machine).map((thread) => ({
    ...entryOf(machine, thread),
    fds: [...entriesOfThread(thread)],
  }));
  return { ...hostHead(machine), processes };
}

/** The same for who writes it down before the next event. */
export function passingHead(machine: Machine): PassingHead {
  const threads = storable(machine);
  return {
    ...hostHead(machine),
    processes: {
      length: threads.length,
      *[Symbol.iterator]() {
        for (const thread of threads) yield entryOf(machine, thread);
      },
    },
    fdsOf(tid) {
      const thread = machine.threads.get(tid);
      const stored = thread?.isMain ? thread.fds?.unasked : null;
      if (stored?.writable) return stored;
      return thread === undefined ? [] : entriesOfThread(thread);
    },
  };
}

function storable(machine: Machine): ThreadInfo[] {
  return [...machine.threads.values()].filter((thread) => !thread.invalid && thread.tid >= 0);
}

function entriesOfThread(thread: ThreadInfo): Iterable<FdEntry> {
  return thread.isMain ? fdEntries(thread.fds) : [];
}

function hostHead(machine: Machine): Omit<CaptureHead, 'processes'> {
  return {
    machine: machine.machineInfo,
    interfaces: machine.interfaceEntries,
    users: machine.users.hostUsers(),
    groups: machine.users.hostGroups(),
    version: machine.version,
  };
}

/** A thread without its fds. */
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
    fds: [],
  };
}

/** What a process of a live machine has open now, read anew; nothing where that cannot be done. */
export function presentEntries(machine: Machine, pid: number): FdEntry[] {
  return [...fdEntries(machine.hooks.presentFds?.(pid) ?? null)];
}

function* fdEntries(table: FdTable | null): Generator<FdEntry> {
  for (const [fd, info] of table?.glance() ?? []) {
    // Fds of no known type cannot be stored.
    if (info.type > FdType.UNKNOWN && fd >= 0) yield fdEntry(fd, info);
  }
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
