import { Block, OldBlock } from '../scap/blocks.js';
import type { CaptureHead } from '../scap/head.js';
import type { EventChunk, Source, SourceItem } from './source.js';

/** One of the merged captures: its current chunk and the time of its next event. */
class Lane {
  readonly source: Source;
  chunk: EventChunk | null = null;
  pos = 0;
  /** Time of the event at `pos`, ns since the epoch, in two halves. */
  hi = 0;
  lo = 0;
  head: CaptureHead | null = null;
  started = false;
  ended = false;

  constructor(source: Source) {
    this.source = source;
  }

  readTime(): void {
    const { dv } = this.chunk!;
    const type = dv.getUint32(this.pos, true);
    const at =
      this.pos +
      (type === Block.EVENT_FLAGS || type === Block.EVENT_FLAGS_LARGE || type === OldBlock.EVENT_FLAGS
        ? 14
        : 10);
    this.hi = dv.getUint32(at + 4, true);
    this.lo = dv.getUint32(at, true);
  }

  /** True if this lane's next event is older than `other`'s. */
  before(other: Lane): boolean {
    return this.hi < other.hi || (this.hi === other.hi && this.lo < other.lo);
  }

  take(item: SourceItem | null): void {
    if (item === null) this.ended = true;
    else if (item.kind === 'head') this.head = item.head;
    else if (item.end > item.start) {
      this.chunk = item;
      this.pos = item.start;
      this.readTime();
    }
  }
}

/**
 * Several captures as one, by the time of their events; events of the same time come in the order of the captures.
 * Captures of one machine that follow each other (a rotated recording) each bring their head; the head of one that begins while another is
 * still under way comes with `add`. What is wrong with one of them is thrown when the others are at an end.
 */
export function mergeSources(sources: readonly Source[]): Source {
  return sources.length === 1 ? sources[0] : new MergedSource(sources);
}

class MergedSource implements Source {
  readonly kind = 'file';
  readonly name: string;
  private readonly lanes: Lane[];
  private error: unknown = null;
  private failed = false;

  constructor(sources: readonly Source[]) {
    this.lanes = sources.map((source) => new Lane(source));
    this.name = sources.map((source) => source.name).join(', ');
  }

  get skipped(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.source.skipped, 0);
  }

  next(): SourceItem | null | Promise<SourceItem | null> {
    for (const lane of this.lanes) {
      const wait = this.fill(lane);
      if (wait !== null) return wait.then(() => this.next());
    }
    return this.emit();
  }

  /** Gets the lane's next events, unless it has some; a promise if that takes a while. */
  private fill(lane: Lane): Promise<void> | null {
    while (lane.chunk === null && !lane.ended) {
      try {
        const item = lane.source.next();
        if (item instanceof Promise)
          return item.then(
            (late) => lane.take(late),
            (error: unknown) => this.fail(lane, error),
          );
        lane.take(item);
      } catch (error) {
        this.fail(lane, error);
      }
    }
    return null;
  }

  private fail(lane: Lane, error: unknown): void {
    lane.ended = true;
    if (!this.failed) this.error = error;
    this.failed = true;
  }

  private emit(): SourceItem | null {
    let first: Lane | null = null;
    let second: Lane | null = null;
    for (const lane of this.lanes) {
      if (lane.chunk === null) continue;
      if (first === null || lane.before(first)) {
        second = first;
        first = lane;
      } else if (second === null || lane.before(second)) {
        second = lane;
      }
    }
    if (first === null) return this.finish();
    if (first.head !== null) {
      const { head } = first;
      first.head = null;
      first.started = true;
      const add = this.lanes.some((lane) => lane !== first && lane.started && lane.chunk !== null);
      return add ? { kind: 'head', head, add } : { kind: 'head', head };
    }
    return this.run(first, second);
  }

  /** The lane's events up to the next event of the other one, in place. */
  private run(lane: Lane, other: Lane | null): EventChunk {
    const chunk = lane.chunk!;
    const start = lane.pos;
    if (other === null) {
      lane.chunk = null;
      return { kind: 'events', bytes: chunk.bytes, dv: chunk.dv, start, end: chunk.end };
    }
    do {
      lane.pos += chunk.dv.getUint32(lane.pos + 4, true);
      if (lane.pos >= chunk.end) {
        lane.chunk = null;
        break;
      }
      lane.readTime();
    } while (lane.before(other) || (!other.before(lane) && this.precedes(lane, other)));
    return { kind: 'events', bytes: chunk.bytes, dv: chunk.dv, start, end: lane.pos };
  }

  private precedes(a: Lane, b: Lane): boolean {
    return this.lanes.indexOf(a) < this.lanes.indexOf(b);
  }

  private finish(): SourceItem | null {
    // A capture without events still has a head.
    const lane = this.lanes.find((one) => one.head !== null);
    if (lane !== undefined) {
      const head = lane.head!;
      const add = this.lanes.some((one) => one.started);
      lane.head = null;
      lane.started = true;
      return add ? { kind: 'head', head, add } : { kind: 'head', head };
    }
    if (this.failed) {
      this.failed = false;
      throw this.error;
    }
    return null;
  }

  progress(): { done: number; total: number } {
    let done = 0;
    let total = 0;
    for (const lane of this.lanes) {
      const part = lane.source.progress();
      done += part.done;
      total += part.total;
    }
    return { done, total };
  }

  stop(): void {
    for (const lane of this.lanes) lane.source.stop();
  }

  close(): void {
    for (const lane of this.lanes) lane.source.close();
  }
}
