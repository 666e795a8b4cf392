import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { FdInfo, FdType } from './fd.js';
import type { Handler, HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';

/** Handler of calls that return an fd of one type without a name. */
function nameless(type: number): Handler {
  return (machine, ev, thread) => {
    const fd = ev.paramLen(0) === 8 ? ev.i64(0) : -1;
    if (fd >= 0) machine.addFd(thread, fd, new FdInfo(type, ''));
  };
}

/** Stored open flags of the two ends. */
const PPM_O_RDONLY = 1;
const PPM_O_WRONLY = 2;

function pipeExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 4 || ev.i64(0) < 0) return;
  const ino = ev.u64(3);
  for (const [at, flags] of PIPE_ENDS) {
    // Without a name, as sysdig has it; the inode tells which pipe it is.
    const info = new FdInfo(FdType.FIFO, '');
    info.ino = ino;
    info.openFlags = flags;
    machine.addFd(thread, ev.i64(at), info);
  }
}

const PIPE_ENDS = [
  [1, PPM_O_RDONLY],
  [2, PPM_O_WRONLY],
] as const;

function memfdExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 2 || ev.i64(0) < 0) return;
  const info = new FdInfo(FdType.MEMFD, ev.str(1));
  machine.addFd(thread, ev.i64(0), info);
}

function pidfdOpenExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 2 || ev.i64(0) < 0) return;
  const info = new FdInfo(FdType.PIDFD, '');
  info.ino = ev.i64(1);
  machine.addFd(thread, ev.i64(0), info);
}

function pidfdGetfdExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 3 || ev.i64(0) < 0) return;
  const pidfd = machine.fdTable(thread)?.get(ev.i64(1));
  // `ino` of a pidfd made by pidfd_open holds its process.
  const target = pidfd === undefined ? undefined : machine.threads.get(pidfd.ino);
  const info = target === undefined ? undefined : machine.fdTable(target)?.get(ev.i64(2));
  if (info !== undefined) machine.addFd(thread, ev.i64(0), info.clone());
}

/** BPF_MAP_CREATE and BPF_PROG_LOAD: the commands of the first bpf event whose result is an fd. */
const BPF_MAKES_FD = [0, 5];

function bpfExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  // The result is preceded by a byte that says whether it is an fd (1) or an errno.
  if (ev.paramLen(0) !== 9 || ev.u8(0) !== 1) return;
  const at = ev.paramOffset(0) + 1;
  const fd = Number(ev.dv.getBigInt64(at, true));
  if (fd >= 0) machine.addFd(thread, fd, new FdInfo(FdType.BPF, ''));
}

function bpf2Exit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.paramLen(0) !== 8 || ev.i64(0) < 0) return;
  if (ev.paramLen(1) === 4 && !BPF_MAKES_FD.includes(ev.u32(1))) return;
  machine.addFd(thread, ev.i64(0), new FdInfo(FdType.BPF, ''));
}

/** Fds that are neither files nor sockets. */
export const SPECIAL_FD_HANDLERS: readonly HandlerRow[] = [
  [[PPME.SYSCALL_PIPE_X, PPME.SYSCALL_PIPE2_X], pipeExit],
  [[PPME.SYSCALL_EVENTFD_X, PPME.SYSCALL_EVENTFD2_X], nameless(FdType.EVENT)],
  [[PPME.SYSCALL_SIGNALFD_X, PPME.SYSCALL_SIGNALFD4_X], nameless(FdType.SIGNALFD)],
  [[PPME.SYSCALL_TIMERFD_CREATE_X], nameless(FdType.TIMERFD)],
  [[PPME.SYSCALL_INOTIFY_INIT_X, PPME.SYSCALL_INOTIFY_INIT1_X], nameless(FdType.INOTIFY)],
  [[PPME.SYSCALL_EPOLL_CREATE_X, PPME.SYSCALL_EPOLL_CREATE1_X], nameless(FdType.EVENTPOLL)],
  [[PPME.SYSCALL_USERFAULTFD_X], nameless(FdType.USERFAULTFD)],
  [[PPME.SYSCALL_IO_URING_SETUP_X], nameless(FdType.IOURING)],
  [[PPME.SYSCALL_BPF_X], bpfExit],
  [[PPME.SYSCALL_BPF_2_X], bpf2Exit],
  [[PPME.SYSCALL_MEMFD_CREATE_X], memfdExit],
  [[PPME.SYSCALL_PIDFD_OPEN_X], pidfdOpenExit],
  [[PPME.SYSCALL_PIDFD_GETFD_X], pidfdGetfdExit],
];
