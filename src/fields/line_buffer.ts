import '../scap/buffer_methods.js';

/** Longest text that is copied char by char: beyond it one native call is cheaper. */
const SHORT_TEXT = 48;
const UPPER_HEX = '0123456789ABCDEF';
const LOWER_HEX = '0123456789abcdef';
/** Bytes behind the last that may be written over: what copies whole words ends inside one. */
const SLACK = 8;
/** The two digits of 0 to 99, the first in the lower byte. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, n) => 48 + Math.floor(n / 10) + ((48 + (n % 10)) << 8));

/**
 * Where output lines grow: bytes, not strings. Printing an event makes no garbage then, and a finished run of
 * lines goes to the file in one write. It grows as needed; whoever owns it empties it (`pos = 0`).
 */
export class LineBuffer {
  bytes: Buffer;
  /** The same memory. */
  view: DataView;
  /** What may be filled without growing. */
  limit: number;
  /** Bytes written so far. May be set back to drop what was written last. */
  pos = 0;

  constructor(size = 1 << 17) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.bytes);
    this.limit = size - SLACK;
  }

  /** Makes room for `n` more bytes. */
  reserve(n: number): void {
    if (this.pos + n > this.limit) this.grow(n);
  }

  private grow(n: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.pos + n + SLACK));
    this.bytes.copy(larger, 0, 0, this.pos);
    this.bytes = larger;
    this.view = viewOf(larger);
    this.limit = larger.length - SLACK;
  }

  byte(value: number): void {
    if (this.pos >= this.limit) this.grow(1);
    this.bytes[this.pos++] = value;
  }

  /** A byte string. */
  text(text: string): void {
    const n = text.length;
    if (this.pos + n > this.limit) this.grow(n);
    if (n > SHORT_TEXT) {
      this.bytes.latin1Write(text, this.pos, n);
      this.pos += n;
      return;
    }
    const bytes = this.bytes;
    let pos = this.pos;
    for (let i = 0; i < n; i++) bytes[pos++] = text.charCodeAt(i);
    this.pos = pos;
  }

  /** Text that was made ready once: cheaper than a string. */
  literal(text: Literal): void {
    const { words, length } = text;
    let pos = this.pos;
    if (pos + length > this.limit) this.grow(length);
    this.pos = pos + length;
    const view = this.view;
    for (let i = 0; i < words.length; i++) {
      view.setInt32(pos, words[i], true);
      pos += 4;
    }
  }

  /** A whole number, exact up to 2^53. */
  dec(value: number): void {
    let n = value;
    if (n < 0) {
      this.byte(45);
      n = -n;
    }
    if (n < 2147483648) this.small(n | 0);
    else {
      const high = Math.floor(n / 1e9);
      this.dec(high);
      this.pad9((n - high * 1e9) | 0);
    }
  }

  private small(value: number): void {
    let at = this.pos;
    if (at + 10 > this.limit) this.grow(10);
    const view = this.view;
    if (value < 10) {
      view.setUint8(at, 48 + value);
      this.pos = at + 1;
      return;
    }
    at += digitsOf(value);
    this.pos = at;
    let n = value;
    while (n >= 100) {
      const rest = (n / 100) | 0;
      at -= 2;
      view.setUint16(at, PAIRS[n - rest * 100], true);
      n = rest;
    }
    if (n >= 10) view.setUint16(at - 2, PAIRS[n], true);
    else view.setUint8(at - 1, 48 + n);
  }

  /** Nine digits with leading zeros: a nanosecond fraction. */
  pad9(value: number): void {
    const start = this.pos;
    if (start + 9 > this.limit) this.grow(9);
    const view = this.view;
    let n = value | 0;
    for (let at = start + 7; at > start; at -= 2) {
      const rest = (n / 100) | 0;
      view.setUint16(at, PAIRS[n - rest * 100], true);
      n = rest;
    }
    view.setUint8(start, 48 + n);
    this.pos = start + 9;
  }

  /** A 64-bit value from its words, in upper or lower case hexadecimal without leading zeros. */
  hex64(high: number, low: number, upper: boolean): void {
    const digits = upper ? UPPER_HEX : LOWER_HEX;
    if (high !== 0) {
      this.hex32(high >>> 0, digits);
      for (let shift = 28; shift >= 0; shift -= 4) this.byte(digits.charCodeAt((low >>> shift) & 15));
    } else this.hex32(low >>> 0, digits);
  }

  private hex32(value: number, digits: string): void {
    let shift = 28;
    while (shift > 0 && value >>> shift === 0) shift -= 4;
    for (; shift >= 0; shift -= 4) this.byte(digits.charCodeAt((value >>> shift) & 15));
  }

  /** Copies bytes as they are. */
  raw(from: Buffer, start: number, end: number): void {
    const n = end - start;
    if (this.pos + n > this.limit) this.grow(n);
    const bytes = this.bytes;
    let pos = this.pos;
    if (n > SHORT_TEXT) {
      bytes.set(from.subarray(start, end), pos);
      this.pos = pos + n;
      return;
    }
    for (let i = start; i < end; i++) bytes[pos++] = from[i];
    this.pos = pos;
  }

  /** What was written from `start` on, as a byte string. */
  since(start: number): string {
    return this.bytes.latin1Slice(start, this.pos);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Decimal digits of a whole number from 10 to 2^31. */
function digitsOf(n: number): number {
  if (n < 10000) return n < 100 ? 2 : n < 1000 ? 3 : 4;
  if (n < 1000000) return n < 100000 ? 5 : 6;
  if (n < 100000000) return n < 10000000 ? 7 : 8;
  return n < 1000000000 ? 9 : 10;
}

/** A byte string made ready for `LineBuffer.literal`: words of four bytes, zeros behind its end. */
export class Literal {
  readonly words: Int32Array;
  readonly length: number;

  constructor(readonly text: string) {
    this.length = text.length;
    this.words = new Int32Array((text.length + 3) >> 2);
    for (let i = 0; i < text.length; i++) this.words[i >> 2] |= text.charCodeAt(i) << ((i & 3) * 8);
  }
}

/** Doubles hold eight bytes of ASCII exactly: none of them is a NaN. */
const WIDE = new DataView(new ArrayBuffer(8));

/**
 * JavaScript that writes a byte string to the LineBuffer `out`, for generated functions: a store for each eight bytes of
 * ASCII, without a loop.
 */
export function literalCode(text: string): string {
  const length = text.length;
  if (length === 0) return '';
  if (/[^\x00-\x7f]/.test(text)) return `out.text(${JSON.stringify(text)});\n`;
  let code = `if (out.pos + ${length} > out.limit) out.reserve(${length});\n{ const v = out.view, p = out.pos;\n`;
  for (let at = 0; at < length; at += 8) {
    for (let i = 0; i < 8; i++) {
      WIDE.setUint8(i, at + i < length ? text.charCodeAt(at + i) : 0);
    }
    code += `v.setFloat64(p + ${at}, ${WIDE.getFloat64(0, true)}, true);\n`;
  }
  return `${code}out.pos = p + ${length}; }\n`;
}
