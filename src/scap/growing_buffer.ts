import { giveBack } from './give_back.js';

/** A buffer that is written from front to back and grows as needed. All numbers little endian. */
export class GrowingBuffer {
  private bytes: Buffer;
  length = 0;

  constructor(size = 256) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Makes room for `n` more bytes and gives where they begin. */
  private room(n: number): number {
    const at = this.length;
    this.length = at + n;
    if (this.length > this.bytes.length) {
      const bigger = Buffer.allocUnsafe(Math.max(this.length, this.bytes.length * 2));
      this.bytes.copy(bigger, 0, 0, at);
      giveBack(this.bytes);
      this.bytes = bigger;
    }
    return at;
  }

  u8(value: number): void {
    const at = this.room(1);
    this.bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.room(2);
    this.bytes.writeUInt16LE(value & 0xffff, at);
  }

  u32(value: number): void {
    const at = this.room(4);
    this.bytes.writeUInt32LE(value >>> 0, at);
  }

  /** 64 bits, of a double or a BigInt of either sign. */
  u64(value: number | bigint): void {
    const at = this.room(8);
    if (typeof value === 'bigint') {
      this.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), at);
      return;
    }
    const high = Math.floor(value / 4294967296);
    this.bytes.writeUInt32LE(value - high * 4294967296, at);
    this.bytes.writeUInt32LE(high >>> 0, at + 4);
  }

  raw(bytes: Uint8Array): void {
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** The bytes of a byte string, nothing before or behind. */
  text(text: string): void {
    const at = this.room(text.length);
    this.bytes.write(text, at, 'latin1');
  }

  /** `u16 length` and the bytes, at most `max` of them. */
  string(text: string, max: number): void {
    const cut = text.length > max ? text.slice(0, max) : text;
    this.u16(cut.length);
    this.text(cut);
  }

  zeros(n: number): void {
    const at = this.room(n);
    this.bytes.fill(0, at, at + n);
  }

  /** Overwrites 32 bits written before. */
  setU32(at: number, value: number): void {
    this.bytes.writeUInt32LE(value, at);
  }

  /** Forgets what was written. */
  clear(): void {
    this.length = 0;
  }

  /** Gives the memory back: what was written is gone. */
  release(): void {
    giveBack(this.bytes);
    this.bytes = Buffer.alloc(0);
    this.length = 0;
  }

  /** What was written: a view, valid until more is written. */
  done(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
