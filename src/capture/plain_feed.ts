import { closeSync, openSync, readSync } from 'node:fs';
import { CaptureError } from '../scap/capture_error.js';
import { type ByteFeed, type FeedOptions, reason } from './byte_feed.js';

export const STDIN = 0;

/** A plain file: read by the caller's thread into one buffer that stays. */
export class PlainFeed implements ByteFeed {
  done = 0;
  readonly compressed = false;
  readonly total: number;
  private buffer: Buffer;
  readonly fd: number;
  private readonly path: string;
  /** What opening the file has read already. */
  private first: Buffer | null;
  private stopped = false;
  private closed = false;

  constructor(fd: number, size: number, path: string, buffer: Buffer, first: Buffer) {
    this.fd = fd;
    this.total = size;
    this.path = path;
    this.buffer = buffer;
    this.first = first;
  }

  read(): Buffer | null {
    if (this.stopped) return null;
    const { first } = this;
    if (first !== null) {
      this.first = null;
      this.done = first.length;
      return first.length === 0 ? null : first;
    }
    let got: number;
    try {
      got = readSync(this.fd, this.buffer, 0, this.buffer.length, this.path === '-' ? null : this.done);
    } catch (error) {
      throw new CaptureError('io', `cannot read ${this.path}: ${reason(error)}`, this.done);
    }
    if (got === 0) return null;
    this.done += got;
    return got === this.buffer.length ? this.buffer : this.buffer.subarray(0, got);
  }

  /**
   * Reads bytes that were read before; where reading goes on stays as it is. Gives how many there were. Also after the feed has
   * been closed: what a run has found out may be looked at then.
   */
  readAgain(into: Buffer, position: number, length: number): number {
    try {
      if (!this.closed) return readSync(this.fd, into, 0, length, position);
      const fd = openSync(this.path, 'r');
      try {
        return readSync(fd, into, 0, length, position);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw new CaptureError('io', `cannot read ${this.path} again: ${reason(error)}`, position);
    }
  }

  /** From here on pieces, of the same size at most, are read into this buffer. The last one stays as it is. */
  readInto(buffer: Buffer): void {
    this.buffer = buffer.subarray(0, this.buffer.length);
  }

  /** Standard input is read from where it stands. */
  get seekable(): boolean {
    return this.path !== '-';
  }

  /** Goes on at another place of the file. */
  seek(at: number): void {
    this.first = null;
    this.done = at;
  }

  skip(n: number): boolean {
    if (!this.seekable) return false;
    this.done += n;
    return true;
  }

  stop(): void {
    this.stopped = true;
  }

  close(): void {
    this.stopped = true;
    if (!this.closed && this.fd !== STDIN) closeSync(this.fd);
    this.closed = true;
  }
}

/** A capture that is in memory. */
export class MemoryFeed implements ByteFeed {
  done = 0;
  readonly total: number;
  readonly compressed = false;
  private readonly bytes: Buffer;
  private readonly size: number;

  constructor(bytes: Buffer, options: FeedOptions = {}) {
    this.bytes = bytes;
    this.total = bytes.length;
    this.size = options.readSize ?? bytes.length;
  }

  read(): Buffer | null {
    if (this.done >= this.total) return null;
    const piece = this.bytes.subarray(this.done, this.done + this.size);
    this.done += piece.length;
    return piece;
  }

  stop(): void {
    this.done = this.total;
  }

  close(): void {
    this.stop();
  }
}
