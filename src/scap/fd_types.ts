/** Numbers of fd types in the fd list block (section 2.6). */
export const ScapFd = {
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

/**
 * The type that goes into a file: sysdig 0.29.3 refuses a capture with fd types above 16, and type 1 means a
 * file only in version 1 of the block.
 */
export function storedFdType(type: number): number {
  if (type > ScapFd.FILE_V2 || type === ScapFd.UNKNOWN) return ScapFd.UNSUPPORTED;
  return type === ScapFd.FILE ? ScapFd.FILE_V2 : type;
}
