import { EF, EVENTS, PPME, PT } from '../scap/events.generated.js';

/** What the state engine does with an event type, decided once from the event table. */
export const Kind = {
  /** Unknown type, or one that concerns no thread. */
  NONE: 0,
  ENTER: 1,
  EXIT: 2,
  /** Scheduler switches: the thread is known, the call under way is untouched. */
  SWITCH: 3,
  PROCINFO: 4,
  /** Other events of a thread that are not calls and leave the call under way untouched. */
  ASIDE: 5,
} as const;

const ROOM = 1024;

/** Kind by event type. */
export const KINDS = new Uint8Array(ROOM);
/** 1 for types that use, create or destroy an fd: only these have fd fields. */
export const FD_EVENTS = new Uint8Array(ROOM);
/** Parameter with the fd in enter events that use one, -1 otherwise. */
export const ENTER_FD = new Int8Array(ROOM).fill(-1);
/** Parameter with the fd in exit events that use one, -1 if the event does not say it. */
export const EXIT_FD = new Int8Array(ROOM).fill(-1);
/** 1 for enter events whose parameters the exit event's handling looks at. */
export const KEEPS_ENTER = new Uint8Array(ROOM);
/** 1 for exit events whose first parameter is the result. */
export const HAS_RESULT = new Uint8Array(ROOM);

const METADATA = new Set<number>([
  PPME.CONTAINER_E,
  PPME.CONTAINER_JSON_E,
  PPME.CONTAINER_JSON_2_E,
  PPME.USER_ADDED_E,
  PPME.USER_DELETED_E,
  PPME.GROUP_ADDED_E,
  PPME.GROUP_DELETED_E,
  PPME.DROP_E,
  PPME.DROP_X,
  PPME.SCAPEVENT_E,
  PPME.CPU_HOTPLUG_E,
  PPME.K8S_E,
  PPME.MESOS_E,
  PPME.NOTIFICATION_E,
  PPME.INFRASTRUCTURE_EVENT_E,
  PPME.PLUGINEVENT_E,
  PPME.ASYNCEVENT_E,
]);

const KEPT = [
  PPME.SYSCALL_OPEN_E,
  PPME.SYSCALL_OPENAT_E,
  PPME.SYSCALL_OPENAT_2_E,
  PPME.SYSCALL_OPENAT2_E,
  PPME.SYSCALL_CREAT_E,
  PPME.SOCKET_SOCKET_E,
  PPME.SOCKET_SOCKETPAIR_E,
  PPME.SOCKET_CONNECT_E,
  PPME.SOCKET_SEND_E,
  PPME.SOCKET_SENDTO_E,
  PPME.SOCKET_SENDMSG_E,
  PPME.SYSCALL_FCNTL_E,
  PPME.SYSCALL_SETUID_E,
  PPME.SYSCALL_SETGID_E,
  PPME.SYSCALL_SETRESUID_E,
  PPME.SYSCALL_SETRESGID_E,
  PPME.SYSCALL_SETPGID_E,
  PPME.SYSCALL_SETRLIMIT_E,
  PPME.SYSCALL_PRLIMIT_E,
  PPME.SYSCALL_EXECVE_18_E,
  PPME.SYSCALL_EXECVE_19_E,
  PPME.SYSCALL_EXECVEAT_E,
  PPME.SYSCALL_MKDIR_E,
  PPME.SYSCALL_RMDIR_E,
  PPME.SYSCALL_LINK_E,
  PPME.SYSCALL_LINKAT_E,
  PPME.SYSCALL_UNLINK_E,
  PPME.SYSCALL_UNLINKAT_E,
];

for (const info of EVENTS) {
  const id = info.id;
  if ((info.flags & EF.UNUSED) !== 0) continue;
  // The fd of a mapping is an argument like any other to sysdig: such events are not about an fd.
  if (id >= PPME.SYSCALL_MMAP_E && id <= PPME.SYSCALL_MMAP2_X) {
    KINDS[id] = info.enter ? Kind.ENTER : Kind.EXIT;
    HAS_RESULT[id] = info.enter ? 0 : 1;
    continue;
  }
  FD_EVENTS[id] = (info.flags & (EF.CREATES_FD | EF.USES_FD | EF.DESTROYS_FD)) !== 0 ? 1 : 0;
  const fdParam = info.params.findIndex((param) => param.type === PT.FD);
  if (METADATA.has(id)) KINDS[id] = Kind.NONE;
  else if (id === PPME.SCHEDSWITCH_1_E || id === PPME.SCHEDSWITCH_6_E) KINDS[id] = Kind.SWITCH;
  else if (id === PPME.PROCINFO_E) KINDS[id] = Kind.PROCINFO;
  else if (id === PPME.PAGE_FAULT_E || info.evtName.startsWith('task')) KINDS[id] = Kind.ASIDE;
  else if (info.enter) {
    KINDS[id] = Kind.ENTER;
    if ((info.flags & EF.USES_FD) !== 0) ENTER_FD[id] = id === PPME.SYSCALL_SPLICE_E ? 1 : fdParam;
  } else {
    KINDS[id] = Kind.EXIT;
    const first = info.params[0];
    HAS_RESULT[id] = first !== undefined && (first.name === 'res' || first.name === 'fd') ? 1 : 0;
    if ((info.flags & EF.USES_FD) !== 0) {
      const nth = id === PPME.SYSCALL_FCNTL_X || id === PPME.SYSCALL_DUP_X ? 1 : fdParam;
      EXIT_FD[id] = id === PPME.SYSCALL_SPLICE_X ? 2 : nth;
    }
  }
}
// The result of these is itself an fd: the one they work on stands behind it.
for (const id of [PPME.SYSCALL_DUP2_X, PPME.SYSCALL_DUP3_X, PPME.SYSCALL_DUP_1_X]) EXIT_FD[id] = 1;
EXIT_FD[PPME.SYSCALL_DUP_X] = -1;
for (const id of KEPT) KEEPS_ENTER[id] = 1;
