import { CONTAINER_TYPE_NAMES } from '../container/container.js';
import { EventView } from '../event/view.js';
import { ipText } from '../machine/addresses.js';
import type { FdInfo } from '../machine/fd.js';
import { FdType, Role } from '../machine/fd.js';
import type { Machine } from '../machine/machine.js';
import type { ThreadInfo } from '../machine/thread.js';
import { EVENTS, PPME } from '../scap/events.generated.js';
import { LuaTable } from './lua/table.js';
import { LuaError } from './lua/value.js';
import type { ChiselFilter, ChiselRuntime } from './runtime.js';

/** `fd.type` texts by FdType number. */
const FD_TYPE_NAMES: { readonly [type: number]: string } = {
  [FdType.FILE]: 'file',
  [FdType.FILE_V2]: 'file',
  [FdType.DIRECTORY]: 'directory',
  [FdType.IPV4_SOCK]: 'ipv4',
  [FdType.IPV6_SOCK]: 'ipv6',
  [FdType.IPV4_SERVSOCK]: 'ipv4',
  [FdType.IPV6_SERVSOCK]: 'ipv6',
  [FdType.FIFO]: 'pipe',
  [FdType.UNIX_SOCK]: 'unix',
  [FdType.EVENT]: 'event',
  [FdType.SIGNALFD]: 'signal',
  [FdType.EVENTPOLL]: 'eventpoll',
  [FdType.INOTIFY]: 'inotify',
  [FdType.TIMERFD]: 'timerfd',
  [FdType.NETLINK]: 'netlink',
  [FdType.BPF]: 'bpf',
  [FdType.USERFAULTFD]: 'userfaultfd',
  [FdType.IOURING]: 'io_uring',
  [FdType.MEMFD]: 'memfd',
  [FdType.PIDFD]: 'pidfd',
};

const L4_NAMES: { readonly [l4: number]: string } = { 2: 'tcp', 3: 'udp', 4: 'icmp', 5: 'raw' };

/** Which table a script asked for. */
export interface ThreadTableRequest {
  readonly withFds: boolean;
  /** Only tid, pid and fdtable, and no fd names and types. */
  readonly barebone: boolean;
  readonly filter: string | undefined;
}

/** The threads as sysdig.get_thread_table gives them, keyed by tid. */
export function threadTable(runtime: ChiselRuntime, request: ThreadTableRequest): LuaTable {
  const machine = runtime.machine;
  if (machine === null)
    throw new LuaError('the thread table can be read from the on_capture_start callback on');
  const filter =
    request.filter === undefined || request.filter === '' ? null : compile(runtime, request.filter);
  const result = new LuaTable();
  for (const thread of machine.threads.values()) {
    const fds = fdEntries(machine, thread, filter, request);
    // With a filter only threads that have a passing fd.
    if (filter !== null && fds === null) continue;
    result.set(thread.tid, request.barebone ? bareThread(thread) : fullThread(machine, thread));
    (result.get(thread.tid) as LuaTable).setStr(
      'fdtable',
      fds !== null && request.withFds ? fds : new LuaTable(),
    );
  }
  return result;
}

function compile(runtime: ChiselRuntime, text: string): ChiselFilter {
  const filter = runtime.compileFilter(text);
  for (const f of filter.fields) {
    if (f.def.needs === 'event' || /^(evt|syscall)\./.test(f.def.name)) {
      throw new LuaError(
        `the given filter is not supported for thread table filtering: ${f.text} belongs to an event`,
      );
    }
  }
  return filter;
}

/** Stands for the event that is missing: of a type that uses an fd, without parameters. */
const NO_EVENT = new EventView();
NO_EVENT.type = PPME.SYSCALL_READ_E;
NO_EVENT.info = EVENTS[NO_EVENT.type];

function fdEntries(
  machine: Machine,
  thread: ThreadInfo,
  filter: ChiselFilter | null,
  request: ThreadTableRequest,
): LuaTable | null {
  const fds = machine.fdTable(thread);
  if (fds === null || fds === undefined) return null;
  let entries: LuaTable | null = null;
  for (const [number, fd] of fds) {
    if (filter !== null) {
      const restore = machine.lookAt(NO_EVENT, thread, number, fd);
      const passes = filter.matches(NO_EVENT, machine);
      restore();
      if (!passes) continue;
    }
    entries ??= new LuaTable();
    entries.set(number, fdEntry(fd, request.barebone));
  }
  return entries;
}

function fdEntry(fd: FdInfo, barebone: boolean): LuaTable {
  const t = new LuaTable();
  if (!barebone) {
    t.setStr('name', fd.name);
    t.setStr('type', FD_TYPE_NAMES[fd.type] ?? '<NA>');
  }
  if (fd.type === FdType.IPV4_SOCK || fd.type === FdType.IPV6_SOCK) {
    t.setStr('cip', ipText(fd.cip));
    t.setStr('cport', fd.cport);
    t.setStr('sip', ipText(fd.sip));
    t.setStr('sport', fd.sport);
    t.setStr('is_server', fd.role === Role.SERVER);
    t.setStr('l4proto', L4_NAMES[fd.l4proto] ?? '<NA>');
  } else if (fd.type === FdType.IPV4_SERVSOCK || fd.type === FdType.IPV6_SERVSOCK) {
    t.setStr('sip', ipText(fd.sip));
    t.setStr('sport', fd.sport);
    t.setStr('is_server', true);
    t.setStr('l4proto', L4_NAMES[fd.l4proto] ?? '<NA>');
  }
  return t;
}

function bareThread(thread: ThreadInfo): LuaTable {
  return LuaTable.record({ tid: thread.tid, pid: thread.pid });
}

function fullThread(machine: Machine, thread: ThreadInfo): LuaTable {
  return LuaTable.record({
    tid: thread.tid,
    pid: thread.pid,
    ptid: thread.ptid,
    comm: thread.comm,
    exe: thread.exe,
    flags: thread.flags,
    fdlimit: thread.fdLimit,
    uid: thread.uid,
    gid: thread.gid,
    nchilds: thread.children?.size ?? 0,
    vmsize_kb: thread.vmsizeKb,
    vmrss_kb: thread.vmrssKb,
    vmswap_kb: thread.vmswapKb,
    pfmajor: thread.pfmajor,
    pfminor: thread.pfminor,
    clone_ts: String(thread.cloneTs),
    username: machine.users.user(thread.containerId, thread.uid)?.name ?? (thread.uid === 0 ? 'root' : ''),
    args: LuaTable.list(thread.args),
    env: LuaTable.list(thread.env),
  });
}

/** The containers as sysdig.get_container_table gives them: a list. */
export function containerTable(runtime: ChiselRuntime): LuaTable {
  const rows: LuaTable[] = [];
  for (const c of runtime.containers()) {
    rows.push(
      LuaTable.record({
        id: c.id,
        name: c.name,
        image: c.image,
        type: c.typeName ?? CONTAINER_TYPE_NAMES[c.type] ?? 'unknown',
      }),
    );
  }
  return LuaTable.list(rows);
}
