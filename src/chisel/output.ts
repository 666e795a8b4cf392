import { closeSync, openSync, writeSync } from 'node:fs';

/** Where chisels' bytes go, in order. The run owns it: everything it prints itself goes through the same one. */
export interface ByteOutput {
  /** Appends a byte string. */
  write(text: string): void;
  /** Hands what was gathered to the system. */
  flush(): void;
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

/** An output into a file that chisels opened themselves. */
export class FileOutput extends FdOutput {
  private readonly file: number;
  constructor(path: string) {
    const fd = openSync(path, 'w');
    super(fd);
    this.file = fd;
  }
  close(): void {
    this.flush();
    closeSync(this.file);
  }
}
