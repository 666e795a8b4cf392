import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';

const UNCHANGED = 0xffffffff;

/** Effective id that a call set: from its exit event where it stands there, else from its enter event. */
function idParam(machine: Machine, ev: EventView, exitIndex: number, enterIndex: number): number {
  if (ev.nparams === 0 || ev.i64(0) < 0) return UNCHANGED;
  if (ev.paramLen(exitIndex) === 4) return ev.u32(exitIndex);
  const enter = machine.enterEvent();
  return enter !== null && enter.paramLen(enterIndex) === 4 ? enter.u32(enterIndex) : UNCHANGED;
}

function setUid(machine: Machine, thread: ThreadInfo, uid: number): void {
  if (uid === UNCHANGED) return;
  // Credentials belong to the process; the kernel keeps them per thread, libc sets them in all.
  (machine.mainThread(thread) ?? thread).uid = uid;
  thread.uid = uid;
}

function setGid(machine: Machine, thread: ThreadInfo, gid: number): void {
  if (gid === UNCHANGED) return;
  (machine.mainThread(thread) ?? thread).gid = gid;
  thread.gid = gid;
}

function setsidExit(_machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams > 0 && ev.i64(0) >= 0) thread.sid = ev.i64(0);
}

function prctlExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 4 || ev.i64(0) < 0) return;
  // PR_SET_NAME is left alone: proc.name stays the program's, as with sysdig, whatever its threads call themselves.
  if (ev.u32(1) === PR_SET_CHILD_SUBREAPER) {
    const process = machine.mainThread(thread) ?? thread;
    process.reaper = ev.i64(3) !== 0;
  }
}

const PR_SET_CHILD_SUBREAPER = 36;

function capsetExit(_machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 4 || ev.i64(0) < 0) return;
  thread.program = {
    ...thread.program,
    capInheritable: ev.big(1),
    capPermitted: ev.big(2),
    capEffective: ev.big(3),
  };
}

/** Soft limit on open files. */
const RLIMIT_NOFILE = 7;

function setrlimitExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 3 || ev.i64(0) < 0) return;
  const resource = ev.paramLen(3) === 1 ? ev.u8(3) : (machine.enterEvent()?.u8(0) ?? -1);
  if (resource === RLIMIT_NOFILE) (machine.mainThread(thread) ?? thread).fdLimit = ev.i64(1);
}

function prlimitExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 5 || ev.i64(0) < 0) return;
  let pid: number;
  let resource: number;
  if (ev.paramLen(6) === 1 && ev.paramLen(5) === 8) {
    pid = ev.i64(5);
    resource = ev.u8(6);
  } else {
    const enter = machine.enterEvent();
    if (enter === null || enter.nparams < 2) return;
    pid = enter.i64(0);
    resource = enter.u8(1);
  }
  const limit = ev.i64(1);
  if (resource !== RLIMIT_NOFILE || limit < 0) return;
  const target = pid === 0 ? thread : machine.threads.get(pid);
  if (target !== undefined) (machine.mainThread(target) ?? target).fdLimit = limit;
}

/** Calls that change who a process is or what it may do. */
export const IDENTITY_HANDLERS: readonly HandlerRow[] = [
  [[PPME.SYSCALL_SETUID_X], (m, ev, t) => setUid(m, t, idParam(m, ev, 1, 0))],
  [[PPME.SYSCALL_SETGID_X], (m, ev, t) => setGid(m, t, idParam(m, ev, 1, 0))],
  [[PPME.SYSCALL_SETRESUID_X], (m, ev, t) => setUid(m, t, idParam(m, ev, 2, 1))],
  [[PPME.SYSCALL_SETRESGID_X], (m, ev, t) => setGid(m, t, idParam(m, ev, 2, 1))],
  [[PPME.SYSCALL_SETREUID_X], (m, ev, t) => setUid(m, t, idParam(m, ev, 2, 1))],
  [[PPME.SYSCALL_SETREGID_X], (m, ev, t) => setGid(m, t, idParam(m, ev, 2, 1))],
  [[PPME.SYSCALL_SETSID_X], setsidExit],
  [[PPME.SYSCALL_PRCTL_X], prctlExit],
  [[PPME.SYSCALL_CAPSET_X], capsetExit],
  [[PPME.SYSCALL_SETRLIMIT_X], setrlimitExit],
  [[PPME.SYSCALL_PRLIMIT_X], prlimitExit],
];
