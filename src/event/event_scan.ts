import { ListWalk } from './list_walk.js';
import type { ScanMemory, ScanSlot } from './scan_memory.js';
import { FOUND, type ScanModule, scanModule } from './scan_module.js';
import { type WatchedTexts, writeTexts } from './watched_texts.js';

/** Walks over runs of events in a memory: see native/scan/scan_events.c. */
export class EventScan {
  /** Of the last scan: events stepped over, those of them that are listed, and threads that these are of, and one more. */
  count = 0;
  listed = 0;
  threads = 0;
  /** Why it stopped: a `Stop` number. */
  stop = 0;
  /** Whether one of the watched texts has occurred in a listed event. */
  met = false;
  private watching = false;
  private readonly module: ScanModule;
  private readonly memory: ScanMemory;

  /** @throws where there is no WebAssembly. */
  constructor(memory: ScanMemory) {
    this.memory = memory;
    this.module = scanModule(memory);
  }

  /** From here on `met` is told. */
  watch(watched: WatchedTexts): void {
    const { texts, searched } = this.memory.tables;
    writeTexts(this.memory, watched);
    this.module.set_texts(texts.byteOffset, watched.texts.length, searched.byteOffset);
    this.met = false;
    this.watching = true;
  }

  /**
   * Steps over the sound event blocks of a slot from the byte `from` on, as far as they lie before `to`, and lists those that the memory's
   * table wants. Those whose block is not of the plain kind are all listed. Gives the offset behind the last one.
   * @param effects whether to say what they do.
   * @param moved is added to the offsets that are listed.
   */
  scan(slot: ScanSlot, from: number, to: number, effects: boolean, moved = 0): number {
    const { module, memory } = this;
    const at = module.scan(
      ...([slot.dv.byteOffset, from, to, moved, effects ? 1 : 0, this.watching ? 1 : 0] as const),
      ...([slot.offsets.byteOffset, slot.ordinals.byteOffset] as const),
      ...([slot.marks.byteOffset, slot.fds.byteOffset] as const),
    );
    const found = memory.words;
    const first = at >> 2;
    if (this.watching && found[first + FOUND.met] === 1) {
      this.met = true;
      this.watching = false;
    }
    this.count = found[first + FOUND.count];
    this.listed = found[first + FOUND.listed];
    this.threads = found[first + FOUND.threads];
    this.stop = found[first + FOUND.stop];
    return found[first + FOUND.end];
  }

  /** For the lists that this, or the scan of another thread, makes of a slot. */
  walk(slot: ScanSlot): ListWalk {
    return new ListWalk(this.module, this.memory, slot);
  }
}
