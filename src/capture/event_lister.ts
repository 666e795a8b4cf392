import { setWanted } from '../event/effects.js';
import { EventScan } from '../event/event_scan.js';
import { ScanMemory, type ScanSlot } from '../event/scan_memory.js';
import type { WantedEvents } from '../event/wanted.js';
import type { EventList } from './source.js';

/** Room for bytes at first, and at most: longer runs of events, which hold a very long one, are not listed. */
const LEAST = 512 * 1024;
const MOST = 8 * 1024 * 1024;

/** Says of the wanted events of one chunk after the other whose they are and what they do. */
export class EventLister {
  private readonly wanted: WantedEvents;
  private scan: EventScan | null = null;
  private slot: ScanSlot | null = null;
  private room = 0;

  constructor(wanted: WantedEvents) {
    this.wanted = wanted;
  }

  /**
   * The list of the sound events from `start` on whose blocks lie before `limit`, and where they end; valid until the next call. Null where
   * there is none and `EventScanner` has to tell why, or no memory for it.
   */
  list(bytes: Buffer, start: number, limit: number): (EventList & { readonly end: number }) | null {
    const length = limit - start;
    if (length <= 0) return null;
    if (length > this.room) this.makeRoom(length);
    const { scan, slot } = this;
    if (scan === null || slot === null || length > this.room) return null;
    bytes.copy(slot.bytes, 0, start, limit);
    const size = scan.scan(slot, length, true, start);
    if (size === 0) return null;
    const { offsets, ordinals, marks, fds } = slot;
    const { listed, count, threads } = scan;
    const end = start + size;
    return { end, offsets, ordinals, length: listed, events: count, effects: { marks, fds, threads } };
  }

  private makeRoom(length: number): void {
    if (length > MOST) return;
    const room = Math.max(LEAST, 2 ** Math.ceil(Math.log2(length)));
    try {
      const memory = new ScanMemory(1, room, 0);
      setWanted(memory, this.wanted);
      this.scan = new EventScan(memory);
      this.slot = memory.slots[0]!;
      this.room = room;
    } catch {
      // Everything works without, only slower. It is not tried again.
      this.scan = null;
      this.room = Number.POSITIVE_INFINITY;
    }
  }
}
