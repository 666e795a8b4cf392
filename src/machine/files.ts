import { makesFd, TELLS_FD } from '../event/effects.js';
import { PPM_O_DIRECTORY } from '../event/scan_codes.js';
import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { FdInfo, FdType } from './fd.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import { joinPath, UNKNOWN_DIRECTORY } from './paths.js';
import type { ThreadInfo } from './thread.js';

const AT_FDCWD = -100;
/** Flags from here up are added by the kernel side to exit events (created, overlay layer). */
const ADDED_FLAGS = ~(16384 - 1);

/** Directory that a path relative to `dirfd` starts from; '' for an absolute path. */
export function resolveDirfd(machine: Machine, thread: ThreadInfo, dirfd: number, name: string): string {
  if (name.charCodeAt(0) === 47) return '';
  if (dirfd === AT_FDCWD) return machine.cwdOf(thread);
  return directoryOfFd(machine.fdTable(thread)?.get(dirfd));
}

/** Directory that paths relative to this fd start from. */
export function directoryOfFd(fd: FdInfo | undefined): string {
  if (fd === undefined) return UNKNOWN_DIRECTORY;
  return fd.name.endsWith('/') ? fd.name : `${fd.name}/`;
}

/** Adds an opened file. The name in the enter event is what the caller asked for: it wins where both are known. */
function opened(
  machine: Machine,
  thread: ThreadInfo,
  fd: number,
  dir: string,
  name: string,
  flags: number,
  dev: number,
  ino: number,
  clean = false,
): void {
  machine.addFd(thread, fd, fileEntry(clean ? name : joinPath(dir, name), name, flags, dev, ino));
  machine.fdNameChanged = true;
}

function fileEntry(path: string, name: string, flags: number, dev: number, ino: number): FdInfo {
  const info = new FdInfo((flags & PPM_O_DIRECTORY) !== 0 ? FdType.DIRECTORY : FdType.FILE_V2, path);
  info.nameRaw = name;
  info.openFlags = flags;
  info.dev = dev;
  info.ino = ino;
  return info;
}

/** The file that an exit event of open, openat, openat2 or creat tells by itself. `directory`: what a relative path starts from. */
export function openedFile(ev: EventView, directory: string): FdInfo {
  const dirfds = ev.type === PPME.SYSCALL_OPENAT_2_X || ev.type === PPME.SYSCALL_OPENAT2_X ? 1 : 0;
  const creates = ev.type === PPME.SYSCALL_CREAT_X;
  const first = creates ? 3 : ev.type === PPME.SYSCALL_OPENAT2_X ? 6 : 4 + dirfds;
  const name = ev.str(1 + dirfds);
  const flags = !creates && ev.paramLen(2 + dirfds) === 4 ? ev.u32(2 + dirfds) : 0;
  return fileEntry(joinPath(directory, name), name, flags, device(ev, first), inode(ev, first + 1));
}

function result(ev: EventView): number {
  return ev.paramLen(0) === 8 ? ev.i64(0) : -1;
}

/** Path and flags of an open call: both events tell them; an unreadable path in one is taken from the other. */
interface Opening {
  name: string;
  flags: number;
  dirfd: number;
  /** The name is an absolute path with nothing in it to resolve. */
  clean: boolean;
}

const opening: Opening = { name: '', flags: 0, dirfd: AT_FDCWD, clean: false };

function readOpening(
  machine: Machine,
  ev: EventView,
  nameAt: number,
  flagsAt: number,
  dirfdAt: number,
): Opening {
  opening.name = machine.paths.read(ev, nameAt);
  opening.clean = machine.paths.clean;
  opening.flags = flagsAt >= 0 && ev.paramLen(flagsAt) === 4 ? ev.u32(flagsAt) : 0;
  opening.dirfd = dirfdAt >= 0 && ev.paramLen(dirfdAt) === 8 ? ev.i64(dirfdAt) : AT_FDCWD;
  const enter = machine.enterEvent();
  // In enter events every index is one less: they have no result.
  if (enter !== null && enter.nparams >= nameAt) {
    if (sameParam(ev, nameAt, enter, nameAt - 1)) return opening;
    const asked = enter.str(nameAt - 1);
    if (asked !== '' && asked !== '<NA>' && asked !== opening.name) {
      opening.name = asked;
      opening.clean = false;
      if (flagsAt >= 0 && enter.paramLen(flagsAt - 1) === 4) {
        opening.flags = enter.u32(flagsAt - 1) | (opening.flags & ADDED_FLAGS);
      }
      if (dirfdAt >= 0 && enter.paramLen(dirfdAt - 1) === 8) opening.dirfd = enter.i64(dirfdAt - 1);
    }
  }
  return opening;
}

/** Whether the enter event of an opening, if there is one that tells, asks for the path that parameter `at` of the exit event has. */
export function asksForSame(exit: EventView, at: number, enter: EventView | null): boolean {
  return enter === null || enter.nparams < at || sameParam(exit, at, enter, at - 1);
}

/** Whether a parameter of one event has the very bytes of one of another. */
function sameParam(a: EventView, i: number, b: EventView, j: number): boolean {
  const length = a.paramLen(i);
  if (length !== b.paramLen(j)) return false;
  const from = a.paramOffset(i);
  const other = b.paramOffset(j);
  const { dv } = a;
  const otherDv = b.dv;
  let k = 0;
  for (; k + 4 <= length; k += 4)
    if (dv.getInt32(from + k, true) !== otherDv.getInt32(other + k, true)) return false;
  for (; k < length; k++) if (dv.getUint8(from + k) !== otherDv.getUint8(other + k)) return false;
  return true;
}

function device(ev: EventView, at: number): number {
  return ev.paramLen(at) === 4 ? ev.u32(at) : 0;
}

function inode(ev: EventView, at: number): number {
  return ev.paramLen(at) === 8 ? ev.u64(at) : 0;
}

function openExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = result(ev);
  if (fd < 0) return;
  const { name, flags, clean } = readOpening(machine, ev, 1, 2, -1);
  opened(machine, thread, fd, machine.cwdOf(thread), name, flags, device(ev, 4), inode(ev, 5), clean);
}

function creatExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = result(ev);
  if (fd < 0) return;
  const { name } = readOpening(machine, ev, 1, -1, -1);
  opened(machine, thread, fd, machine.cwdOf(thread), name, 0, device(ev, 3), inode(ev, 4));
}

/** The first openat event: all arguments stand in the enter event. */
function oldOpenatExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = result(ev);
  const enter = machine.enterEvent();
  if (fd < 0 || enter === null || enter.nparams < 3) return;
  const name = enter.str(1);
  opened(machine, thread, fd, resolveDirfd(machine, thread, enter.i64(0), name), name, enter.u32(2), 0, 0);
}

function openatExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = result(ev);
  if (fd < 0) return;
  const { name, flags, dirfd, clean } = readOpening(machine, ev, 2, 3, 1);
  const first = ev.type === PPME.SYSCALL_OPENAT2_X ? 6 : 5;
  opened(
    machine,
    thread,
    fd,
    resolveDirfd(machine, thread, dirfd, name),
    name,
    flags,
    device(ev, first),
    inode(ev, first + 1),
    clean,
  );
}

function openByHandleExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = result(ev);
  if (fd < 0 || ev.nparams < 4) return;
  opened(machine, thread, fd, '', ev.str(3), ev.u32(2), device(ev, 4), inode(ev, 5));
}

/** The path that an open-like exit event names, made absolute, whether or not the call succeeded; '' if none. */
export function openedPath(machine: Machine, ev: EventView): { path: string; raw: string } | undefined {
  const thread = machine.thread;
  if (thread === null) return undefined;
  let dir: string;
  let name: string;
  switch (ev.type) {
    case PPME.SYSCALL_OPEN_X:
    case PPME.SYSCALL_CREAT_X:
      name = readOpening(machine, ev, 1, -1, -1).name;
      dir = machine.cwdOf(thread);
      break;
    case PPME.SYSCALL_OPENAT_2_X:
    case PPME.SYSCALL_OPENAT2_X: {
      const asked = readOpening(machine, ev, 2, 3, 1);
      name = asked.name;
      dir = resolveDirfd(machine, thread, asked.dirfd, name);
      break;
    }
    case PPME.SYSCALL_OPENAT_X: {
      const enter = machine.enterEvent();
      if (enter === null || enter.nparams < 2) return undefined;
      name = enter.str(1);
      dir = resolveDirfd(machine, thread, enter.i64(0), name);
      break;
    }
    case PPME.SYSCALL_OPEN_BY_HANDLE_AT_X:
      if (ev.nparams < 4) return undefined;
      name = ev.str(3);
      dir = '';
      break;
    default:
      return undefined;
  }
  return name === '' || name === '<NA>' ? undefined : { path: joinPath(dir, name), raw: name };
}

function closeEnter(machine: Machine): void {
  const fd = machine.fd;
  if (fd !== null) fd.closing = true;
}

function closeExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = machine.fd;
  if (fd === null) return;
  const canceled = fd.closeCanceled;
  fd.closing = false;
  if (canceled !== null) {
    // Another thread got the number between enter and exit: what was closed is the old entry.
    fd.closeCanceled = null;
    machine.setFd(canceled);
    return;
  }
  const table = machine.fdTable(thread);
  if (result(ev) === 0 && table !== null) machine.removeFdLater(table, thread.lastFd);
}

function closeRangeExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const table = machine.fdTable(thread);
  if (result(ev) !== 0 || ev.nparams < 4 || table === null) return;
  const first = ev.u32(1);
  const last = ev.u32(2);
  // Bit 2 (CLOEXEC) only marks them.
  if ((ev.u32(3) & CLOSE_RANGE_CLOEXEC) !== 0) return;
  for (const fd of [...table.keys()]) if (fd >= first && fd <= last) table.delete(fd);
}

/** Flag of close_range: nothing is closed, only marked. */
export const CLOSE_RANGE_CLOEXEC = 4;

function copyFd(machine: Machine, thread: ThreadInfo, from: FdInfo | null, fd: number): void {
  if (from === null || fd < 0 || fd === thread.lastFd) return;
  machine.addFd(thread, fd, from.clone());
}

function dupExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  copyFd(machine, thread, machine.fd, result(ev));
}

/** Whether an fcntl makes a new fd. `enter`: its enter event, if it was seen. */
export function isDuplicating(ev: EventView, enter: EventView | null): boolean {
  return makesFd(ev.paramLen(2) === 1 ? ev.u8(2) : (enter?.u8(1) ?? 0));
}

function fcntlExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = result(ev);
  if (fd >= 0 && isDuplicating(ev, machine.enterEvent())) copyFd(machine, thread, machine.fd, fd);
}

/**
 * The exit event tells the fd that it is about: the enter event does not, or (copy_file_range) tells the one that was
 * read while this is the one that was written.
 */
function exitTellsFd(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.paramLen(1) !== 8) return;
  thread.lastFd = ev.i64(1);
  machine.setFd(undefined);
}

/** Opening, closing and copying of fds. */
export const FILE_HANDLERS: readonly HandlerRow[] = [
  [[PPME.SYSCALL_OPEN_X], openExit],
  [[PPME.SYSCALL_CREAT_X], creatExit],
  [[PPME.SYSCALL_OPENAT_X], oldOpenatExit],
  [[PPME.SYSCALL_OPENAT_2_X, PPME.SYSCALL_OPENAT2_X], openatExit],
  [[PPME.SYSCALL_OPEN_BY_HANDLE_AT_X], openByHandleExit],
  [[PPME.SYSCALL_CLOSE_E], closeEnter],
  [[PPME.SYSCALL_CLOSE_X], closeExit],
  [[PPME.SYSCALL_CLOSE_RANGE_X], closeRangeExit],
  [[PPME.SYSCALL_DUP_X, PPME.SYSCALL_DUP_1_X, PPME.SYSCALL_DUP2_X, PPME.SYSCALL_DUP3_X], dupExit],
  [[PPME.SYSCALL_FCNTL_X], fcntlExit],
  [TELLS_FD, exitTellsFd],
];
