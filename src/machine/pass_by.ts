import { ADDRESS_AT, DUPLICATES, PATH_AT } from '../event/effects.js';
import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { Call, doublesAt, ENTER_TS, Kept, LATENCY, rowAt } from './call_table.js';
import { ENTER_FD, EXIT_FD, FD_EVENTS } from './event_kinds.js';
import { type FdInfo, FdType } from './fd.js';
import { type FdTable, ROW_FDS } from './fd_table.js';
import { isDuplicating } from './files.js';
import { fdNumber, type Machine } from './machine.js';
import { Passing } from './passing.js';
import type { RuledFiles } from './ruled_files.js';
import { areEndsKnown, sentTuple, tellsNewEnds } from './sockets.js';
import type { ThreadInfo } from './thread.js';

/** What the answer of a filter hangs on that rules out threads or fds. */
export interface RulingScope {
  readonly scope: 'thread' | 'fd';
  /** The answer is one for all events whose fd is not known, enter and exit events each for themselves. */
  readonly unknownFds: boolean;
  /** The answer for a plain file hangs on its path alone, whatever thread has it open. */
  readonly byPath: boolean;
  /** The answer hangs on nothing but the fd: all threads have the same, also for fds that are not known, and for events without one. */
  readonly byFdAlone: boolean;
}

/** What a call with a handler does to the state, where that is known here: nothing, mostly. */
const Change = { OTHER: 0, OPEN: 1, CLOSE: 2, COPY: 3, SEND: 4, RECEIVE: 5 } as const;

const CHANGES = PATH_AT.map((at) => (at > 0 ? Change.OPEN : Change.OTHER));
for (const type of [PPME.SYSCALL_CLOSE_E, PPME.SYSCALL_CLOSE_X]) CHANGES[type] = Change.CLOSE;
DUPLICATES.forEach((copies, type) => {
  if (copies === 1) CHANGES[type] = Change.COPY;
});
for (const type of [
  PPME.SOCKET_SENDTO_E,
  PPME.SOCKET_SENDTO_X,
  PPME.SOCKET_SENDMSG_E,
  PPME.SOCKET_SENDMSG_X,
  PPME.SOCKET_SEND_X,
])
  CHANGES[type] = Change.SEND;
for (const type of [PPME.SOCKET_RECVFROM_X, PPME.SOCKET_RECVMSG_X, PPME.SOCKET_RECV_X])
  CHANGES[type] = Change.RECEIVE;

/**
 * Takes in the event at `off` (a block of type 0x216), of a type that `Machine.passing` marks, if no filter has to be asked
 * about it. Most events of a filtered run end here, at a third of what `Machine.process` and the filter cost.
 *
 * Only where thread, or thread and fd (`byFd`), have been ruled out since something was learnt of any thread. Returns
 * false, having changed nothing that `Machine.process` would not change too, where the event has to go the whole way.
 * @param files for openings, where paths rule out; null: these go the whole way.
 */
export function passBy(
  machine: Machine,
  ev: EventView,
  off: number,
  type: number,
  byFd: boolean,
  files: RuledFiles | null,
): boolean {
  const dv = ev.dv;
  if (dv.getInt32(off + 22, true) !== 0) return false;
  const { calls } = machine.threads;
  const row = calls.row(dv.getInt32(off + 18, true));
  if (row === 0) return false;
  const { words, doubles } = calls;
  const first = rowAt(row);
  const { generation } = machine;
  // Without an fd the thread alone decides.
  byFd &&= FD_EVENTS[type] === 1;
  if (!byFd && words[first + Call.RULED] !== generation) return false;
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
    if (byFd && !isNoted(words, first, fd, generation) && !isRuledOut(machine, row, fd, Call.ENTER_RULED))
      return false;
    if (!plain) {
      const table = tableOf(machine, calls.thread(row), fd);
      if (change === Change.CLOSE) table?.setClosing(fd, true);
      else if (table?.get(fd) === undefined) return false;
    }
    words[first + Call.TYPE] = type;
    words[first + Call.FD] = fd;
    words[first + Call.KEPT] = Kept.NONE;
    doubles[doublesAt(row) + ENTER_TS] = ev.timeAt(off);
    doubles[doublesAt(row) + LATENCY] = 0;
    if (machine.keeps[type] === 1) machine.enters.keep(row, undefined, dv, off);
    return true;
  }
  if (words[first + Call.TYPE] !== type - 1) {
    // Its enter event was not seen: the fd, if any, stands in this one.
    if (byFd || !plain || EXIT_FD[type] >= 0) return false;
    words[first + Call.FD] = -1;
    doubles[doublesAt(row) + LATENCY] = 0;
    return true;
  }
  const times = doublesAt(row);
  if (doubles[times + LATENCY] !== 0) words[first + Call.KEPT] = Kept.NONE;
  const opensByFd = byFd && change === Change.OPEN;
  if (opensByFd) {
    if (files === null || !files.pass(machine, ev, off, row)) return false;
  } else if (byFd) {
    const fd = words[first + Call.FD];
    if (!isNoted(words, first, fd, generation) && !isRuledOut(machine, row, fd, Call.EXIT_RULED))
      return false;
  }
  if (!plain && !opensByFd) {
    const thread = calls.thread(row);
    if (thread === undefined || !passChange(machine, ev, off, thread, type, byFd)) return false;
  }
  doubles[times + LATENCY] = ev.timeAt(off) - doubles[times + ENTER_TS];
  return true;
}

/**
 * Takes in the last enter and the last exit event (blocks of type 0x216; -1: none) of a thread (its row) whose events were passed
 * over unseen, for what they say of its calls. What else those before did has been done.
 */
export function takeLastCall(
  machine: Machine,
  ev: EventView,
  row: number,
  enter: number,
  exit: number,
): void {
  if (enter > exit) {
    takeIn(machine, ev, enter);
    return;
  }
  const { dv } = ev;
  const { words, doubles } = machine.threads.calls;
  const first = rowAt(row);
  const times = doublesAt(row);
  if (enter >= 0) {
    const type = dv.getUint16(enter + 30, true);
    words[first + Call.TYPE] = type;
    words[first + Call.FD] = fdParam(dv, enter, ENTER_FD[type]);
    doubles[times + ENTER_TS] = ev.timeAt(enter);
  }
  words[first + Call.KEPT] = Kept.NONE;
  const type = dv.getUint16(exit + 30, true);
  const paired = words[first + Call.TYPE] === type - 1;
  if (!paired) words[first + Call.FD] = fdParam(dv, exit, EXIT_FD[type]);
  doubles[times + LATENCY] = paired ? ev.timeAt(exit) - doubles[times + ENTER_TS] : 0;
}

/** The fd that a parameter of the block at `off` says; -1 where it says none. `at`: -1 if the type has no such parameter. */
function fdParam(dv: DataView, off: number, at: number): number {
  const nparams = dv.getUint32(off + 32, true);
  if (!(at >= 0 && at < nparams) || dv.getUint16(off + 36 + 2 * at, true) !== 8) return -1;
  let from = off + 36 + 2 * nparams;
  for (let i = 0; i < at; i++) from += dv.getUint16(off + 36 + 2 * i, true);
  const fd = dv.getInt32(from, true);
  // Negative numbers are the same in 64 bits.
  return dv.getInt32(from + 4, true) === fd >> 31 ? fd : -1;
}

/** Whether the message over the fd that a listed event tells of says nothing new. */
export function isKnownSocket(table: FdTable, fd: number): boolean {
  const info = table.present(fd);
  return info !== undefined && areEndsKnown(info);
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
      const table = tableOf(machine, thread, thread.lastFd);
      if (table === null) return true;
      if (!table.setClosing(thread.lastFd, false)) return false;
      if (done && dv.getInt32(off + 36 + 2 * nparams, true) === 0) table.delete(thread.lastFd);
      return true;
    }
    case Change.COPY:
      ev.at(off);
      if (type === PPME.SYSCALL_FCNTL_X && !isDuplicating(ev, keptEnter(machine, thread, type))) return true;
      return byFd ? passCopy(machine, ev, thread) : takeIn(machine, ev, off);
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

/** A ruled out fd has been copied: so is the copy. False: what has its number is just being closed. */
function passCopy(machine: Machine, ev: EventView, thread: ThreadInfo): boolean {
  const from = thread.lastFd;
  const to = fdNumber(ev.i64(0));
  const table = tableOf(machine, thread, from);
  if (table === null || to < 0 || to === from || !table.has(from)) return true;
  if (!table.duplicate(from, to)) return false;
  thread.lastFd = to;
  noteRuled(thread, table, to, machine.generation);
  return true;
}

/** Whether a message's event tells ends that the socket is not known to have. */
function tellsEnds(machine: Machine, ev: EventView, thread: ThreadInfo, info: FdInfo, type: number): boolean {
  if (CHANGES[type] === Change.RECEIVE) return tellsNewEnds(info, ev, ADDRESS_AT[type]);
  const sent = sentTuple(ev, keptEnter(machine, thread, type));
  return sent !== null && tellsNewEnds(info, sent.ev, sent.at);
}

/** The whole way but for the filter. */
function takeIn(machine: Machine, ev: EventView, off: number): boolean {
  ev.at(off);
  machine.process(ev);
  return true;
}

/** The enter event that an exit event's own call began with, if it is kept. */
export function keptEnter(machine: Machine, thread: ThreadInfo, type: number): EventView | null {
  return thread.calls.words[rowAt(thread.row) + Call.TYPE] === type - 1 ? machine.enters.of(thread) : null;
}

/** The table in which the thread's fd with this number is, or would be. */
function tableOf(machine: Machine, thread: ThreadInfo | undefined, num: number): FdTable | null {
  machine.settle();
  return num < 0 || thread === undefined ? null : machine.fdTable(thread);
}

function tableEntry(machine: Machine, thread: ThreadInfo | undefined, num: number): FdInfo | undefined {
  return tableOf(machine, thread, num)?.get(num);
}

/** Whether the thread's row says that it is ruled out with this fd: nothing else has to be fetched then. */
function isNoted(words: Int32Array, first: number, num: number, generation: number): boolean {
  return (
    words[first + Call.FDS_RULED] === generation &&
    num >= 0 &&
    num < ROW_FDS &&
    ((words[first + Call.FDS_LOW + (num >> 5)] >>> (num & 31)) & 1) === 1
  );
}

/** Whether the thread of a row is ruled out with this fd; `unknown`: see `isRuledOut`. */
export function isFdRuled(machine: Machine, row: number, num: number, unknown: number): boolean {
  const { words } = machine.threads.calls;
  return isNoted(words, rowAt(row), num, machine.generation) || isRuledOut(machine, row, num, unknown);
}

/** Whether the thread with this fd is ruled out; `unknown`: the word that tells it for an fd that is not known. */
function isRuledOut(machine: Machine, row: number, num: number, unknown: number): boolean {
  const { calls } = machine.threads;
  const { generation } = machine;
  const thread = calls.thread(row);
  if (thread === undefined) return false;
  const table = num < 0 ? null : machine.fdTable(thread);
  if (table === null) return calls.words[rowAt(row) + unknown] === generation;
  if (num >= ROW_FDS && table.isOf(thread) && table.isNoted(num, generation)) return true;
  const fd = table.get(num);
  if (fd === undefined) return calls.words[rowAt(row) + unknown] === generation;
  if (fd.ruledFor !== thread || fd.ruledAt !== generation) return false;
  noteRuled(thread, table, num, generation);
  return true;
}

/** Notes that a thread with an fd is ruled out where that is found sooner than in the fd's entry, if the table is its own. */
export function noteRuled(thread: ThreadInfo, table: FdTable, num: number, generation: number): void {
  if (!table.isOf(thread)) return;
  if (num >= ROW_FDS) {
    table.noteRuled(num, generation);
    return;
  }
  const { words } = thread.calls;
  const first = rowAt(thread.row);
  if (words[first + Call.FDS_RULED] !== generation) {
    words[first + Call.FDS_RULED] = generation;
    words[first + Call.FDS_LOW] = 0;
    words[first + Call.FDS_HIGH] = 0;
  }
  words[first + Call.FDS_LOW + (num >> 5)] |= 1 << (num & 31);
}

/**
 * Remembers that a filter lets none of the thread's events pass, or none with this fd, of the types that may be passed over.
 * `machine` has just taken in one of them.
 */
export function ruleOut(machine: Machine, ev: EventView, ruling: RulingScope): void {
  const byFd = ruling.scope === 'fd';
  const { thread, generation } = machine;
  if (thread === null) return;
  const { words } = thread.calls;
  const first = rowAt(thread.row);
  if (!byFd || !machine.hasFd) {
    words[first + Call.RULED] = generation;
    return;
  }
  const plain = machine.passing[ev.type] === Passing.PLAIN;
  const { fd } = machine;
  if (fd === null) {
    if (!plain || !ruling.unknownFds) return;
    words[first + ((ev.type & 1) === 0 ? Call.ENTER_RULED : Call.EXIT_RULED)] = generation;
    return;
  }
  const change = CHANGES[ev.type];
  // What a file is called and where a message goes is known once its event has been taken in.
  if (!plain && change !== Change.OPEN && change !== Change.SEND && change !== Change.RECEIVE) return;
  if (ruling.byPath && change === Change.OPEN && fd.type === FdType.FILE_V2) machine.paths.ruleOut(fd.name);
  fd.ruledFor = thread;
  fd.ruledAt = generation;
  const num = machine.fdNum;
  const table = num < 0 ? null : machine.fdTable(thread);
  if (table !== null) noteRuled(thread, table, num, generation);
}

/** The current event's fd may have become another. */
export function forgetRuling(machine: Machine): void {
  const { fd, thread } = machine;
  if (fd === null || thread === null) return;
  fd.ruledFor = null;
  machine.fdTable(thread)?.forgetRuling(machine.fdNum);
}
