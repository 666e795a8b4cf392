import '../scap/buffer_methods.js';

/** Longest text that is copied char by char: beyond it one native call is cheaper. */
const SHORT_TEXT = 48;
const UPPER_HEX = '0123456789ABCDEF';
const LOWER_HEX = '0123456789abcdef';

/**
 * Where output lines grow: bytes, not strings. Printing an event makes no garbage then, and a finished run of
 * lines goes to the file in one write. It grows as needed; whoever owns it empties it (`pos = 0`).
 */
export class LineBuffer {
  bytes: Buffer;
  /** Bytes written so far. May be set back to drop what was written last. */
  pos = 0;

  constructor(size = 1 << 17) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Makes room for `n` more bytes. */
  reserve(n: number): void {
    if (this.pos + n > this.bytes.length) this.grow(n);
  }

  private grow(n: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.pos + n));
    this.bytes.copy(larger, 0, 0, this.pos);
    this.bytes = larger;
  }

  byte(value: number): void {
    if (this.pos === this.bytes.length) this.grow(1);
    this.bytes[this.pos++] = value;
  }

  /** A byte string. */
  text(text: string): void {
    const n = text.length;
    if (this.pos + n > this.bytes.length) this.grow(n);
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

  /** Text that never changes, made with `literal()`: cheaper than a string. */
  literal(text: Uint8Array): void {
    const n = text.length;
    if (this.pos + n > this.bytes.length) this.grow(n);
    const bytes = this.bytes;
    const pos = this.pos;
    for (let i = 0; i < n; i++) bytes[pos + i] = text[i];
    this.pos = pos + n;
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
    if (this.pos + 10 > this.bytes.length) this.grow(10);
    const bytes = this.bytes;
    if (value < 10) {
      bytes[this.pos++] = 48 + value;
      return;
    }
    let digits = 2;
    for (let limit = 100; digits < 10 && value >= limit; limit *= 10) digits++;
    let at = this.pos + digits;
    this.pos = at;
    let n = value;
    for (; digits > 0; digits--) {
      const rest = (n / 10) | 0;
      bytes[--at] = 48 + n - rest * 10;
      n = rest;
    }
  }

  /** Nine digits with leading zeros: a nanosecond fraction. */
  pad9(value: number): void {
    if (this.pos + 9 > this.bytes.length) this.grow(9);
    const bytes = this.bytes;
    let at = this.pos + 9;
    this.pos = at;
    let n = value | 0;
    for (let i = 0; i < 9; i++) {
      const rest = (n / 10) | 0;
      bytes[--at] = 48 + n - rest * 10;
      n = rest;
    }
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
    if (this.pos + n > this.bytes.length) this.grow(n);
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

/** The bytes of a byte string, for `LineBuffer.literal`. */
export function literal(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
