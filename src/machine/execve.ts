import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { resolveDirfd } from './files.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import { joinPath } from './paths.js';
import { hasParam, pidParam, processLayouts, stringsParam, takeCommon } from './process_params.js';
import type { Program } from './program.js';
import type { ThreadInfo } from './thread.js';
import { ThreadFlag } from './thread.js';

/** Exit types of the calls that execute a program. */
export const EXEC_EXITS: readonly number[] = [
  PPME.SYSCALL_EXECVE_8_X,
  PPME.SYSCALL_EXECVE_13_X,
  PPME.SYSCALL_EXECVE_14_X,
  PPME.SYSCALL_EXECVE_15_X,
  PPME.SYSCALL_EXECVE_16_X,
  PPME.SYSCALL_EXECVE_17_X,
  PPME.SYSCALL_EXECVE_18_X,
  PPME.SYSCALL_EXECVE_19_X,
  PPME.SYSCALL_EXECVEAT_X,
];

const LAYOUTS = processLayouts(EXEC_EXITS, [
  'env',
  'tty',
  'vpgid',
  'pgid',
  'loginuid',
  'flags',
  'cap_inheritable',
  'cap_permitted',
  'cap_effective',
  'exe_ino',
  'exe_ino_ctime',
  'exe_ino_mtime',
  'trusted_exepath',
  'filename',
]);

type Layout = NonNullable<ReturnType<(typeof LAYOUTS)['get']>>;

/** Bits of the exec event's `flags` parameter. */
const ExeFlag = { WRITABLE: 1, UPPER_LAYER: 2, FROM_MEMFD: 4, LOWER_LAYER: 8 } as const;

/** What the event tells of the program; the rest stays as it was. */
function newProgram(ev: EventView, at: Layout, before: Program): Program {
  const flags = hasParam(ev, at.flags, 4) ? ev.u32(at.flags) : -1;
  const big = (i: number, otherwise: bigint): bigint => (hasParam(ev, i, 8) ? ev.big(i) : otherwise);
  return {
    exeWritable: flags < 0 ? before.exeWritable : (flags & ExeFlag.WRITABLE) !== 0,
    exeUpperLayer: flags < 0 ? before.exeUpperLayer : (flags & ExeFlag.UPPER_LAYER) !== 0,
    exeLowerLayer: flags < 0 ? before.exeLowerLayer : (flags & ExeFlag.LOWER_LAYER) !== 0,
    exeFromMemfd: flags < 0 ? before.exeFromMemfd : (flags & ExeFlag.FROM_MEMFD) !== 0,
    exeIno: hasParam(ev, at.exe_ino, 8) ? ev.u64(at.exe_ino) : before.exeIno,
    exeInoCtime: big(at.exe_ino_ctime, before.exeInoCtime),
    exeInoMtime: big(at.exe_ino_mtime, before.exeInoMtime),
    capInheritable: big(at.cap_inheritable, before.capInheritable),
    capPermitted: big(at.cap_permitted, before.capPermitted),
    capEffective: big(at.cap_effective, before.capEffective),
  };
}

function execExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const at = LAYOUTS.get(ev.type);
  if (at === undefined || ev.nparams === 0 || ev.i64(0) < 0) return;
  const pid = pidParam(ev, at.pid, thread.pid);
  becomeOnlyThread(machine, thread, pid);
  const ptid = pidParam(ev, at.ptid, thread.ptid);
  if (thread.invalid && ptid > 0 && !machine.threads.has(ptid)) machine.unknownThread(ptid);
  thread.invalid = false;
  if (ptid !== thread.ptid) machine.reparent(thread, ptid);
  takeCommon(machine, ev, at, thread);
  if (hasParam(ev, at.uid, 4)) thread.uid = ev.u32(at.uid);
  if (hasParam(ev, at.gid, 4)) thread.gid = ev.u32(at.gid);
  if (at.env >= 0) thread.env = environment(machine, ev, at.env, thread);
  if (hasParam(ev, at.tty, 4)) thread.tty = ev.u32(at.tty);
  thread.vpgid = pidParam(ev, at.vpgid, thread.vpgid);
  thread.pgid = pidParam(ev, at.pgid, thread.pgid);
  if (hasParam(ev, at.loginuid, 4)) thread.loginuid = ev.u32(at.loginuid);
  thread.program = newProgram(ev, at, thread.program);
  thread.exeAgeAtStart = between(thread.exeInoCtime, thread.cloneTs);
  thread.exeAgeInPidns = between(thread.pidnsInitStartTs, thread.exeInoCtime);
  thread.exepath = exePath(machine, ev, at, thread);
  thread.lastExecTs = ev.absTs;
  if (thread.probe === 0 && thread.containerId !== '') thread.probe = machine.hooks.probeOf?.(thread) ?? 0;
}

/** Events hold at most so much of an environment: one of this size may have been cut. */
const ENVIRONMENT_ROOM = 4096;

function environment(machine: Machine, ev: EventView, at: number, thread: ThreadInfo): string[] {
  const told = stringsParam(ev, at);
  if (machine.hooks.wholeEnvironment === undefined || ev.paramLen(at) < ENVIRONMENT_ROOM) return told;
  const whole = machine.hooks.wholeEnvironment(thread);
  // The process may be another program by now, or gone.
  return whole[0]?.startsWith(told[0] ?? '') && whole.length >= told.length ? whole : told;
}

/** ns from one time to a later one; 0n if either is unknown or they stand the other way round. */
function between(from: bigint, to: bigint): bigint {
  return from === 0n || to < from ? 0n : to - from;
}

/** Where the new program lies: as the kernel says it, else as the call named it, seen from the working directory. */
function exePath(machine: Machine, ev: EventView, at: Layout, thread: ThreadInfo): string {
  if (hasParam(ev, at.trusted_exepath)) return ev.str(at.trusted_exepath);
  const cwd = machine.cwdOf(thread);
  const enter = execEnter(machine, ev, thread);
  if (enter !== null && enter.type === PPME.SYSCALL_EXECVEAT_E) {
    const name = enter.str(1);
    const dir = resolveDirfd(machine, thread, enter.i64(0), name);
    // An empty path (AT_EMPTY_PATH): the directory fd is the program itself.
    if (name === '' || name === '<NA>') return dir.endsWith('/') ? dir.slice(0, -1) : dir;
    return joinPath(dir, name);
  }
  const name = enter?.str(0) ?? (hasParam(ev, at.filename) ? ev.str(at.filename) : '');
  if (name !== '' && name !== '<NA>') return joinPath(cwd, name);
  return enter === null && at.filename < 0 ? '' : thread.exepath;
}

/** The call's enter event. A successful execveat may return as execve. */
function execEnter(machine: Machine, ev: EventView, thread: ThreadInfo): EventView | null {
  const enter = machine.enters.of(thread);
  if (enter === null) return null;
  const fits = enter.type === ev.type - 1 || enter.type === PPME.SYSCALL_EXECVEAT_E;
  return fits && enter.nparams > 0 ? enter : null;
}

/** After an exec the process has one thread left: the one that called it, under the leader's tid. */
function becomeOnlyThread(machine: Machine, thread: ThreadInfo, pid: number): void {
  // When another thread calls, the leader's end has been told: whoever took its number is alive.
  thread.dead = false;
  thread.flags &= ~ThreadFlag.CLOSED;
  if (thread.siblings !== null && thread.siblings.size > 0) {
    for (const sibling of [...thread.siblings]) machine.removeThread(sibling);
  }
  thread.nthreads = 1;
  thread.pid = pid;
  // Shared with another process (CLONE_FILES without CLONE_THREAD) until now: the kernel parts them on exec.
  if ((thread.flags & ThreadFlag.CLONE_FILES) !== 0 && thread.isMain && thread.fds !== null) {
    thread.takeFds(thread.fds.copy());
  }
  thread.flags &= ~(ThreadFlag.CLONE_FILES | ThreadFlag.CLONE_FS | ThreadFlag.CLONE_THREAD);
  thread.flags |= ThreadFlag.IS_MAIN_THREAD;
  thread.main = thread;
}

export const EXEC_HANDLERS: readonly HandlerRow[] = [[EXEC_EXITS, execExit]];
