import { ADDRESS_AT, DUPLICATES, PATH_AT, TELLS_FD } from '../event/effects.js';
import { KNOWN_TYPES } from '../event/scan_codes.js';
import { PPME } from '../scap/events.generated.js';
import { HANDLERS } from './handlers.js';

/** Of what fds an event may change what is noted of them (see `ListWalk.note`): that they are open, being closed, sockets whose ends are known. */
export const FdReach = { ANY: 0, NONE: 1, LAST: 2 } as const;

/** A `FdReach` by event type. LAST: of the fd that is its thread's last one (`ThreadInfo.lastFd`) when it has been taken in. */
export const FD_REACH = Uint8Array.from({ length: KNOWN_TYPES }, (_, type) => {
  if (PATH_AT[type] > 0 || DUPLICATES[type] === 1) return FdReach.LAST;
  // Messages take nothing from a socket whose ends are known.
  if (ADDRESS_AT[type] > 0) return FdReach.NONE;
  return HANDLERS.fds[type] === undefined ? FdReach.NONE : FdReach.ANY;
});
for (const type of [
  PPME.SYSCALL_CLOSE_E,
  PPME.SYSCALL_CLOSE_X,
  PPME.SOCKET_SOCKET_X,
  PPME.SOCKET_CONNECT_E,
  PPME.SOCKET_CONNECT_X,
  PPME.SOCKET_ACCEPT_X,
  PPME.SOCKET_ACCEPT_5_X,
  PPME.SOCKET_ACCEPT4_X,
  PPME.SOCKET_ACCEPT4_5_X,
  PPME.SOCKET_ACCEPT4_6_X,
])
  FD_REACH[type] = FdReach.LAST;
for (const type of [
  // A process that has been made has a table of its own, or goes on with one that there is.
  ...HANDLERS.creatingThreads,
  PPME.PROCEXIT_1_E,
  PPME.SYSCALL_PRLIMIT_X,
  PPME.SYSCALL_PRCTL_X,
  PPME.SYSCALL_GETCWD_X,
  PPME.SYSCALL_CHDIR_X,
  PPME.SYSCALL_FCHDIR_X,
  ...TELLS_FD,
])
  FD_REACH[type] = FdReach.NONE;
