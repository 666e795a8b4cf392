import { Verdict } from './scan_codes.js';

/**
 * Which events somebody looks at, as a table: by the 65536 event types, and behind them by the code of the call for
 * generic events. The others are counted on their header alone.
 */
export type WantedEvents = Uint8Array;

/** What the table says of the event block at `off`, one of type 0x216: a `Verdict`. */
export function verdictOn(wanted: WantedEvents, dv: DataView, off: number): number {
  const verdict = wanted[dv.getUint16(off + 30, true)];
  if (verdict !== Verdict.BY_CODE) return verdict;
  const nparams = dv.getUint32(off + 32, true);
  const code =
    nparams > 0 && dv.getUint16(off + 36, true) >= 2 ? dv.getUint16(off + 36 + 2 * nparams, true) : 0;
  return wanted[65536 + code];
}
