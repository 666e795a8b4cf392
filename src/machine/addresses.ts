/** Texts of network addresses. Addresses are byte strings of 4 or 16 bytes in network order. */

/** Texts already made: the same few addresses come again and again. */
const texts = new Map<string, string>();

/** Canonical text of an IPv4 or IPv6 address; '' for anything else. */
export function ipText(addr: string): string {
  const known = texts.get(addr);
  if (known !== undefined) return known;
  const text = addr.length === 4 ? ipv4Text(addr) : addr.length === 16 ? ipv6Text(addr) : '';
  if (texts.size >= 4096) texts.clear();
  texts.set(addr, text);
  return text;
}

function ipv4Text(addr: string): string {
  return `${addr.charCodeAt(0)}.${addr.charCodeAt(1)}.${addr.charCodeAt(2)}.${addr.charCodeAt(3)}`;
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function ipv6Text(addr: string): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(addr.charCodeAt(i) * 256 + addr.charCodeAt(i + 1));
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > runLength) {
      runStart = i;
      runLength = n;
    }
    if (n > 0) i += n - 1;
  }
  // inet_ntop shows the last 32 bits of ::a.b.c.d and ::ffff:a.b.c.d in dotted form.
  if (runStart === 0 && (runLength === 6 || (runLength === 5 && groups[5] === 0xffff))) {
    return `${runLength === 6 ? '::' : '::ffff:'}${ipv4Text(addr.slice(12))}`;
  }
  const hex = (list: number[]): string => list.map((g) => g.toString(16)).join(':');
  if (runStart < 0) return hex(groups);
  return `${hex(groups.slice(0, runStart))}::${hex(groups.slice(runStart + runLength))}`;
}

/** An IPv4 address inside IPv6 (::ffff:a.b.c.d). */
export function isMapped(addr: string): boolean {
  return addr.length === 16 && addr.startsWith(MAPPED_PREFIX);
}

const MAPPED_PREFIX = '\0\0\0\0\0\0\0\0\0\0\xff\xff';

/** All bytes zero: the unspecified address. */
export function isAny(addr: string): boolean {
  for (let i = 0; i < addr.length; i++) if (addr.charCodeAt(i) !== 0) return false;
  return true;
}

/** `ip:port->ip:port`, as fd.name shows a connection. */
export function connectionName(cip: string, cport: number, sip: string, sport: number): string {
  return `${ipText(cip)}:${cport}->${ipText(sip)}:${sport}`;
}

/** `ip:port`, as fd.name shows a listening socket. */
export function serverName(ip: string, port: number): string {
  return `${ipText(ip)}:${port}`;
}

/** Unix socket with both ends: kernel pointers in hex and the path. */
export function unixName(source: bigint, destination: bigint, path: string): string {
  return `${source.toString(16)}->${destination.toString(16)} ${path}`;
}

/** Byte string of bytes in a typed array. */
export function byteString(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '';
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Bytes of a byte string. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
