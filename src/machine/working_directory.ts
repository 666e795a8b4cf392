import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { FdType } from './fd.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import { joinPath } from './paths.js';
import type { ThreadInfo } from './thread.js';
import { ThreadFlag } from './thread.js';

/** Sets the directory for all threads that share it. Kept with a trailing slash. */
function setCwd(machine: Machine, thread: ThreadInfo, path: string): void {
  const cwd = path.endsWith('/') ? path : `${path}/`;
  const shared = (thread.flags & ThreadFlag.CLONE_FS) !== 0 && !thread.isMain;
  if (shared) (machine.mainThread(thread) ?? thread).cwd = cwd;
  thread.cwd = cwd;
}

function chdirExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 2 || ev.i64(0) < 0) return;
  const path = ev.str(1);
  if (path !== '<NA>') setCwd(machine, thread, joinPath(machine.cwdOf(thread), path));
}

function fchdirExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 1 || ev.i64(0) < 0) return;
  const fd = machine.fd;
  if (fd !== null && fd.type === FdType.DIRECTORY) setCwd(machine, thread, fd.name);
}

function getcwdExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 2 || ev.i64(0) < 0) return;
  const path = ev.str(1);
  // Heals what was missed. A directory outside of the process's root reads `(unreachable)/...`.
  if (path.startsWith('/')) setCwd(machine, thread, path);
}

function chrootExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 2 || ev.i64(0) < 0) return;
  thread.root = joinPath(machine.cwdOf(thread), ev.str(1));
}

export const WORKING_DIRECTORY_HANDLERS: readonly HandlerRow[] = [
  [[PPME.SYSCALL_CHDIR_X], chdirExit],
  [[PPME.SYSCALL_FCHDIR_X], fchdirExit],
  [[PPME.SYSCALL_GETCWD_X], getcwdExit],
  [[PPME.SYSCALL_CHROOT_X], chrootExit],
];
