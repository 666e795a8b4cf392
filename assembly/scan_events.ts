/**
 * The walk over the events of a capture file: checks each, lists those that somebody looks at, and says what these do. In
 * WebAssembly, as that runs at full speed from the first event on and looks at each byte once: in JavaScript a run of half a second
 * spent a third of it until V8 had compiled this.
 *
 * It writes nowhere but into the lists and its own tables, and believes no length of the file before it has been checked. Block and
 * event layout: src/scap/blocks.ts, src/scap/scan_events.ts.
 */
import {
  BESIDE,
  EFFECT_BITS,
  Effect,
  EventClass,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  KNOWN_TYPES,
  MARK_THREAD,
  MOST_FDS,
  TYPES,
  Verdict,
} from '../src/event/scan_codes';
import { Stop } from '../src/scap/scan_stop';
import { findTexts } from './find_texts';

const BLOCK_FRAME = 12;
const EVENT_HEADER = 26;
const MIN_EVENT: u32 = BLOCK_FRAME + 2 + EVENT_HEADER;
const EVENT_BLOCK: u32 = 0x216;
const EVENT_FLAGS_BLOCK: u32 = 0x217;
const EVENT_LARGE_BLOCK: u32 = 0x221;
const EVENT_FLAGS_LARGE_BLOCK: u32 = 0x222;

// Fields of a plain event block (EVENT_BLOCK), from its first byte on.
const TID: usize = 18;
const TYPE: usize = 30;
const NPARAMS: usize = 32;
/** Lengths of the parameters, 16 bits each; behind them the parameters. */
const LENGTHS: usize = 36;

const SLASH: u8 = 47;
const AT_FDCWD = -100;
/** An enter event of sending with more parameters tells the address, as this one. */
const SEND_ADDRESS = 2;

// Of the last scan.
export let stop: i32 = Stop.MORE;
/** Events that were stepped over, those of them that are listed, and threads that these are of, and one more. */
export let count: i32 = 0;
export let listed: i32 = 0;
export let threads: i32 = 1;

// Tables by event type; see `ScanTables` (src/event/scan_memory.ts).
let wantedTable: usize = 0;
let classTable: usize = 0;
let pathTable: usize = 0;
let addressTable: usize = 0;

// Threads of the chunk by tid, open addressing: tid, chunk in which the place was taken, number, nothing.
const PLACE_SHIFT: usize = 4;
let places: usize = 0;
let placeMask: u32 = 0;
let chunk: i32 = 0;
/** By thread: its last enter event in this chunk, 0: none. */
let enters: usize = 0;
// Closing calls under way: thread, fd, and where in the list their enter event is. A thread has one at most.
const CLOSING_SIZE = 12;
const CLOSING_FD: usize = 4;
const CLOSING_INDEX: usize = 8;
let closings: usize = 0;
let closing: i32 = 0;

// Lists of this scan.
let marks: usize = 0;
let fds: usize = 0;

/**
 * Where its tables are.
 * @param threadPlaces memory for `mask + 1` places of 16 bytes: twice as many as a chunk can have events.
 * @param threadEnters 4 bytes, and `threadClosings` 12, for as many threads as a chunk can have events, and one more.
 */
export function setTables(
  wanted: usize,
  classes: usize,
  paths: usize,
  addresses: usize,
  threadPlaces: usize,
  mask: u32,
  threadEnters: usize,
  threadClosings: usize,
): void {
  wantedTable = wanted;
  classTable = classes;
  pathTable = paths;
  addressTable = addresses;
  places = threadPlaces;
  placeMask = mask;
  enters = threadEnters;
  closings = threadClosings;
}

/**
 * Steps over sound event blocks from `start` on; reads nothing from `limit` on. Gives the place behind the last one.
 * @param bias is taken from the places that are listed.
 * @param effects 1: says also what the listed events do, in `markList` and `fdList`.
 * @param watching 1: looks for texts in them, see `findTexts`.
 */
export function scan(
  start: usize,
  limit: usize,
  bias: i32,
  effects: i32,
  watching: i32,
  offsets: usize,
  ordinals: usize,
  markList: usize,
  fdList: usize,
): usize {
  marks = markList;
  fds = fdList;
  closing = 0;
  threads = 1;
  chunk++;
  let why: i32 = Stop.MORE;
  let ordinal = 0;
  let index = 0;
  let at = start;
  let lastTid = 0;
  let lastThread = 0;
  while (<isize>(limit - at) >= BLOCK_FRAME) {
    const blockType = load<u32>(at);
    const total = load<u32>(at, 4);
    let flags: usize = 0;
    if (blockType === EVENT_FLAGS_BLOCK || blockType === EVENT_FLAGS_LARGE_BLOCK) flags = 4;
    else if (blockType !== EVENT_BLOCK && blockType !== EVENT_LARGE_BLOCK) {
      why = Stop.OTHER;
      break;
    }
    if (total < MIN_EVENT + <u32>flags) {
      why = Stop.FRAME;
      break;
    }
    if (total > <u32>(limit - at)) break;
    if (load<u32>(at + total - 4) !== total) {
      why = Stop.FRAME;
      break;
    }
    if (!isSound(at + 10 + flags, total - 14 - <u32>flags)) {
      why = Stop.EVENT;
      break;
    }
    const plainBlock = blockType === EVENT_BLOCK;
    if (!plainBlock || verdictOn(at) !== Verdict.UNWANTED) {
      const place: usize = (<usize>index) << 2;
      store<i32>(offsets + place, <i32>at - bias);
      store<i32>(ordinals + place, ordinal);
      if (watching !== 0) findTexts(at, plainBlock ? <i32>load<u16>(at, TYPE) : KNOWN_TYPES, at + total);
      if (effects !== 0) {
        let mark: i32 = Effect.LOOK;
        // No thread of Linux has a number beyond 32 bits.
        if (!plainBlock || load<i32>(at, TID + 4) !== 0) makesFd(-1);
        else {
          const tid = load<i32>(at, TID);
          if (tid !== lastTid || lastThread === 0) {
            lastTid = tid;
            lastThread = threadOf(tid);
          }
          mark = (lastThread << MARK_THREAD) | effectOf(at, lastThread, index);
        }
        store<i32>(marks + place, mark);
      }
      index++;
    }
    at += total;
    ordinal++;
  }
  stop = why;
  count = ordinal;
  listed = index;
  return at;
}

/** Whether the event whose header is at `header` lies within `room` bytes, and its parameters within it. */
function isSound(header: usize, room: u32): bool {
  const length = load<u32>(header, 16);
  const type = load<u16>(header, 20);
  const nparams = load<u32>(header, 22);
  const large = type === 322 || type === 324 || type === 402;
  let sum: u64 = EVENT_HEADER + <u64>nparams * (large ? 4 : 2);
  // The lengths lie inside the block as well: the loops below cannot leave it.
  if (length > room || sum > length) return false;
  let at = header + EVENT_HEADER;
  if (large) {
    for (let i: u32 = 0; i < nparams; i++, at += 4) sum += load<u32>(at);
  } else {
    for (let i: u32 = 0; i < nparams; i++, at += 2) sum += load<u16>(at);
  }
  return sum <= length;
}

/** What the table of wanted events says of a plain event block. */
function verdictOn(at: usize): u8 {
  const verdict = load<u8>(wantedTable + load<u16>(at, TYPE));
  if (verdict !== Verdict.BY_CODE) return verdict;
  const coded = load<u32>(at, NPARAMS) > 0 && paramLength(at, 0) >= 2;
  return load<u8>(wantedTable + TYPES + (coded ? load<u16>(param(at, 0)) : 0));
}

/** Number of a thread within the chunk. */
function threadOf(tid: i32): i32 {
  let place = ((tid * <i32>0x9e3779b1) >>> 16) & placeMask;
  let at = places + ((<usize>place) << PLACE_SHIFT);
  while (load<i32>(at, 4) === chunk) {
    if (load<i32>(at) === tid) return load<i32>(at, 8);
    place = (place + 1) & placeMask;
    at = places + ((<usize>place) << PLACE_SHIFT);
  }
  store<i32>(at, tid);
  store<i32>(at, chunk, 4);
  store<i32>(at, threads, 8);
  store<u32>(enters + ((<usize>threads) << 2), 0);
  return threads++;
}

/** Effect of a plain event block. */
function effectOf(at: usize, thread: i32, index: i32): i32 {
  const type = <i32>load<u16>(at, TYPE);
  let which: i32 = load<u8>(classTable + type);
  if (which === EventClass.ASIDE) return Effect.NOTHING;
  if (which === EventClass.PLAIN_EXIT) return Effect.EXIT;
  const isEnter = (type & 1) === 0;
  if (which === EventClass.BY_CODE && verdictOn(at) === Verdict.PLAIN) {
    if (!isEnter) return Effect.EXIT;
    which = EventClass.PLAIN_ENTER;
  }
  if (isEnter) {
    entered(at, thread);
    if (which === EventClass.PLAIN_ENTER) return Effect.ENTER;
    if (which === EventClass.CLOSE_ENTER) return closes(at, thread, index);
    if (which === EventClass.MESSAGE_ENTER) return message(at, type, at, index);
    makesFd(-1);
    return Effect.LOOK;
  }
  if (which === EventClass.BY_CODE) {
    makesFd(-1);
    return Effect.LOOK;
  }
  const last = enters + ((<usize>thread) << 2);
  const before: usize = load<u32>(last);
  const own: usize = before !== 0 && <i32>load<u16>(before, TYPE) === type - 1 ? before : 0;
  store<u32>(last, 0);
  const effect = exitEffect(at, type, which, own, thread, index);
  if (effect === Effect.LOOK) makesFd(-1);
  return effect;
}

/** `enter`: the enter event of the call, 0 if it is not in this chunk. */
function exitEffect(at: usize, type: i32, which: i32, enter: usize, thread: i32, index: i32): i32 {
  if (enter === 0) return Effect.LOOK;
  if (which === EventClass.FCNTL || which === EventClass.DUPLICATE) return duplicate(at, which, enter, index);
  if (which === EventClass.OPEN) return opens(at, type, enter, index);
  if (which === EventClass.CLOSE) return closed(at, thread, index);
  if (which === EventClass.MESSAGE_EXIT)
    return result(at) < 0 ? Effect.EXIT : message(at, type, enter, index);
  return Effect.LOOK;
}

function entered(at: usize, thread: i32): void {
  store<u32>(enters + ((<usize>thread) << 2), <u32>at);
  // The end of a call was lost: what closing it began goes on.
  if (closing > 0) disturbThread(thread);
}

function setFd(index: i32, fd: i32): void {
  store<i32>(fds + ((<usize>index) << 2), fd);
}

function duplicate(at: usize, which: i32, enter: usize, index: i32): i32 {
  const fd = result(at);
  if (fd < 0 || (which === EventClass.FCNTL && !duplicates(at, enter))) return Effect.EXIT;
  const from = firstParam(enter);
  if (from < 0 || from >= MOST_FDS || fd >= MOST_FDS) return Effect.LOOK;
  makesFd(fd);
  setFd(index, from * BESIDE + fd);
  return Effect.DUP;
}

/** Whether an fcntl makes a new fd. */
function duplicates(at: usize, enter: usize): bool {
  let command: i32 = 0;
  if (paramLength(at, 2) === 1) command = load<u8>(param(at, 2));
  else if (paramLength(enter, 1) >= 1) command = load<u8>(param(enter, 1));
  return command === F_DUPFD || command === F_DUPFD_CLOEXEC;
}

function opens(at: usize, type: i32, enter: usize, index: i32): i32 {
  const fd = result(at);
  if (fd < 0) return Effect.EXIT;
  makesFd(fd);
  if (fd >= MOST_FDS) return Effect.LOOK;
  const n: i32 = load<u8>(pathTable + type);
  const path = param(at, n);
  const length = paramLength(at, n);
  if (length === 0) return Effect.LOOK;
  let effect: i32 = Effect.OPEN;
  setFd(index, fd);
  if (load<u8>(path) !== SLASH) effect = opensRelative(at, n, fd, index);
  // The enter event says what was asked for: it wins where the two differ.
  if (effect === Effect.LOOK || load<u32>(enter, NPARAMS) < <u32>n) return effect;
  const asked = paramLength(enter, n - 1);
  return asked === length && memory.compare(path, param(enter, n - 1), length) === 0 ? effect : Effect.LOOK;
}

/** `path`: index of the path; before it stands the fd of the directory, if the call has one. */
function opensRelative(at: usize, path: i32, fd: i32, index: i32): i32 {
  let dirfd = AT_FDCWD;
  if (path > 1) {
    if (paramLength(at, 1) !== 8) return Effect.LOOK;
    const number = load<i64>(param(at, 1));
    dirfd = <i32>number;
    if (<i64>dirfd !== number) return Effect.LOOK;
  }
  if (dirfd !== AT_FDCWD && (dirfd < 0 || dirfd >= MOST_FDS)) return Effect.LOOK;
  setFd(index, fd + BESIDE * (dirfd === AT_FDCWD ? 0 : dirfd + 1));
  return Effect.OPEN_AT;
}

function closes(at: usize, thread: i32, index: i32): i32 {
  const fd = firstParam(at);
  // Two threads that close the same: whose end counts, their order tells.
  makesFd(fd);
  const place = closings + closing * CLOSING_SIZE;
  store<i32>(place, thread);
  store<i32>(place, fd, CLOSING_FD);
  store<i32>(place, index, CLOSING_INDEX);
  closing++;
  return Effect.ENTER;
}

function closed(at: usize, thread: i32, index: i32): i32 {
  let i = closing - 1;
  while (i >= 0 && load<i32>(closings + i * CLOSING_SIZE) !== thread) i--;
  if (i < 0) return Effect.LOOK;
  const place = closings + i * CLOSING_SIZE;
  const fd = load<i32>(place, CLOSING_FD);
  if (result(at) !== 0 || fd < 0 || fd >= MOST_FDS) {
    disturb(i);
    return Effect.LOOK;
  }
  forgetClosing(i);
  setFd(index, fd);
  return Effect.CLOSE;
}

/** `enter`: the enter event of the call, maybe this one. */
function message(at: usize, type: i32, enter: usize, index: i32): i32 {
  const begins = enter === at;
  const fd = firstParam(enter);
  if (fd < 0) {
    makesFd(-1);
    return Effect.LOOK;
  }
  let length = 0;
  if (load<u8>(addressTable + (type & ~1)) > 0 && load<u32>(enter, NPARAMS) > <u32>SEND_ADDRESS)
    length = paramLength(enter, SEND_ADDRESS);
  else if (!begins) length = paramLength(at, load<u8>(addressTable + type));
  if (length === 0) return begins ? Effect.ENTER : Effect.EXIT;
  makesFd(-1);
  setFd(index, fd);
  return begins ? Effect.MESSAGE : Effect.MESSAGE_END;
}

/**
 * The fd (-1: whichever) has been made. Where its number is given out again before a call that closes it has returned, both
 * events of that call have to be looked at.
 */
function makesFd(fd: i32): void {
  for (let i = closing - 1; i >= 0; i--)
    if (fd < 0 || load<i32>(closings + i * CLOSING_SIZE, CLOSING_FD) === fd) disturb(i);
}

function disturbThread(thread: i32): void {
  for (let i = closing - 1; i >= 0; i--) if (load<i32>(closings + i * CLOSING_SIZE) === thread) disturb(i);
}

/** The i-th closing call has to be looked at. */
function disturb(i: i32): void {
  const index = load<i32>(closings + i * CLOSING_SIZE, CLOSING_INDEX);
  const mark = marks + ((<usize>index) << 2);
  store<i32>(mark, load<i32>(mark) & ~EFFECT_BITS);
  forgetClosing(i);
}

function forgetClosing(i: i32): void {
  closing--;
  memory.copy(closings + i * CLOSING_SIZE, closings + closing * CLOSING_SIZE, CLOSING_SIZE);
}

function paramLength(at: usize, i: i32): i32 {
  return <u32>i < load<u32>(at, NPARAMS) ? <i32>load<u16>(at + 2 * i, LENGTHS) : 0;
}

/** Where parameter `i` begins. */
function param(at: usize, i: i32): usize {
  let from = at + LENGTHS + 2 * load<u32>(at, NPARAMS);
  for (let k = 0; k < i; k++) from += load<u16>(at + 2 * k, LENGTHS);
  return from;
}

/** The first parameter, 64 bits, where 32 are enough; -1 otherwise. */
function firstParam(at: usize): i32 {
  if (load<u32>(at, NPARAMS) === 0 || load<u16>(at, LENGTHS) !== 8) return -1;
  const value = load<i64>(param(at, 0));
  return value === <i64>(<i32>value) ? <i32>value : -1;
}

/** The result of a call, -1 where there is none or it failed. */
function result(at: usize): i32 {
  const value = firstParam(at);
  return value < 0 ? -1 : value;
}
