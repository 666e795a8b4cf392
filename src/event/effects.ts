import { PPME } from '../scap/events.generated.js';
import { EventClass, FCNTL_DUPFD, FCNTL_DUPFD_CLOEXEC, KNOWN_TYPES, Verdict } from './scan_codes.js';
import type { ScanMemory } from './scan_memory.js';
import type { WantedEvents } from './wanted.js';

/** Exit events of calls that open a file: index of the path. In the enter event it is one less. */
export const PATH_AT = new Uint8Array(KNOWN_TYPES);
PATH_AT[PPME.SYSCALL_OPEN_X] = 1;
PATH_AT[PPME.SYSCALL_CREAT_X] = 1;
PATH_AT[PPME.SYSCALL_OPENAT_2_X] = 2;
PATH_AT[PPME.SYSCALL_OPENAT2_X] = 2;

/** Events with an address of a message: its index. Of exit events of sending that of the enter event counts first. */
export const ADDRESS_AT = new Uint8Array(KNOWN_TYPES);
ADDRESS_AT[PPME.SOCKET_SENDTO_E] = 2;
ADDRESS_AT[PPME.SOCKET_SENDMSG_E] = 2;
ADDRESS_AT[PPME.SOCKET_SENDTO_X] = 4;
ADDRESS_AT[PPME.SOCKET_SENDMSG_X] = 4;
ADDRESS_AT[PPME.SOCKET_SEND_X] = 4;
ADDRESS_AT[PPME.SOCKET_RECVFROM_X] = 2;
ADDRESS_AT[PPME.SOCKET_RECVMSG_X] = 3;
ADDRESS_AT[PPME.SOCKET_RECV_X] = 4;
/** Exit events of calls that make another fd of the one they are about. */
export const DUPLICATES = new Uint8Array(KNOWN_TYPES);
for (const type of [
  PPME.SYSCALL_DUP_X,
  PPME.SYSCALL_DUP_1_X,
  PPME.SYSCALL_DUP2_X,
  PPME.SYSCALL_DUP3_X,
  PPME.SYSCALL_FCNTL_X,
])
  DUPLICATES[type] = 1;

/** Exit events that tell which fd their call was about: once it is over that counts for nothing. */
export const TELLS_FD: readonly number[] = [
  PPME.SYSCALL_COPY_FILE_RANGE_X,
  PPME.SYSCALL_FCHMOD_X,
  PPME.SYSCALL_FCHOWN_X,
  PPME.SOCKET_GETSOCKOPT_X,
];

/**
 * Says in a scan's memory which events are wanted (undefined: all) and how it is to deal with them.
 * @param fdParams a `FdParam` by event type; undefined: nobody asks which fd a call is about.
 */
export function setWanted(memory: ScanMemory, wanted: WantedEvents | undefined, fdParams?: Uint8Array): void {
  const { tables } = memory;
  if (wanted === undefined) tables.wanted.fill(Verdict.WANTED);
  else tables.wanted.set(wanted);
  for (let type = 0; type < KNOWN_TYPES; type++) tables.classes[type] = classOf(type, tables.wanted[type]);
  tables.paths.set(PATH_AT);
  tables.addresses.set(ADDRESS_AT);
  if (fdParams !== undefined) tables.fdParams.set(fdParams);
}

/** `verdict`: what the table of wanted events says of the type. */
function classOf(type: number, verdict: number): EventClass {
  if (verdict === Verdict.ASIDE) return EventClass.ASIDE;
  if (verdict === Verdict.BY_CODE) return EventClass.BY_CODE;
  const changes = verdict === Verdict.CHANGING;
  if ((type & 1) === 0) {
    if (verdict === Verdict.PLAIN) return EventClass.PLAIN_ENTER;
    if (type === PPME.SYSCALL_CLOSE_E) return EventClass.CLOSE_ENTER;
    return changes && ADDRESS_AT[type] > 0 ? EventClass.MESSAGE_ENTER : EventClass.LOOK;
  }
  if (verdict === Verdict.PLAIN) return EventClass.PLAIN_EXIT;
  if (DUPLICATES[type] === 1) return type === PPME.SYSCALL_FCNTL_X ? EventClass.FCNTL : EventClass.DUPLICATE;
  if (!changes) return EventClass.LOOK;
  if (TELLS_FD.includes(type)) return EventClass.PLAIN_EXIT;
  if (PATH_AT[type] > 0) return EventClass.OPEN;
  if (type === PPME.SYSCALL_CLOSE_X) return EventClass.CLOSE;
  return ADDRESS_AT[type] > 0 ? EventClass.MESSAGE_EXIT : EventClass.LOOK;
}

/** Whether an fcntl with this command (as events hold it) makes a new fd. */
export function makesFd(command: number): boolean {
  return command === FCNTL_DUPFD || command === FCNTL_DUPFD_CLOEXEC;
}
