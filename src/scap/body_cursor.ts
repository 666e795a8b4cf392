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

  /** Passes over `n` bytes. */
  skip(n: number): void {
    this.take(n);
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
    return joined(this.bytes.readUInt32LE(at + 4), this.bytes.readUInt32LE(at));
  }

  /** Signed 64 bits as a double. */
  i64(): number {
    const at = this.take(8);
    return joined(this.bytes.readInt32LE(at + 4), this.bytes.readUInt32LE(at));
  }

  big(): bigint {
    const at = this.take(8);
    // What is not known is 0, nearly always: one for all.
    if (this.bytes.readInt32LE(at) === 0 && this.bytes.readInt32LE(at + 4) === 0) return 0n;
    return this.bytes.readBigUInt64LE(at);
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
}

/** A small number stays a small integer: the product with a power of two would make each a double in memory of its own. */
function joined(high: number, low: number): number {
  return high === 0 ? low : high * 4294967296 + low;
}
