/**
 * Whether one of a few byte strings occurs in an event: those without which a filter on names can let nothing pass. Looks for
 * the byte of each that is seldom met, sixteen places at a time.
 */
import { KNOWN_TYPES, TEXT_BYTES, TEXT_SELDOM, TEXT_SIZE } from '../src/event/scan_codes';

/** Smallest frame and header of an event block: no text stands in them. */
const HEADER: usize = 36;
const LANES: usize = 16;

let texts: usize = 0;
let count: i32 = 0;
/** By event type: whether what it tells may become part of a name. */
let searched: usize = 0;

/** One of them has occurred. */
export let met: i32 = 0;

/** Where they stand, how many, and the table of types. */
export function setTexts(table: usize, number: i32, types: usize): void {
  texts = table;
  count = number;
  searched = types;
  met = 0;
}

/**
 * Looks at the event block from `at` to `end`. Types that nobody knows are all looked at. Up to 15 bytes behind the block are read, and
 * count for nothing.
 */
export function findTexts(at: usize, type: i32, end: usize): void {
  if (type < KNOWN_TYPES && load<u8>(searched + <usize>type) === 0) return;
  for (let i = 0; i < count; i++) if (occurs(texts + <usize>(i * TEXT_SIZE), at + HEADER, end)) met = 1;
}

function occurs(text: usize, from: usize, end: usize): bool {
  const length: usize = load<u32>(text);
  const index: usize = load<u32>(text, TEXT_SELDOM);
  const bytes = text + <usize>TEXT_BYTES;
  if (end < from + length) return false;
  const seldom = i8x16.splat(load<u8>(bytes + index));
  // Places of that byte, the last of them included.
  const last = end - length + index;
  for (let at = from + index; at <= last; at += LANES) {
    let lanes = i8x16.bitmask(i8x16.eq(v128.load(at), seldom));
    for (; lanes !== 0; lanes &= lanes - 1) {
      const place = at + <usize>ctz(lanes);
      if (place > last) break;
      if (memory.compare(bytes, place - index, length) === 0) return true;
    }
  }
  return false;
}
