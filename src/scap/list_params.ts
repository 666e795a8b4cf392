import { DYN_PARAMS } from './events.generated.js';

/** Codecs of parameters that hold several values: PT_FDLIST, NUL separated text, PT_DYN (section 3.1). */

export interface PolledFd {
  readonly fd: number;
  /** Stored poll flags (flag table `poll_flags`). */
  readonly flags: number;
}

const FDLIST_ENTRY = 10;

/** Decodes a PT_FDLIST of `len` bytes at `off`. A count that says more than there are bytes is cut down to them. */
export function decodeFdlist(dv: DataView, off: number, len: number): PolledFd[] {
  if (len < 2) return [];
  const count = Math.min(dv.getUint16(off, true), Math.floor((len - 2) / FDLIST_ENTRY));
  const list: PolledFd[] = [];
  for (let i = 0, at = off + 2; i < count; i++, at += FDLIST_ENTRY) {
    const fd = dv.getInt32(at + 4, true) * 4294967296 + dv.getUint32(at, true);
    list.push({ fd, flags: dv.getInt16(at + 8, true) });
  }
  return list;
}

export function encodeFdlist(list: readonly PolledFd[]): Buffer {
  const out = Buffer.alloc(2 + list.length * FDLIST_ENTRY);
  let at = out.writeUInt16LE(list.length, 0);
  for (const { fd, flags } of list) {
    at = out.writeBigInt64LE(BigInt(fd), at);
    at = out.writeInt16LE(flags, at);
  }
  return out;
}

/** Pieces that each end with NUL (args, env, cgroups) as byte strings; the last NUL may be missing. */
export function decodeStrings(bytes: Buffer, off: number, len: number): string[] {
  if (len <= 0) return [];
  const last = bytes[off + len - 1] === 0 ? len - 1 : len;
  return bytes.latin1Slice(off, off + last).split('\0');
}

/** Where the value of a PT_DYN parameter lies and what it is. */
export interface DynValue {
  /** PT_* number of the alternative. */
  readonly type: number;
  readonly fmt: string;
  readonly off: number;
  readonly len: number;
}

/** Chooses the alternative of a PT_DYN parameter; undefined when it is empty or its table has no such entry. */
export function decodeDyn(
  dv: DataView,
  off: number,
  len: number,
  dynTable: string | undefined,
): DynValue | undefined {
  if (len < 1 || dynTable === undefined) return undefined;
  const alternative = DYN_PARAMS[dynTable]?.[dv.getUint8(off)];
  if (alternative === undefined) return undefined;
  return { type: alternative.type, fmt: alternative.fmt, off: off + 1, len: len - 1 };
}
