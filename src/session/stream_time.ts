import type { EventChunk } from '../capture/source.js';

/** Offset of the time in a plain event block; blocks with flags have it 4 bytes later. */
const STAMP = 10;
const PLAIN = new Set([0x216, 0x221]);

/** Time of the event block at `off`, ns since the epoch. */
function stampAt(dv: DataView, off: number): bigint {
  return dv.getBigUint64(off + (PLAIN.has(dv.getUint32(off, true)) ? STAMP : STAMP + 4), true);
}

/**
 * The time up to which a live stream has been processed: what events of our own are stamped with, so that they stand in
 * order however the wall clock was set meanwhile.
 */
export class StreamTime {
  private before = 0n;
  private last = 0n;
  private fresh = false;

  /** A chunk has come from the source and is about to be processed. */
  arrived(chunk: EventChunk): void {
    if (chunk.end <= chunk.start) return;
    this.before = this.last;
    // Every block ends with its length. Times grow along a chunk, so the last block has the latest.
    const { dv, end } = chunk;
    const time = stampAt(dv, end - dv.getUint32(end - 4, true));
    if (time > this.last) this.last = time;
    if (this.before === 0n) this.before = stampAt(dv, chunk.start);
    this.fresh = true;
  }

  /** The chunk that arrived last is being processed from now on. */
  entered(): void {
    this.fresh = false;
  }

  /** Time of the event processed last, ns since the epoch; the wall clock as long as there was none. */
  get now(): bigint {
    const now = this.fresh ? this.before : this.last;
    return now === 0n ? BigInt(Date.now()) * 1_000_000n : now;
  }
}
