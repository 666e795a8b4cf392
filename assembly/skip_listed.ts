/**
 * The walk over the listed events of a chunk (assembly/scan_events.ts) whose threads a filter has ruled out: it stops at the first
 * one that has to be looked at, or that changes something. What calls it is `RuledOut` (src/session/ruled_out.ts).
 */
import { EFFECT_BITS, Effect, MARK_THREAD } from '../src/event/scan_codes';

/** Of a plain event block, from its first byte on. */
const TID: usize = 18;

// Fds that are known to tell nothing new by a message: tid, fd, `epoch` at which that was so, nothing.
const KNOWN_SHIFT: usize = 4;
let known: usize = 0;
let knownMask: u32 = 0;

/** Where these stand: `mask + 1` places of 16 bytes. */
export function setKnown(places: usize, mask: u32): void {
  known = places;
  knownMask = mask;
}

// The list, and what is known of its threads.
let length: i32 = 0;
let bytes: usize = 0;
let offsets: usize = 0;
let marks: usize = 0;
let fds: usize = 0;
let answers: usize = 0;
let calls: usize = 0;

/**
 * A list begins.
 * @param origin what the places in the list count from.
 * @param threadAnswers by thread: what was found out about it.
 * @param threadCalls by thread: the last enter and exit event that was passed over, side by side.
 */
export function begin(
  events: i32,
  origin: usize,
  offsetList: usize,
  markList: usize,
  fdList: usize,
  threadAnswers: usize,
  threadCalls: usize,
): void {
  length = events;
  bytes = origin;
  offsets = offsetList;
  marks = markList;
  fds = fdList;
  answers = threadAnswers;
  calls = threadCalls;
}

/**
 * The first listed event from the i-th on whose thread's answer is not `ruled`, or whose effect is more than that of a call that
 * begins or ends; the list's length if there is none.
 * @param epoch of the fds that are known.
 */
export function skip(i: i32, ruled: i32, epoch: i32): i32 {
  for (; i < length; i++) {
    const index: usize = (<usize>i) << 2;
    const mark = load<i32>(marks + index);
    const thread: usize = mark >> MARK_THREAD;
    if (load<i32>(answers + (thread << 2)) !== ruled) break;
    const effect = mark & EFFECT_BITS;
    if (effect === Effect.NOTHING) continue;
    const off = load<i32>(offsets + index);
    if (effect !== Effect.ENTER && effect !== Effect.EXIT) {
      if (effect !== Effect.MESSAGE && effect !== Effect.MESSAGE_END) break;
      const tid = load<i32>(bytes + off, TID);
      const fd = load<i32>(fds + index);
      const place = placeOf(tid, fd);
      if (load<i32>(place) !== tid || load<i32>(place, 4) !== fd || load<i32>(place, 8) !== epoch) break;
    }
    store<i32>(calls + (thread << 3) + ((mark & 1) << 2), off);
  }
  return i;
}

/** The thread's fd tells nothing new by a message, until the epoch is another. */
export function know(tid: i32, fd: i32, epoch: i32): void {
  const place = placeOf(tid, fd);
  store<i32>(place, tid);
  store<i32>(place, fd, 4);
  store<i32>(place, epoch, 8);
}

function placeOf(tid: i32, fd: i32): usize {
  const place = ((tid * <i32>0x9e3779b1 + fd * <i32>0x85ebca6b) >>> 15) & knownMask;
  return known + ((<usize>place) << KNOWN_SHIFT);
}
