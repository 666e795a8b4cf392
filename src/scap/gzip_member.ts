/**
 * gzip members that say how long they are. A gzip header may carry extra fields (RFC 1952, section 2.3.1.1), which every reader passes
 * over; ours holds the sizes of the member, so that a reader that knows it can inflate several members at once.
 */

/** Header without extra fields. */
const HEADER = 10;
const FLAG_EXTRA = 4;
/** XLEN, two letters, length of the data, two sizes. */
const EXTRA = 2 + 2 + 2 + 8;
const LETTER_1 = 0x74; // t
const LETTER_2 = 0x73; // s

/** Bytes from which on `memberSizes` can tell. */
export const MEMBER_PREFIX = HEADER + EXTRA;

/** Puts the sizes into a gzip member as zlib makes it (without extra fields); `raw` is the number of bytes in it. */
export function markMember(member: Buffer, raw: number): Buffer {
  const out = Buffer.allocUnsafe(member.length + EXTRA);
  member.copy(out, 0, 0, HEADER);
  out[3] |= FLAG_EXTRA;
  let at = out.writeUInt16LE(EXTRA - 2, HEADER);
  at = out.writeUInt8(LETTER_1, at);
  at = out.writeUInt8(LETTER_2, at);
  at = out.writeUInt16LE(8, at);
  at = out.writeUInt32LE(out.length, at);
  at = out.writeUInt32LE(raw, at);
  member.copy(out, at, HEADER);
  return out;
}

/** Sizes of the member at `off`, if it says them: of the member, and of the bytes in it. */
export function memberSizes(bytes: Buffer, off: number): { packed: number; raw: number } | undefined {
  if (bytes.length - off < MEMBER_PREFIX) return undefined;
  const marked =
    bytes.readUInt32LE(off) === 0x04088b1f &&
    bytes.readUInt16LE(off + HEADER) === EXTRA - 2 &&
    bytes[off + HEADER + 2] === LETTER_1 &&
    bytes[off + HEADER + 3] === LETTER_2 &&
    bytes.readUInt16LE(off + HEADER + 4) === 8;
  if (!marked) return undefined;
  return { packed: bytes.readUInt32LE(off + HEADER + 6), raw: bytes.readUInt32LE(off + HEADER + 10) };
}
