import { SLACK } from './block_window.js';

/** Pieces under way between the two threads: small enough to stay in the processor's cache on their way. */
export const SLOTS = 16;
/** Bytes of the file per piece. */
export const PIECE = 256 * 1024;
/** The smallest event block has 44 bytes. */
const MOST_EVENTS = Math.ceil(PIECE / 44);
/** Places in the table of wanted events: types, then codes. */
const WANTED = 2 * 65536;

/** What the reading thread is told. */
export const Command = { WAIT: 0, READ: 1, QUIT: 2 } as const;

// Places in `control`.
export const COMMAND = 0;
/** 1: the reading thread is up. */
export const READY = 1;
/** Pieces that were put in since `begin`, and how many of them were given back. */
export const FILLED = 2;
export const TAKEN = 3;
/** 1: all events are wanted, whatever the table says. */
export const ALL = 4;
/** Of each slot: bytes of whole blocks in it (0: what stands at `position` is not for the reading thread), events in them, events that are listed. */
export const END = 5;
export const EVENTS = END + SLOTS;
export const LISTED = EVENTS + SLOTS;
const WORDS = LISTED + SLOTS;

/**
 * Waking the other thread costs more than working on a piece: a reader that waits for room is woken when so few pieces
 * are left, and the one that waits for pieces while there are no more than these.
 */
export const FEW_LEFT = (SLOTS * 3) / 4;
export const FEW_FILLED = 2;

/** One piece of a file: its bytes, and where in it the events are that somebody looks at. */
export interface Slot {
  readonly bytes: Buffer;
  readonly dv: DataView;
  /** Offsets of listed events, and which events of the piece they are (0: the first). */
  readonly offsets: Int32Array;
  readonly ordinals: Int32Array;
}

/** Memory that both threads see. */
export interface ScanRing {
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array;
  /** One number: where in the file to begin, or where the reading thread ended. */
  readonly position: Float64Array;
  /** Table of the wanted events. */
  readonly wanted: Uint8Array;
  readonly slots: readonly Slot[];
}

const ROOM = PIECE + SLACK;
const SLOT_SIZE = ROOM + 2 * 4 * MOST_EVENTS;
/** In front of the slots: the position, the control words, the table. */
const TABLE = 8 + Math.ceil((WORDS * 4) / 8) * 8;
const HEAD = TABLE + WANTED;

/** Lays the ring over its memory; makes that if none is given. */
export function scanRing(memory = new SharedArrayBuffer(HEAD + SLOTS * SLOT_SIZE)): ScanRing {
  const slots = Array.from({ length: SLOTS }, (_, i) => {
    const at = HEAD + i * SLOT_SIZE;
    return {
      bytes: Buffer.from(memory, at, ROOM),
      dv: new DataView(memory, at, ROOM),
      offsets: new Int32Array(memory, at + ROOM, MOST_EVENTS),
      ordinals: new Int32Array(memory, at + ROOM + 4 * MOST_EVENTS, MOST_EVENTS),
    };
  });
  return {
    memory,
    control: new Int32Array(memory, 8, WORDS),
    position: new Float64Array(memory, 0, 1),
    wanted: new Uint8Array(memory, TABLE, WANTED),
    slots,
  };
}
