// Told to C by scripts/build-wasm.mjs.

/** Why a scan stopped. */
export enum Stop {
  /** The bytes end inside a block, or exactly behind one. */
  MORE = 0,
  /** A block that is not an event. */
  OTHER = 1,
  /** The block's lengths contradict each other: what follows cannot be trusted. */
  FRAME = 2,
  /** A sound block whose event contradicts itself: it can be stepped over. */
  EVENT = 3,
}
