import type { Readable } from 'node:stream';
import { CaptureError } from '../scap/capture_error.js';
import { type ByteFeed, type FeedOptions, isGzip, reason } from './byte_feed.js';
import { AHEAD, inflate, StreamQueue } from './gzip_feed.js';

/** A stream of which only the first bytes tell whether it is compressed. */
export class PipedFeed implements ByteFeed {
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
