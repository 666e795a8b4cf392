import { SLACK } from './block_window.js';

/** Pieces under way between the two threads: small enough to stay in the processor's cache on their way. */
export const SLOTS = 6;
/** Bytes of the file per piece. */
export const PIECE = 256 * 1024;
/** The smallest event block has 44 bytes. */
const MOST_EVENTS = Math.ceil(PIECE / 44);

/** What the reading thread is told. */
export const Command = { WAIT: 0, READ: 1, QUIT: 2 } as const;
/** State of a slot. HANDED_BACK: what stands at `position[0]` is not for the reading thread. */
export const SlotState = { FREE: 0, FULL: 1, HANDED_BACK: 2 } as const;

// Places in `control`.
export const COMMAND = 0;
export const READY = 1;
/** The state of each slot. */
export const STATE = 2;
/** Of each slot: bytes of whole blocks in it, events in them, events that are listed. */
export const END = STATE + SLOTS;
export const EVENTS = END + SLOTS;
export const LISTED = EVENTS + SLOTS;
const WORDS = LISTED + SLOTS;

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
  readonly slots: readonly Slot[];
}

const ROOM = PIECE + SLACK;
const SLOT_SIZE = ROOM + 2 * 4 * MOST_EVENTS;
/** In front of the slots: the position, then the control words. */
const HEAD = 8 + Math.ceil((WORDS * 4) / 8) * 8;

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
    slots,
  };
}
