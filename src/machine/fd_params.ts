import { TELLS_FD } from '../event/effects.js';
import { FdParam, KNOWN_TYPES } from '../event/scan_codes.js';
import { EVENTS } from '../scap/events.generated.js';
import { ENTER_FD, FD_EVENTS } from './event_kinds.js';

/** A `FdParam` by event type. */
export const FD_PARAMS = Uint8Array.from({ length: KNOWN_TYPES }, (_, type) => {
  if (FD_EVENTS[type] !== 1) return FdParam.NONE;
  if (TELLS_FD.includes(type)) return FdParam.LOOK;
  if (EVENTS[type]?.enter !== true || ENTER_FD[type] < 0) return FdParam.UNKNOWN;
  return ENTER_FD[type] === 0 ? FdParam.FIRST : FdParam.LOOK;
});
