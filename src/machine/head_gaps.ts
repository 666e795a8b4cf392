import { makesFd } from '../event/effects.js';
import { EventView } from '../event/view.js';
import { EF, EVENTS, PPME } from '../scap/events.generated.js';
import type { CaptureHead, FdEntry, ProcessEntry } from '../scap/head.js';
import { CLONE_EXITS } from './clone.js';
import { EXEC_EXITS } from './execve.js';
import { FdType } from './fd.js';
import { CLOSE_RANGE_CLOEXEC } from './files.js';
import { hasParam, pidParam, processLayouts } from './process_params.js';
import { callerEntry } from './told_process.js';

const BIRTHS = processLayouts(CLONE_EXITS, ['vtid', 'vpid']);
const EXECS = processLayouts(EXEC_EXITS, []);

/** `O_CLOEXEC` in `FdEntry.openFlags`. */
const O_CLOEXEC = 4096;

/** Exit events of calls that may close what had the number before. */
const COPIES: ReadonlySet<number> = new Set([
  PPME.SYSCALL_DUP_X,
  PPME.SYSCALL_DUP_1_X,
  PPME.SYSCALL_DUP2_X,
  PPME.SYSCALL_DUP3_X,
]);

/** Native number of close_range, on all architectures: old readers know it by nothing else. */
const CLOSE_RANGE = 436;

/** Children of children that are asked at most. */
const MOST_GENERATIONS = 16;

/** Of exit events whose result is new fds: where these are in it, by type. */
const OPENS: readonly (readonly number[] | undefined)[] = EVENTS.map((info) => {
  if (info === undefined || info.enter || (info.flags & EF.CREATES_FD) === 0) return undefined;
  const pair = info.params.flatMap(({ name }, i) => (name === 'fd1' || name === 'fd2' ? [i] : []));
  return pair.length > 0 ? pair : [0];
});

/** A child, and the numbers that its parent had opened other files by when it was born. */
interface Birth {
  readonly child: number;
  readonly after: ReadonlySet<number>;
}

/** A file that a child has from a process. */
interface Inherited {
  readonly child: number;
  readonly fd: number;
  readonly file: FdEntry;
}

/** What the first events tell of a process. */
class Told {
  /** Its children so far. */
  readonly births: Birth[] = [];
  /** Numbers that it has opened so far. */
  readonly opened = new Set<number>();
  /** Numbers that it opens at any time: what it has by these now it was not born with. */
  readonly opens = new Set<number>();
  executes = false;
  ends = false;
}

/**
 * Completes what a capture begins with by what the first events say must have been there. A process that closes a file which it
 * was not found with had it when the capture began: it was found later than that. What file it was its children still
 * tell that were born before it was closed. Replayed, the same event closes it; what executing closes stays until its number is
 * used again, as with every process. A process that had ended before it was found is known by what it tells itself as it
 * has a child.
 * `blocks`: the first events, one block each. `present`: what a process has open now.
 */
export function completeHead(
  head: CaptureHead,
  blocks: readonly Buffer[],
  present: (pid: number) => readonly FdEntry[],
): void {
  new HeadGaps(head, blocks, present).fill();
}

class HeadGaps {
  private readonly head: CaptureHead;
  private readonly blocks: readonly Buffer[];
  private readonly present: (pid: number) => readonly FdEntry[];
  private readonly processes: Map<number, ProcessEntry>;
  private readonly told = new Map<number, Told>();
  /** What was born since the capture began. */
  private readonly born = new Set<number>();
  private readonly threads = new Map<number, number>();
  private readonly looked = new Map<number, readonly FdEntry[]>();
  private readonly view = new EventView();

  constructor(head: CaptureHead, blocks: readonly Buffer[], present: (pid: number) => readonly FdEntry[]) {
    this.head = head;
    this.blocks = blocks;
    this.present = present;
    this.processes = new Map(head.processes.map((entry) => [entry.tid, entry]));
  }

  fill(): void {
    const told = new Set<number>();
    this.each((ev) => {
      if (BIRTHS.has(ev.type) && hasParam(ev, 0, 8)) told.add(ev.i64(0));
    });
    const copying = new Map<number, boolean>();
    this.each((ev) => {
      this.ownBirth(ev, told);
      for (const fd of this.opening(ev, copying)) this.toldOf(this.processOf(ev.tid)).opens.add(fd);
      if (ev.type === PPME.PROCEXIT_1_E && this.processOf(ev.tid) === ev.tid) this.toldOf(ev.tid).ends = true;
      if (EXECS.has(ev.type) && ev.i64(0) === 0) this.toldOf(this.processOf(ev.tid)).executes = true;
    });
    const closing = new Map<number, number>();
    this.each((ev) => this.replay(ev, closing, copying));
  }

  private each(take: (ev: EventView) => void): void {
    const { view } = this;
    for (const block of this.blocks) {
      view.attach(block, new DataView(block.buffer, block.byteOffset, block.length));
      if (view.at(0)) take(view);
    }
  }

  private toldOf(pid: number): Told {
    let told = this.told.get(pid);
    if (told === undefined) {
      told = new Told();
      this.told.set(pid, told);
    }
    return told;
  }

  private processOf(tid: number): number {
    return this.processes.get(tid)?.pid ?? this.threads.get(tid) ?? tid;
  }

  /** The numbers that an exit event says are open from now on. `copying`: threads whose fcntl makes one. */
  private opening(ev: EventView, copying: Map<number, boolean>): number[] {
    if (ev.type === PPME.SYSCALL_FCNTL_E && hasParam(ev, 1)) copying.set(ev.tid, makesFd(ev.u8(1)));
    if (ev.type === PPME.SYSCALL_FCNTL_X) {
      const copies = hasParam(ev, 2) ? makesFd(ev.u8(2)) : copying.get(ev.tid) === true;
      return copies && hasParam(ev, 0, 8) && ev.i64(0) >= 0 ? [ev.i64(0)] : [];
    }
    const at = OPENS[ev.type];
    if (at === undefined || !hasParam(ev, 0, 8) || ev.i64(0) < 0) return [];
    return at.flatMap((i) => (hasParam(ev, i, 8) ? [ev.i64(i)] : []));
  }

  private isBorn(parent: number, child: number): void {
    const { births, opened } = this.toldOf(parent);
    if (births.some((birth) => birth.child === child)) return;
    births.push({ child, after: new Set(opened) });
  }

  /** In the child, which may come later than what the parent does next: where that one's event is missing, it is the older one. */
  private ownBirth(ev: EventView, known: ReadonlySet<number>): void {
    const at = BIRTHS.get(ev.type);
    if (at === undefined || !hasParam(ev, 0, 8) || ev.i64(0) !== 0) return;
    const pid = pidParam(ev, at.pid, ev.tid);
    this.born.add(ev.tid);
    if (pid !== ev.tid) this.threads.set(ev.tid, pid);
    else if (!known.has(pid)) this.isBorn(this.processOf(pidParam(ev, at.ptid, -1)), pid);
  }

  /** In the parent. Inside another pid namespace the result is not the host's number. */
  private birth(ev: EventView): void {
    const at = BIRTHS.get(ev.type);
    if (at === undefined || !hasParam(ev, 0, 8) || ev.i64(0) <= 0) return;
    if (pidParam(ev, at.vtid, ev.tid) !== ev.tid) return;
    this.born.add(ev.i64(0));
    const parent = this.processOf(ev.tid);
    if (!this.processes.has(parent) && !this.born.has(parent)) this.meet(ev, parent);
    this.isBorn(parent, ev.i64(0));
  }

  /** A process that was there at the beginning and was not found any more. */
  private meet(ev: EventView, pid: number): void {
    const entry = ev.tid === pid ? callerEntry(ev) : null;
    if (entry === null) return;
    this.processes.set(pid, entry);
    this.head.processes.push(entry);
  }

  private replay(ev: EventView, closing: Map<number, number>, copying: Map<number, boolean>): void {
    const { type, tid } = ev;
    if (type === PPME.SYSCALL_CLOSE_E) {
      if (hasParam(ev, 0, 8)) closing.set(tid, ev.i64(0));
    } else if (type === PPME.SYSCALL_CLOSE_X) {
      const fd = hasParam(ev, 1, 8) ? ev.i64(1) : closing.get(tid);
      if (fd !== undefined && hasParam(ev, 0, 8) && ev.i64(0) === 0) this.had(tid, fd);
    } else if (type === PPME.SYSCALL_CLOSE_RANGE_X) {
      if (ev.nparams < 4 || ev.i64(0) !== 0 || (ev.u32(3) & CLOSE_RANGE_CLOEXEC) !== 0) return;
      const [first, last] = [ev.u32(1), ev.u32(2)];
      this.hadAny(tid, ({ fd }) => fd >= first && fd <= last);
    } else if (type === PPME.GENERIC_X && ev.u16(1) === CLOSE_RANGE) {
      // Nothing tells the range. What took the number of one that was closed says so itself.
      const { opens } = this.toldOf(this.processOf(tid));
      this.hadAny(tid, ({ fd }) => !opens.has(fd));
    } else if (EXECS.has(type)) {
      if (ev.i64(0) === 0) this.hadAny(tid, closesOnExec, true);
    } else if (type === PPME.PROCEXIT_1_E) {
      // It was found in its end, without files, or not at all.
      if (this.processOf(tid) === tid) this.hadAny(tid, () => true);
    } else if (BIRTHS.has(type)) this.birth(ev);
    else {
      for (const fd of this.opening(ev, copying)) {
        if (COPIES.has(type)) this.had(tid, fd);
        this.toldOf(this.processOf(tid)).opened.add(fd);
      }
    }
  }

  /** The caller had a file by this number until now. */
  private had(tid: number, fd: number): void {
    const pid = this.processOf(tid);
    if (!this.lacks(pid, fd)) return;
    for (const inherited of this.inherited(pid))
      if (inherited.fd === fd) {
        this.take(pid, inherited.file);
        return;
      }
  }

  /**
   * The caller closes such files if it has any. Nothing tells the numbers: only children count that have opened nothing themselves
   * of which it is not known when.
   */
  private hadAny(tid: number, closes: (file: FdEntry) => boolean, unexecuted = false): void {
    const pid = this.processOf(tid);
    if (!this.processes.has(pid)) return;
    for (const { child, fd, file } of this.inherited(pid)) {
      const { opens, executes } = this.toldOf(child);
      const sure = this.processes.has(child) || opens.size === 0;
      if (sure && !(unexecuted && executes) && this.lacks(pid, fd) && closes(file)) this.take(pid, file);
    }
  }

  /** Whether it is not known what the process had by this number until now: it was found without, or with what it opens later. */
  private lacks(pid: number, fd: number): boolean {
    const process = this.processes.get(pid);
    const { opened, opens } = this.toldOf(pid);
    if (process === undefined || opened.has(fd)) return false;
    return opens.has(fd) || !process.fds.some((entry) => entry.fd === fd);
  }

  private take(pid: number, file: FdEntry | undefined): void {
    const process = this.processes.get(pid);
    if (file === undefined || process === undefined) return;
    process.fds = [...process.fds.filter(({ fd }) => fd !== file.fd), { ...file }];
  }

  /**
   * Files that its children so far, and theirs, have from the time when the process had opened nothing by their numbers. Each
   * child is asked when it comes to it: that takes its time.
   */
  private *inherited(pid: number, generation = 0): Generator<Inherited> {
    if (generation > MOST_GENERATIONS) return;
    for (const { child, after } of this.toldOf(pid).births) {
      const { opens } = this.toldOf(child);
      for (const file of this.filesOf(child))
        if (!opens.has(file.fd) && !after.has(file.fd)) yield { child, fd: file.fd, file };
      for (const theirs of this.inherited(child, generation + 1)) if (!after.has(theirs.fd)) yield theirs;
    }
  }

  private filesOf(pid: number): readonly FdEntry[] {
    let files = this.processes.get(pid)?.fds ?? this.looked.get(pid);
    if (files === undefined) {
      files = this.toldOf(pid).ends ? [] : this.present(pid);
      this.looked.set(pid, files);
    }
    return files;
  }
}

/** Where that is not known it may be. */
function closesOnExec({ type, openFlags }: FdEntry): boolean {
  return (type !== FdType.FILE && type !== FdType.FILE_V2) || (openFlags & O_CLOEXEC) !== 0;
}
