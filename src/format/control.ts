import type { LineBuffer } from '../fields/line_buffer.js';
import { utf8Length } from './json.js';

const TAB = 9;
const NEWLINE = 10;
const ESCAPE_TEXT: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};

function escapeOf(byte: number): string {
  return ESCAPE_TEXT[byte] ?? `\\x${byte < 16 ? '0' : ''}${byte.toString(16)}`;
}

/**
 * Makes what was written since `start` safe for a terminal: control bytes, those of the upper half (C1), bidirectional
 * overrides and bytes that are no UTF-8 become visible escapes. `multiline` keeps line ends and tabs (hex dumps).
 * For terminals only: files and pipes get the bytes as they were captured.
 */
export function showControls(out: LineBuffer, start: number, multiline = false): void {
  const bytes = out.bytes;
  let i = start;
  while (i < out.pos && bytes[i] >= 32 && bytes[i] < 127) i++;
  if (i === out.pos) return;
  const rest = Buffer.from(bytes.subarray(i, out.pos));
  out.pos = i;
  for (let k = 0; k < rest.length; ) {
    const c = rest[k];
    if ((c >= 32 && c < 127) || (multiline && (c === NEWLINE || c === TAB))) {
      out.byte(c);
      k++;
      continue;
    }
    const length = c < 128 ? 0 : utf8Length(rest, k, rest.length);
    if (length === 0) {
      out.text(escapeOf(c));
      k++;
      continue;
    }
    if (isHarmful(rest, k, length)) for (let b = 0; b < length; b++) out.text(escapeOf(rest[k + b]));
    else out.raw(rest, k, k + length);
    k += length;
  }
}

/** C1 controls, line and paragraph separators, and the characters that turn the writing direction. */
function isHarmful(bytes: Buffer, at: number, length: number): boolean {
  if (length === 2) return bytes[at] === 0xc2 && bytes[at + 1] < 0xa0;
  if (length !== 3) return false;
  const code = ((bytes[at] & 15) << 12) | ((bytes[at + 1] & 63) << 6) | (bytes[at + 2] & 63);
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}
