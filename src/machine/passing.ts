import { Verdict } from '../event/scan_codes.js';
import { KINDS, Kind } from './event_kinds.js';
import { HANDLERS } from './handlers.js';

/**
 * How events of a type may be passed over once a filter has ruled out their thread or fd (see `passBy`). NO: not at all, as they
 * may tell who a thread is.
 */
export const Passing = {
  NO: 0,
  PLAIN: Verdict.PLAIN,
  ASIDE: Verdict.ASIDE,
  CHANGING: Verdict.CHANGING,
} as const;

const TELLS_THREADS = new Uint8Array(1024);
for (const type of HANDLERS.tellingThreads) TELLS_THREADS[type] = 1;

/** Passing number of a type. `handled`: it has a handler under the present plan; `usage`: use of the processor is counted. */
export function passingOf(type: number, handled: boolean, usage: boolean): number {
  switch (KINDS[type]) {
    case Kind.ENTER:
    case Kind.EXIT:
      if (!handled) return Passing.PLAIN;
      return TELLS_THREADS[type] === 1 ? Passing.NO : Passing.CHANGING;
    case Kind.SWITCH:
    case Kind.PROCINFO:
      return usage ? Passing.CHANGING : Passing.ASIDE;
    case Kind.ASIDE:
      return handled ? Passing.NO : Passing.ASIDE;
    default:
      return Passing.NO;
  }
}

/**
 * A 1 for each event type that may tell of names under a machine's plan: what it says is taken into the state, or kept for an event
 * that is.
 */
export function namingTypes({ passing, keeps }: { passing: Uint8Array; keeps: Uint8Array }): Uint8Array {
  return passing.map((how, type) =>
    (how === Passing.PLAIN || how === Passing.ASIDE) && keeps[type] !== 1 ? 0 : 1,
  );
}
