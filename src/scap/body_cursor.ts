import { CaptureError } from './capture_error.js';

/**
 * Reads the body of one metadata block from front to back. Every length is checked against the end of
 * the block (or of the entry) before it is used; going past it is a CaptureError that names the place.
 */
export class BodyCursor {
  readonly bytes: Buffer;
  pos: number;
  end: number;
  /** Added to positions in error messages: where `bytes[0]` stands in the capture. */
  private readonly base: number;
  private readonly what: string;

  constructor(bytes: Buffer, pos: number, end: number, base: number, what: string) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
    this.base = base;
    this.what = what;
  }

  get left(): number {
    return this.end - this.pos;
  }

  fail(reason: string): never {
    const at = this.base + this.pos;
    throw new CaptureError('damaged', `damaged ${this.what} at byte ${at}: ${reason}`, at);
  }

  private take(n: number): number {
    const at = this.pos;
    if (n > this.end - at) this.fail(`${n} bytes expected, ${this.end - at} left`);
    this.pos = at + n;
    return at;
  }

  u8(): number {
    return this.bytes[this.take(1)];
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  /** Unsigned 64 bits as a double. */
  u64(): number {
    const at = this.take(8);
    return this.bytes.readUInt32LE(at + 4) * 4294967296 + this.bytes.readUInt32LE(at);
  }

  /** Signed 64 bits as a double. */
  i64(): number {
    const at = this.take(8);
    return this.bytes.readInt32LE(at + 4) * 4294967296 + this.bytes.readUInt32LE(at);
  }

  big(): bigint {
    return this.bytes.readBigUInt64LE(this.take(8));
  }

  /** A copy of `n` bytes. */
  copy(n: number): Uint8Array {
    const at = this.take(n);
    return new Uint8Array(this.bytes.subarray(at, at + n));
  }

  /** `n` bytes as a byte string. */
  text(n: number): string {
    const at = this.take(n);
    return this.bytes.latin1Slice(at, at + n);
  }

  /** `u16 length` and as many bytes. */
  string(): string {
    return this.text(this.u16());
  }

  /** A string of pieces that each end with NUL (the last NUL may be missing). */
  strings(): string[] {
    const text = this.string();
    if (text === '') return [];
    return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
  }
}
