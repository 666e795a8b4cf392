import type { EventView } from '../event/view.js';
import { openedPath, resolveDirfd } from '../machine/files.js';
import type { Machine } from '../machine/machine.js';
import { joinPath } from '../machine/paths.js';
import { EVENTS, PPME, PT } from '../scap/events.generated.js';
import type { Extractor, FieldDef } from './field.js';
import type { FieldClass } from './registry.js';

/** Which of a call's paths a field means. */
type Which = 'path' | 'source' | 'target';

/** Where an event has a path: its parameter, the directory fd that it is relative to, and in which event. */
interface PathPlace {
  readonly param: number;
  readonly dirfd: number;
  /** The path stands in the enter event only (first versions of some events). */
  readonly inEnter: boolean;
}

const PLACES: Readonly<Record<Which, (PathPlace | undefined)[]>> = { path: [], source: [], target: [] };

const named = (type: number, name: string): number => EVENTS[type].params.findIndex((p) => p.name === name);

function place(which: Which, exitType: number, path: string, dirfd?: string, inEnter = false): void {
  const type = inEnter ? exitType - 1 : exitType;
  PLACES[which][exitType] = {
    param: named(type, path),
    dirfd: dirfd === undefined ? -1 : named(type, dirfd),
    inEnter,
  };
}

for (const type of [PPME.SYSCALL_MKDIR_2_X, PPME.SYSCALL_RMDIR_2_X, PPME.SYSCALL_UNLINK_2_X]) {
  place('path', type, 'path');
}
place('path', PPME.SYSCALL_MKDIR_X, 'path', undefined, true);
place('path', PPME.SYSCALL_RMDIR_X, 'path', undefined, true);
place('path', PPME.SYSCALL_UNLINK_X, 'path', undefined, true);
place('path', PPME.SYSCALL_UNLINKAT_X, 'name', 'dirfd', true);
place('path', PPME.SYSCALL_UNLINKAT_2_X, 'name', 'dirfd');
place('path', PPME.SYSCALL_MKDIRAT_X, 'path', 'dirfd');
place('path', PPME.SYSCALL_CHMOD_X, 'filename');
place('path', PPME.SYSCALL_FCHMODAT_X, 'filename', 'dirfd');
place('path', PPME.SYSCALL_CHOWN_X, 'path');
place('path', PPME.SYSCALL_LCHOWN_X, 'path');
place('path', PPME.SYSCALL_FCHOWNAT_X, 'pathname', 'dirfd');
place('path', PPME.SYSCALL_QUOTACTL_X, 'quotafilepath');
place('path', PPME.SYSCALL_MOUNT_X, 'dir');
place('path', PPME.SYSCALL_UMOUNT_X, 'name');
place('path', PPME.SYSCALL_UMOUNT_1_X, 'name');
place('path', PPME.SYSCALL_UMOUNT2_X, 'name');

for (const [type, from, fromDir, to, toDir, inEnter] of [
  [PPME.SYSCALL_RENAME_X, 'oldpath', undefined, 'newpath', undefined, false],
  [PPME.SYSCALL_RENAMEAT_X, 'oldpath', 'olddirfd', 'newpath', 'newdirfd', false],
  [PPME.SYSCALL_RENAMEAT2_X, 'oldpath', 'olddirfd', 'newpath', 'newdirfd', false],
  [PPME.SYSCALL_LINK_X, 'newpath', undefined, 'oldpath', undefined, true],
  [PPME.SYSCALL_LINKAT_X, 'newpath', 'newdir', 'oldpath', 'olddir', true],
  [PPME.SYSCALL_LINK_2_X, 'newpath', undefined, 'oldpath', undefined, false],
  [PPME.SYSCALL_LINKAT_2_X, 'newpath', 'newdir', 'oldpath', 'olddir', false],
  [PPME.SYSCALL_SYMLINK_X, 'linkpath', undefined, 'target', undefined, false],
  [PPME.SYSCALL_SYMLINKAT_X, 'linkpath', 'linkdirfd', 'target', undefined, false],
] as const) {
  place('source', type, from, fromDir, inEnter);
  place('target', type, to, toDir, inEnter);
}

/** Open-like calls: their path is known to the machine, which made an fd of it. */
const OPENS = new Set<number>([
  PPME.SYSCALL_OPEN_X,
  PPME.SYSCALL_CREAT_X,
  PPME.SYSCALL_OPENAT_X,
  PPME.SYSCALL_OPENAT_2_X,
  PPME.SYSCALL_OPENAT2_X,
  PPME.SYSCALL_OPEN_BY_HANDLE_AT_X,
]);

function read(ev: EventView, machine: Machine, which: Which, raw: boolean): string | undefined {
  const thread = machine.thread;
  if (thread === null) return undefined;
  if (machine.errorCode !== 0) return undefined;
  if (which === 'path' && OPENS.has(ev.type)) {
    const opened = openedPath(machine, ev);
    return raw ? opened?.raw : opened?.path;
  }
  const at = PLACES[which][ev.type];
  if (at === undefined) return undefined;
  const from = at.inEnter ? machine.enterEvent() : ev;
  if (from === null || at.param < 0 || from.paramLen(at.param) === 0) return undefined;
  const name = from.str(at.param);
  if (raw) return name;
  const dirfd = at.dirfd >= 0 && from.paramLen(at.dirfd) === 8 ? from.i64(at.dirfd) : AT_FDCWD;
  return joinPath(resolveDirfd(machine, thread, dirfd, name), name);
}

const AT_FDCWD = -100;

const pathField = (name: string, which: Which, raw: boolean, description: string): FieldDef => {
  const extract: Extractor = (ev, machine) => read(ev, machine, which, raw);
  return { name, type: PT.CHARBUF, description, fmt: 'na', needs: 'event', extract };
};

/** Fields about the paths that a call of the file system works on. */
export const FS_PATH_FIELDS: FieldClass = {
  name: 'fs.path',
  description: 'The paths that a call of the file system names, without or with a file descriptor.',
  fields: [
    pathField('fs.path.name', 'path', false, 'Path that the call works on, made absolute.'),
    pathField('fs.path.nameraw', 'path', true, 'Path that the call works on, as it was given.'),
    pathField('fs.path.source', 'source', false, 'First path of a call with two, made absolute.'),
    pathField('fs.path.sourceraw', 'source', true, 'First path of a call with two, as it was given.'),
    pathField('fs.path.target', 'target', false, 'Second path of a call with two, made absolute.'),
    pathField('fs.path.targetraw', 'target', true, 'Second path of a call with two, as it was given.'),
  ],
};
