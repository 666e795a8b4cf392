import { BLOCK_FRAME, EVENT_HEADER, OLD_EVENT_HEADER, OldBlock } from './blocks.js';
import { Stop } from './scan_stop.js';

/** Smallest event blocks: frame, cpu, flags if any, event header. */
const MIN_EVENT = BLOCK_FRAME + 2 + EVENT_HEADER;
const MIN_EVENT_FLAGS = MIN_EVENT + 4;
const MIN_OLD = BLOCK_FRAME + 2 + OLD_EVENT_HEADER;

/**
 * Steps over event blocks and checks each length before anybody believes it, so that the code behind
 * can read parameters without a check: the block ends with its own length again, the event lies inside the
 * block, the parameters inside the event.
 */
export class EventScanner {
  /** Why the last scan stopped: a `Stop` number. */
  stop: number = Stop.MORE;
  /** Events stepped over by the last scan. */
  count = 0;

  /** Offset behind the last good event block from `pos` on, where all of it lies before `limit`. */
  scan(dv: DataView, pos: number, limit: number): number {
    let count = 0;
    let stop: number = Stop.MORE;
    while (limit - pos >= BLOCK_FRAME) {
      const blockType = dv.getUint32(pos, true);
      const total = dv.getUint32(pos + 4, true);
      let hdr = pos + 10;
      if (blockType === 0x216 || blockType === 0x221) {
        if (total < MIN_EVENT) {
          stop = Stop.FRAME;
          break;
        }
      } else if (blockType === 0x217 || blockType === 0x222) {
        if (total < MIN_EVENT_FLAGS) {
          stop = Stop.FRAME;
          break;
        }
        hdr = pos + 14;
      } else {
        stop = this.checkOld(dv, pos, limit, blockType, total);
        if (stop !== GOOD) break;
        pos += total;
        count++;
        stop = Stop.MORE;
        continue;
      }
      if (total > limit - pos) break;
      const end = pos + total - 4;
      if (dv.getUint32(end, true) !== total) {
        stop = Stop.FRAME;
        break;
      }
      const len = dv.getUint32(hdr + 16, true);
      const type = dv.getUint16(hdr + 20, true);
      const nparams = dv.getUint32(hdr + 22, true);
      // The lengths lie inside the block as well: the loop below cannot leave it.
      const large = type === 322 || type === 324 || type === 402;
      let sum = EVENT_HEADER + nparams * (large ? 4 : 2);
      if (len > end - hdr || sum > len) {
        stop = Stop.EVENT;
        break;
      }
      let at = hdr + EVENT_HEADER;
      if (large) for (let i = 0; i < nparams; i++, at += 4) sum += dv.getUint32(at, true);
      else for (let i = 0; i < nparams; i++, at += 2) sum += dv.getUint16(at, true);
      if (sum > len) {
        stop = Stop.EVENT;
        break;
      }
      pos += total;
      count++;
    }
    this.stop = stop;
    this.count = count;
    return pos;
  }

  /** Blocks of the first format: their readers find the parameter count by a search that stays inside `len`. */
  private checkOld(dv: DataView, pos: number, limit: number, blockType: number, total: number): number {
    let hdr: number;
    if (blockType === OldBlock.EVENT || blockType === OldBlock.EVENT_PRERELEASE) hdr = pos + 10;
    else if (blockType === OldBlock.EVENT_FLAGS) hdr = pos + 14;
    else return Stop.OTHER;
    if (total < MIN_OLD + (hdr - pos - 10)) return Stop.FRAME;
    if (total > limit - pos) return Stop.MORE;
    const end = pos + total - 4;
    if (dv.getUint32(end, true) !== total) return Stop.FRAME;
    const len = dv.getUint32(hdr + 16, true);
    // Some old writers counted 3 bytes too many.
    return len < OLD_EVENT_HEADER || len > end - hdr + 3 ? Stop.EVENT : GOOD;
  }
}

const GOOD = -1;
