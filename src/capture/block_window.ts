import { SLACK } from '../event/scan_codes.js';
import type { ByteFeed } from './byte_feed.js';

const NOTHING = Buffer.alloc(0);
const FIRST_SEAM = 128 * 1024;
/** A seam that grew beyond this (a long process list) is given back. */
const LARGEST_KEPT_SEAM = 1024 * 1024;

/**
 * A window over the bytes of a feed in which whole blocks can be had. Pieces of the feed are used in place; only a
 * block that lies across two pieces is put together in a buffer of its own (the seam), which grows with the
 * bytes that really came, never with a length that some block claims.
 */
export class BlockWindow {
  bytes: Buffer = Buffer.alloc(0);
  dv: DataView = new DataView(new ArrayBuffer(0));
  /** The unread bytes of the window. */
  pos = 0;
  end = 0;
  /** Where `bytes[0]` stands in the capture. */
  base = 0;

  private readonly feed: ByteFeed;
  // The piece that follows the seam.
  private piece: Buffer | null = null;
  private piecePos = 0;
  private seam: Buffer = Buffer.alloc(0);
  private seamDv: DataView = this.dv;
  private pieceDv: DataView = this.dv;
  private lastPiece: Buffer | null = null;

  constructor(feed: ByteFeed) {
    this.feed = feed;
  }

  /** Place in the capture of the next unread byte. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** True when reads of blocks may go up to `limit` with SLACK behind. */
  get limit(): number {
    return Math.min(this.end, this.bytes.length - SLACK);
  }

  /** Forgets what it holds: the feed goes on at another place of the capture. */
  restart(at: number): void {
    this.bytes = NOTHING;
    this.piece = null;
    this.pos = 0;
    this.end = 0;
    this.base = at;
  }

  private get inSeam(): boolean {
    return this.bytes === this.seam;
  }

  /** Moves on to the rest of the piece when the window is used up. */
  private advance(): void {
    if (this.pos !== this.end || this.piece === null) return;
    const at = this.offset;
    this.bytes = this.piece;
    this.dv = this.pieceDv;
    this.pos = this.piecePos;
    this.end = this.piece.length;
    this.base = at - this.pos;
    this.piece = null;
    if (this.seam.length > LARGEST_KEPT_SEAM) this.setSeam(Buffer.alloc(FIRST_SEAM));
  }

  private setPiece(piece: Buffer): void {
    this.piece = piece;
    this.piecePos = 0;
    // Feeds of plain files give the same buffer again and again.
    if (piece !== this.lastPiece) {
      this.pieceDv = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
      this.lastPiece = piece;
    }
  }

  /** Moves the unread bytes to the seam. */
  private toSeam(): void {
    if (this.inSeam) return;
    const left = this.end - this.pos;
    if (this.seam.length < left + SLACK) this.setSeam(Buffer.alloc(Math.max(FIRST_SEAM, 2 * left + SLACK)));
    this.bytes.copy(this.seam, 0, this.pos, this.end);
    this.base = this.offset;
    this.bytes = this.seam;
    this.dv = this.seamDv;
    this.pos = 0;
    this.end = left;
  }

  private setSeam(seam: Buffer): void {
    this.seam = seam;
    this.seamDv = new DataView(seam.buffer, seam.byteOffset, seam.byteLength);
  }

  /** Room for at least one more byte in the seam; at best for `n` in the whole. */
  private growSeam(n: number): void {
    const old = this.seam;
    if (this.pos > 0) {
      old.copy(old, 0, this.pos, this.end);
      this.base += this.pos;
      this.end -= this.pos;
      this.pos = 0;
    }
    if (this.end + SLACK < old.length) return;
    const bigger = Buffer.alloc(Math.min(old.length * 2, Math.max(n + SLACK, old.length + SLACK)));
    old.copy(bigger, 0, 0, this.end);
    this.setSeam(bigger);
    this.bytes = bigger;
    this.dv = this.seamDv;
  }

  /**
   * Makes `n` unread bytes stand in one piece, with SLACK behind. False when the capture ends before.
   * What was handed out before may be overwritten.
   */
  want(n: number): boolean | Promise<boolean> {
    for (;;) {
      this.advance();
      const have = this.end - this.pos;
      if (have >= n && this.pos + n <= this.bytes.length - SLACK) return true;
      if (have >= n) {
        // All there, but too close to the end of the buffer.
        this.toSeam();
        return true;
      }
      if (this.piece === null) {
        if (have > 0) this.toSeam();
        const piece = this.feed.read();
        if (piece instanceof Promise)
          return piece.then((late) => {
            if (late === null) return false;
            this.setPiece(late);
            return this.want(n);
          });
        if (piece === null) return false;
        this.setPiece(piece);
        continue;
      }
      this.toSeam();
      if (this.pos + n + SLACK > this.seam.length) this.growSeam(n);
      const piece: Buffer = this.piece;
      const take = Math.min(n - have, piece.length - this.piecePos, this.seam.length - SLACK - this.end);
      piece.copy(this.seam, this.end, this.piecePos, this.piecePos + take);
      this.end += take;
      this.piecePos += take;
      if (this.piecePos === piece.length) this.piece = null;
    }
  }

  /** Passes over up to `n` unread bytes; gives how many it could pass without waiting for the feed. */
  skip(n: number): number {
    this.advance();
    let step = Math.min(n, this.end - this.pos);
    this.pos += step;
    if (step < n && this.piece === null && this.feed.skip?.(n - step)) {
      this.base += n - step;
      step = n;
    }
    return step;
  }
}
