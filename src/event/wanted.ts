/**
 * Which events somebody looks at, as a table: by the 65536 event types, and behind them by the code of the call for
 * generic events. The others are counted on their header alone.
 */
export type WantedEvents = Uint8Array;

/** In the table: the code of the generic event decides. */
export const BY_CODE = 2;

/**
 * In the table of a run whose filter rules out threads or fds: of events of these nobody has to look at such a type. Numbers beyond the others,
 * so that one comparison tells.
 */
export const Leave = {
  /** Calls that change nothing but what is known of the call under way; also codes of generic events. */
  PLAIN: 3,
  /** They change nothing. */
  ASIDE: 4,
  /** They change the state, but not what a ruling looks at. */
  CHANGING: 5,
} as const;

/** What the table says of the event block at `off`, one of type 0x216: 0 is "not wanted". */
export function verdictOn(wanted: WantedEvents, dv: DataView, off: number): number {
  const verdict = wanted[dv.getUint16(off + 30, true)];
  if (verdict !== BY_CODE) return verdict;
  const nparams = dv.getUint32(off + 32, true);
  const code =
    nparams > 0 && dv.getUint16(off + 36, true) >= 2 ? dv.getUint16(off + 36 + 2 * nparams, true) : 0;
  return wanted[65536 + code];
}

/**
 * Lists the wanted events among the sound event blocks from `start` to `end`: offsets of their blocks, and which of the events they are.
 * Those whose block is not of the plain kind are all listed. Gives how many.
 * @param wanted null: all.
 */
export function listWanted(
  wanted: WantedEvents | null,
  dv: DataView,
  start: number,
  end: number,
  offsets: Int32Array,
  ordinals: Int32Array,
): number {
  let length = 0;
  let ordinal = 0;
  for (let at = start; at < end; at += dv.getUint32(at + 4, true), ordinal++) {
    if (wanted !== null && dv.getUint32(at, true) === 0x216 && verdictOn(wanted, dv, at) === 0) continue;
    offsets[length] = at;
    ordinals[length++] = ordinal;
  }
  return length;
}
