import type { EventEffects, EventList } from '../capture/source.js';
import { MARK_THREAD } from '../capture/source.js';
import { BESIDE, EFFECT_BITS, Effect } from '../event/effects.js';
import { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import { Call, rowAt } from '../machine/call_table.js';
import type { FdTable } from '../machine/fd.js';
import { directoryOfFd } from '../machine/files.js';
import type { Machine } from '../machine/machine.js';
import { isKnownSocket, takeLastCall } from '../machine/pass_by.js';
import { type ReadAgain, RereadFiles } from '../machine/reread_files.js';
import type { ThreadInfo } from '../machine/thread.js';

/** In `answers`, beside twice the generation: the filter lets none of the thread's events pass. */
const RULED = 1;

/**
 * Passes over the listed events of threads that a filter lets not pass, without looking at them: which do nothing but what the
 * source says of them. Whether it does is asked once per thread, chunk and generation of the threads.
 */
export class RuledOut {
  private readonly machine: Machine;
  private readonly filter: CompiledFilter;
  /** Null where the source cannot be read again. */
  private readonly files: RereadFiles | null;
  private readonly view = new EventView();
  private list: EventList = NO_LIST;
  private fds: Int32Array = NO_LIST.offsets;
  private marks: Int32Array = NO_LIST.offsets;
  private threads = 0;
  // Of the chunk's threads.
  /** Twice the generation in which they were last looked up, and RULED; -1: not yet. */
  private answers = new Int32Array(0);
  /** The last enter and exit events that were passed over: they tell of the call under way; -1: none. */
  private enters = new Int32Array(0);
  private exits = new Int32Array(0);
  private readonly infos: (ThreadInfo | undefined)[] = [];
  /** Their fds; undefined: nobody has asked. */
  private readonly tables: (FdTable | null | undefined)[] = [];

  constructor(machine: Machine, filter: CompiledFilter, readAgain: ReadAgain | undefined) {
    this.machine = machine;
    this.filter = filter;
    this.files = readAgain === undefined ? null : new RereadFiles(readAgain);
  }

  /** A chunk begins. */
  begin(list: EventList, effects: EventEffects, bytes: Buffer, dv: DataView): void {
    const { threads } = effects;
    this.view.attach(bytes, dv);
    this.view.setBase(this.machine.baseSec);
    this.list = list;
    this.fds = effects.fds;
    this.marks = effects.marks;
    this.threads = threads;
    if (threads > this.answers.length) {
      this.answers = new Int32Array(2 * threads);
      this.enters = new Int32Array(2 * threads);
      this.exits = new Int32Array(2 * threads);
    }
    while (this.tables.length < threads) {
      this.infos.push(undefined);
      this.tables.push(undefined);
    }
    this.answers.fill(-1, 0, threads);
    this.enters.fill(-1, 0, threads);
    this.exits.fill(-1, 0, threads);
  }

  /** The first listed event from the i-th on that has to be looked at: those before it are done with. */
  skip(i: number): number {
    const { offsets, length } = this.list;
    while (i < length && this.passes(i, offsets[i])) i++;
    return i;
  }

  /** The chunk ends: its bytes go. */
  end(): void {
    for (let thread = 1; thread < this.threads; thread++) this.settle(thread);
    this.list = NO_LIST;
  }

  /** Whether the i-th listed event, its block at `off`, is done with, as its thread is ruled out. */
  private passes(i: number, off: number): boolean {
    const mark = this.marks[i];
    const thread = mark >> MARK_THREAD;
    if (thread === 0) return false;
    let answer = this.answers[thread];
    if (answer >> 1 !== this.machine.generation) answer = this.ask(thread, off);
    if ((answer & RULED) === 0) return false;
    switch (mark & EFFECT_BITS) {
      case Effect.NOTHING:
        return true;
      case Effect.ENTER:
        this.enters[thread] = off;
        return true;
      case Effect.EXIT:
        this.exits[thread] = off;
        return true;
      default:
        return this.changes(i, mark, thread, off);
    }
  }

  /** The same for events that change something. */
  private changes(i: number, mark: number, thread: number, off: number): boolean {
    // What the last event that was looked at closed goes first.
    this.machine.settle();
    const table = this.tableOf(thread);
    const fds = this.fds[i];
    const position = this.list.position + off;
    let exit = true;
    let done = false;
    switch (mark & EFFECT_BITS) {
      case Effect.OPEN:
        done = table === null || (this.files !== null && table.open(fds, position, '', this.files));
        break;
      case Effect.OPEN_AT:
        done = table === null || this.openAt(table, thread, fds, position);
        break;
      case Effect.CLOSE:
        // What was closed may be an entry that this one has replaced.
        done = table === null || (table.present(fds)?.closeCanceled ?? null) === null;
        if (done) table?.delete(fds);
        break;
      case Effect.DUP:
        done = table === null || table.duplicate(Math.trunc(fds / BESIDE), fds % BESIDE);
        break;
      case Effect.MESSAGE:
        exit = this.isExit(off);
        done = table !== null && isKnownSocket(table, fds);
        break;
    }
    if (!done) this.settle(thread);
    else if (exit) this.exits[thread] = off;
    else this.enters[thread] = off;
    return done;
  }

  private isExit(off: number): boolean {
    return (this.view.dv.getUint16(off + 30, true) & 1) === 1;
  }

  private openAt(table: FdTable, thread: number, fds: number, position: number): boolean {
    if (this.files === null) return false;
    const info = this.infos[thread];
    const dirfd = Math.trunc(fds / BESIDE) - 1;
    let directory = '';
    if (dirfd >= 0) directory = directoryOfFd(table.get(dirfd));
    else if (info !== undefined) directory = this.machine.cwdOf(info);
    return table.open(fds % BESIDE, position, directory, this.files);
  }

  /**
   * Asks the filter about the event's thread, unless that was done in this generation. Gives the answer. Where there are many threads, what counts
   * is how much of each has to be fetched from memory: nothing but its row here.
   */
  private ask(thread: number, off: number): number {
    const { machine, filter, view } = this;
    this.settle(thread);
    machine.settle();
    const { generation } = machine;
    const { calls } = machine.threads;
    const row = calls.row(view.dv.getInt32(off + 18, true));
    const info = row === 0 ? undefined : calls.thread(row);
    this.infos[thread] = info;
    this.tables[thread] = undefined;
    let answer = generation << 1;
    if (info !== undefined) {
      const at = rowAt(row) + Call.RULED;
      const { words } = calls;
      if (words[at] !== generation) {
        view.at(off);
        machine.thread = info;
        const { ruling } = filter;
        const may = ruling?.mayPass ? ruling.mayPass(view, machine) : filter.matches(view, machine);
        if (!may) words[at] = generation;
      }
      if (words[at] === generation) answer |= RULED;
    }
    this.answers[thread] = answer;
    return answer;
  }

  private tableOf(thread: number): FdTable | null {
    let table = this.tables[thread];
    if (table === undefined) {
      const info = this.infos[thread];
      table = info === undefined ? null : this.machine.fdTable(info);
      this.tables[thread] = table;
    }
    return table;
  }

  /** Puts down the last call that was passed over. */
  private settle(thread: number): void {
    const enter = this.enters[thread];
    const exit = this.exits[thread];
    if (enter < 0 && exit < 0) return;
    this.enters[thread] = -1;
    this.exits[thread] = -1;
    const { machine, view } = this;
    const { calls } = machine.threads;
    const row = calls.row(view.dv.getInt32(Math.max(enter, exit) + 18, true));
    // It may have gone with its process.
    if (row !== 0 && calls.thread(row) === this.infos[thread]) takeLastCall(machine, view, row, enter, exit);
  }
}

const NO_LIST: EventList = {
  offsets: new Int32Array(0),
  ordinals: new Int32Array(0),
  length: 0,
  events: 0,
  position: 0,
};
