import { createRequire } from 'node:module';
import { setWanted } from '../event/effects.js';
import { EventScan } from '../event/event_scan.js';
import type { ListWalk } from '../event/list_walk.js';
import { ScanMemory, type ScanSlot } from '../event/scan_memory.js';
import type { WantedEvents } from '../event/wanted.js';
import type { WatchedTexts } from '../event/watched_texts.js';
import { helperFile } from './helper_files.js';
import type { EventChunk } from './source.js';

export interface ReadAheadOptions {
  /** Bytes that are read at a time. */
  piece?: number;
  /** Most bytes of a block that begins in one piece and ends in the next one: with longer ones reading ahead ends. */
  carry?: number;
}

/** Pieces of this size stay in a processor's cache from the copy out of the page cache to the scan. */
const PIECE = 512 * 1024;
const CARRY = 128 * 1024;
/** One that is looked at, two that are being filled, and one that is waiting. */
const SLOTS = 4;

/** What native/scan/addon.c exports: see there. */
interface Addon {
  start(fd: number, position: number, memory: ArrayBuffer, layout: Uint32Array): object | undefined;
  next(handle: object, numbers: Float64Array): boolean;
  effects(handle: object, says: boolean): void;
  stop(handle: object): void;
}

/** Numbers of a piece (`enum piece` of native/scan/addon.c). */
enum Piece {
  SLOT,
  FROM,
  SAYS_EFFECTS,
  POSITION,
  END,
  STOP,
  COUNT,
  LISTED,
  THREADS,
  MET,
  NUMBERS,
}

/** Null: it has not been built, or cannot be loaded. */
let addon: Addon | null | undefined;

function loadAddon(): Addon | null {
  try {
    const path = helperFile('tsdig_scan.node');
    return path === undefined ? null : (createRequire(import.meta.url)(path) as Addon);
  } catch {
    return null;
  }
}

/** Reads a run of events ahead of who wants them, on a thread of the helper, and lists those that are wanted: native/scan/read_ahead.h. */
export class ReadAhead {
  /** Place in the file behind the last chunk. */
  position: number;
  /** Whether a watched text has occurred in a listed event of the chunks so far. */
  met = false;
  private readonly addon: Addon;
  private readonly handle: object;
  private readonly slots: readonly { slot: ScanSlot; walk: ListWalk }[];
  private readonly numbers = new Float64Array(Piece.NUMBERS);
  private says: boolean;

  private constructor(
    addon: Addon,
    handle: object,
    slots: ReadAhead['slots'],
    position: number,
    effects: boolean,
  ) {
    this.addon = addon;
    this.handle = handle;
    this.slots = slots;
    this.position = position;
    this.says = effects;
  }

  /**
   * Begins at a place of a file. Null where it cannot be done, or would be no help: no helper, one processor.
   * @param effects whether to say what the events do.
   * @param watched texts whose occurrence `met` is to tell of.
   * @param fdParams see `Source.narrow`.
   */
  static begin(
    fd: number,
    position: number,
    wanted: WantedEvents,
    effects: boolean,
    watched: WatchedTexts | null,
    fdParams: Uint8Array | undefined,
    { piece = PIECE, carry = CARRY }: ReadAheadOptions = {},
  ): ReadAhead | null {
    addon ??= loadAddon();
    if (addon === null) return null;
    try {
      const memory = new ScanMemory(SLOTS, carry + piece);
      setWanted(memory, wanted, fdParams);
      const scan = new EventScan(memory);
      if (watched !== null) scan.watch(watched);
      const layout = layoutOf(memory, piece, carry, effects, watched);
      const handle = addon.start(fd, position, memory.memory.buffer, layout);
      if (handle === undefined) return null;
      const slots = memory.slots.map((slot) => ({ slot, walk: scan.walk(slot) }));
      return new ReadAhead(addon, handle, slots, position, effects);
    } catch {
      return null;
    }
  }

  /** The next chunk, valid until the next call. Null: from `position` on somebody else has to go on. */
  next(): (EventChunk & { readonly list: NonNullable<EventChunk['list']> }) | null {
    const { numbers } = this;
    if (!this.addon.next(this.handle, numbers)) return null;
    const { slot, walk } = this.slots[numbers[Piece.SLOT]];
    const start = smallest(numbers[Piece.FROM]);
    const end = smallest(numbers[Piece.END]);
    const { offsets, ordinals, marks, fds } = slot;
    const position = smallest(numbers[Piece.POSITION]);
    this.position = position + end;
    if (numbers[Piece.MET] === 1) this.met = true;
    const list = {
      ...{
        offsets,
        ordinals,
        length: smallest(numbers[Piece.LISTED]),
        events: smallest(numbers[Piece.COUNT]),
      },
      ...(numbers[Piece.SAYS_EFFECTS] === 1 && {
        effects: { marks, fds, threads: smallest(numbers[Piece.THREADS]), walk, moved: 0 },
      }),
    };
    return { kind: 'events', bytes: slot.bytes, dv: slot.dv, start, end, position, list };
  }

  /** Whether to say what the events do, from some chunk on. */
  set effects(says: boolean) {
    if (says !== this.says) this.addon.effects(this.handle, says);
    this.says = says;
  }

  close(): void {
    this.addon.stop(this.handle);
  }
}

/** The number as a small integer where it is one: V8 compiles what looks at events for these, and anew where one place came as a double. */
function smallest(number: number): number {
  const small = number | 0;
  return small === number ? small : number;
}

/** As `enum layout` of native/scan/addon.c says. */
function layoutOf(
  { tables, slots }: ScanMemory,
  piece: number,
  carry: number,
  effects: boolean,
  watched: WatchedTexts | null,
): Uint32Array {
  const { wanted, classes, paths, addresses, fdParams, texts, searched } = tables;
  const lists = slots.flatMap((slot) => [slot.dv, slot.offsets, slot.ordinals, slot.marks, slot.fds]);
  return Uint32Array.of(
    ...[piece, carry, effects ? 1 : 0, watched === null ? 0 : 1, watched?.texts.length ?? 0],
    ...[wanted, classes, paths, addresses, fdParams, texts, searched, ...lists].map(
      (view) => view.byteOffset,
    ),
  );
}
