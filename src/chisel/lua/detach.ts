/** V8 makes substrings of this length and more as views that keep the whole text alive. */
const VIEW_LENGTH = 13;
/** A view of less than a quarter of its text, and of a text worth letting go. */
const SHARE = 4;
const WORTH = 256;

const scratch = Buffer.allocUnsafeSlow(4096);

/**
 * A piece of a text of `whole` bytes, as a text of its own if keeping it would keep much more alive: scripts hold on to
 * a URL for long, and not to the buffer it was cut from.
 */
export function detach(piece: string, whole: number): string {
  const n = piece.length;
  if (n < VIEW_LENGTH || whole < WORTH || n * SHARE > whole || n > scratch.length) return piece;
  scratch.latin1Write(piece, 0, n);
  return scratch.latin1Slice(0, n);
}
