/** Uncompressed bytes of a capture, piece by piece. */
export interface ByteFeed {
  /**
   * The next piece, null at the end. The piece is the feed's own and valid until the next call.
   * Throws (or rejects with) CaptureError when the bytes cannot be had.
   */
  read(): Buffer | null | Promise<Buffer | null>;
  /** Passes over `n` bytes without reading them; false where that cannot be done. */
  skip?(n: number): boolean;
  /** Bytes of the file consumed (compressed ones if it is compressed), and its size; 0 if unknown. */
  readonly done: number;
  readonly total: number;
  readonly compressed: boolean;
  /** Ends the feed: a pending `read` gives null. */
  stop(): void;
  close(): void;
}

export interface FeedOptions {
  /** Bytes per piece of a plain file. */
  readSize?: number;
  /** Bytes per piece of inflated data. */
  inflateSize?: number;
}

/** True if the bytes begin as gzip data do. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What the operating system said, in a few words. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ENOSPC':
      return 'no space left on the device';
    case 'ENOTDIR':
      return 'a part of the path is not a directory';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return code ?? error.message;
  }
}
