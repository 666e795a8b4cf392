import { writeSync } from 'node:fs';
import { readerIsGone } from '../capture/byte_sink.js';
import { OutputError } from '../chisel/output.js';
import { LineBuffer } from '../fields/line_buffer.js';

/** The reader of our output has gone away: end quietly. */
export class ClosedPipeError extends OutputError {
  constructor() {
    super('EPIPE');
  }
}

const CHUNK = 1 << 16;

/**
 * Standard output for byte strings: gathers lines and writes them in large chunks. Synchronous, so that
 * output and errors keep their order and nothing is lost at exit.
 */
export class Output {
  /** Where lines may be written directly; call `wrote()` behind each. */
  readonly lines = new LineBuffer(CHUNK * 2);
  private readonly fd: number;
  private readonly limit: number;

  constructor(fd: number, unbuffered = false) {
    this.fd = fd;
    this.limit = unbuffered ? 0 : CHUNK;
  }

  /** Appends a byte string (latin1). @throws ClosedPipeError when the reader has gone. */
  write(text: string): void {
    this.lines.text(text);
    this.wrote();
  }

  /** Something was written to `lines`. @throws ClosedPipeError when the reader has gone. */
  wrote(): void {
    if (this.lines.pos > this.limit) this.flush();
  }

  flush(): void {
    const { lines } = this;
    const length = lines.pos;
    lines.pos = 0;
    let done = 0;
    while (done < length) {
      try {
        done += writeSync(this.fd, lines.bytes, done, length - done);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (readerIsGone(error)) throw new ClosedPipeError();
        if (code !== 'EAGAIN') throw new OutputError(code ?? 'EIO', (error as Error).message);
        // A full pipe that someone made non-blocking: wait for its reader.
        Atomics.wait(PAUSE, 0, 0, 2);
      }
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
