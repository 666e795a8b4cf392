import { EventLister } from '../../src/capture/event_lister.js';
import type { EventChunk, Source, SourceItem } from '../../src/capture/source.js';
import type { WantedEvents } from '../../src/event/wanted.js';
import { occursIn, type WatchedTexts } from '../../src/event/watched_texts.js';
import type { CaptureHead } from '../../src/scap/head.js';

/** A capture in memory, in chunks of a few events, that says what they do as a file does. */
export class ListingSource implements Source {
  readonly kind = 'file';
  readonly name = 'memory';
  readonly skipped = 0;
  /** Chunks that came with effects. */
  told = 0;
  private readonly head: CaptureHead;
  private readonly whole: Buffer;
  private readonly sizes: number[];
  private at = 0;
  private begun = false;
  private lister: EventLister | null = null;
  private watched: WatchedTexts | null = null;
  private metUnlisted = false;
  /** Which chunk has no list, as if it were too long for one; -1: none. */
  unlisted = -1;
  private chunks = 0;

  /** `perChunk`: events in each. */
  constructor(head: CaptureHead, blocks: readonly Buffer[], perChunk: number) {
    this.head = head;
    this.whole = Buffer.concat(blocks);
    this.sizes = [];
    for (let i = 0; i < blocks.length; i += perChunk)
      this.sizes.push(blocks.slice(i, i + perChunk).reduce((sum, block) => sum + block.length, 0));
  }

  next(): SourceItem | null {
    if (!this.begun) {
      this.begun = true;
      return { kind: 'head', head: this.head };
    }
    const size = this.sizes.shift();
    if (size === undefined) return null;
    // As much room behind as readers may look at.
    const bytes = Buffer.alloc(size + 16);
    this.whole.copy(bytes, 0, this.at, this.at + size);
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const position = this.at;
    const chunk: EventChunk = { kind: 'events', bytes, dv, start: 0, end: size, position };
    this.at += size;
    if (this.lister === null || this.chunks++ === this.unlisted) {
      this.metUnlisted ||= this.watched !== null && occursIn(this.watched, bytes, 0, size);
      return chunk;
    }
    this.told++;
    return { ...chunk, list: this.lister.list(bytes, 0, size)! };
  }

  narrow(wanted: WantedEvents | undefined, effects?: boolean, fdParams?: Uint8Array): void {
    if (wanted === undefined || (!effects && this.lister === null)) return;
    this.lister ??= new EventLister(wanted, true, this.watched, fdParams);
    this.lister.effects = effects === true;
  }

  watch(watched: WatchedTexts): void {
    this.watched = watched;
  }

  get met(): boolean {
    return this.metUnlisted || (this.lister?.met ?? false);
  }

  readAgain(into: Buffer, position: number, length: number): number {
    return this.whole.copy(into, 0, position, position + length);
  }

  progress(): { done: number; total: number } {
    return { done: 0, total: 0 };
  }

  stop(): void {}

  close(): void {}
}
