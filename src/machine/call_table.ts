import type { ThreadInfo } from './thread.js';

/** 32-bit words per thread. */
const WORDS = 16;
const DOUBLES = WORDS / 2;

/** Words of a thread's row. */
export const Call = {
  /** Type of the enter event of the call under way, or of the last one; -1 if none was seen. */
  TYPE: 0,
  /** Its fd, -1 if it has none. */
  FD: 1,
  /** Where its enter event is kept for the exit (see `KeptEnters`): offset in the present chunk, or a `Kept` number. */
  KEPT: 2,
  /** The chunk in which the row was last put down as having a kept event. */
  WAITS: 3,
  // `Machine.generation` at which a filter was found to let none of the thread's events pass; -1 if never: none at all,
  // or none of those whose fd is not known, enter and exit events.
  RULED: 4,
  ENTER_RULED: 5,
  EXIT_RULED: 6,
  /** The same for single fds: those below 64 of the thread's own table, a bit each. */
  FDS_RULED: 7,
  FDS_LOW: 8,
  FDS_HIGH: 9,
  /** Tells the threads apart that have the row one after the other. */
  BORN: 10,
} as const;

/** In `Call.KEPT`: nothing is kept, or it is a copy of the thread's own. */
export const Kept = { NONE: -1, OWN: -2 } as const;

/** Doubles of a thread's row, behind its words: time of the enter event of the last call, ns relative to the base second. */
export const ENTER_TS = 6;
/** How long the last call took, ns; 0 while one is under way. */
export const LATENCY = 7;

/** Smallest room, threads and numbers. */
const ROOM = 64;
const TIDS = 4096;
/** Largest tid that Linux gives (PID_MAX_LIMIT is 4 194 304): beyond it a thread has a row, but is not found here. */
export const MAX_TID = 4194304;

/**
 * What an event looks at and changes of its thread, for all threads side by side: one row of 64 bytes each. With a hundred thousand
 * threads the cost of an event is that of fetching memory, and as properties of objects these would lie in ten places.
 *
 * Row 0 belongs to no thread of the table: it serves those that are in none.
 */
export class CallTable {
  /** Rows as words, and the same as doubles: see `rowAt`. */
  words = new Int32Array(ROOM * WORDS);
  doubles = new Float64Array(this.words.buffer);
  private readonly threads: (ThreadInfo | undefined)[] = [undefined];
  private rowOf = new Int32Array(TIDS);
  private readonly free: number[] = [];
  private born = 0;

  constructor() {
    this.reset(0);
  }

  /** Row of the thread with this number, 0 if there is none. */
  row(tid: number): number {
    const { rowOf } = this;
    return tid >= 0 && tid < rowOf.length ? rowOf[tid] : 0;
  }

  /** Thread of a row. */
  thread(row: number): ThreadInfo | undefined {
    return this.threads[row];
  }

  /** Gives a thread a row. */
  add(tid: number, thread: ThreadInfo): void {
    let row = this.free.pop();
    if (row === undefined) {
      row = this.threads.length;
      this.threads.push(thread);
      if ((row + 1) * WORDS > this.words.length) {
        const words = new Int32Array(this.words.length * 2);
        words.set(this.words);
        this.words = words;
        this.doubles = new Float64Array(words.buffer);
      }
    } else this.threads[row] = thread;
    this.reset(row);
    this.words[rowAt(row) + Call.BORN] = ++this.born;
    if (tid >= 0 && tid <= MAX_TID) {
      if (tid >= this.rowOf.length) {
        let room = this.rowOf.length;
        while (room <= tid) room *= 2;
        const rowOf = new Int32Array(room);
        rowOf.set(this.rowOf);
        this.rowOf = rowOf;
      }
      this.rowOf[tid] = row;
    }
    thread.calls = this;
    thread.row = row;
  }

  /** Takes the row back; the thread goes on with that of the threads in no table. */
  remove(tid: number, thread: ThreadInfo): void {
    const { row } = thread;
    if (tid >= 0 && tid <= MAX_TID) this.rowOf[tid] = 0;
    this.threads[row] = undefined;
    this.free.push(row);
    thread.calls = LOOSE;
    thread.row = 0;
  }

  /** No call of the row's thread is known. */
  reset(row: number): void {
    this.words.fill(-1, row * WORDS, row * WORDS + 2 * ENTER_TS);
    this.doubles[row * DOUBLES + ENTER_TS] = 0;
    this.doubles[row * DOUBLES + LATENCY] = 0;
  }
}

/** For threads that are in no table, for as long as one event: they share a row. */
export const LOOSE = new CallTable();

/** A row's first word in `CallTable.words`. */
export function rowAt(row: number): number {
  return row * WORDS;
}

/** The same in `CallTable.doubles`. */
export function doublesAt(row: number): number {
  return row * DOUBLES;
}
