import type { EventChunk, EventEffects, EventList } from '../capture/source.js';
import type { ListWalk } from '../event/list_walk.js';
import {
  BESIDE,
  EFFECT_BITS,
  Effect,
  FD_LOOK,
  FD_NONE,
  FdNote,
  FdParam,
  MARK_THREAD,
} from '../event/scan_codes.js';
import { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import { Call, rowAt } from '../machine/call_table.js';
import { FD_PARAMS } from '../machine/fd_params.js';
import { FD_REACH, FdReach } from '../machine/fd_reach.js';
import type { FdTable, OpenedDirectory } from '../machine/fd_table.js';
import { directoryOfFd } from '../machine/files.js';
import type { Machine } from '../machine/machine.js';
import { isKnownSocket, takeLastCall } from '../machine/pass_by.js';
import { type ReadAgain, RereadFiles } from '../machine/reread_files.js';
import type { ThreadInfo } from '../machine/thread.js';
import { PPME } from '../scap/events.generated.js';
import { HeldChanges, type ListedThreads } from './held_changes.js';
import type { RuledFds } from './ruled_fds.js';

/** In `answers`, beside twice the generation: the filter lets none of the thread's events pass; where it rules out fds: the thread is known. */
const RULED = 1;

/**
 * Passes over the listed events of threads that a filter lets not pass, without looking at them: which do nothing but what the
 * source says of them. Whether it does is asked once per thread and generation of the threads, or nearly: the walk forgets some answers.
 */
export class RuledOut implements ListedThreads {
  private readonly machine: Machine;
  /** Null: no thread may pass. */
  private readonly filter: CompiledFilter | null;
  /** For lists where it rules out fds instead; null: it does not. */
  private readonly ruledFds: RuledFds | null;
  private byFd = false;
  /** Null where the source cannot be read again. */
  private readonly files: RereadFiles | null;
  /** Null with `files`: then none are. */
  private readonly held: HeldChanges | null;
  private readonly view = new EventView();
  private list: EventList = NO_LIST;
  private position = 0;
  private fds: Int32Array = NO_LIST.offsets;
  private marks: Int32Array = NO_LIST.offsets;
  private threads = 0;
  private walk: ListWalk | null = null;
  /** Goes up with whatever may change what is noted of fds: see `ListWalk.note`. */
  private epoch = 1;
  /** Whose event is being looked at, which may change what is noted of its fd; -1: none. */
  private lookedTid = -1;
  // Of the chunk's threads.
  /** Twice the generation in which they were last looked up, and RULED; -1: not yet. */
  private answers = NO_LIST.offsets;
  /** The last enter and exit events that were passed over, side by side: they tell of the call under way; -1: none. */
  private calls = NO_LIST.offsets;
  private rows = NO_LIST.offsets;
  private borns = NO_LIST.offsets;
  /** Numbers of their tables. */
  private tables = NO_LIST.offsets;

  constructor(
    machine: Machine,
    filter: CompiledFilter | null,
    ruledFds: RuledFds | null,
    readAgain: ReadAgain | undefined,
  ) {
    this.machine = machine;
    this.filter = filter;
    this.ruledFds = ruledFds;
    this.files = readAgain === undefined ? null : new RereadFiles(readAgain);
    this.held = this.files === null ? null : new HeldChanges(this, this.files);
  }

  /** A chunk begins. `byFd`: fds are ruled out in it, by `RuledFds`. */
  begin(chunk: EventChunk, list: EventList, effects: EventEffects, byFd: boolean): void {
    if (byFd !== this.byFd) {
      // What was found out until now answered something else.
      this.byFd = byFd;
      this.epoch++;
      this.machine.generation++;
    }
    const { threads } = effects;
    this.view.attach(chunk.bytes, chunk.dv);
    this.position = chunk.position ?? 0;
    this.view.setBase(this.machine.baseSec);
    this.list = list;
    this.fds = effects.fds;
    this.marks = effects.marks;
    this.threads = threads;
    this.walk = effects.walk;
    this.answers = effects.walk.answers;
    this.calls = effects.walk.calls;
    this.rows = effects.walk.rows;
    this.borns = effects.walk.borns;
    this.tables = effects.walk.tables;
    effects.walk.begin(list.length, threads, effects.moved, byFd);
    this.held?.begin(list, effects, this.position);
  }

  /** The first listed event from the i-th on that has to be looked at: those before it are done with. */
  skip(i: number): number {
    const { machine, marks, answers, walk } = this;
    const { offsets, length } = this.list;
    if (walk === null) return i;
    this.forgetLooked();
    for (;;) {
      // To ask about a thread may end another.
      const ruled = (machine.generation << 1) | RULED;
      i = walk.skip(i, ruled, this.epoch);
      if (i === length) return i;
      const mark = marks[i];
      const thread = mark >> MARK_THREAD;
      if (answers[thread] !== ruled) {
        if (!this.rules(thread, offsets[i])) break;
      } else if (!this.changes(i, mark & EFFECT_BITS, thread)) break;
      else i++;
    }
    this.held?.apply();
    this.noteLook(offsets[i]);
    return i;
  }

  /** The event there will be looked at: that may change what is noted of fds. */
  private noteLook(off: number): void {
    const { dv } = this.view;
    const type = dv.getUint32(off, true) === 0x216 ? dv.getUint16(off + 30, true) : FD_REACH.length;
    const reach = type < FD_REACH.length ? FD_REACH[type] : FdReach.ANY;
    if (reach === FdReach.ANY) this.epoch++;
    // What a socket is called a message tells, too; of any other the filter has been asked.
    else if (reach === FdReach.LAST || (this.byFd && FD_PARAMS[type] !== FdParam.NONE))
      this.lookedTid = dv.getInt32(off + 18, true);
  }

  /** The event that had to be looked at has been. */
  private forgetLooked(): void {
    const tid = this.lookedTid;
    if (tid < 0) return;
    this.lookedTid = -1;
    const thread = this.machine.threads.get(tid);
    const table = thread === undefined ? null : this.machine.fdTable(thread);
    if (thread === undefined || table === null) this.epoch++;
    else {
      const fd = thread.lastFd;
      this.walk?.forget(table.number, fd, this.epoch);
      if (this.byFd && this.ruledFds?.rulesPresent(thread.row, table, fd)) this.noteRuled(table, fd);
    }
  }

  /** Events have been taken in that this was not asked about: between two chunks. */
  forget(): void {
    this.epoch++;
  }

  /** The chunk ends: its bytes go. */
  end(): void {
    this.forgetLooked();
    this.held?.apply();
    this.settleAll();
    this.list = NO_LIST;
  }

  private settleAll(): void {
    for (let thread = 1; thread < this.threads; thread++) this.settle(thread);
  }

  /** Whether the filter rules the thread out, one of whose events stands at `off`. */
  private rules(thread: number, off: number): boolean {
    if (thread === 0) {
      // Whose it is the list does not say, as its block is of another kind.
      this.settleAll();
      return false;
    }
    let answer = this.answers[thread];
    if (answer >> 1 !== this.machine.generation) answer = this.ask(thread, off);
    return (answer & RULED) !== 0;
  }

  /** Whether the i-th listed event, one of a thread that is ruled out, is done with: it changes something. */
  private changes(i: number, effect: number, thread: number): boolean {
    // What the last event that was looked at closed goes first.
    this.machine.settle();
    const table = this.tableOf(thread);
    const off = this.list.offsets[i];
    let done: boolean;
    if (this.byFd) done = this.passRuled(table, this.fds[i], effect, off, thread);
    else if (table === null) done = effect !== Effect.LOOK && !isMessage(effect);
    else done = this.changeFd(table, this.fds[i], effect, off, thread);
    if (!done) this.settle(thread);
    else if (effect !== Effect.NOTHING) this.calls[2 * thread + (effect & 1)] = off;
    return done;
  }

  private changeFd(table: FdTable, fds: number, effect: number, off: number, thread: number): boolean {
    const fd = fds % BESIDE;
    const position = this.position + off;
    switch (effect) {
      case Effect.OPEN:
        // Fds of a table stand in the order in which they were given out.
        this.held?.apply();
        if (this.files === null || !table.open(fds, position, '', this.files)) return false;
        this.note(table, fd, FdNote.PLAIN | FdNote.PRESENT);
        return true;
      case Effect.OPEN_AT:
        if (!this.openAt(table, thread, fds, position)) return false;
        this.note(table, fd, FdNote.PLAIN | FdNote.PRESENT);
        return true;
      case Effect.CLOSE:
        // What was closed may be an entry that this one has replaced.
        if ((table.present(fds)?.closeCanceled ?? null) !== null) return false;
        table.delete(fds);
        this.note(table, fd, FdNote.PLAIN);
        return true;
      case Effect.DUP:
        return this.duplicate(table, Math.trunc(fds / BESIDE), fd);
      case Effect.MESSAGE:
      case Effect.MESSAGE_END:
        if (!isKnownSocket(table, fds)) return false;
        this.note(table, fds, FdNote.SOCKET | FdNote.PRESENT | (table.isPlain(fds) ? FdNote.PLAIN : 0));
        return true;
      default:
        return false;
    }
  }

  /** Whether the event at `off` is done with, where fds are ruled out: it and what it leaves of the fd are. */
  private passRuled(
    table: FdTable | null,
    fds: number,
    effect: number,
    off: number,
    thread: number,
  ): boolean {
    const { ruledFds, walk } = this;
    if (ruledFds === null || walk === null || effect === Effect.LOOK) return false;
    this.held?.apply();
    const row = this.rows[thread];
    if (
      effect === Effect.NOTHING ||
      ((effect === Effect.ENTER || effect === Effect.EXIT) && fds === FD_NONE)
    ) {
      if (!ruledFds.rulesNoFd(row)) return false;
      walk.ruleCalls(ruledFds.calls);
      return true;
    }
    if (effect === Effect.ENTER || effect === Effect.EXIT) {
      if (fds === FD_LOOK || !ruledFds.rules(row, table, fds, effect === Effect.ENTER)) return false;
      walk.ruleCalls(ruledFds.calls);
      this.noteRuled(table, fds);
      return true;
    }
    if (table === null || effect === Effect.OPEN_AT) return false;
    if (effect === Effect.OPEN) {
      if (!ruledFds.open(this.view, off, row, table, fds)) return false;
      walk.rulePath(off);
      this.note(table, fds, FdNote.PLAIN | FdNote.PRESENT);
      this.noteRuled(table, fds);
      return true;
    }
    const about = effect === Effect.DUP ? Math.trunc(fds / BESIDE) : fds;
    const known = (walk.noted(table.number, about, this.epoch) & FdNote.RULED) !== 0;
    if (!known && !ruledFds.rules(row, table, about, effect === Effect.MESSAGE)) return false;
    if (!this.changeFd(table, fds, effect, off, thread)) return false;
    if (effect !== Effect.DUP) this.noteRuled(table, fds);
    else if (table.has(about)) this.noteRuled(table, fds % BESIDE);
    return true;
  }

  /** Notes that an fd is ruled out, as far as that is known of fds that are not there. */
  private noteRuled(table: FdTable | null, fd: number): void {
    if (table === null || fd < 0) return;
    const there = table.has(fd);
    if (!there && this.ruledFds?.rulesUnknown !== true) return;
    const flags = FdNote.RULED | (there ? FdNote.PRESENT : 0) | (table.isPlain(fd) ? FdNote.PLAIN : 0);
    this.note(table, fd, flags, true);
  }

  private note(table: FdTable, fd: number, flags: number, keep = false): void {
    // What is not plain is never held back.
    const noted = this.held === null ? flags & ~FdNote.PLAIN : flags;
    this.walk?.note(table.number, fd, this.epoch, noted, keep);
  }

  private duplicate(table: FdTable, from: number, to: number): boolean {
    this.held?.apply();
    if (!table.duplicate(from, to)) return false;
    const there = table.has(from);
    this.note(table, from, there ? FdNote.PRESENT : FdNote.PLAIN, there);
    if (there && from !== to) this.note(table, to, FdNote.PLAIN | FdNote.PRESENT);
    return true;
  }

  private openAt(table: FdTable, thread: number, fds: number, position: number): boolean {
    if (this.files === null) return false;
    this.held?.apply();
    const dirfd = Math.trunc(fds / BESIDE) - 1;
    let directory: OpenedDirectory;
    if (dirfd >= 0) directory = table.openedPlace(dirfd) ?? directoryOfFd(table.get(dirfd));
    else directory = this.cwdOf(thread);
    return table.open(fds % BESIDE, position, directory, this.files);
  }

  /**
   * Asks the filter about the event's thread, unless that was done in this generation. Gives the answer. Where there are many threads, what counts
   * is how much of each has to be fetched from memory: nothing but its row here.
   */
  private ask(thread: number, off: number): number {
    const { machine, view } = this;
    this.held?.apply();
    this.settle(thread);
    machine.settle();
    const { generation } = machine;
    const { calls } = machine.threads;
    const tid = view.dv.getInt32(off + 18, true);
    const row = calls.row(tid);
    const { words } = calls;
    const first = rowAt(row);
    this.rows[thread] = row;
    this.borns[thread] = words[first + Call.BORN];
    this.tables[thread] = 0;
    let answer = generation << 1;
    const info = row === 0 ? undefined : calls.thread(row);
    if (this.byFd) {
      if (info !== undefined) answer |= RULED;
    } else if (info !== undefined) {
      if (words[first + Call.RULED] !== generation && !this.mayPass(info, off))
        words[first + Call.RULED] = generation;
      if (words[first + Call.RULED] === generation) answer |= RULED;
    }
    this.answers[thread] = answer;
    if ((answer & RULED) !== 0) this.walk?.know(thread, tid);
    return answer;
  }

  /** Whether the filter lets an event of the thread pass, that at `off`. */
  private mayPass(thread: ThreadInfo, off: number): boolean {
    const { machine, filter, view } = this;
    if (filter === null) return false;
    view.at(off);
    machine.thread = thread;
    const { ruling } = filter;
    return ruling?.mayPass ? ruling.mayPass(view, machine) : filter.matches(view, machine);
  }

  tableOf(thread: number): FdTable | null {
    const info = this.infoOf(thread);
    const table = info === undefined ? null : this.machine.fdTable(info);
    if (this.tables[thread] === 0) {
      this.tables[thread] = table === null ? -1 : table.number;
      if (info !== undefined) this.walk?.know(thread, info.tid);
    }
    return table;
  }

  cwdOf(thread: number): string {
    const info = this.infoOf(thread);
    return info === undefined ? '' : this.machine.cwdOf(info);
  }

  private infoOf(thread: number): ThreadInfo | undefined {
    const row = this.rows[thread];
    return row === 0 ? undefined : this.machine.threads.calls.thread(row);
  }

  /** Puts down the last call that was passed over. */
  private settle(thread: number): void {
    const enter = this.calls[2 * thread];
    const exit = this.calls[2 * thread + 1];
    if (enter < 0 && exit < 0) return;
    this.calls[2 * thread] = -1;
    this.calls[2 * thread + 1] = -1;
    const { machine, view } = this;
    const row = this.rows[thread];
    // It may have gone with its process.
    if (row === 0 || machine.threads.calls.words[rowAt(row) + Call.BORN] !== this.borns[thread]) return;
    // A call under way is taken in as any other: it may look at an fd, or begin to close it.
    const underWay = enter > exit;
    if (underWay) this.held?.apply();
    takeLastCall(machine, view, row, enter, exit);
    if (underWay && view.type === PPME.SYSCALL_CLOSE_E) this.epoch++;
  }
}

function isMessage(effect: number): boolean {
  return effect === Effect.MESSAGE || effect === Effect.MESSAGE_END;
}

const NO_LIST: EventList = {
  offsets: new Int32Array(0),
  ordinals: new Int32Array(0),
  length: 0,
  events: 0,
};
