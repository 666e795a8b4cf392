import { connectionName, ipText, isMapped, serverName } from '../machine/addresses.js';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const IPV4_TUPLE = 13;
const IPV6_TUPLE = 37;

/** Names a port, undefined if it has none. */
export type PortNamer = (port: number) => string | undefined;

const memo = new Map<string, string>();
const MAX_MEMO = 8192;

/** A PT_SOCKADDR parameter as text; undefined if there is nothing to show. */
export function sockaddrText(
  bytes: Buffer,
  off: number,
  len: number,
  portName?: PortNamer,
): string | undefined {
  const family = bytes[off];
  if (family === AF_UNIX) return cText(bytes, off + 1, off + len);
  const size = family === AF_INET ? 4 : family === AF_INET6 ? 16 : 0;
  if (size === 0) return `family ${family}`;
  if (len < size + 3) return invalid(size);
  const addr = bytes.latin1Slice(off + 1, off + 1 + size);
  const port = bytes[off + 1 + size] + bytes[off + 2 + size] * 256;
  const name = portName?.(port);
  return name === undefined ? serverName(addr, port) : `${ipText(addr)}:${name}`;
}

/** A PT_SOCKTUPLE parameter as text; undefined if there is nothing to show. */
export function tupleText(bytes: Buffer, off: number, len: number, portName?: PortNamer): string | undefined {
  const family = bytes[off];
  if (family === AF_UNIX) return len < 17 ? undefined : unixTuple(bytes, off, len);
  const size = family === AF_INET ? IPV4_TUPLE : family === AF_INET6 ? IPV6_TUPLE : 0;
  if (size === 0) return `family ${family}`;
  if (len < size) return family === AF_INET ? invalid(4) : invalid(16);
  if (portName !== undefined) return inetTuple(bytes.latin1Slice(off, off + size), portName);
  const key = bytes.latin1Slice(off, off + size);
  let text = memo.get(key);
  if (text === undefined) {
    text = inetTuple(key);
    if (memo.size >= MAX_MEMO) memo.clear();
    memo.set(key, text);
  }
  return text;
}

/** What stands for an address of so many bytes that is shorter than that. */
function invalid(size: number): string {
  return size === 4 ? 'INVALID IPv4' : 'INVALID IPv6';
}

function inetTuple(tuple: string, portName?: PortNamer): string {
  const size = (tuple.length - 5) / 2;
  let source = tuple.slice(1, 1 + size);
  const sport = tuple.charCodeAt(1 + size) + tuple.charCodeAt(2 + size) * 256;
  let target = tuple.slice(3 + size, 3 + size + size);
  const dport = tuple.charCodeAt(3 + 2 * size) + tuple.charCodeAt(4 + 2 * size) * 256;
  if (isMapped(source) && isMapped(target)) {
    source = source.slice(12);
    target = target.slice(12);
  }
  if (portName === undefined) return connectionName(source, sport, target, dport);
  return `${ipText(source)}:${portName(sport) ?? sport}->${ipText(target)}:${portName(dport) ?? dport}`;
}

function unixTuple(bytes: Buffer, off: number, len: number): string {
  return `${pointer(bytes, off + 1)}->${pointer(bytes, off + 9)} ${cText(bytes, off + 17, off + len)}`;
}

/** Eight bytes, least significant first, in hexadecimal without leading zeros. */
function pointer(bytes: Buffer, off: number): string {
  let text = '';
  for (let i = off + 7; i >= off; i--) text += (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16);
  return text.replace(/^0+(?=.)/, '');
}

/** Text up to its NUL, control bytes left out. */
function cText(bytes: Buffer, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end && bytes[i] !== 0; i++) {
    if (bytes[i] >= 32 && bytes[i] !== 127) text += String.fromCharCode(bytes[i]);
  }
  return text;
}
