import { writeSync } from 'node:fs';
import type { LineBuffer } from '../fields/line_buffer.js';

/** Where chisels' bytes go, in order. The run owns it: everything it prints itself goes through the same one. */
export interface ByteOutput {
  /** Appends a byte string. */
  write(text: string): void;
  /** Hands what was gathered to the system. */
  flush(): void;
  /** Where lines may be written directly, if the output has such a place; `wrote` is called behind each. */
  readonly lines?: LineBuffer;
  wrote?(): void;
}

const CHUNK = 1 << 16;

/** Gathers byte strings and writes them to a file descriptor in large pieces. */
export class FdOutput implements ByteOutput {
  private parts = '';
  constructor(private readonly fd: number) {}

  write(text: string): void {
    this.parts += text;
    if (this.parts.length >= CHUNK) this.flush();
  }

  /** Throws the system's error, EPIPE included, except EAGAIN, which it waits out. */
  flush(): void {
    if (this.parts.length === 0) return;
    const bytes = Buffer.from(this.parts, 'latin1');
    this.parts = '';
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(this.fd, bytes, done);
      } catch (e) {
        if ((e as NodeJS.ErrnoException).code !== 'EAGAIN') throw e;
        Atomics.wait(PAUSE, 0, 0, 1);
      }
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** Keeps everything: for tests and for callers that want the text. */
export class StringOutput implements ByteOutput {
  text = '';
  write(text: string): void {
    this.text += text;
  }
  flush(): void {}
}
