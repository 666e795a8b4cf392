import {
  BLOCK_FRAME,
  Block,
  blockLength,
  EVENT_HEADER,
  EVF_STATE_ONLY,
  OLD_EVENT_HEADER,
  OldBlock,
} from './blocks.js';
import { EC, EF, EVENTS, PPME, PT } from './events.generated.js';
import { countOldParams } from './old_event.js';

/** Changes to whole event blocks on their way into another file. The blocks must be sound, as a Source delivers them. */

const FLAGS_BLOCK = new Map<number, number>([
  [Block.EVENT, Block.EVENT_FLAGS],
  [Block.EVENT_LARGE, Block.EVENT_FLAGS_LARGE],
  [OldBlock.EVENT, OldBlock.EVENT_FLAGS],
  [OldBlock.EVENT_PRERELEASE, OldBlock.EVENT_FLAGS],
]);

/** What a fat file (-F) does with an event that the filter rejected. */
export type Rejected = 'drop' | 'keep' | 'state-only';

/** Internal events and notifications (of losses) are always kept; events that change the state stay in as state-only; the others go. */
export function fateOfRejected(type: number): Rejected {
  const info = EVENTS[type];
  if (info === undefined) return 'drop';
  if ((info.category & EC.INTERNAL) !== 0 || type === PPME.NOTIFICATION_E) return 'keep';
  return (info.flags & EF.MODIFIES_STATE) !== 0 ? 'state-only' : 'drop';
}

/** A copy of the block at `off` with the flag "for state only" set: a plain event block becomes one with flags. */
export function toStateOnly(bytes: Buffer, off: number): Buffer {
  const type = bytes.readUInt32LE(off);
  const total = bytes.readUInt32LE(off + 4);
  const withFlags = FLAGS_BLOCK.get(type);
  if (withFlags === undefined) {
    const copy = Buffer.from(bytes.subarray(off, off + total));
    copy.writeUInt32LE((copy.readUInt32LE(10) | EVF_STATE_ONLY) >>> 0, 10);
    return copy;
  }
  const out = Buffer.allocUnsafe(total + 4);
  out.writeUInt32LE(withFlags, 0);
  out.writeUInt32LE(total + 4, 4);
  bytes.copy(out, 8, off + 8, off + 10);
  out.writeUInt32LE(EVF_STATE_ONLY, 10);
  bytes.copy(out, 14, off + 10, off + total - 4);
  out.writeUInt32LE(total + 4, total);
  return out;
}

/** By event type: index of the parameter that holds the bytes read or written, -1 if there is none. */
const DATA_PARAM: readonly number[] = EVENTS.map((info) =>
  info.id === PPME.ASYNCEVENT_E
    ? -1
    : info.params.findIndex((param) => param.type === PT.BYTEBUF && param.name === 'data'),
);

/**
 * A copy of the block at `off` in which the I/O buffer is cut to `snaplen` bytes; null if there is nothing to cut.
 * Everything else, the result of the call included, stays as it is.
 */
export function cutBuffer(bytes: Buffer, dv: DataView, off: number, snaplen: number): Buffer | null {
  const blockType = dv.getUint32(off, true);
  const withFlags =
    blockType === Block.EVENT_FLAGS ||
    blockType === Block.EVENT_FLAGS_LARGE ||
    blockType === OldBlock.EVENT_FLAGS;
  const hdr = off + (withFlags ? 14 : 10);
  const type = dv.getUint16(hdr + 20, true);
  const index = DATA_PARAM[type] ?? -1;
  if (index < 0) return null;
  const old =
    blockType === OldBlock.EVENT ||
    blockType === OldBlock.EVENT_PRERELEASE ||
    blockType === OldBlock.EVENT_FLAGS;
  const len = dv.getUint32(hdr + 16, true);
  const nparams = old ? countOldParams(dv, hdr, len, type) : dv.getUint32(hdr + 22, true);
  if (index >= nparams) return null;
  const lens = hdr + (old ? OLD_EVENT_HEADER : EVENT_HEADER);
  const size = dv.getUint16(lens + index * 2, true);
  if (size <= snaplen) return null;
  let data = lens + nparams * 2;
  for (let i = 0; i < index; i++) data += dv.getUint16(lens + i * 2, true);
  const cut = size - snaplen;
  const total = blockLength(hdr - off - 8 + len - cut);
  const out = Buffer.alloc(total);
  const keep = data + snaplen;
  bytes.copy(out, 0, off, keep);
  bytes.copy(out, keep - off, data + size, hdr + len);
  out.writeUInt32LE(total, 4);
  out.writeUInt32LE(len - cut, hdr - off + 16);
  out.writeUInt16LE(snaplen, lens - off + index * 2);
  out.writeUInt32LE(total, total - 4);
  return out;
}

/** Offset of the end of the last whole block that lies between `start` and `limit`. */
export function lastWholeBlock(bytes: Buffer, start: number, limit: number): number {
  let pos = start;
  while (limit - pos >= BLOCK_FRAME) {
    const total = bytes.readUInt32LE(pos + 4);
    if (total < BLOCK_FRAME || total > limit - pos) break;
    pos += total;
  }
  return pos;
}
