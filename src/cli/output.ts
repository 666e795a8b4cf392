import '../scap/buffer_methods.js';
import { writeSync } from 'node:fs';

/** The reader of our output has gone away: end quietly. */
export class ClosedPipeError extends Error {}

const CHUNK = 1 << 16;

/**
 * Standard output for byte strings: gathers lines and writes them in large chunks. Synchronous, so that
 * output and errors keep their order and nothing is lost at exit.
 */
export class Output {
  private readonly buffer = Buffer.allocUnsafe(CHUNK);
  private used = 0;
  private readonly fd: number;
  private readonly unbuffered: boolean;

  constructor(fd: number, unbuffered = false) {
    this.fd = fd;
    this.unbuffered = unbuffered;
  }

  /** Appends a byte string (latin1). @throws ClosedPipeError when the reader has gone. */
  write(text: string): void {
    const length = text.length;
    if (length > CHUNK) {
      this.flush();
      this.writeAll(Buffer.from(text, 'latin1'));
      return;
    }
    if (this.used + length > CHUNK) this.flush();
    this.buffer.latin1Write(text, this.used, length);
    this.used += length;
    if (this.unbuffered) this.flush();
  }

  line(text: string): void {
    this.write(text + '\n');
  }

  flush(): void {
    if (this.used === 0) return;
    const part = this.buffer.subarray(0, this.used);
    this.used = 0;
    this.writeAll(part);
  }

  private writeAll(bytes: Buffer): void {
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(this.fd, bytes, done);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EPIPE') throw new ClosedPipeError();
        if (code !== 'EAGAIN') throw error;
        // A full pipe that someone made non-blocking: wait for its reader.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      }
    }
  }
}
