import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { ENTER_FD, EXIT_FD, FD_EVENTS } from './event_kinds.js';
import type { FdInfo } from './fd.js';
import { isDuplicating } from './files.js';
import type { Machine } from './machine.js';
import { Passing } from './passing.js';
import { areEndsKnown, sentTuple, tellsNewEnds } from './sockets.js';
import type { ThreadInfo } from './thread.js';

/** What a call with a handler does to the state, where that is known here: nothing, mostly. */
const Change = { OTHER: 0, OPEN: 1, CLOSE: 2, FCNTL: 3, SEND: 4, RECEIVE: 5 } as const;

const CHANGES = new Uint8Array(1024);
/** Receiving exit events: index of the parameter with both ends of the connection. */
const TUPLE_AT = new Uint8Array(1024);
for (const type of [
  PPME.SYSCALL_OPEN_X,
  PPME.SYSCALL_OPENAT_2_X,
  PPME.SYSCALL_OPENAT2_X,
  PPME.SYSCALL_CREAT_X,
])
  CHANGES[type] = Change.OPEN;
for (const type of [PPME.SYSCALL_CLOSE_E, PPME.SYSCALL_CLOSE_X]) CHANGES[type] = Change.CLOSE;
CHANGES[PPME.SYSCALL_FCNTL_X] = Change.FCNTL;
for (const type of [
  PPME.SOCKET_SENDTO_E,
  PPME.SOCKET_SENDTO_X,
  PPME.SOCKET_SENDMSG_E,
  PPME.SOCKET_SENDMSG_X,
  PPME.SOCKET_SEND_X,
])
  CHANGES[type] = Change.SEND;
for (const [type, at] of [
  [PPME.SOCKET_RECVFROM_X, 2],
  [PPME.SOCKET_RECVMSG_X, 3],
  [PPME.SOCKET_RECV_X, 4],
]) {
  CHANGES[type] = Change.RECEIVE;
  TUPLE_AT[type] = at;
}

/**
 * Takes in the event at `off` (a block of type 0x216), of a type that `Machine.passing` marks, if no filter has to be asked
 * about it. Most events of a filtered run end here, at a third of what `Machine.process` and the filter cost.
 *
 * Only where thread, or thread and fd (`byFd`), have been ruled out since something was learnt of any thread. Returns
 * false, having changed nothing that `Machine.process` would not change too, where the event has to go the whole way.
 */
export function passBy(machine: Machine, ev: EventView, off: number, type: number, byFd: boolean): boolean {
  const dv = ev.dv;
  if (dv.getInt32(off + 22, true) !== 0) return false;
  const thread = machine.threads.get(dv.getUint32(off + 18, true));
  if (thread === undefined) return false;
  // Without an fd the thread alone decides.
  byFd &&= FD_EVENTS[type] === 1;
  if (!byFd && thread.ruledAt !== machine.generation) return false;
  const passing = machine.passing[type];
  if (passing === Passing.ASIDE) return true;
  const plain = passing === Passing.PLAIN;
  const change = plain ? Change.OTHER : CHANGES[type];
  if (!plain && change === Change.OTHER) return !byFd && takeIn(machine, ev, off);
  if ((type & 1) === 0) {
    const at = ENTER_FD[type];
    let fd = -1;
    if (at === 0) {
      const nparams = dv.getUint32(off + 32, true);
      if (nparams === 0 || dv.getUint16(off + 36, true) !== 8) return false;
      const from = off + 36 + 2 * nparams;
      const high = dv.getInt32(from + 4, true);
      fd = dv.getInt32(from, true);
      // Negative numbers are the same in 64 bits.
      if (high !== fd >> 31) return false;
    } else if (at > 0) return false;
    if (byFd && !isRuledOut(machine, thread, fd, true)) return false;
    if (!plain) {
      const info = tableEntry(machine, thread, fd);
      if (change === Change.CLOSE) {
        if (info !== undefined) info.closing = true;
      } else if (info === undefined) return false;
    }
    thread.lastEnterType = type;
    thread.lastEnterTs = ev.timeAt(off);
    thread.lastLatency = 0;
    thread.enterType = -1;
    thread.lastFd = fd;
    if (machine.keeps[type] === 1) machine.enters.keep(thread, type, ev.bytes, dv, off);
    return true;
  }
  if (thread.lastEnterType !== type - 1) {
    // Its enter event was not seen: the fd, if any, stands in this one.
    if (byFd || !plain || EXIT_FD[type] >= 0) return false;
    thread.lastFd = -1;
    thread.lastLatency = 0;
    return true;
  }
  if (thread.lastLatency !== 0) thread.enterType = -1;
  if (byFd && (change === Change.OPEN || !isRuledOut(machine, thread, thread.lastFd, false))) return false;
  if (!plain && !passChange(machine, ev, off, thread, type, byFd)) return false;
  thread.lastLatency = ev.timeAt(off) - thread.lastEnterTs;
  return true;
}

/** Does what an exit event of a CHANGES type does to the state; false: it has to go the whole way. */
function passChange(
  machine: Machine,
  ev: EventView,
  off: number,
  thread: ThreadInfo,
  type: number,
  byFd: boolean,
): boolean {
  const { dv } = ev;
  const nparams = dv.getUint32(off + 32, true);
  // Whatever has no result or a negative one has changed nothing; a close ends what its enter event began.
  const done =
    nparams > 0 && dv.getUint16(off + 36, true) === 8 && dv.getInt32(off + 40 + 2 * nparams, true) >= 0;
  const change = CHANGES[type];
  if (!done && change !== Change.CLOSE) return true;
  switch (change) {
    case Change.OPEN:
      return takeIn(machine, ev, off);
    case Change.CLOSE: {
      const info = tableEntry(machine, thread, thread.lastFd);
      if (info === undefined) return true;
      if (info.closeCanceled !== null) return false;
      info.closing = false;
      if (done && dv.getInt32(off + 36 + 2 * nparams, true) === 0)
        machine.fdTable(thread)?.delete(thread.lastFd);
      return true;
    }
    case Change.FCNTL:
      ev.at(off);
      return !isDuplicating(ev, thread.enterType === type - 1 ? machine.enters.of(thread) : null)
        ? true
        : !byFd && takeIn(machine, ev, off);
    default: {
      const info = tableEntry(machine, thread, thread.lastFd);
      // An unknown fd over which something is sent is learnt from it.
      if (info === undefined) return change !== Change.SEND && machine.hooks.receivedFd === undefined;
      if (areEndsKnown(info) && machine.hooks.receivedFd === undefined) return true;
      ev.at(off);
      if (!tellsEnds(machine, ev, thread, info, type) && machine.hooks.receivedFd === undefined) return true;
      return !byFd && takeIn(machine, ev, off);
    }
  }
}

/** Whether a message's event tells ends that the socket is not known to have. */
function tellsEnds(machine: Machine, ev: EventView, thread: ThreadInfo, info: FdInfo, type: number): boolean {
  if (CHANGES[type] === Change.RECEIVE) return tellsNewEnds(info, ev, TUPLE_AT[type]);
  const sent = sentTuple(ev, thread.enterType === type - 1 ? machine.enters.of(thread) : null);
  return sent !== null && tellsNewEnds(info, sent.ev, sent.at);
}

/** The whole way but for the filter. */
function takeIn(machine: Machine, ev: EventView, off: number): boolean {
  ev.at(off);
  machine.process(ev);
  return true;
}

function tableEntry(machine: Machine, thread: ThreadInfo, num: number): FdInfo | undefined {
  machine.settle();
  return num < 0 ? undefined : machine.fdTable(thread)?.get(num);
}

function isRuledOut(machine: Machine, thread: ThreadInfo, num: number, enter: boolean): boolean {
  const fd = num < 0 ? undefined : machine.fdTable(thread)?.get(num);
  if (fd === undefined) return (enter ? thread.enterRuledAt : thread.exitRuledAt) === machine.generation;
  return fd.ruledFor === thread && fd.ruledAt === machine.generation;
}

/**
 * Remembers that a filter lets none of the thread's events pass, or none with this fd, of the types that may be passed over.
 * `machine` has just taken in one of them.
 * @param unknown the answer is one for all events whose fd is not known (enter and exit events each for themselves).
 */
export function ruleOut(machine: Machine, ev: EventView, byFd: boolean, unknown: boolean): void {
  const { thread } = machine;
  if (thread === null) return;
  if (!byFd || !machine.hasFd) {
    thread.ruledAt = machine.generation;
    return;
  }
  const plain = machine.passing[ev.type] === Passing.PLAIN;
  const { fd } = machine;
  if (fd === null) {
    if (!plain || !unknown) return;
    if ((ev.type & 1) === 0) thread.enterRuledAt = machine.generation;
    else thread.exitRuledAt = machine.generation;
    return;
  }
  const change = CHANGES[ev.type];
  // What a file is called and where a message goes is known once its event has been taken in.
  if (!plain && change !== Change.OPEN && change !== Change.SEND && change !== Change.RECEIVE) return;
  fd.ruledFor = thread;
  fd.ruledAt = machine.generation;
}

/** The current event's fd may have become another. */
export function forgetRuling(machine: Machine): void {
  const { fd } = machine;
  if (fd !== null) fd.ruledFor = null;
}
