/** Codecs of PT_SOCKADDR and PT_SOCKTUPLE (section 3.1). Byte strings throughout; addresses in network order, ports in host order. */

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** One end of an internet connection: 4 or 16 address bytes as a byte string. */
export interface InetEnd {
  readonly ip: string;
  readonly port: number;
}

export type SockAddr =
  | ({ readonly family: typeof AF_INET | typeof AF_INET6 } & InetEnd)
  | { readonly family: typeof AF_UNIX; readonly path: string }
  | { readonly family: 'other'; readonly number: number };

export type SockTuple =
  | {
      readonly family: typeof AF_INET | typeof AF_INET6;
      /** The end that began the conversation (client). */
      readonly source: InetEnd;
      readonly destination: InetEnd;
    }
  | {
      readonly family: typeof AF_UNIX;
      /** Kernel addresses of the sockets. */
      readonly source: bigint;
      readonly destination: bigint;
      readonly path: string;
    }
  | { readonly family: 'other'; readonly number: number };

function bytesAt(dv: DataView, off: number, len: number): string {
  let text = '';
  for (let i = 0; i < len; i++) text += String.fromCharCode(dv.getUint8(off + i));
  return text;
}

/** Bytes up to the first NUL, at most `len`. */
function textAt(dv: DataView, off: number, len: number): string {
  let n = 0;
  while (n < len && dv.getUint8(off + n) !== 0) n++;
  return bytesAt(dv, off, n);
}

/** Decodes a PT_SOCKADDR of `len` bytes at `off`; undefined when it is empty or shorter than its family needs. */
export function decodeSockaddr(dv: DataView, off: number, len: number): SockAddr | undefined {
  if (len < 1) return undefined;
  const family = dv.getUint8(off);
  if (family === AF_INET || family === AF_INET6) {
    const size = family === AF_INET ? 4 : 16;
    if (len < 3 + size) return undefined;
    return { family, ip: bytesAt(dv, off + 1, size), port: dv.getUint16(off + 1 + size, true) };
  }
  if (family === AF_UNIX) return { family, path: textAt(dv, off + 1, len - 1) };
  return { family: 'other', number: family };
}

/** Decodes a PT_SOCKTUPLE of `len` bytes at `off`; undefined when it is empty or shorter than its family needs. */
export function decodeSocktuple(dv: DataView, off: number, len: number): SockTuple | undefined {
  if (len < 1) return undefined;
  const family = dv.getUint8(off);
  if (family === AF_INET || family === AF_INET6) {
    const size = family === AF_INET ? 4 : 16;
    if (len < 1 + 2 * (size + 2)) return undefined;
    const second = off + 3 + size;
    return {
      family,
      source: { ip: bytesAt(dv, off + 1, size), port: dv.getUint16(off + 1 + size, true) },
      destination: { ip: bytesAt(dv, second, size), port: dv.getUint16(second + size, true) },
    };
  }
  if (family === AF_UNIX) {
    if (len < 17) return undefined;
    return {
      family,
      source: dv.getBigUint64(off + 1, true),
      destination: dv.getBigUint64(off + 9, true),
      path: textAt(dv, off + 17, len - 17),
    };
  }
  return { family: 'other', number: family };
}

function putEnd(out: Buffer, off: number, end: InetEnd, size: number): number {
  out.write(end.ip, off, size, 'latin1');
  return out.writeUInt16LE(end.port, off + size);
}

/** Bytes of a PT_SOCKADDR; families that the format does not store are empty. */
export function encodeSockaddr(addr: SockAddr): Buffer {
  if (addr.family === 'other') return Buffer.alloc(0);
  if (addr.family === AF_UNIX) return Buffer.from(`\x01${addr.path}\0`, 'latin1');
  const size = addr.family === AF_INET ? 4 : 16;
  const out = Buffer.alloc(3 + size);
  out[0] = addr.family;
  putEnd(out, 1, addr, size);
  return out;
}

/** Bytes of a PT_SOCKTUPLE; families that the format does not store are empty. */
export function encodeSocktuple(tuple: SockTuple): Buffer {
  if (tuple.family === 'other') return Buffer.alloc(0);
  if (tuple.family === AF_UNIX) {
    const out = Buffer.alloc(18 + tuple.path.length);
    out[0] = AF_UNIX;
    out.writeBigUInt64LE(tuple.source, 1);
    out.writeBigUInt64LE(tuple.destination, 9);
    out.write(tuple.path, 17, 'latin1');
    return out;
  }
  const size = tuple.family === AF_INET ? 4 : 16;
  const out = Buffer.alloc(1 + 2 * (size + 2));
  out[0] = tuple.family;
  putEnd(out, putEnd(out, 1, tuple.source, size), tuple.destination, size);
  return out;
}
