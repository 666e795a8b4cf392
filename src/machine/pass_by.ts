import type { EventView } from '../event/view.js';
import { ENTER_FD, EXIT_FD, FD_EVENTS } from './event_kinds.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';

/**
 * Takes in the call event at `off` (a block of type 0x216) without moving the view: for events of `Machine.passive`
 * types, which change nothing but what is known of the thread's call under way. Most events of a filtered run end
 * here, at a third of what `Machine.process` and the filter cost.
 *
 * Only where thread, or thread and fd (`byFd`), have been ruled out since something was learnt of any thread. Returns
 * false, having changed nothing, where the event has to go the whole way.
 */
export function passBy(machine: Machine, ev: EventView, off: number, type: number, byFd: boolean): boolean {
  const dv = ev.dv;
  if (dv.getInt32(off + 22, true) !== 0) return false;
  const thread = machine.threads.get(dv.getUint32(off + 18, true));
  if (thread === undefined) return false;
  // Without an fd the thread alone decides.
  byFd &&= FD_EVENTS[type] === 1;
  if (!byFd && thread.ruledAt !== machine.generation) return false;
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
    if (byFd && !isRuledOut(machine, thread, fd)) return false;
    thread.lastEnterType = type;
    thread.lastEnterTs = ev.timeAt(off);
    thread.lastLatency = 0;
    thread.enterType = -1;
    thread.lastFd = fd;
  } else if (thread.lastEnterType === type - 1) {
    if (byFd && !isRuledOut(machine, thread, thread.lastFd)) return false;
    thread.lastLatency = ev.timeAt(off) - thread.lastEnterTs;
  } else {
    // Its enter event was not seen: the fd, if any, stands in this one.
    if (byFd || EXIT_FD[type] >= 0) return false;
    thread.lastFd = -1;
    thread.lastLatency = 0;
  }
  return true;
}

function isRuledOut(machine: Machine, thread: ThreadInfo, num: number): boolean {
  if (num < 0) return false;
  const fd = machine.fdTable(thread)?.get(num);
  return fd !== undefined && fd.ruledFor === thread && fd.ruledAt === machine.generation;
}

/** Notes that the current event's thread (and fd, with `byFd`) cannot pass the filter. Only behind events of passive types. */
export function ruleOut(machine: Machine, byFd: boolean): void {
  const { thread } = machine;
  if (thread === null) return;
  if (!byFd || !machine.hasFd) {
    thread.ruledAt = machine.generation;
    return;
  }
  const { fd } = machine;
  if (fd === null) return;
  fd.ruledFor = thread;
  fd.ruledAt = machine.generation;
}

/** The current event's fd may have become another. */
export function forgetRuling(machine: Machine): void {
  const { fd } = machine;
  if (fd !== null) fd.ruledFor = null;
}
