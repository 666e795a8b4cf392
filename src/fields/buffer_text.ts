import type { BufferMode, FieldOptions } from './field.js';
import type { LineBuffer } from './line_buffer.js';

/** What is shown of a buffer when nothing else is asked for. */
const SHOWN = 80;

/** Writes the bytes `start`..`end` of a buffer. */
export type BufferWriter = (out: LineBuffer, bytes: Buffer, start: number, end: number) => void;

/** The writer of data buffers that the options ask for (-x -X -A -b -v). */
export function bufferWriter(options: FieldOptions): BufferWriter {
  const mode: BufferMode = options.buffers ?? 'dots';
  if (mode === 'hex') return (out, bytes, start, end) => hexDump(out, bytes, start, end, false);
  if (mode === 'hexascii') return (out, bytes, start, end) => hexDump(out, bytes, start, end, true);
  if (mode === 'ascii') return textOnly;
  if (mode === 'base64') return (out, bytes, start, end) => out.text(bytes.toString('base64', start, end));
  return options.whole ? dots : cutDots;
}

const DOTS = Uint8Array.from({ length: 256 }, (_, c) => (c >= 32 && c < 127 ? c : 46));

/** Everything that is not printable ASCII as a dot. */
function dots(out: LineBuffer, from: Buffer, start: number, end: number): void {
  out.reserve(end - start);
  const bytes = out.bytes;
  let pos = out.pos;
  for (let i = start; i < end; i++) bytes[pos++] = DOTS[from[i]];
  out.pos = pos;
}

/** As `dots`, at most 80 characters, the last three of which are `...` if something was cut. */
function cutDots(out: LineBuffer, from: Buffer, start: number, end: number): void {
  if (end - start <= SHOWN) {
    dots(out, from, start, end);
    return;
  }
  dots(out, from, start, start + SHOWN - 3);
  out.text('...');
}

/** Printable ASCII and line ends; the rest is left out. Begins on a line of its own. */
function textOnly(out: LineBuffer, from: Buffer, start: number, end: number): void {
  if (from[start] !== 10) out.byte(10);
  for (let i = start; i < end; i++) {
    const c = from[i];
    if ((c >= 32 && c < 127) || c === 10) out.byte(c);
    // A carriage return ends a line only where no line feed follows.
    else if (c === 13 && (i + 1 >= end || from[i + 1] !== 10)) out.byte(10);
  }
}

const HEX = '0123456789abcdef';

/** Lines of sixteen bytes behind their offset, in pairs; on the right as text if wanted. */
function hexDump(out: LineBuffer, from: Buffer, start: number, end: number, withText: boolean): void {
  out.byte(10);
  for (let line = start; line < end; line += 16) {
    const stop = Math.min(line + 16, end);
    out.text(`\t0x${(line - start).toString(16).padStart(4, '0')}:`);
    for (let i = line; i < stop; i++) {
      if (((i - line) & 1) === 0) out.byte(32);
      out.byte(HEX.charCodeAt(from[i] >> 4));
      out.byte(HEX.charCodeAt(from[i] & 15));
    }
    if (withText) {
      const used = (stop - line) * 2 + ((stop - line + 1) >> 1);
      // A last line with half a pair is two columns narrower, as in sysdig.
      for (let i = used; i < ((stop - line) % 2 === 0 ? 42 : 40); i++) out.byte(32);
      dots(out, from, line, stop);
    }
    out.byte(10);
  }
}
