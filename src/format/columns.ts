/** First and last code point of the ranges that take two columns of a terminal: East Asian wide characters, emoji. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Ranges that take none: combining marks, joiners, variation selectors. */
const ZERO: readonly (readonly [first: number, last: number])[] = [
  [0x0300, 0x036f],
  [0x200b, 0x200f],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
];

const within = (code: number, ranges: typeof WIDE): boolean =>
  ranges.some(([first, last]) => code >= first && code <= last);

/** Columns of a terminal that a character takes. */
export function columnsOf(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if (within(code, ZERO)) return 0;
  return within(code, WIDE) ? 2 : 1;
}

/**
 * How far the UTF-8 text `bytes[start..end)` fits into `width` columns: the offset behind the last whole character that
 * does, and the columns taken so far. Bytes that continue no character take no room.
 */
export function fitColumns(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
): { readonly end: number; readonly used: number } {
  let used = 0;
  let i = start;
  while (i < end) {
    const lead = bytes[i];
    let next = i + 1;
    let code = lead;
    if (lead >= 0xc0) {
      code = lead & (lead < 0xe0 ? 0x1f : lead < 0xf0 ? 0x0f : 0x07);
      while (next < end && (bytes[next] & 0xc0) === 0x80) code = code * 64 + (bytes[next++] & 0x3f);
    }
    const columns = lead >= 0x80 && lead < 0xc0 ? 0 : columnsOf(code);
    if (used + columns > width) break;
    used += columns;
    i = next;
  }
  return { end: i, used };
}
