import { ScapFd as FdType } from '../scap/fd_types.js';
import type { ThreadInfo } from './thread.js';

export { FdType };

export const Role = { NONE: 0, CLIENT: 1, SERVER: 2 } as const;

/** Transport protocols: SCAP_L4_* numbers. */
export const L4 = { UNKNOWN: 0, NA: 1, TCP: 2, UDP: 3, ICMP: 4, RAW: 5 } as const;

/** Connection states of a socket. */
export const Link = { NONE: 0, PENDING: 1, CONNECTED: 2, FAILED: 3 } as const;

/** One open file descriptor. Shared between dup'ed entries only by value: each table entry is its own. */
export class FdInfo {
  /** FdType number. */
  type: number;
  /** As fd.name shows it: path, `ip:port->ip:port`, `pipe:[n]` … A byte string. */
  name: string;
  /** Stored open flags (PPM_O_*), 0 if unknown. */
  openFlags = 0;
  dev = 0;
  ino = 0;
  /** Sockets: client and server end (or only `s*` for a listening one). 4 or 16 bytes as byte string, '' if none. */
  cip = '';
  sip = '';
  cport = 0;
  sport = 0;
  /** SCAP_L4 number as shown: 0 unknown, 2 TCP, 3 UDP, 4 ICMP, 5 raw. Unknown until the socket has a role. */
  l4proto = 0;
  /** The same as the socket call gave it. */
  socketL4 = 0;
  /** Role number: which end this process is. Set through `takeRole`. */
  role = 0;
  /** Link number: where the connection stands. */
  link = 0;
  /** Unix socket ends (kernel pointers). */
  source = 0n;
  destination = 0n;
  /** What the path was before resolving (fd.nameraw). */
  nameRaw = '';
  /** The tuple parameter that the ends were last taken from, as a byte string: an equal one changes nothing. */
  tuple = '';
  /** How many fds the table had given out before this one. */
  age = 0;
  /** A close call is under way (its enter event was seen). */
  closing = false;
  /** The number was given out again before that close returned: its exit must not remove this entry. */
  closeCanceled: FdInfo | null = null;
  /** A filter lets no event of this thread with this fd pass, as of `Machine.generation` `ruledAt`. */
  ruledFor: ThreadInfo | null = null;
  ruledAt = -1;

  constructor(type: number, name: string) {
    this.type = type;
    this.name = name;
  }

  /** Connection state for fd.connected. */
  get connected(): boolean {
    return this.link === Link.CONNECTED;
  }

  /** IPv4 or IPv6, connected or listening. */
  get isInet(): boolean {
    return this.type >= FdType.IPV4_SOCK && this.type <= FdType.IPV6_SERVSOCK;
  }

  /** Makes the process one end of the connection: from then on its transport protocol is shown. */
  takeRole(role: number): void {
    this.role = role;
    this.l4proto = this.socketL4;
  }

  clone(): FdInfo {
    const copy = new FdInfo(this.type, this.name);
    copy.openFlags = this.openFlags;
    copy.dev = this.dev;
    copy.ino = this.ino;
    copy.cip = this.cip;
    copy.sip = this.sip;
    copy.cport = this.cport;
    copy.sport = this.sport;
    copy.l4proto = this.l4proto;
    copy.socketL4 = this.socketL4;
    copy.role = this.role;
    copy.link = this.link;
    copy.source = this.source;
    copy.destination = this.destination;
    copy.nameRaw = this.nameRaw;
    copy.tuple = this.tuple;
    return copy;
  }
}
