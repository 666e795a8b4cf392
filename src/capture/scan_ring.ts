import { ScanMemory, type ScanSlot } from '../event/scan_memory.js';
import type { SharedMemory } from '../event/web_assembly.js';

/** Pieces under way between the two threads: small enough to stay in the processor's cache on their way. */
export const SLOTS = 16;
/** Bytes of the file per piece. */
export const PIECE = 256 * 1024;
/** What the reading thread is told. */
export const Command = { WAIT: 0, READ: 1, QUIT: 2 } as const;

// Places in `control`.
export const COMMAND = 0;
/** 1: the reading thread is up. */
export const READY = 1;
/** Pieces that were put in since `begin`, and how many of them were given back. */
export const FILLED = 2;
export const TAKEN = 3;
/** 1: it also says what the wanted events do. */
export const EFFECTS = 4;
/** Of each slot: bytes of whole blocks in it (0: what stands at `position` is not for the reading thread), events in them, events that are listed, threads that these are of, and one more. */
export const END = 5;
export const EVENTS = END + SLOTS;
export const LISTED = EVENTS + SLOTS;
export const THREADS = LISTED + SLOTS;
const WORDS = THREADS + SLOTS;

/**
 * Waking the other thread costs more than working on a piece: a reader that waits for room is woken when so few pieces
 * are left, and the one that waits for pieces while there are no more than these.
 */
export const FEW_LEFT = (SLOTS * 3) / 4;
export const FEW_FILLED = 2;

/** Memory that both threads see. */
export interface ScanRing {
  readonly scan: ScanMemory;
  readonly control: Int32Array;
  /** One number: where in the file to begin, or where the reading thread ended. */
  readonly position: Float64Array;
  readonly slots: readonly ScanSlot[];
}

/**
 * Lays the ring over its memory; makes that if none is given.
 * @throws where there is no WebAssembly or not enough address space.
 */
export function scanRing(memory?: SharedMemory): ScanRing {
  const scan = new ScanMemory(SLOTS, PIECE, 8 + 4 * WORDS, memory);
  const { buffer, byteOffset } = scan.front;
  return {
    scan,
    control: new Int32Array(buffer, byteOffset + 8, WORDS),
    position: new Float64Array(buffer, byteOffset, 1),
    slots: scan.slots,
  };
}
