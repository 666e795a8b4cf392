import { closeSync, createReadStream, read } from 'node:fs';
import type { Readable } from 'node:stream';
import { constants, createGunzip, type ZlibOptions } from 'node:zlib';
import { CaptureError } from '../scap/capture_error.js';
import { giveBack } from '../scap/give_back.js';
import { type ByteFeed, type FeedOptions, reason } from './byte_feed.js';

const INFLATE_SIZE = 1024 * 1024;
/** Compressed bytes per read. */
export const COMPRESSED_SIZE = 256 * 1024;
/** Inflated bytes kept ready while the last piece is being worked on. */
export const AHEAD = 4 * 1024 * 1024;

/** The data of a stream as a queue: `read` answers at once when something is there. */
export class StreamQueue {
  private readonly queue: Buffer[] = [];
  private queued = 0;
  private ended = false;
  private failure: CaptureError | null = null;
  private wake: (() => void) | null = null;
  private readonly stream: Readable;
  private readonly ahead: number;
  /** Its pieces are nobody else's: each is given back when the next one is asked for. */
  private readonly own: boolean;
  private handedOut: Buffer | null = null;
  /** Bytes given to the queue since the start. */
  received = 0;
  /** Bytes still to be passed over. */
  private dropping = 0;

  constructor(
    stream: Readable,
    ahead: number,
    onError: (error: unknown) => CaptureError,
    { own = false }: { own?: boolean } = {},
  ) {
    this.stream = stream;
    this.ahead = ahead;
    this.own = own;
    stream.on('data', (piece: Buffer) => {
      this.received += piece.length;
      const dropped = Math.min(this.dropping, piece.length);
      this.dropping -= dropped;
      if (dropped === piece.length) return;
      this.queue.push(piece.subarray(dropped));
      this.queued += piece.length - dropped;
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

  /** Passes over the next `n` bytes. To be called before anything was read. */
  drop(n: number): void {
    this.dropping = n;
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
      if (this.own) this.keep(piece);
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

  /** The piece before is done with. zlib goes on in the same buffer as long as there is room behind the piece. */
  private keep(piece: Buffer): void {
    const last = this.handedOut;
    this.handedOut = piece;
    if (last !== null && last.byteOffset + last.length === last.buffer.byteLength) giveBack(last);
  }
}

/**
 * Bytes per piece of the second reading of a damaged file, of which zlib gives nothing of the piece in which the damage lies:
 * hardly any for small files, more where so small ones would take too long.
 */
const SALVAGE_SIZE = { small: 64, large: 4096 };
const SMALL_FILE = 4 * 1024 * 1024;

/** A gzip file: inflated in libuv's threads while the caller works on what came before. */
export class GzipFeed implements ByteFeed {
  done = 0;
  readonly compressed = true;
  readonly total: number;
  private readonly fd: number;
  private readonly path: string;
  private readonly options: FeedOptions;
  private readonly from: { readonly packed: number; readonly raw: number };
  private input: Readable;
  private queue: StreamQueue;
  private salvaging = false;
  private stopped = false;
  private closed = false;

  /** `from`: where in the file to begin, and how much of the capture came before. */
  constructor(fd: number, size: number, path: string, options: FeedOptions, from = { packed: 0, raw: 0 }) {
    this.fd = fd;
    this.total = size;
    this.path = path;
    this.options = options;
    this.from = from;
    this.done = from.packed;
    this.input = this.open();
    this.queue = inflate(this.input, path, options, from.raw);
  }

  private open(): Readable {
    const { fd, from } = this;
    const input = createReadStream('', {
      fd,
      start: from.packed,
      highWaterMark: COMPRESSED_SIZE,
      // The descriptor outlives the stream: a second one may read it once more.
      fs: { read, close: (_fd, done) => done() },
    });
    let done = from.packed;
    input.on('data', (piece) => {
      done += piece.length;
      this.done = Math.max(this.done, done);
    });
    return input;
  }

  read(): Buffer | null | Promise<Buffer | null> {
    if (this.stopped) return null;
    try {
      const piece = this.queue.read();
      return piece instanceof Promise ? piece.catch((error: unknown) => this.salvage(error)) : piece;
    } catch (error) {
      return this.salvage(error);
    }
  }

  /** Damaged data: reads once more, in small pieces, for what lies between the last piece given and the damage. */
  private salvage(error: unknown): Buffer | null | Promise<Buffer | null> {
    if (this.salvaging || this.stopped || !(error instanceof CaptureError) || error.kind !== 'damaged')
      throw error;
    this.salvaging = true;
    const had = this.queue.received;
    this.input.destroy();
    this.input = this.open();
    const options = {
      ...this.options,
      inflateSize: this.total <= SMALL_FILE ? SALVAGE_SIZE.small : SALVAGE_SIZE.large,
    };
    this.queue = inflate(this.input, this.path, options, this.from.raw);
    this.queue.drop(had);
    return this.read();
  }

  stop(): void {
    this.stopped = true;
    this.queue.end();
  }

  close(): void {
    this.stop();
    this.input.destroy();
    if (!this.closed) closeSync(this.fd);
    this.closed = true;
  }
}

/** Sends a compressed stream through zlib. Several gzip members in a row are one stream. */
export function inflate(input: Readable, path: string, options: FeedOptions, before = 0): StreamQueue {
  const settings: ZlibOptions & { highWaterMark: number } = {
    chunkSize: options.inflateSize ?? INFLATE_SIZE,
    highWaterMark: AHEAD,
    // With this a cut file gives all that can be had of it; that it was cut is found out below.
    finishFlush: constants.Z_SYNC_FLUSH,
  };
  const gunzip = createGunzip(settings);
  const onError = (error: unknown): CaptureError => {
    const at = before + queue.received;
    const what = error instanceof Error ? error.message : String(error);
    return new CaptureError(
      'damaged',
      `${path}: damaged gzip data behind byte ${at} of the capture: ${what}`,
      at,
    );
  };
  const queue: StreamQueue = new StreamQueue(gunzip, AHEAD, onError, { own: true });
  let last: Uint8Array = new Uint8Array(0);
  input.on('data', (piece: Buffer) => {
    last = Buffer.concat([last, piece.subarray(-4)]).subarray(-4);
  });
  input.on('error', (error) => {
    queue.fail(new CaptureError('io', `cannot read ${path}: ${reason(error)}`, before + queue.received));
    gunzip.destroy();
  });
  gunzip.on('end', () => {
    const at = before + queue.received;
    if (cutShort(last, queue.received))
      queue.fail(
        new CaptureError(
          'truncated',
          `${path}: the gzip data are cut off behind byte ${at} of the capture: everything before was read`,
          at,
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
  if (last.length < 4) return true;
  const size = (last[0] | (last[1] << 8) | (last[2] << 16) | (last[3] << 24)) >>> 0;
  return received < 0x100000000 && size > received;
}
