import { ipText } from '../machine/addresses.js';
import type { FdInfo } from '../machine/fd.js';
import type { PortNamer } from './address_text.js';
import type { LineBuffer } from './line_buffer.js';

/** fd.typechar by FdType number. */
const TYPE_CHARS = 'ofd4646pueoslitnfburmP';
const L4_CHARS: readonly string[] = ['', '', 't', 'u', 'i', 'r'];
/** First types that are sockets of the internet: IPV4_SOCK … IPV6_SERVSOCK. */
const FIRST_INET = 3;
const LAST_INET = 6;

const heads = new Map<number, string>();

/** One letter for the kind of an fd. */
export function fdTypeChar(type: number): string {
  return TYPE_CHARS[type] ?? 'o';
}

/** `<f>`, `<4t>`: the kind of an fd as it stands before its name in evt.args. */
export function fdHead(fd: FdInfo): string {
  const key = fd.type * 16 + fd.l4proto;
  let head = heads.get(key);
  if (head === undefined) {
    const inet = fd.type >= FIRST_INET && fd.type <= LAST_INET;
    head = `<${fdTypeChar(fd.type)}${inet ? (L4_CHARS[fd.l4proto] ?? '') : ''}>`;
    heads.set(key, head);
  }
  return head;
}

/** Writes `<f>/etc/passwd`. */
export function writeFd(out: LineBuffer, fd: FdInfo): void {
  out.text(fdHead(fd));
  out.text(fd.name);
}

/** The same for a socket of the internet, with service names for its ports (-R). */
export function writeInetFd(out: LineBuffer, fd: FdInfo, portName: PortNamer): void {
  out.text(fdHead(fd));
  out.text(inetName(fd, portName));
}

/** Name of a socket of the internet, with service names for its ports (-R). */
export function inetName(fd: FdInfo, portName: PortNamer): string {
  if (fd.name === '') return '';
  const end = (ip: string, port: number): string => `${ipText(ip)}:${portName(port) ?? port}`;
  return fd.cip === '' ? end(fd.sip, fd.sport) : `${end(fd.cip, fd.cport)}->${end(fd.sip, fd.sport)}`;
}
