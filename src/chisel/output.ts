import type { LineBuffer } from '../fields/line_buffer.js';

/** What was printed cannot be written: the run ends with it. `code`: the system's, such as EPIPE or ENOSPC. */
export class OutputError extends Error {
  readonly code: string;
  constructor(code: string, message = code) {
    super(message);
    this.name = 'OutputError';
    this.code = code;
  }
}

/** Where chisels' bytes go, in order. The run owns it: everything it prints itself goes through the same one. */
export interface ByteOutput {
  /** Appends a byte string. @throws OutputError */
  write(text: string): void;
  /** Hands what was gathered to the system. */
  flush(): void;
  /** Where lines may be written directly, if the output has such a place; `wrote` is called behind each. */
  readonly lines?: LineBuffer;
  wrote?(): void;
}

/** Keeps everything: for tests and for callers that want the text. */
export class StringOutput implements ByteOutput {
  text = '';
  write(text: string): void {
    this.text += text;
  }
  flush(): void {}
}
