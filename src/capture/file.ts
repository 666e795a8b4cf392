import type { WantedEvents } from '../event/wanted.js';
import { occursIn, type WatchedTexts } from '../event/watched_texts.js';
import { BLOCK_FRAME, BLOCK_HEADER, Block, blockKind } from '../scap/blocks.js';
import { CaptureError } from '../scap/capture_error.js';
import { bigEndian, HeadBuilder } from '../scap/decode_head.js';
import type { CaptureHead } from '../scap/head.js';
import { EventScanner } from '../scap/scan_events.js';
import { Stop } from '../scap/scan_stop.js';
import { BlockWindow } from './block_window.js';
import type { ByteFeed, FeedOptions } from './byte_feed.js';
import { EventLister } from './event_lister.js';
import { openFeed } from './open_feed.js';
import { MemoryFeed, PlainFeed } from './plain_feed.js';
import { ReadAhead, type ReadAheadOptions } from './read_ahead.js';
import type { Source, SourceItem } from './source.js';

export interface OpenFileOptions extends FeedOptions {
  /** What errors call the file; default is the path. */
  name?: string;
  /** How wanted events of a plain file are read ahead of who looks at them; false: not at all. */
  readAhead?: (ReadAheadOptions & { least?: number }) | false;
}

/** Bytes of a file from which on it is worth threads. */
const LEAST_AHEAD = 4 * 1024 * 1024;

/** No event of any writer comes near this; a longer one is a damaged length. */
const MAX_EVENT_BLOCK = 64 * 1024 * 1024;
/** Process lists of 100 000 threads with full environments stay below this. */
const MAX_METADATA_BLOCK = 1024 * 1024 * 1024;

/** No section header, however many options it has, comes near this. */
const MOST_SECTION = 65535;
/** Bytes of the first events that are handed out: by then the run knows whether it wants lists. */
const FIRST_EVENTS = 32 * 1024;

/** Block types of pcapng that no scap file has: interface description, packet. */
const PCAPNG_TYPES = [1, 6];

/** Where the reader stands. */
enum Mode {
  START,
  HEAD,
  EVENTS,
  END,
}

/**
 * Opens a capture: a path, or '-' for standard input; plain or gzip (recognised by content), one section or several.
 * Throws CaptureError if it cannot be opened; what is wrong inside shows when `next()` gets there.
 */
export function openFile(path: string, options: OpenFileOptions = {}): Source {
  return new FileSource(
    openFeed(path, options),
    path,
    options.name ?? (path === '-' ? 'standard input' : path),
    options.readAhead,
  );
}

/** A capture that is in memory, uncompressed. Its `next()` never needs to wait. */
export function openBytes(bytes: Buffer, options: OpenFileOptions = {}): Source {
  const name = options.name ?? 'memory';
  return new FileSource(new MemoryFeed(bytes, options), name, name);
}

class FileSource implements Source {
  readonly kind = 'file';
  readonly name: string;
  skipped = 0;
  readonly readAgain?: NonNullable<Source['readAgain']>;
  private readonly title: string;
  private readonly feed: ByteFeed;
  private readonly window: BlockWindow;
  private readonly scanner = new EventScanner();
  private mode = Mode.START;
  private builder = new HeadBuilder();
  /** Bytes of an unknown block still to be passed over. */
  private skipLeft = 0;
  /** Total length that must stand at the end of the block that is being passed over, and where it begins. */
  private skipTotal = 0;
  private skipAt = 0;
  private events = 0;
  private foreign = false;
  private stopped = false;
  /** What somebody looks at; null: nobody asks. */
  private narrowed: {
    readonly wanted: WantedEvents;
    effects: boolean;
    readonly fdParams?: Uint8Array;
  } | null = null;
  /** Lists that: `ahead` as long as it can. */
  private lister: EventLister | null = null;
  private ahead: ReadAhead | null = null;
  private watched: WatchedTexts | null = null;
  /** A watched text has occurred beside what is listed. */
  private metUnlisted = false;

  private readonly readAhead: OpenFileOptions['readAhead'];

  constructor(feed: ByteFeed, path: string, title: string, readAhead: OpenFileOptions['readAhead'] = {}) {
    this.feed = feed;
    this.readAhead = readAhead;
    this.name = path;
    this.title = title;
    this.window = new BlockWindow(feed);
    if (feed instanceof PlainFeed && feed.seekable)
      this.readAgain = (into, position, length) => feed.readAgain(into, position, length);
  }

  next(): SourceItem | null | Promise<SourceItem | null> {
    try {
      for (;;) {
        if (this.stopped || this.mode === Mode.END) return null;
        const item = this.step();
        if (item instanceof Promise) return item.then((again) => again ?? this.next(), this.rethrow);
        if (item !== null) return item;
      }
    } catch (error) {
      return this.rethrow(error);
    }
  }

  /** One step: an item, or null for "go on" (also as a promise). */
  private step(): SourceItem | null | Promise<SourceItem | null> {
    if (this.skipLeft > 0) return this.passOver();
    if (this.mode === Mode.EVENTS) {
      const chunk = this.fromAhead() ?? this.scan();
      if (chunk !== null) return chunk;
    }
    return this.wantBlock();
  }

  watch(watched: WatchedTexts): void {
    this.watched = watched;
  }

  get met(): boolean {
    return this.metUnlisted || (this.ahead?.met ?? this.lister?.met ?? false);
  }

  /** Notes whether a watched text stands there. */
  private look(start: number, end: number): void {
    if (this.watched !== null && !this.metUnlisted)
      this.metUnlisted = occursIn(this.watched, this.window.bytes, start, end);
  }

  narrow(wanted: WantedEvents | undefined, effects = false, fdParams?: Uint8Array): void {
    if (wanted === undefined) return;
    if (this.narrowed === null) {
      this.narrowed = { wanted, effects, fdParams };
      this.beginAhead();
    }
    this.narrowed.effects = effects;
    if (this.ahead !== null) this.ahead.effects = effects;
    else if (this.lister === null) this.beginList();
    else this.lister.effects = effects;
  }

  private beginList(): void {
    if (this.narrowed === null) return;
    const { wanted, effects, fdParams } = this.narrowed;
    this.lister = new EventLister(wanted, effects, this.watched, fdParams);
    const { buffer } = this.lister;
    if (buffer !== null && this.feed instanceof PlainFeed) this.feed.readInto(buffer);
  }

  private beginAhead(): void {
    const { feed, window, narrowed, readAhead } = this;
    if (narrowed === null || readAhead === false || !(feed instanceof PlainFeed) || !feed.seekable) return;
    if (feed.total - window.offset < (readAhead?.least ?? LEAST_AHEAD)) return;
    const { wanted, effects, fdParams } = narrowed;
    const { watched } = this;
    this.ahead = ReadAhead.begin(feed.fd, window.offset, wanted, effects, watched, fdParams, readAhead);
  }

  /** The next chunk that was read ahead. Null: it is read here from now on, to the next section. */
  private fromAhead(): SourceItem | null {
    const { ahead, feed } = this;
    if (ahead === null || !(feed instanceof PlainFeed)) return null;
    const chunk = ahead.next();
    feed.seek(ahead.position);
    if (chunk !== null && chunk.end > chunk.start) {
      this.events += chunk.list.events;
      return chunk;
    }
    this.metUnlisted = this.met;
    ahead.close();
    this.ahead = null;
    this.window.restart(feed.done);
    if (feed.done < feed.total) this.beginList();
    return null;
  }

  /** The good events that stand in the window, as one chunk. */
  private scan(): SourceItem | null {
    const w = this.window;
    const start = w.pos;
    const list = this.lister?.list(w.bytes, start, w.limit);
    const end = list ? list.end : this.scanUnlisted(start);
    if (end === start) return null;
    this.events += list ? list.events : this.scanner.count;
    if (!list) this.look(start, end);
    w.pos = end;
    const chunk = { kind: 'events', bytes: w.bytes, dv: w.dv, start, end, position: w.base } as const;
    return list ? { ...chunk, list } : chunk;
  }

  private scanUnlisted(start: number): number {
    const { scanner, window } = this;
    const few = Math.min(window.limit, start + FIRST_EVENTS);
    const end = this.events === 0 ? scanner.scan(window.dv, start, few) : start;
    return end === start ? scanner.scan(window.dv, start, window.limit) : end;
  }

  /** Makes the next block whole and deals with it. */
  private wantBlock(): SourceItem | null | Promise<SourceItem | null> {
    const there = this.window.want(BLOCK_HEADER);
    if (there instanceof Promise) return there.then((ok) => this.onHeader(ok));
    return this.onHeader(there);
  }

  private onHeader(there: boolean): SourceItem | null | Promise<SourceItem | null> {
    const w = this.window;
    if (!there) return this.onEnd();
    const type = w.dv.getUint32(w.pos, true);
    const total = w.dv.getUint32(w.pos + 4, true);
    const { kind } = blockKind(type);
    if (this.mode === Mode.START) this.checkStart(type, total);
    if (total < BLOCK_FRAME) this.damaged(`a block length of ${total}`);
    if (this.mode === Mode.EVENTS && kind === 'section') {
      this.metUnlisted = this.met;
      this.lister = null;
      this.narrowed = null;
      this.mode = Mode.HEAD;
      this.builder = new HeadBuilder();
    } else if (this.mode === Mode.HEAD && kind === 'event') {
      this.mode = Mode.EVENTS;
      return { kind: 'head', head: this.takeHead() };
    } else if (this.mode === Mode.HEAD && kind === 'section') {
      // A section without events: what it says stands until the next one.
      this.mode = Mode.START;
      return { kind: 'head', head: this.takeHead() };
    }
    const isEvent = this.mode === Mode.EVENTS && kind === 'event';
    const isMetadata = this.mode !== Mode.EVENTS && kind !== 'unknown';
    if (!isEvent && !isMetadata) {
      if (PCAPNG_TYPES.includes(type)) this.foreign = true;
      this.skipped++;
      this.skipTotal = total;
      this.skipAt = w.offset;
      this.skipLeft = total - 4;
      return null;
    }
    const most = isEvent ? MAX_EVENT_BLOCK : MAX_METADATA_BLOCK;
    if (total > most) this.damaged(`a block of ${total} bytes`);
    const whole = w.want(total);
    if (whole instanceof Promise) return whole.then((ok) => this.onBlock(ok, total, isEvent));
    return this.onBlock(whole, total, isEvent);
  }

  /** A whole block stands in the window. */
  private onBlock(there: boolean, total: number, isEvent: boolean): SourceItem | null {
    const w = this.window;
    if (!there) return this.truncated(total);
    const trailer = w.dv.getUint32(w.pos + total - 4, true);
    if (trailer !== total) this.damaged(`a block of ${total} bytes ends with the length ${trailer}`);
    if (isEvent) {
      const chunk = this.scan();
      if (chunk !== null) return chunk;
      if (this.scanner.stop !== Stop.EVENT) this.damaged(`an event block of only ${total} bytes`);
      // The block is sound, the event in it is not: only this event is lost.
      this.skipped++;
    } else {
      this.builder.add(w.bytes, w.pos, w.base);
      this.look(w.pos, w.pos + total);
      this.mode = Mode.HEAD;
    }
    w.pos += total;
    return null;
  }

  private checkStart(type: number, total: number): void {
    const w = this.window;
    if (type === Block.SECTION) {
      // The length reads as a sensible one the other way round only.
      if (total > MOST_SECTION && w.dv.getUint32(w.pos + 4, false) <= MOST_SECTION) throw bigEndian();
      return;
    }
    const hex = w.bytes.toString('hex', w.pos, w.pos + 4);
    throw new CaptureError(
      'format',
      `not a system call capture (.scap): it starts with the bytes ${hex}`,
      w.offset,
    );
  }

  /** Passes over a block of unknown type; its end must repeat its length. */
  private passOver(): SourceItem | null | Promise<SourceItem | null> {
    const w = this.window;
    this.skipLeft -= w.skip(this.skipLeft);
    if (this.skipLeft > 0) {
      const more = w.want(1);
      const check = (ok: boolean): null => (ok ? null : this.truncated(this.skipTotal, this.skipAt));
      return more instanceof Promise ? more.then(check) : check(more);
    }
    const trailer = w.want(4);
    const check = (ok: boolean): null => {
      if (!ok) return this.truncated(this.skipTotal, this.skipAt);
      const length = w.dv.getUint32(w.pos, true);
      if (length !== this.skipTotal)
        this.damaged(
          `a block of ${this.skipTotal} bytes and of unknown type ends with the length ${length}`,
          this.skipAt,
        );
      w.pos += 4;
      return null;
    };
    return trailer instanceof Promise ? trailer.then(check) : check(trailer);
  }

  /** The head that was read. It is not kept here: of a large machine it is tens of megabytes. */
  private takeHead(): CaptureHead {
    const { head } = this.builder;
    this.builder = new HeadBuilder();
    return head;
  }

  /** The bytes are at an end. */
  private onEnd(): SourceItem | null {
    const w = this.window;
    const { mode } = this;
    const left = w.end - w.pos;
    this.mode = Mode.END;
    if (this.stopped) return null;
    if (left > 0) this.truncated(BLOCK_HEADER);
    if (mode === Mode.HEAD) {
      // The metadata may be all that somebody wants; that there are no events is said afterwards.
      this.mode = Mode.EVENTS;
      return { kind: 'head', head: this.takeHead() };
    }
    if (mode === Mode.START && w.offset === 0)
      throw new CaptureError('format', 'not a system call capture (.scap): the file is empty', 0);
    if (this.events === 0)
      throw new CaptureError(
        'empty',
        this.foreign
          ? 'no events in the file: it is a network capture (pcapng), not a system call capture'
          : 'no events in the file',
        w.offset,
      );
    return null;
  }

  private truncated(wanted: number, at = this.window.offset): null {
    this.mode = Mode.END;
    if (this.stopped) return null;
    // A block that was passed over may claim to reach beyond the end.
    const size = this.feed.compressed ? 0 : this.feed.total;
    // Where the file's size allows for the block, it has become shorter since that was asked for.
    const end = size > 0 && at + wanted > size ? size : this.window.base + this.window.end;
    throw new CaptureError(
      'truncated',
      `truncated at byte ${at}: a block needs ${wanted} bytes, ${Math.max(0, end - at)} are there; everything before was read`,
      at,
    );
  }

  private damaged(what: string, at = this.window.offset): never {
    throw new CaptureError('damaged', `damaged at byte ${at}: ${what}; everything before was read`, at);
  }

  /** Puts the file's name before what the layers below said; after an error nothing more comes. */
  private readonly rethrow = (error: unknown): never => {
    this.mode = Mode.END;
    if (error instanceof CaptureError && !error.message.includes(this.title))
      throw new CaptureError(error.kind, `${this.title}: ${error.message}`, error.offset);
    throw error;
  };

  progress(): { done: number; total: number } {
    const { done, total } = this.feed;
    return { done: total > 0 ? Math.min(done, total) : done, total };
  }

  stop(): void {
    this.stopped = true;
    this.feed.stop();
  }

  close(): void {
    this.stopped = true;
    this.ahead?.close();
    this.feed.close();
  }
}
