import { EventView } from '../event/view.js';
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
  private readonly view = new EventView();
  /** Between `beginChunk` and `endChunk`: bytes stay where they are. */
  private inPlace = false;
  /** Threads with an enter event in the present chunk. */
  private readonly waiting: ThreadInfo[] = [];

  /** From now on the bytes that events are kept from stay as they are, until `endChunk`. */
  beginChunk(): void {
    this.inPlace = true;
  }

  /** Copies what is still kept, as the bytes are about to go. */
  endChunk(): void {
    this.inPlace = false;
    const { waiting } = this;
    for (let i = 0; i < waiting.length; i++) {
      const thread = waiting[i];
      thread.enterInPlace = false;
      if (thread.enterType < 0) continue;
      // Most have met their exit.
      if (thread.lastLatency === 0) copyOut(thread);
      else thread.enterType = -1;
    }
    waiting.length = 0;
  }

  /** Keeps the event block at `block` for its thread. */
  keep(thread: ThreadInfo, type: number, bytes: Buffer, dv: DataView, block: number): void {
    if (dv.getUint32(block + 4, true) > MAX_KEPT) return;
    thread.enterType = type;
    thread.enterBytes = bytes;
    thread.enterView = dv;
    thread.enterAt = block;
    if (!this.inPlace) copyOut(thread);
    else if (!thread.enterInPlace) {
      thread.enterInPlace = true;
      this.waiting.push(thread);
    }
  }

  /** The enter event that is kept for a thread, null if there is none. Valid until the next call. */
  of(thread: ThreadInfo): EventView | null {
    if (thread.enterType < 0 || thread.enterBytes === null || thread.enterView === null) return null;
    this.view.attach(thread.enterBytes, thread.enterView);
    this.view.at(thread.enterAt);
    return this.view;
  }
}

/** Gives the thread its event in a buffer of its own, which grows to the largest so far and is kept. */
function copyOut(thread: ThreadInfo): void {
  const { enterView: from, enterAt: at } = thread;
  if (from === null) return;
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
  thread.enterBytes = own.bytes;
  thread.enterView = to;
  thread.enterAt = 0;
}
