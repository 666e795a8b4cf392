import { setWanted } from '../event/effects.js';
import { EventScan } from '../event/event_scan.js';
import type { ListWalk } from '../event/list_walk.js';
import { ScanMemory, type ScanSlot } from '../event/scan_memory.js';
import type { WantedEvents } from '../event/wanted.js';
import type { WatchedTexts } from '../event/watched_texts.js';
import type { EventList } from './source.js';

/** Room for bytes at first, and at most: longer runs of events, which hold a very long one, are not listed. */
const LEAST = 512 * 1024;
const MOST = 8 * 1024 * 1024;

/** Lists the wanted events of one chunk after the other, and says whose they are and what they do. */
export class EventLister {
  private readonly wanted: WantedEvents;
  private readonly watched: WatchedTexts | null;
  private readonly fdParams: Uint8Array | undefined;
  /** Whether to say what the events do. */
  effects: boolean;
  private scan: EventScan | null = null;
  /** One for bytes that are read into it, one for those that are copied. */
  private slots: readonly ListedSlot[] = [];
  private room = 0;
  private metBefore = false;

  /**
   * @param watched texts whose occurrence `met` is to tell of; null: none.
   * @param fdParams see `Source.narrow`.
   */
  constructor(
    wanted: WantedEvents,
    effects: boolean,
    watched: WatchedTexts | null = null,
    fdParams?: Uint8Array,
  ) {
    this.wanted = wanted;
    this.fdParams = fdParams;
    this.effects = effects;
    this.watched = watched;
    this.makeRoom(LEAST);
  }

  /** Whether a watched text has occurred in a listed event. */
  get met(): boolean {
    return this.metBefore || (this.scan?.met ?? false);
  }

  /** Chunks whose bytes lie in here need not be copied; null where there is no memory for it. */
  get buffer(): Buffer | null {
    return this.slots[0]?.slot.bytes ?? null;
  }

  /**
   * The list of the sound events from `start` on whose blocks lie before `limit`, and where they end; valid until the next call. Null where
   * there is none and `EventScanner` has to tell why, or no memory for it.
   */
  list(bytes: Buffer, start: number, limit: number): (EventList & { readonly end: number }) | null {
    if (limit <= start) return null;
    const inPlace = this.slots[0];
    const there =
      inPlace !== undefined &&
      bytes.buffer === inPlace.slot.bytes.buffer &&
      bytes.byteOffset === inPlace.slot.bytes.byteOffset;
    return there ? this.listIn(inPlace, start, limit, 0) : this.listCopy(bytes, start, limit);
  }

  private listCopy(bytes: Buffer, start: number, limit: number): ReturnType<EventLister['list']> {
    const length = limit - start;
    if (length > this.room) this.makeRoom(length);
    const copied = this.slots[1];
    if (copied === undefined || length > this.room) return null;
    bytes.copy(copied.slot.bytes, 0, start, limit);
    return this.listIn(copied, 0, length, start);
  }

  /** `moved`: how much further the places are in the bytes that the list is for. */
  private listIn(
    { slot, walk }: ListedSlot,
    from: number,
    to: number,
    moved: number,
  ): ReturnType<EventLister['list']> {
    const { scan, effects } = this;
    if (scan === null) return null;
    const end = scan.scan(slot, from, to, effects, moved);
    if (end === from) return null;
    const { offsets, ordinals, marks, fds } = slot;
    const { listed, count, threads } = scan;
    return {
      ...{ end: end + moved, offsets, ordinals, length: listed, events: count },
      ...(effects && { effects: { marks, fds, threads, walk, moved } }),
    };
  }

  private makeRoom(length: number): void {
    if (length > MOST) return;
    const room = Math.max(LEAST, 2 ** Math.ceil(Math.log2(length)));
    try {
      const memory = new ScanMemory(2, room);
      setWanted(memory, this.wanted, this.fdParams);
      const scan = new EventScan(memory);
      this.metBefore = this.met;
      if (this.watched !== null) scan.watch(this.watched);
      this.slots = memory.slots.map((slot) => ({ slot, walk: scan.walk(slot) }));
      this.scan = scan;
      this.room = room;
    } catch {
      // Everything works without, only slower. It is not tried again.
      this.scan = null;
      this.slots = [];
      this.room = Number.POSITIVE_INFINITY;
    }
  }
}

interface ListedSlot {
  readonly slot: ScanSlot;
  readonly walk: ListWalk;
}
