import type { EventChunk, EventEffects, EventList } from '../capture/source.js';
import type { ListWalk } from '../event/list_walk.js';
import { BESIDE, EFFECT_BITS, Effect, MARK_THREAD } from '../event/scan_codes.js';
import { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import { Call, rowAt } from '../machine/call_table.js';
import type { FdTable, OpenedDirectory } from '../machine/fd.js';
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
  /** Null: no thread may pass. */
  private readonly filter: CompiledFilter | null;
  /** Null where the source cannot be read again. */
  private readonly files: RereadFiles | null;
  private readonly view = new EventView();
  private list: EventList = NO_LIST;
  private position = 0;
  private fds: Int32Array = NO_LIST.offsets;
  private marks: Int32Array = NO_LIST.offsets;
  private threads = 0;
  private walk: ListWalk | null = null;
  /** Goes up with whatever may change what is known of fds: see `ListWalk.know`. */
  private epoch = 1;
  // Of the chunk's threads.
  /** Twice the generation in which they were last looked up, and RULED; -1: not yet. */
  private answers = NO_LIST.offsets;
  /** The last enter and exit events that were passed over, side by side: they tell of the call under way; -1: none. */
  private calls = NO_LIST.offsets;
  private readonly infos: (ThreadInfo | undefined)[] = [];
  /** Their fds; undefined: nobody has asked. */
  private readonly tables: (FdTable | null | undefined)[] = [];

  constructor(machine: Machine, filter: CompiledFilter | null, readAgain: ReadAgain | undefined) {
    this.machine = machine;
    this.filter = filter;
    this.files = readAgain === undefined ? null : new RereadFiles(readAgain);
  }

  /** A chunk begins. */
  begin(chunk: EventChunk, list: EventList, effects: EventEffects): void {
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
    effects.walk.begin(list.length, effects.moved);
    while (this.tables.length < threads) {
      this.infos.push(undefined);
      this.tables.push(undefined);
    }
    this.answers.fill(-1, 0, threads);
    this.calls.fill(-1, 0, 2 * threads);
  }

  /** The first listed event from the i-th on that has to be looked at: those before it are done with. */
  skip(i: number): number {
    const { machine, marks, answers, walk } = this;
    const { offsets, length } = this.list;
    if (walk === null) return i;
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
    // Who looks at it may change anything.
    this.epoch++;
    return i;
  }

  /** Events have been taken in that this was not asked about. */
  forget(): void {
    this.epoch++;
  }

  /** The chunk ends: its bytes go. */
  end(): void {
    for (let thread = 1; thread < this.threads; thread++) this.settle(thread);
    this.list = NO_LIST;
  }

  /** Whether the filter rules the thread out, one of whose events stands at `off`. */
  private rules(thread: number, off: number): boolean {
    if (thread === 0) return false;
    let answer = this.answers[thread];
    if (answer >> 1 !== this.machine.generation) answer = this.ask(thread, off);
    return (answer & RULED) !== 0;
  }

  /** Whether the i-th listed event, one of a thread that is ruled out, is done with: it changes something. */
  private changes(i: number, effect: number, thread: number): boolean {
    // What the last event that was looked at closed goes first.
    this.machine.settle();
    const table = this.tableOf(thread);
    const fds = this.fds[i];
    const off = this.list.offsets[i];
    const position = this.position + off;
    let done = false;
    switch (effect) {
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
      case Effect.MESSAGE_END:
        done = table !== null && isKnownSocket(table, fds);
        if (done) this.walk?.know(this.view.dv.getInt32(off + 18, true), fds, this.epoch);
        break;
    }
    if (effect !== Effect.MESSAGE && effect !== Effect.MESSAGE_END) this.epoch++;
    if (done) this.calls[2 * thread + (effect & 1)] = off;
    else this.settle(thread);
    return done;
  }

  private openAt(table: FdTable, thread: number, fds: number, position: number): boolean {
    if (this.files === null) return false;
    const info = this.infos[thread];
    const dirfd = Math.trunc(fds / BESIDE) - 1;
    let directory: OpenedDirectory = '';
    if (dirfd >= 0) directory = table.openedPlace(dirfd) ?? directoryOfFd(table.get(dirfd));
    else if (info !== undefined) directory = this.machine.cwdOf(info);
    return table.open(fds % BESIDE, position, directory, this.files);
  }

  /**
   * Asks the filter about the event's thread, unless that was done in this generation. Gives the answer. Where there are many threads, what counts
   * is how much of each has to be fetched from memory: nothing but its row here.
   */
  private ask(thread: number, off: number): number {
    const { machine, view } = this;
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
      if (words[at] !== generation && !this.mayPass(info, off)) words[at] = generation;
      if (words[at] === generation) answer |= RULED;
    }
    this.answers[thread] = answer;
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
    const enter = this.calls[2 * thread];
    const exit = this.calls[2 * thread + 1];
    if (enter < 0 && exit < 0) return;
    this.calls[2 * thread] = -1;
    this.calls[2 * thread + 1] = -1;
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
};
