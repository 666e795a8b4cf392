import { closeSync, fchownSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { gzip, gzipSync } from 'node:zlib';
import { CaptureError } from '../scap/capture_error.js';
import { markMember } from '../scap/gzip_member.js';
import { lastWholeBlock } from '../scap/rewrite_event.js';
import { reason } from './byte_feed.js';

/** Whether writing failed as nobody reads any more: a socket with something unread in it says so in another way than a pipe. */
export function readerIsGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ECONNRESET';
}

/** Takes whole blocks and puts them into a file, so that the file ends with a whole block whenever somebody looks. */
export interface ByteSink {
  /** Takes whole blocks; they may be overwritten after the call. Throws CaptureError if writing failed, now or before. */
  write(bytes: Buffer, start: number, end: number): void;
  /** Bytes that the file has, or will have when everything taken is in it (an estimate for compressed files). */
  readonly size: number;
  /** Null, or a promise for the moment when more should be given. */
  pressure(): Promise<void> | null;
  /** Sends what is held back on its way, without waiting. */
  push(): void;
  /** Waits until everything taken is in the file. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** The same without waiting for anything: for the last moments of a process. */
  closeSync(): void;
}

const STDOUT = 1;
const BUFFER_SIZE = 256 * 1024;
/** Pieces from this size on are written from where they are. */
const DIRECT_SIZE = 32 * 1024;
/** Uncompressed bytes per gzip member: compressed each in its own job, so that all processors help. */
const MEMBER_SIZE = 1024 * 1024;
/** Members being compressed from which on the caller is asked to wait. */
const MOST_JOBS = 6;
const RETRY_MS = 2;

/** Numbers of the user and the group that a file belongs to. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

export interface SinkOptions {
  gzip?: boolean | undefined;
  /** zlib level, default 6. */
  level?: number | undefined;
  /** Who is to own a file that is made; one that was there keeps its owner. */
  owner?: FileOwner | undefined;
}

/** Opens for writing; gives a file that did not exist to `owner`. */
function openOwned(path: string, owner: FileOwner): number {
  let fd: number;
  try {
    // Exclusive: a link that somebody else put here is not followed.
    fd = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return openSync(path, 'w');
  }
  try {
    fchownSync(fd, owner.uid, owner.gid);
  } catch {
    // A file system without owners, or no right to give files away: the recording matters more.
  }
  return fd;
}

/** A file that grows by whole pieces. After a failure it is cut back to its last whole piece. */
class OutputFile {
  readonly path: string;
  size = 0;
  private readonly fd: number;
  private closed = false;
  failure: CaptureError | null = null;

  constructor(path: string, owner?: FileOwner) {
    this.path = path;
    try {
      this.fd = path === '-' ? STDOUT : owner === undefined ? openSync(path, 'w') : openOwned(path, owner);
    } catch (error) {
      throw new CaptureError('io', `cannot write ${path}: ${reason(error)}`);
    }
  }

  /** Writes all of the range; `keep` gives the end of the last whole piece in what could be written. */
  append(bytes: Buffer, start: number, end: number, keep: (written: number) => number): void {
    if (this.failure !== null) throw this.failure;
    let pos = start;
    try {
      while (pos < end) pos += this.writeSome(bytes, pos, end);
      this.size += end - start;
    } catch (error) {
      const whole = keep(pos);
      this.size += whole - start;
      this.cutBack(pos - whole);
      const name = this.path === '-' ? 'standard output' : this.path;
      const closed = this.path === '-' && readerIsGone(error);
      this.failure = new CaptureError(
        closed ? 'closed' : 'io',
        `cannot write ${name}: ${reason(error)}; the ${this.size} bytes before are complete`,
        this.size,
      );
      throw this.failure;
    }
  }

  private writeSome(bytes: Buffer, pos: number, end: number): number {
    for (;;) {
      try {
        return writeSync(this.fd, bytes, pos, end - pos);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        // A pipe that is full for the moment.
        if (code !== 'EAGAIN') throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
  }

  private cutBack(surplus: number): void {
    // Standard output may be somebody's file with something of theirs in front.
    if (surplus === 0 || this.path === '-') return;
    try {
      if (fstatSync(this.fd).isFile()) ftruncateSync(this.fd, this.size);
    } catch {
      // The half block stays; readers stop in front of it.
    }
  }

  close(): void {
    if (!this.closed && this.fd !== STDOUT) closeSync(this.fd);
    this.closed = true;
  }
}

/** Opens a file, or standard output for '-'. Throws CaptureError at once if that fails. */
export function openSink(path: string, options: SinkOptions = {}): ByteSink {
  const file = new OutputFile(path, options.owner);
  return options.gzip ? new GzipSink(file, options.level ?? 6) : new PlainSink(file);
}

class PlainSink implements ByteSink {
  private readonly file: OutputFile;
  private readonly buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE);
  private used = 0;

  constructor(file: OutputFile) {
    this.file = file;
  }

  get size(): number {
    return this.file.size + this.used;
  }

  write(bytes: Buffer, start: number, end: number): void {
    const n = end - start;
    if (n >= DIRECT_SIZE) {
      this.drain();
      this.file.append(bytes, start, end, (written) => lastWholeBlock(bytes, start, written));
      return;
    }
    if (this.used + n > BUFFER_SIZE) this.drain();
    bytes.copy(this.buffer, this.used, start, end);
    this.used += n;
  }

  private drain(): void {
    const n = this.used;
    this.used = 0;
    if (n > 0) this.file.append(this.buffer, 0, n, (written) => lastWholeBlock(this.buffer, 0, written));
    else if (this.file.failure !== null) throw this.file.failure;
  }

  pressure(): null {
    return null;
  }

  push(): void {
    this.drain();
  }

  async flush(): Promise<void> {
    this.drain();
  }

  async close(): Promise<void> {
    this.closeSync();
  }

  closeSync(): void {
    try {
      this.drain();
    } finally {
      this.file.close();
    }
  }
}

/** One gzip member on its way. */
interface Job {
  readonly raw: Buffer;
  packed: Buffer | null;
}

class GzipSink implements ByteSink {
  private readonly file: OutputFile;
  private readonly level: number;
  private buffer = Buffer.allocUnsafeSlow(MEMBER_SIZE);
  private used = 0;
  /** Members in file order: only the first may be written. */
  private readonly jobs: Job[] = [];
  private rawDone = 0;
  private rawQueued = 0;
  private waiting: { most: number; wake: () => void }[] = [];
  private error: unknown = null;

  constructor(file: OutputFile, level: number) {
    this.file = file;
    this.level = level;
  }

  get size(): number {
    const pending = this.rawQueued + this.used;
    // Until the first member is done: captures shrink to about an eighth.
    const ratio = this.rawDone > 0 ? this.file.size / this.rawDone : 0.125;
    return this.file.size + Math.round(pending * ratio);
  }

  write(bytes: Buffer, start: number, end: number): void {
    if (this.error !== null) throw this.error;
    if (this.used + end - start > MEMBER_SIZE) this.submit();
    if (end - start > MEMBER_SIZE) {
      this.start(Buffer.from(bytes.subarray(start, end)));
      return;
    }
    bytes.copy(this.buffer, this.used, start, end);
    this.used += end - start;
  }

  private submit(): void {
    if (this.used === 0) return;
    const raw = this.buffer.subarray(0, this.used);
    this.buffer = Buffer.allocUnsafeSlow(MEMBER_SIZE);
    this.used = 0;
    this.start(raw);
  }

  private start(raw: Buffer): void {
    const job: Job = { raw, packed: null };
    this.jobs.push(job);
    this.rawQueued += raw.length;
    gzip(raw, { level: this.level, memLevel: 9 }, (error, packed) => {
      // closeSync has been here.
      if (!this.jobs.includes(job)) return;
      if (error !== null) this.error ??= error;
      else job.packed = markMember(packed, raw.length);
      this.settle();
    });
  }

  /** Writes the members that are ready, in order, and wakes who waits. */
  private settle(): void {
    while (this.jobs.length > 0 && (this.jobs[0].packed !== null || this.error !== null)) {
      const job = this.jobs.shift()!;
      this.rawQueued -= job.raw.length;
      if (this.error === null && job.packed !== null) this.put(job.raw, job.packed);
    }
    const still: typeof this.waiting = [];
    for (const waiter of this.waiting) {
      if (this.jobs.length < waiter.most) waiter.wake();
      else still.push(waiter);
    }
    this.waiting = still;
  }

  private put(raw: Buffer, packed: Buffer): void {
    try {
      this.file.append(packed, 0, packed.length, () => 0);
      this.rawDone += raw.length;
    } catch (error) {
      this.error = error;
    }
  }

  push(): void {
    if (this.error !== null) throw this.error;
    this.submit();
  }

  private below(most: number): Promise<void> {
    return new Promise((wake) => {
      this.waiting.push({ most, wake });
    });
  }

  pressure(): Promise<void> | null {
    return this.jobs.length < MOST_JOBS ? null : this.below(MOST_JOBS);
  }

  async flush(): Promise<void> {
    this.submit();
    if (this.jobs.length > 0) await this.below(1);
    if (this.error !== null) throw this.error;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      this.file.close();
    }
  }

  closeSync(): void {
    this.submit();
    for (const job of this.jobs.splice(0)) {
      if (this.error === null)
        this.put(
          job.raw,
          job.packed ?? markMember(gzipSync(job.raw, { level: this.level, memLevel: 9 }), job.raw.length),
        );
    }
    this.file.close();
    if (this.error !== null) throw this.error;
  }
}
