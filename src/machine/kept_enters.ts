import { EventView } from '../event/view.js';
import { Call, type CallTable, doublesAt, Kept, LATENCY, rowAt } from './call_table.js';
import type { ThreadInfo } from './thread.js';

/** Larger enter events are not kept: no call that matters has one. */
const MAX_KEPT = 65536;
/** Smallest buffer that a thread gets for its enter events, bytes. */
const SMALLEST = 256;

/**
 * Enter events of calls whose exit needs their parameters. While a chunk is being worked on they are found where they
 * stand in it: nearly all have met their exit before it ends, and only what waits for one then is copied. An event
 * serves one exit: a second one without an enter event of its own (that was lost) gets none.
 */
export class KeptEnters {
  private readonly calls: CallTable;
  private readonly view = new EventView();
  /** Between `beginChunk` and `endChunk`: bytes that stay where they are. */
  private bytes: Buffer | null = null;
  private dv: DataView | null = null;
  /** Which chunk it is. */
  private chunk = 0;
  /** Rows of threads with an enter event in it. */
  private readonly waiting: number[] = [];

  /** @param calls where the threads have their rows. */
  constructor(calls: CallTable) {
    this.calls = calls;
  }

  /** Until `endChunk` these bytes stay as they are. */
  beginChunk(bytes: Buffer, dv: DataView): void {
    this.bytes = bytes;
    this.dv = dv;
    this.chunk = (this.chunk + 1) | 0;
  }

  /** Copies what is still kept, as the bytes are about to go. */
  endChunk(): void {
    const { waiting, calls, dv } = this;
    const { words, doubles } = calls;
    for (let i = 0; i < waiting.length; i++) {
      const row = waiting[i];
      const at = rowAt(row) + Call.KEPT;
      const block = words[at];
      if (block < 0) continue;
      const thread = calls.thread(row);
      // Most have met their exit.
      if (doubles[doublesAt(row) + LATENCY] === 0 && thread !== undefined && dv !== null) {
        copyOut(thread, dv, block);
        words[at] = Kept.OWN;
      } else words[at] = Kept.NONE;
    }
    waiting.length = 0;
    this.bytes = null;
    this.dv = null;
  }

  /**
   * Keeps the event block at `block`, of the call that its thread has just entered, for its exit. `row`: of `calls`, 0 for a
   * thread that is in no table.
   */
  keep(row: number, thread: ThreadInfo | undefined, dv: DataView, block: number): void {
    if (dv.getUint32(block + 4, true) > MAX_KEPT) return;
    const { words } = this.calls;
    if (dv === this.dv && row !== 0) {
      const at = rowAt(row);
      words[at + Call.KEPT] = block;
      if (words[at + Call.WAITS] !== this.chunk) {
        words[at + Call.WAITS] = this.chunk;
        this.waiting.push(row);
      }
      return;
    }
    thread ??= this.calls.thread(row);
    if (thread === undefined) return;
    copyOut(thread, dv, block);
    thread.calls.words[rowAt(thread.row) + Call.KEPT] = Kept.OWN;
  }

  /** The enter event that is kept for a thread, null if there is none. Valid until the next call. */
  of(thread: ThreadInfo): EventView | null {
    const block = thread.calls.words[rowAt(thread.row) + Call.KEPT];
    const { view } = this;
    if (block >= 0) {
      if (this.bytes === null || this.dv === null) return null;
      view.attach(this.bytes, this.dv);
      view.at(block);
      return view;
    }
    if (block !== Kept.OWN || thread.enterOwn === null) return null;
    view.attach(thread.enterOwn.bytes, thread.enterOwn.dv);
    view.at(0);
    return view;
  }
}

/** Gives the thread its event in a buffer of its own, which grows to the largest so far and is kept. */
function copyOut(thread: ThreadInfo, from: DataView, at: number): void {
  const size = from.getUint32(at + 4, true);
  let own = thread.enterOwn;
  if (own === null || own.dv.byteLength < size) {
    const bytes = Buffer.alloc(Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(size))));
    own = { bytes, dv: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    thread.enterOwn = own;
  }
  // For so few bytes a call of Buffer.copy costs more than the loop.
  const to = own.dv;
  let i = 0;
  for (; i + 4 <= size; i += 4) to.setInt32(i, from.getInt32(at + i, true), true);
  for (; i < size; i++) to.setUint8(i, from.getUint8(at + i));
}
