/** SCAP_FD_* numbers (FD list block, section 2.6 of the format). */
export const FdType = {
  UNKNOWN: 0,
  FILE: 1,
  DIRECTORY: 2,
  IPV4_SOCK: 3,
  IPV6_SOCK: 4,
  IPV4_SERVSOCK: 5,
  IPV6_SERVSOCK: 6,
  FIFO: 7,
  UNIX_SOCK: 8,
  EVENT: 9,
  UNSUPPORTED: 10,
  SIGNALFD: 11,
  EVENTPOLL: 12,
  INOTIFY: 13,
  TIMERFD: 14,
  NETLINK: 15,
  FILE_V2: 16,
  BPF: 17,
  USERFAULTFD: 18,
  IOURING: 19,
  MEMFD: 20,
  PIDFD: 21,
} as const;

export const Role = { NONE: 0, CLIENT: 1, SERVER: 2 } as const;

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
  /** SCAP_L4 number: 0 unknown, 2 TCP, 3 UDP, 4 ICMP, 5 raw. */
  l4proto = 0;
  /** Role number: which end this process is. */
  role = 0;
  /** Connection state for fd.connected. */
  connected = false;
  /** Unix socket ends (kernel pointers). */
  source = 0n;
  destination = 0n;
  /** What the path was before resolving (fd.nameraw). */
  nameRaw = '';
  /** evt.name_changed: the last event changed the name. */
  nameChanged = false;

  constructor(type: number, name: string) {
    this.type = type;
    this.name = name;
  }
}
