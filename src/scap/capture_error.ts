/** What is wrong: decides what a caller may do about it. */
export type CaptureErrorKind =
  /** Not a capture at all. */
  | 'format'
  /** The file ends inside a block. */
  | 'truncated'
  /** The bytes contradict the format. */
  | 'damaged'
  /** A capture without any event. */
  | 'empty'
  /** The operating system refused (open, read, write). */
  | 'io'
  /** Who reads our standard output has gone away: no fault of anybody's. */
  | 'closed';

/** Trouble with a capture. The message is one line for the user: file, place, what to do. */
export class CaptureError extends Error {
  readonly kind: CaptureErrorKind;
  /** Place in the uncompressed capture, in bytes; -1 where there is none. */
  readonly offset: number;

  constructor(kind: CaptureErrorKind, message: string, offset = -1) {
    super(message);
    this.name = 'CaptureError';
    this.kind = kind;
    this.offset = offset;
  }
}
