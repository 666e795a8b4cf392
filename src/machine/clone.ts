import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import { hasParam, pidParam, processLayouts, takeCommon } from './process_params.js';
import { ThreadFlag, ThreadInfo } from './thread.js';

/** Exit types of the calls that make threads and processes. */
export const CLONE_EXITS: readonly number[] = [
  PPME.SYSCALL_CLONE_11_X,
  PPME.SYSCALL_CLONE_16_X,
  PPME.SYSCALL_CLONE_17_X,
  PPME.SYSCALL_CLONE_20_X,
  PPME.SYSCALL_CLONE3_X,
  PPME.SYSCALL_FORK_X,
  PPME.SYSCALL_FORK_17_X,
  PPME.SYSCALL_FORK_20_X,
  PPME.SYSCALL_VFORK_X,
  PPME.SYSCALL_VFORK_17_X,
  PPME.SYSCALL_VFORK_20_X,
];

const LAYOUTS = processLayouts(CLONE_EXITS, ['flags', 'vtid', 'vpid', 'pidns_init_start_ts']);

/** An entry younger than this when the child's event comes was made by the parent's event for the same call. */
const STALE_NS = 2_000_000_000n;

/** A call of which the beginning was not seen has begun so long ago at most, as good as always. */
const LONGEST_CALL_NS = 2e9;

/** A clone exit: in the parent (result: the child's tid) or in the child (result 0). */
function cloneExit(machine: Machine, ev: EventView): void {
  const at = LAYOUTS.get(ev.type);
  if (at === undefined || ev.nparams === 0) return;
  const result = ev.i64(0);
  if (result < 0) return;
  if (result === 0) inChild(machine, ev, at);
  else inParent(machine, ev, at, result);
}

type Layout = NonNullable<ReturnType<(typeof LAYOUTS)['get']>>;

function inParent(machine: Machine, ev: EventView, at: Layout, childTid: number): void {
  const caller = machine.thread ?? machine.threads.get(ev.tid) ?? adopt(machine, ev, at);
  machine.thread = caller;
  if (caller.invalid) learnCaller(machine, ev, at, caller);
  const flags = hasParam(ev, at.flags, 4) ? ev.u32(at.flags) : 0;
  // Inside another pid namespace the result is not the host's tid: the child's own event tells it.
  if ((flags & (ThreadFlag.CHILD_IN_PIDNS | ThreadFlag.CLONE_NEWPID)) !== 0 || caller.tid !== caller.vtid)
    return;
  const existing = machine.threads.get(childTid);
  if (existing !== undefined && !existing.invalid && (existing.flags & ThreadFlag.CLONE_INVERTED) !== 0)
    return;
  if (existing?.scanned && wasScannedAfter(machine, ev)) {
    // With vfork the child has executed its program by now: what /proc says of it is right.
    if ((flags & (ThreadFlag.CLONE_THREAD | ThreadFlag.CLONE_PARENT)) === 0 && existing.ptid !== caller.tid)
      machine.reparent(existing, caller.tid);
    return;
  }
  // The call had begun before the capture, which begins with its process: as the parent's copy it would lose its program.
  if (existing?.listed && !machine.paired && existing.ptid === caller.tid && ev.ts < LONGEST_CALL_NS) return;

  // It has ended while its parent was still in the call: with vfork that is the rule.
  const began = machine.paired ? machine.latency : LONGEST_CALL_NS;
  if (machine.exits.since(childTid, ev.ts - began)) return;

  const isThread = (flags & ThreadFlag.CLONE_THREAD) !== 0;
  const child = new ThreadInfo(childTid, isThread ? caller.pid : childTid);
  child.flags = flags | (isThread ? 0 : ThreadFlag.IS_MAIN_THREAD);
  const sameParent = isThread || (flags & ThreadFlag.CLONE_PARENT) !== 0;
  child.ptid = sameParent ? caller.ptid : caller.tid;
  inherit(machine, child, caller);
  completeFds(machine, ev, child, caller);
  takeCommon(machine, ev, at, child);
  takeIds(ev, at, child);
  child.cloneTs = ev.absTs;
  machine.addThread(child);
}

function inChild(machine: Machine, ev: EventView, at: Layout): void {
  const existing = machine.threads.get(ev.tid);
  if (existing !== undefined && !existing.invalid) {
    const made = ev.absTs - existing.cloneTs < STALE_NS && existing.cloneTs !== 0n;
    if (made || (existing.scanned && ev.absTs <= machine.scannedUntil)) {
      machine.thread = existing;
      return;
    }
  }
  const pid = pidParam(ev, at.pid, ev.tid);
  let flags = hasParam(ev, at.flags, 4) ? ev.u32(at.flags) : 0;
  // Some drivers cannot read the flags of clone3 in the child; a pid other than the tid tells enough.
  const isThread = (flags & ThreadFlag.CLONE_THREAD) !== 0 || pid !== ev.tid;
  if (isThread) flags |= ThreadFlag.CLONE_THREAD | ThreadFlag.CLONE_FILES | ThreadFlag.CLONE_FS;
  const child = new ThreadInfo(ev.tid, pid);
  child.flags = flags | ThreadFlag.CLONE_INVERTED | (isThread ? 0 : ThreadFlag.IS_MAIN_THREAD);
  child.ptid = pidParam(ev, at.ptid, -1);
  const sourceTid = isThread ? pid : child.ptid;
  const source =
    machine.threads.get(sourceTid) ?? (sourceTid > 0 ? machine.unknownThread(sourceTid) : undefined);
  if (source !== undefined && !source.invalid && source !== existing) {
    inherit(machine, child, source);
    completeFds(machine, ev, child, source);
  }
  if (existing !== undefined) keepFds(ev, child, existing);
  takeCommon(machine, ev, at, child);
  takeIds(ev, at, child);
  child.vtid = pidParam(ev, at.vtid, child.tid);
  child.vpid = pidParam(ev, at.vpid, child.pid);
  if (hasParam(ev, at.pidns_init_start_ts, 8)) child.pidnsInitStartTs = ev.big(at.pidns_init_start_ts);
  child.cloneTs = ev.absTs;
  machine.addThread(child);
  machine.thread = child;
}

/**
 * Whether the call that this event ends had made its process before the reading of /proc ended: an entry with its number is
 * that process then, as it was found later.
 */
function wasScannedAfter(machine: Machine, ev: EventView): boolean {
  if (machine.paired) return ev.absTs - BigInt(machine.latency) <= machine.scannedUntil;
  // The call began before the capture.
  return ev.absTs - machine.scannedUntil < STALE_NS;
}

/**
 * Fds of a process that was born while /proc was being read. Its parent's were found later than that: it may have closed by then
 * what the child has. What has changed in the child since, its own events are going to tell.
 */
function completeFds(machine: Machine, ev: EventView, child: ThreadInfo, from: ThreadInfo): void {
  const table = child.fds;
  if (!from.scanned || ev.absTs > machine.scannedUntil || table === null || !child.isMain) return;
  if ((child.flags & ThreadFlag.CLONE_FILES) !== 0) return;
  for (const [fd, info] of machine.hooks.presentFds?.(child.tid) ?? []) table.set(fd, info);
}

/**
 * A process with which the capture begins, though its birth is told: its parent may have gone on, and given files up, before
 * anything was recorded.
 */
function keepFds(ev: EventView, child: ThreadInfo, existing: ThreadInfo): void {
  if (!existing.listed || existing.dead || ev.ts >= LONGEST_CALL_NS) return;
  if (!child.isMain || !existing.isMain || (child.flags & ThreadFlag.CLONE_FILES) !== 0) return;
  if (child.fds === null) {
    if (existing.fds !== null) child.takeFds(existing.fds.copy());
    return;
  }
  for (const [fd, info] of existing.fds ?? []) child.fds.set(fd, info.clone());
}

/** The caller of a clone that nobody announced: what its own event says. */
function adopt(machine: Machine, ev: EventView, at: Layout): ThreadInfo {
  const caller = new ThreadInfo(ev.tid, pidParam(ev, at.pid, ev.tid));
  caller.invalid = true;
  learnCaller(machine, ev, at, caller);
  machine.addThread(caller);
  return caller;
}

function learnCaller(machine: Machine, ev: EventView, at: Layout, caller: ThreadInfo): void {
  caller.pid = pidParam(ev, at.pid, caller.pid);
  takeCommon(machine, ev, at, caller);
  takeIds(ev, at, caller);
  caller.vtid = pidParam(ev, at.vtid, caller.tid);
  caller.vpid = pidParam(ev, at.vpid, caller.pid);
  const ptid = pidParam(ev, at.ptid, caller.ptid);
  if (machine.threads.get(caller.tid) === caller) machine.reparent(caller, ptid);
  else caller.ptid = ptid;
  caller.invalid = false;
}

function takeIds(ev: EventView, at: Layout, thread: ThreadInfo): void {
  if (hasParam(ev, at.uid, 4)) thread.uid = ev.u32(at.uid);
  if (hasParam(ev, at.gid, 4)) thread.gid = ev.u32(at.gid);
}

/** What a child has from the thread that made it and its event does not tell. */
function inherit(machine: Machine, child: ThreadInfo, from: ThreadInfo): void {
  const process = machine.mainThread(from) ?? from;
  child.comm = from.comm;
  child.exe = from.exe;
  child.exepath = from.exepath;
  child.args = from.args;
  child.env = process.env;
  child.root = from.root;
  child.sid = from.sid;
  child.vpgid = from.vpgid;
  child.pgid = from.pgid;
  child.tty = from.tty;
  child.loginuid = from.loginuid;
  child.uid = from.uid;
  child.gid = from.gid;
  child.fdLimit = from.fdLimit;
  child.cgroups = from.cgroups;
  child.containerId = from.containerId;
  child.program = from.program;
  child.exeAgeAtStart = from.exeAgeAtStart;
  child.pidnsInitStartTs = from.pidnsInitStartTs;
  child.lastExecTs = from.lastExecTs;
  child.probe = from.probe;
  child.cwd = machine.cwdOf(from);
  if ((child.flags & ThreadFlag.CLONE_THREAD) !== 0) return;
  const table = machine.fdTable(from);
  if (table === null) return;
  // CLONE_FILES without CLONE_THREAD: two processes over one table, until one of them execs.
  child.takeFds((child.flags & ThreadFlag.CLONE_FILES) !== 0 ? table : table.copy());
}

export const CLONE_HANDLERS: readonly HandlerRow[] = [[CLONE_EXITS, cloneExit]];
