import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { constants, createGunzip, type ZlibOptions } from 'node:zlib';
import { CaptureError } from '../scap/capture_error.js';

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

// Measured on a 360 MB capture: pieces of half a megabyte stay in the processor's cache from the copy out of
// the page cache to the walk; smaller ones pay for calls, larger ones for memory. Inflating likes them larger.
const READ_SIZE = 512 * 1024;
const INFLATE_SIZE = 1024 * 1024;
/** Compressed bytes per read. */
const COMPRESSED_SIZE = 256 * 1024;
/** Inflated bytes kept ready while the last piece is being worked on. */
const AHEAD = 4 * 1024 * 1024;
const STDIN = 0;

/** Opens a path, or standard input for '-'. Throws CaptureError at once if that fails. */
export function openFeed(path: string, options: FeedOptions = {}): ByteFeed {
  const fd = path === '-' ? STDIN : open(path);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new CaptureError('io', `${path} is a directory: give a capture file`);
  if (!stat.isFile()) return new PipedFeed(pipeOf(path, fd), path, options);
  // Standard input may stand anywhere in its file: it is read from where it stands.
  const buffer = Buffer.allocUnsafeSlow(options.readSize ?? READ_SIZE);
  const first = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, path === '-' ? null : 0));
  if (!isGzip(first)) return new PlainFeed(fd, stat.size, path, buffer, first);
  if (path !== '-') return new GzipFeed(fd, stat.size, path, options);
  const input = createReadStream('', { fd, autoClose: false, highWaterMark: COMPRESSED_SIZE });
  input.unshift(Buffer.from(first));
  return new PipedFeed(input, path, options);
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new CaptureError('io', `cannot open ${path}: ${reason(error)}`);
  }
}

/** A pipe, socket or device as a stream. */
function pipeOf(path: string, fd: number): Readable {
  if (path !== '-') return new Socket({ fd, readable: true, writable: false });
  if (process.stdin.isTTY)
    throw new CaptureError('io', 'standard input is a terminal: give a capture by a pipe or with < file');
  return process.stdin;
}

function isGzip(bytes: Uint8Array): boolean {
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
    case 'EISDIR':
      return 'it is a directory';
    default:
      return code ?? error.message;
  }
}

/** A plain file: read by the caller's thread into one buffer that stays. */
class PlainFeed implements ByteFeed {
  done = 0;
  readonly compressed = false;
  readonly total: number;
  private readonly buffer: Buffer;
  private readonly fd: number;
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

  skip(n: number): boolean {
    if (this.path === '-') return false;
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

/** The data of a stream as a queue: `read` answers at once when something is there. */
class StreamQueue {
  private readonly queue: Buffer[] = [];
  private queued = 0;
  private ended = false;
  private failure: CaptureError | null = null;
  private wake: (() => void) | null = null;
  private readonly stream: Readable;
  private readonly ahead: number;
  /** Bytes given to the queue since the start. */
  received = 0;

  constructor(stream: Readable, ahead: number, onError: (error: unknown) => CaptureError) {
    this.stream = stream;
    this.ahead = ahead;
    stream.on('data', (piece: Buffer) => {
      this.received += piece.length;
      this.queue.push(piece);
      this.queued += piece.length;
      if (this.queued >= ahead) stream.pause();
      this.notify();
    });
    stream.on('end', () => this.end());
    stream.on('close', () => this.end());
    stream.on('error', (error) => {
      this.failure ??= onError(error);
      this.end();
    });
  }

  private notify(): void {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  }

  end(): void {
    this.ended = true;
    this.notify();
  }

  /** Ends with an error once the queue is empty. */
  fail(error: CaptureError): void {
    this.failure ??= error;
    this.end();
  }

  read(): Buffer | null | Promise<Buffer | null> {
    const piece = this.queue.shift();
    if (piece !== undefined) {
      this.queued -= piece.length;
      if (this.queued < this.ahead && this.stream.isPaused()) this.stream.resume();
      return piece;
    }
    if (this.ended) {
      if (this.failure !== null) throw this.failure;
      return null;
    }
    return new Promise<void>((resolve) => {
      this.wake = resolve;
    }).then(() => this.read());
  }
}

/** A gzip file: inflated in libuv's threads while the caller works on what came before. */
class GzipFeed implements ByteFeed {
  done = 0;
  readonly compressed = true;
  readonly total: number;
  private readonly input: Readable;
  private readonly queue: StreamQueue;
  private stopped = false;

  constructor(fd: number, size: number, path: string, options: FeedOptions) {
    this.total = size;
    this.input = createReadStream('', { fd, start: 0, highWaterMark: COMPRESSED_SIZE });
    this.input.on('data', (piece) => {
      this.done += piece.length;
    });
    this.queue = inflate(this.input, path, options);
  }

  read(): Buffer | null | Promise<Buffer | null> {
    return this.stopped ? null : this.queue.read();
  }

  stop(): void {
    this.stopped = true;
    this.queue.end();
  }

  close(): void {
    this.stop();
    this.input.destroy();
  }
}

/** Sends a compressed stream through zlib. Several gzip members in a row are one stream. */
function inflate(input: Readable, path: string, options: FeedOptions): StreamQueue {
  const settings: ZlibOptions & { highWaterMark: number } = {
    chunkSize: options.inflateSize ?? INFLATE_SIZE,
    highWaterMark: AHEAD,
    // With this a cut file gives all that can be had of it; that it was cut is found out below.
    finishFlush: constants.Z_SYNC_FLUSH,
  };
  const gunzip = createGunzip(settings);
  const queue: StreamQueue = new StreamQueue(gunzip, AHEAD, (error) => {
    const at = queue.received;
    const what = error instanceof Error ? error.message : String(error);
    return new CaptureError(
      'damaged',
      `${path}: damaged gzip data behind byte ${at} of the capture: ${what}`,
      at,
    );
  });
  let last: Uint8Array = new Uint8Array(0);
  input.on('data', (piece: Buffer) => {
    last = Buffer.concat([last, piece.subarray(-4)]).subarray(-4);
  });
  input.on('error', (error) => {
    queue.fail(new CaptureError('io', `cannot read ${path}: ${reason(error)}`, queue.received));
    gunzip.destroy();
  });
  gunzip.on('end', () => {
    if (cutShort(last, queue.received))
      queue.fail(
        new CaptureError(
          'truncated',
          `${path}: the gzip data are cut off behind byte ${queue.received} of the capture: everything before was read`,
          queue.received,
        ),
      );
  });
  input.pipe(gunzip);
  return queue;
}

/**
 * A gzip member ends with the size of its data. A file whose last four bytes say more than what came out
 * lost its end. (Not every cut shows like this: most others leave half a block.)
 */
function cutShort(last: Uint8Array, received: number): boolean {
  if (last.length < 4 || received === 0) return true;
  const size = (last[0] | (last[1] << 8) | (last[2] << 16) | (last[3] << 24)) >>> 0;
  return received < 0x100000000 && size > received;
}

/** A stream of which only the first bytes tell whether it is compressed. */
class PipedFeed implements ByteFeed {
  done = 0;
  compressed = false;
  readonly total = 0;
  private readonly path: string;
  private readonly options: FeedOptions;
  private readonly stream: Readable;
  private queue: StreamQueue | null = null;
  private readonly first: Promise<StreamQueue>;
  private stopped = false;
  private release: (() => void) | null = null;

  constructor(stream: Readable, path: string, options: FeedOptions) {
    this.path = path;
    this.options = options;
    this.stream = stream;
    this.first = this.sniff();
    // The error is reported where the data are asked for.
    this.first.catch(() => undefined);
  }

  private async sniff(): Promise<StreamQueue> {
    const stream = this.stream;
    const early: Buffer[] = [];
    let size = 0;
    let failure: unknown;
    await new Promise<void>((resolve) => {
      this.release = resolve;
      const onReadable = (): void => {
        for (;;) {
          const piece: Buffer | null = stream.read();
          if (piece === null) return;
          early.push(piece);
          size += piece.length;
          if (size >= 2) {
            stream.off('readable', onReadable);
            resolve();
            return;
          }
        }
      };
      stream.on('readable', onReadable);
      stream.once('end', resolve);
      stream.once('close', resolve);
      stream.once('error', (error) => {
        failure = error;
        resolve();
      });
    });
    this.release = null;
    if (failure !== undefined) throw this.ioError(failure);
    const head = Buffer.concat(early);
    if (head.length > 0) stream.unshift(head);
    stream.on('data', (piece: Buffer) => {
      this.done += piece.length;
    });
    this.compressed = isGzip(head);
    return this.compressed
      ? inflate(stream, this.path, this.options)
      : new StreamQueue(stream, AHEAD, (error) => this.ioError(error));
  }

  private ioError(error: unknown): CaptureError {
    const name = this.path === '-' ? 'standard input' : this.path;
    return new CaptureError('io', `cannot read ${name}: ${reason(error)}`, this.done);
  }

  read(): Buffer | null | Promise<Buffer | null> {
    if (this.stopped) return null;
    if (this.queue !== null) return this.queue.read();
    return this.first.then((queue) => {
      this.queue = queue;
      return this.stopped ? null : queue.read();
    });
  }

  stop(): void {
    this.stopped = true;
    this.release?.();
    this.queue?.end();
  }

  close(): void {
    this.stop();
    this.stream.destroy();
  }
}
