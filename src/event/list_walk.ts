import type { ScanMemory, ScanSlot } from './scan_memory.js';
import type { ScanModule } from './scan_module.js';

/** Goes over the list of a slot where threads have been ruled out: see native/scan/skip_listed.c. */
export class ListWalk {
  // By the number that a thread has in the list.
  /** What was found out about it; -1: nothing yet. */
  readonly answers: Int32Array;
  /** Its row, and the number of births that tells whose that is: see `CallTable`. 0: none. */
  readonly rows: Int32Array;
  readonly borns: Int32Array;
  /** Number of its table of fds; 0: not known, -1: it has none. */
  readonly tables: Int32Array;
  /** Offsets of its last enter and exit event that were passed over, side by side; -1: none. */
  readonly calls: Int32Array;
  /** By place in the list, of changes that were held back: the one that such a change goes back to, counted from 1; 0: what the table has. */
  readonly sources: Int32Array;
  /** What `collect` has written. */
  readonly held: Int32Array;
  private readonly module: ScanModule;
  private readonly bytes: number;
  private readonly lists: readonly [offsets: number, marks: number, fds: number];

  constructor(module: ScanModule, memory: ScanMemory, slot: ScanSlot) {
    this.module = module;
    const { answers, rows, borns, tables, calls, sources, held } = memory.skip;
    this.answers = answers;
    this.rows = rows;
    this.borns = borns;
    this.tables = tables;
    this.calls = calls;
    this.sources = sources;
    this.held = held;
    this.bytes = slot.dv.byteOffset;
    this.lists = [slot.offsets.byteOffset, slot.marks.byteOffset, slot.fds.byteOffset];
  }

  /**
   * A list begins: nothing is known of its threads. Nothing must be held back.
   * @param moved as in `EventScan.scan`.
   * @param byFd events are passed over where their fd is RULED, too.
   */
  begin(length: number, threads: number, moved: number, byFd: boolean): void {
    this.module.begin(length, this.bytes - moved, ...this.lists, threads, byFd ? 1 : 0);
  }

  /** What was found out about the thread of the list holds for that tid in later lists, too, as long as the answer is the same. */
  know(thread: number, tid: number): void {
    this.module.know(thread, tid);
  }

  /**
   * The first listed event from the i-th on whose thread's answer is not `ruled`, or that has to be looked at, or does what is not
   * understood; the list's length if there is none. `epoch`: see `note`.
   */
  skip(i: number, ruled: number, epoch: number): number {
    return this.module.skip(i, ruled, epoch);
  }

  /**
   * What is known of an fd of a table (its number), `FdNote` flags; it holds as long as the epoch is this one (above 0).
   * @param keep what was known of it before holds as well.
   */
  note(table: number, fd: number, epoch: number, flags: number, keep = false): void {
    this.module.note(table, fd, epoch, flags, keep ? 1 : 0);
  }

  /** Nothing is known of the fd any more. No change of it must be held back. */
  forget(table: number, fd: number, epoch: number): void {
    this.module.forget(table, fd, epoch);
  }

  /** What is known of the fd: `FdNote` flags. */
  noted(table: number, fd: number, epoch: number): number {
    return this.module.noted(table, fd, epoch);
  }

  /** Of the path that is opened by the event at an offset as they stand in the list no plain file can pass. */
  rulePath(offset: number): void {
    this.module.rule_path(offset);
  }

  /** From here on these are ruled out, too: `RuledCalls` flags. */
  ruleCalls(calls: number): void {
    this.module.rule_calls(calls);
  }

  /**
   * Gives how many changes of fds were held back, and writes them into `held`, in the order in which the fds were given out: twice
   * the event's place in the list, and 1 where something of its number was closed before. None is held back any more.
   */
  collect(): number {
    return this.module.collect();
  }
}
