import { OLD_EVENT_HEADER } from './blocks.js';
import { EVENTS } from './events.generated.js';

/** Some old writers counted this many bytes too many in notification and infrastructure events. */
const SURPLUS = 3;

/**
 * Number of parameters of an event in a block of the first format, whose header does not say it: the first count, from the
 * table's down, for which the lengths and what they say fill the event exactly (section 3). 0 if none does.
 */
export function countOldParams(dv: DataView, hdr: number, len: number, type: number): number {
  const room = len - OLD_EVENT_HEADER;
  const lens = hdr + OLD_EVENT_HEADER;
  for (let n = EVENTS[type]?.params.length ?? 0; n > 0; n--) {
    let sum = n * 2;
    if (sum > room) continue;
    for (let i = 0; i < n; i++) sum += dv.getUint16(lens + i * 2, true);
    if (sum === room || sum === room - SURPLUS) return n;
  }
  return 0;
}
