import { closeSync, readSync } from 'node:fs';
import { gunzip } from 'node:zlib';
import { CaptureError } from '../scap/capture_error.js';
import { giveBack } from '../scap/give_back.js';
import { MEMBER_PREFIX, memberSizes } from '../scap/gzip_member.js';
import { type ByteFeed, type FeedOptions, reason } from './byte_feed.js';
import { GzipFeed } from './gzip_feed.js';

/** Members inflated at once: libuv has as many threads, unless told otherwise. */
const JOBS = 4;
/** Our writer makes members of a megabyte, or of one longer event. A larger claim goes the slow and careful way. */
const MAX_MEMBER = 80 * 1024 * 1024;
/**
 * Memory taken for a member before it is known that its claim is true; it costs nothing until it is written to. A longer one comes in several
 * pieces, and is there twice as they are put together.
 */
const MAX_PIECE = 16 * 1024 * 1024;
/** zlib sees that a member is at its end only when there is room left. */
const ROOM = 1024;

/** One member being inflated. */
interface Job {
  /** Where in the file it begins. */
  readonly at: number;
  readonly raw: number;
  bytes: Buffer | null;
  error: Error | null;
  wake: (() => void) | null;
}

/**
 * A gzip file whose members say how long they are, as our writer makes them: several are inflated at once in libuv's
 * threads. From the first member on that does not say it, or that is cut, the file is read like any other.
 */
export class MemberFeed implements ByteFeed {
  done = 0;
  readonly total: number;
  readonly compressed = true;
  private readonly fd: number;
  private readonly path: string;
  private readonly options: FeedOptions;
  private readonly jobs: Job[] = [];
  private readonly prefix = Buffer.alloc(MEMBER_PREFIX);
  /** Where the next member to be started begins; null when there is none of our kind. */
  private at: number | null = 0;
  private rest: GzipFeed | null = null;
  /** Bytes of the capture delivered or being inflated. */
  private raw = 0;
  private delivered = 0;
  /** The piece that the caller has. */
  private handedOut: Buffer | null = null;
  private stopped = false;
  private closed = false;

  constructor(fd: number, size: number, path: string, options: FeedOptions) {
    this.fd = fd;
    this.total = size;
    this.path = path;
    this.options = options;
  }

  read(): Buffer | null | Promise<Buffer | null> {
    if (this.stopped) return null;
    while (this.at !== null && this.jobs.length < JOBS) this.startNext(this.at);
    const job = this.jobs[0];
    if (job === undefined) {
      if (this.rest === null) return null;
      const piece = this.rest.read();
      this.done = this.rest.done;
      return piece;
    }
    if (job.bytes === null && job.error === null)
      return new Promise<void>((resolve) => {
        job.wake = resolve;
      }).then(() => this.read());
    this.jobs.shift();
    if (job.error !== null || job.bytes === null || job.bytes.length !== job.raw) {
      // What lies before the damage is found the slow way.
      this.jobs.length = 0;
      this.at = null;
      this.rest?.stop();
      const from = { packed: job.at, raw: this.delivered };
      this.rest = new GzipFeed(this.fd, this.total, this.path, this.options, from);
      return this.rest.read();
    }
    this.delivered += job.raw;
    // Keeps the threads busy while the caller works on this piece.
    if (this.at !== null) this.startNext(this.at);
    if (this.handedOut !== null) giveBack(this.handedOut);
    this.handedOut = job.bytes;
    return job.bytes;
  }

  private startNext(at: number): void {
    if (at === this.total) {
      this.at = null;
      return;
    }
    const got = this.readAt(this.prefix, at);
    const sizes = got === MEMBER_PREFIX ? memberSizes(this.prefix, 0) : undefined;
    const sound =
      sizes !== undefined &&
      sizes.packed > MEMBER_PREFIX &&
      sizes.packed <= this.total - at &&
      sizes.packed <= MAX_MEMBER &&
      sizes.raw > 0 &&
      sizes.raw <= MAX_MEMBER;
    if (!sound) {
      this.at = null;
      this.rest = new GzipFeed(this.fd, this.total, this.path, this.options, { packed: at, raw: this.raw });
      return;
    }
    const member = Buffer.allocUnsafeSlow(sizes.packed);
    this.readAt(member, at);
    const job: Job = { at, raw: sizes.raw, bytes: null, error: null, wake: null };
    this.jobs.push(job);
    const chunkSize = Math.min(sizes.raw + ROOM, MAX_PIECE);
    gunzip(member, { chunkSize, maxOutputLength: sizes.raw }, (error, bytes) => {
      if (error !== null) job.error = error;
      else job.bytes = bytes;
      giveBack(member);
      job.wake?.();
    });
    this.at = at + sizes.packed;
    this.raw += sizes.raw;
    this.done = this.at;
  }

  private readAt(into: Buffer, at: number): number {
    try {
      return readSync(this.fd, into, 0, into.length, at);
    } catch (error) {
      throw new CaptureError('io', `cannot read ${this.path}: ${reason(error)}`, this.delivered);
    }
  }

  stop(): void {
    this.stopped = true;
    for (const job of this.jobs) job.wake?.();
    this.rest?.stop();
  }

  close(): void {
    this.stop();
    if (this.rest !== null) this.rest.close();
    else if (!this.closed) closeSync(this.fd);
    this.closed = true;
  }
}
