import { unlinkSync } from 'node:fs';
import { Block, OldBlock } from '../scap/blocks.js';
import { encodeEvent } from '../scap/encode_event.js';
import { headBytes } from '../scap/encode_head.js';
import { PPME } from '../scap/events.generated.js';
import type { WritableHead } from '../scap/head.js';
import type { HeadBytes } from '../scap/head_bytes.js';
import { Rotation, type RotationOptions } from '../scap/rotation.js';
import { type ByteSink, openSink } from './byte_sink.js';

export interface WriterOptions {
  /** -z */
  gzip?: boolean;
  /** zlib level, default 6. */
  level?: number;
  rotation?: RotationOptions;
  /** Who is to own the files made (not those that were there already); without it, who runs this. */
  owner?: { readonly uid: number; readonly gid: number };
  /** The machine as it is now: what a file begins with. */
  snapshot: () => WritableHead;
  /** Event blocks to put between the head and the first event of every file: the containers that are known. */
  preface?: (ts: bigint) => readonly Buffer[];
}

/** Events are held back for at most this long. */
const PUSH_MS = 1000;

/**
 * Writes captures: accepted event blocks as they are, behind a head, in one file or in a row of files that each stand
 * alone.
 *
 * A run over a Source calls, per event, `prepare` (before the machine sees the event, so that a new file
 * begins with the state before it), then `add` if the event is accepted; per chunk, `endChunk`, then awaits `pressure()` if
 * it is not null; `flush` when idle; `close` at the end.
 *
 * Everything throws (or rejects with) CaptureError when the file cannot be written; it is then complete up to its last whole
 * block (plain) or its last whole gzip member.
 */
export class CaptureWriter {
  /** Names of the files written, in order. */
  readonly files: string[] = [];
  /** Events given to `add`. */
  events = 0;

  private readonly options: WriterOptions;
  private readonly rotation: Rotation | null;
  private sink: ByteSink | null = null;
  /** Files whose last bytes are still being compressed. */
  private closing: Promise<void>[] = [];
  private closingError: unknown = null;
  /** Head of the file to come, taken before the event that made it due. */
  private nextHead: HeadBytes | null = null;
  private fileEvents = 0;
  private headWritten = false;
  private closed = false;
  private pushed = performance.now();
  // Neighbouring accepted events not yet given to the sink.
  private runBytes: Buffer | null = null;
  private runStart = 0;
  private runEnd = 0;

  /** `path` may be '-' for standard output. Opens the file at once, unless its name depends on the first event. */
  constructor(path: string, options: WriterOptions) {
    this.options = options;
    this.rotation = Rotation.wanted(options.rotation) ? new Rotation(path, options.rotation) : null;
    if (this.rotation === null) this.open(path);
  }

  /** Bytes of the current file (an estimate when compressed). */
  get size(): number {
    return (this.sink?.size ?? 0) + this.runEnd - this.runStart;
  }

  /** Fixes what the first file begins with: without it, the snapshot at the first event. */
  begin(head: WritableHead): void {
    if (!this.headWritten) this.nextHead = headBytes(head);
  }

  /** Looks whether the event block at `off` starts a new file. To be called before the machine takes the event. */
  prepare(bytes: Buffer, off: number): void {
    const { rotation } = this;
    if (rotation === null || this.sink === null || this.fileEvents === 0) return;
    if (!rotation.due(this.size, secondOf(bytes, off))) return;
    this.finishFile();
    this.nextHead = headBytes(this.options.snapshot());
  }

  /**
   * Takes one whole event block. `bytes` must stay as they are until `endChunk`. One of the capture's initial state is not
   * `counted`: it is no event of those that -e counts.
   */
  add(bytes: Buffer, start: number, end: number, counted = true): void {
    if (this.rotation !== null) {
      this.prepare(bytes, start);
      if (counted) this.rotation.wrote();
    }
    if (!this.headWritten) this.startFile(bytes, start);
    this.events++;
    this.fileEvents++;
    if (start === this.runEnd && bytes === this.runBytes) {
      this.runEnd = end;
      return;
    }
    this.endRun();
    this.runBytes = bytes;
    this.runStart = start;
    this.runEnd = end;
  }

  /**
   * The buffer given to `add` is about to change. To be called when nothing happens, too: it is here that events
   * reach the file after a second at the latest.
   */
  endChunk(): void {
    this.endRun();
    this.runBytes = null;
    const now = performance.now();
    if (this.headWritten && now - this.pushed >= PUSH_MS) {
      this.pushed = now;
      this.sink?.push();
    }
  }

  private endRun(): void {
    const bytes = this.runBytes;
    if (bytes !== null && this.runEnd > this.runStart) this.sink!.write(bytes, this.runStart, this.runEnd);
    this.runStart = this.runEnd = 0;
  }

  /** Begins a new section in the same file: for input that holds several. */
  newSection(head: WritableHead): void {
    if (!this.headWritten) {
      this.begin(head);
      return;
    }
    this.endChunk();
    this.writeHead(headBytes(head));
  }

  /** Null, or a promise to wait for before more events are given: bounds what is held in memory. */
  pressure(): Promise<void> | null {
    if (this.closingError !== null) throw this.closingError;
    return this.sink?.pressure() ?? null;
  }

  /** Puts everything taken so far into the file. */
  async flush(): Promise<void> {
    this.endChunk();
    if (this.headWritten) await this.sink?.flush();
  }

  /** Finishes the file. A file without events gets one that nobody sees: readers refuse files without any. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.lastWords();
    const { sink } = this;
    this.sink = null;
    await sink?.close();
    await Promise.all(this.closing);
    if (this.closingError !== null) throw this.closingError;
  }

  /** The same without waiting: for the last moments of a process. */
  closeSync(): void {
    if (this.closed) return;
    this.closed = true;
    this.lastWords();
    this.sink?.closeSync();
    this.sink = null;
  }

  private lastWords(): void {
    if (!this.headWritten && this.files.length > 0 && this.rotation !== null) return;
    if (this.fileEvents === 0) {
      const ts = BigInt(Date.now()) * 1_000_000n;
      const event = encodeEvent(PPME.SCAPEVENT_E, { ts, tid: -1 }, [0, 0]);
      if (!this.headWritten) this.startFile(event, 0);
      this.writeWhole(event);
    }
    this.endChunk();
  }

  private open(path: string): void {
    const { gzip, level, owner } = this.options;
    this.sink = openSink(path, { gzip, level, owner });
    this.files.push(path);
  }

  /** Head and preface of the file whose first event stands at `off`. */
  private startFile(bytes: Buffer, off: number): void {
    if (this.sink === null) {
      const { name, remove } = this.rotation!.next(secondOf(bytes, off));
      this.open(name);
      if (remove !== undefined) removeQuietly(remove);
    }
    this.headWritten = true;
    this.writeHead(this.nextHead ?? headBytes(this.options.snapshot()));
    this.nextHead = null;
    const ts = stampOf(bytes, off);
    for (const block of this.options.preface?.(ts) ?? []) this.writeWhole(block);
  }

  private writeHead(head: HeadBytes): void {
    for (const piece of head.pieces()) this.writeWhole(piece);
    head.release();
  }

  private writeWhole(bytes: Buffer): void {
    this.sink!.write(bytes, 0, bytes.length);
  }

  private finishFile(): void {
    this.endRun();
    const closing = this.sink!.close().catch((error: unknown) => {
      this.closingError ??= error;
    });
    this.closing.push(closing);
    closing.then(() => {
      this.closing = this.closing.filter((other) => other !== closing);
    });
    this.sink = null;
    this.headWritten = false;
    this.fileEvents = 0;
  }
}

/** Where the time stands in the event block at `off`. */
function stampOffset(bytes: Buffer, off: number): number {
  const type = bytes.readUInt32LE(off);
  return type === Block.EVENT_FLAGS || type === Block.EVENT_FLAGS_LARGE || type === OldBlock.EVENT_FLAGS
    ? 14
    : 10;
}

/** Time of the event block at `off`, ns since the epoch. */
export function stampOf(bytes: Buffer, off: number): bigint {
  return bytes.readBigUInt64LE(off + stampOffset(bytes, off));
}

/** Whole second of the event block at `off`. */
function secondOf(bytes: Buffer, off: number): number {
  const at = off + stampOffset(bytes, off);
  // As a double the last bits are lost: nanoseconds, which do not matter here but at the very edge of a second.
  const ns = bytes.readUInt32LE(at + 4) * 4294967296 + bytes.readUInt32LE(at);
  const second = Math.floor(ns / 1e9);
  return ns - second * 1e9 < 1000 || ns - second * 1e9 > 999_999_000
    ? Number(bytes.readBigUInt64LE(at) / 1_000_000_000n)
    : second;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody else removed it.
  }
}
