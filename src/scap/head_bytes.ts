import { Block, blockLength } from './blocks.js';
import { GrowingBuffer } from './growing_buffer.js';
import type { StoredFds } from './stored_fds.js';

/** Stored lists are handed out in pieces of about this size. */
const PIECE = 64 * 1024;

/** Writes one block: what `body` puts in, framed and padded. */
export function block(out: GrowingBuffer, type: number, body: () => void): void {
  const start = out.length;
  out.u32(type);
  out.u32(0);
  body();
  const total = blockLength(out.length - start - 8);
  out.zeros(total - 4 - (out.length - start));
  out.u32(total);
  out.setU32(start + 4, total);
}

/** The fd list of a thread, as it is stored. */
interface StoredList {
  /** It stands before this place of what was encoded. */
  readonly at: number;
  readonly tid: number;
  readonly fds: StoredFds;
}

/**
 * The blocks of an encoded head. Fd lists that go into it as they are stored, which of a large machine is most of it, are only referred
 * to: a head waits for the first event, and copied they would lie in memory a second time until then.
 */
export class HeadBytes {
  private readonly lists: StoredList[] = [];
  private readonly out: GrowingBuffer;

  constructor(out: GrowingBuffer) {
    this.out = out;
  }

  /** Puts a stored list behind what was encoded so far. */
  addFds(tid: number, fds: StoredFds): void {
    this.lists.push({ at: this.out.length, tid, fds });
  }

  /** The blocks in order, whole ones in each piece; a piece is valid until the next one is asked for. */
  *pieces(): Generator<Buffer> {
    const { lists, out } = this;
    const bytes = out.done();
    if (lists.length === 0) {
      yield bytes;
      return;
    }
    const piece = new GrowingBuffer(PIECE);
    let done = lists[0].at;
    yield bytes.subarray(0, done);
    for (const { at, tid, fds } of lists) {
      piece.raw(bytes.subarray(done, at));
      done = at;
      block(piece, Block.FDS, () => {
        piece.u64(tid);
        piece.raw(fds.bytes);
      });
      if (piece.length < PIECE / 2) continue;
      yield piece.done();
      piece.clear();
    }
    piece.raw(bytes.subarray(done));
    yield piece.done();
  }

  /** Everything in one piece. */
  whole(): Buffer {
    return Buffer.concat(Array.from(this.pieces(), (piece) => Buffer.from(piece)));
  }

  /** Gives the memory back: nothing is to be had of it any more. */
  release(): void {
    this.lists.length = 0;
    this.out.release();
  }
}
