import { ipText } from '../machine/addresses.js';
import type { FdInfo } from '../machine/fd.js';
import type { PortNamer } from './address_text.js';
import { type LineBuffer, Literal } from './line_buffer.js';
import { asItIs, RepeatedTexts } from './repeated_texts.js';

/** fd.typechar by FdType number. */
const TYPE_CHARS = 'ofd4646pueoslitnfburmP';
const L4_CHARS: readonly string[] = ['', '', 't', 'u', 'i', 'r'];
/** First types that are sockets of the internet: IPV4_SOCK … IPV6_SERVSOCK. */
const FIRST_INET = 3;
const LAST_INET = 6;

const heads: Literal[] = [];

/** One letter for the kind of an fd. */
export function fdTypeChar(type: number): string {
  return TYPE_CHARS[type] ?? 'o';
}

/** `<f>`, `<4t>`: the kind of an fd as it stands before its name in evt.args. */
function fdHead(fd: FdInfo): Literal {
  const key = fd.type * 16 + Math.min(fd.l4proto, 15);
  while (heads.length <= key) heads.push(headOf(heads.length >> 4, heads.length & 15));
  return heads[key];
}

function headOf(type: number, l4proto: number): Literal {
  const inet = type >= FIRST_INET && type <= LAST_INET;
  return new Literal(`<${fdTypeChar(type)}${inet ? (L4_CHARS[l4proto] ?? '') : ''}>`);
}

const names = new RepeatedTexts(asItIs);

/** Writes `<f>/etc/passwd` for fd `num`. */
export function writeFd(out: LineBuffer, fd: FdInfo, num: number): void {
  out.literal(fdHead(fd));
  names.put(out, fd.name, num);
}

/** The same for a socket of the internet, with service names for its ports (-R). */
export function writeInetFd(out: LineBuffer, fd: FdInfo, portName: PortNamer): void {
  out.literal(fdHead(fd));
  out.text(inetName(fd, portName));
}

/** Name of a socket of the internet, with service names for its ports (-R). */
export function inetName(fd: FdInfo, portName: PortNamer): string {
  if (fd.name === '') return '';
  const end = (ip: string, port: number): string => `${ipText(ip)}:${portName(port) ?? port}`;
  return fd.cip === '' ? end(fd.sip, fd.sport) : `${end(fd.cip, fd.cport)}->${end(fd.sip, fd.sport)}`;
}
