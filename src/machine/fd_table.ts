import type { FdEntry } from '../scap/head.js';
import type { StoredFds } from '../scap/stored_fds.js';
import { FdInfo } from './fd.js';
import type { ThreadInfo } from './thread.js';

/** So many fds, from 0 on, have a place in their thread's row (see `CallTable`). */
export const ROW_FDS = 64;

/** Fd numbers below this are found by array index; larger ones too, where the table has grown to them without gaps. */
const DENSE = 4096;

/** Where in the capture file the event stands that opened a file, and the directory that its path starts from. */
export interface OpenedPlace {
  readonly position: number;
  readonly directory: OpenedDirectory;
  /** How many of the directories it starts from hang together as places. */
  readonly depth: number;
}

/** An fd as another one gets it: an entry of its own, or where it was opened. */
export type FdCopy = FdInfo | OpenedPlace;

/** Deeper ones are read: who opens one directory after the other, each from the last, would make a chain without end. */
export const MOST_DEPTH = 16;

/** A directory: its path ('': the file's is absolute), or where it was opened itself. */
export type OpenedDirectory = string | OpenedPlace;

/** Makes the entry of an opened file. */
export interface OpenedFiles {
  openedAt(position: number, directory: OpenedDirectory): FdInfo;
}

/** Stands in a table for a file that nobody has asked for yet. */
const OPENED = new FdInfo(0, '');

/** Files of a table that are opened already and read when somebody asks, by fd: where their event stands, and their age. */
interface OpenedFds {
  readonly files: OpenedFiles;
  readonly positions: number[];
  readonly ages: number[];
  /** A close call is under way. */
  readonly closing: boolean[];
  readonly directories: OpenedDirectory[];
}

/** Fds of a table that a capture's head lists and that nobody has asked for yet. */
interface ListedFds {
  readonly stored: StoredFds;
  readonly make: (entry: FdEntry) => FdInfo;
  /** By number: which entry of the list it is, counted from 1; 0 for what is in the table, or is no fd. */
  readonly entryOf: Int32Array;
  /** Fds that are still to be made. */
  left: number;
}

/** Tables that somebody has asked for their number. */
let numbered = 0;

/**
 * The fds of a process by number. Nearly all numbers are small, as Linux gives the lowest free one: these are found by array index; stray ones in a Map.
 * Walks go by number.
 */
export class FdTable {
  /** Open fds. */
  size = 0;
  private ownNumber = 0;
  private readonly dense: (FdInfo | undefined)[] = [];
  private sparse: Map<number, FdInfo> | null = null;
  private added = 0;
  private listed: ListedFds | null = null;
  /** A list of which no fd was asked for at all: the table has nothing but its size. */
  private waiting: Pick<ListedFds, 'stored' | 'make'> | null = null;
  private opened: OpenedFds | null = null;
  /** The main thread whose table it is; null while that is not known or several processes share it. */
  private holder: ThreadInfo | null = null;
  private shared = false;
  /** Of fds that have no place in the holder's row: `Machine.generation` at which they were ruled out for it, -1 if never. */
  private stamps: Int32Array | null = null;

  /** Tells tables apart: from 1 on. */
  get number(): number {
    if (this.ownNumber === 0) this.ownNumber = ++numbered;
    return this.ownNumber;
  }

  /** A process gets it. */
  heldBy(thread: ThreadInfo): void {
    if (this.holder !== null && this.holder !== thread) {
      this.holder.forgetRuledFds();
      this.stamps = null;
      this.shared = true;
    }
    this.holder = this.shared ? null : thread;
  }

  /** Whether the table is this thread's alone, or of its process: its row tells then which fds are ruled out. */
  isOf(thread: ThreadInfo): boolean {
    return this.holder === thread;
  }

  /** The answer of a filter for an fd is no longer known. */
  forgetRuling(fd: number): void {
    if (fd < ROW_FDS) this.holder?.forgetRuledFd(fd);
    else if (this.stamps !== null && fd < this.stamps.length) this.stamps[fd] = -1;
  }

  /** Notes that the holder's events with an fd from ROW_FDS on are ruled out. */
  noteRuled(fd: number, generation: number): void {
    if (fd >= this.dense.length) return;
    if (this.stamps === null || fd >= this.stamps.length) {
      const stamps = new Int32Array(this.dense.length * 2).fill(-1);
      if (this.stamps !== null) stamps.set(this.stamps);
      this.stamps = stamps;
    }
    this.stamps[fd] = generation;
  }

  /** Whether that was noted in this generation. Spares fetching the entry. */
  isNoted(fd: number, generation: number): boolean {
    return this.stamps !== null && fd < this.stamps.length && this.stamps[fd] === generation;
  }

  /** Table of what a capture's head lists; `make` makes an entry of it, once somebody asks for that fd. */
  static ofStored(stored: StoredFds, make: (entry: FdEntry) => FdInfo): FdTable {
    const table = new FdTable();
    if (stored.bound > 0 && stored.bound <= DENSE) {
      table.waiting = { stored, make };
      table.size = table.added = stored.length;
      return table;
    }
    return table.list(stored, make) ? table : FdTable.of(stored.entries(), make);
  }

  static of(entries: readonly FdEntry[], make: (entry: FdEntry) => FdInfo): FdTable {
    const table = new FdTable();
    for (const entry of entries) table.set(entry.fd, make(entry));
    return table;
  }

  /** Takes a list over into an empty table; false: it has an fd twice. */
  private list(stored: StoredFds, make: (entry: FdEntry) => FdInfo): boolean {
    const { dense } = this;
    const { length } = stored;
    const entryOf: number[] = [];
    let left = 0;
    for (let i = 0; i < length; i++) {
      const fd = stored.number(i);
      if (fd >= 0 && (fd < dense.length || fd < DENSE || fd === dense.length)) {
        if (this.sparse?.has(fd) || entryOf[fd] > 0) return false;
        while (dense.length <= fd) this.extend(undefined);
        while (entryOf.length < dense.length) entryOf.push(0);
        entryOf[fd] = i + 1;
        left++;
      } else {
        this.sparse ??= new Map();
        if (this.sparse.has(fd)) return false;
        const info = make(stored.entry(i));
        info.age = i;
        this.sparse.set(fd, info);
      }
    }
    this.size = length;
    this.added = length;
    if (left > 0) this.listed = { stored, make, entryOf: Int32Array.from(entryOf), left };
    return true;
  }

  /** Takes the list in that waits for somebody to ask. */
  private settle(): void {
    const { waiting } = this;
    if (waiting === null) return;
    this.waiting = null;
    const { stored, make } = waiting;
    // No number comes twice, and each gets a place.
    const entryOf = new Int32Array(stored.bound);
    for (let fd = 0; fd < stored.bound; fd++) this.dense.push(undefined);
    for (let i = 0; i < stored.length; i++) entryOf[stored.number(i)] = i + 1;
    this.listed = { stored, make, entryOf, left: stored.length };
  }

  /** The list of a capture's head, if nobody has asked for any of its fds yet and there are no others. */
  get unasked(): StoredFds | null {
    if (this.waiting !== null) return this.waiting.stored;
    const { listed, size, added } = this;
    if (listed === null) return null;
    const { stored, left } = listed;
    return left === stored.length && size === left && added === left ? stored : null;
  }

  get(fd: number): FdInfo | undefined {
    const dense = this.dense;
    if (fd < 0 || fd >= dense.length) return this.beyond(fd);
    const info = dense[fd];
    if (info === OPENED) return this.read(fd);
    return info === undefined && this.listed !== null ? this.made(this.listed, fd) : info;
  }

  /** The entry of a number that has no place in the array, as yet. */
  private beyond(fd: number): FdInfo | undefined {
    if (this.waiting === null) return this.sparse?.get(fd);
    this.settle();
    return this.get(fd);
  }

  /** The entry, where it is there already. */
  present(fd: number): FdInfo | undefined {
    const info = fd >= 0 && fd < this.dense.length ? this.dense[fd] : undefined;
    return info === OPENED ? undefined : info;
  }

  /**
   * Adds a file that the event at `position` of the capture file opened. False: it has to be added at once, as its number is
   * unusual or is just being closed.
   * @param directory what its path is relative to.
   */
  open(fd: number, position: number, directory: OpenedDirectory, files: OpenedFiles): boolean {
    this.settle();
    const { dense } = this;
    if (fd >= DENSE && fd > dense.length) return false;
    const info = fd < dense.length ? dense[fd] : undefined;
    const old = info === undefined && this.listed !== null ? this.get(fd) : info;
    if (old !== undefined && this.isClosing(fd, old)) return false;
    this.forgetRuling(fd);
    this.opened ??= { files, positions: [], ages: [], closing: [], directories: [] };
    const { positions, ages, closing, directories } = this.opened;
    while (dense.length <= fd) this.extend(undefined);
    while (positions.length < dense.length) {
      positions.push(-1);
      ages.push(0);
      closing.push(false);
      directories.push('');
    }
    if (old === undefined) {
      this.size++;
      ages[fd] = this.added++;
    } else if (old !== OPENED) ages[fd] = old.age;
    positions[fd] = position;
    closing[fd] = false;
    directories[fd] = directory;
    dense[fd] = OPENED;
    return true;
  }

  /** Notes that a call which closes the fd has begun or returned. False: somebody else has been given the number meanwhile. */
  setClosing(fd: number, closing: boolean): boolean {
    if (this.opened !== null && this.dense[fd] === OPENED) {
      this.opened.closing[fd] = closing;
      return true;
    }
    const info = this.get(fd);
    if (info === undefined) return true;
    if (!closing && info.closeCanceled !== null) return false;
    info.closing = closing;
    return true;
  }

  /** Whether no call that closes the fd is under way, or has been, as far as that matters. */
  isPlain(fd: number): boolean {
    if (this.opened !== null && this.dense[fd] === OPENED) return !this.opened.closing[fd];
    const info = this.present(fd);
    return info === undefined || (!info.closing && info.closeCanceled === null);
  }

  private isClosing(fd: number, info: FdInfo): boolean {
    return info === OPENED && this.opened !== null ? this.opened.closing[fd] : info.closing;
  }

  /** Where the file with this number was opened, if nobody has asked for it yet and it does not hang on too many others. */
  openedPlace(fd: number): OpenedPlace | undefined {
    const { opened, dense } = this;
    if (opened === null || dense[fd] !== OPENED) return undefined;
    const directory = opened.directories[fd];
    const depth = typeof directory === 'string' ? 0 : directory.depth + 1;
    return depth > MOST_DEPTH ? undefined : { position: opened.positions[fd], directory, depth };
  }

  /** What another number gets that becomes a copy of this one; undefined: there is none. */
  copyOf(fd: number): FdCopy | undefined {
    const { opened, dense } = this;
    if (opened === null || dense[fd] !== OPENED) return this.get(fd)?.clone();
    return { position: opened.positions[fd], directory: opened.directories[fd], depth: 0 };
  }

  /** Gives the entry of one number another one, too. False, if that is just being closed: it has to wait. */
  duplicate(from: number, to: number): boolean {
    const { dense, opened } = this;
    if (opened !== null && dense[from] === OPENED)
      return from === to || this.open(to, opened.positions[from], opened.directories[from], opened.files);
    const info = this.get(from);
    if (info === undefined || from === to) return true;
    const replaced = this.dense[to];
    if (replaced !== undefined && this.isClosing(to, replaced)) return false;
    this.set(to, info.clone());
    return true;
  }

  /** The file with this number, which is OPENED. */
  private read(fd: number): FdInfo {
    const { files, positions, ages, closing, directories } = this.opened as OpenedFds;
    const info = files.openedAt(positions[fd], directories[fd]);
    info.age = ages[fd];
    info.closing = closing[fd];
    this.dense[fd] = info;
    return info;
  }

  /** The fd with this number, from the list if it stands there. */
  private made(listed: ListedFds, fd: number): FdInfo | undefined {
    const { stored, make, entryOf } = listed;
    const entry = fd < entryOf.length ? entryOf[fd] : 0;
    if (entry === 0) return undefined;
    const info = make(stored.entry(entry - 1));
    info.age = entry - 1;
    this.dense[fd] = info;
    entryOf[fd] = 0;
    if (--listed.left === 0) this.listed = null;
    return info;
  }

  has(fd: number): boolean {
    return this.dense[fd] === OPENED || this.get(fd) !== undefined;
  }

  /** Adds an entry, in the place of what had the number before. */
  set(fd: number, info: FdInfo): this {
    this.forgetRuling(fd);
    const dense = this.dense;
    if (this.opened !== null && dense[fd] === OPENED) info.age = this.opened.ages[fd];
    else {
      const old = this.get(fd);
      if (old === undefined) {
        this.size++;
        info.age = this.added++;
      } else info.age = old.age;
    }
    if (fd >= 0 && fd < dense.length) dense[fd] = info;
    else if (fd >= 0 && (fd < DENSE || fd === dense.length)) {
      // Filled without holes, so that the array stays a plain one.
      while (dense.length < fd) this.extend(undefined);
      this.extend(info);
    } else {
      this.sparse ??= new Map();
      this.sparse.set(fd, info);
    }
    return this;
  }

  /** One more number is found by array index. It must not hide what the Map has under it. */
  private extend(info: FdInfo | undefined): void {
    const fd = this.dense.length;
    const sparse = this.sparse?.get(fd);
    if (sparse !== undefined) this.sparse?.delete(fd);
    this.dense.push(info ?? sparse);
  }

  delete(fd: number): boolean {
    if (this.dense[fd] !== OPENED && this.get(fd) === undefined) return false;
    this.forgetRuling(fd);
    this.size--;
    if (fd >= 0 && fd < this.dense.length) this.dense[fd] = undefined;
    else this.sparse?.delete(fd);
    return true;
  }

  *[Symbol.iterator](): Generator<[number, FdInfo]> {
    this.settle();
    const { length } = this.dense;
    for (let fd = 0; fd < length; fd++) {
      const info = this.get(fd);
      if (info !== undefined) yield [fd, info];
    }
    if (this.sparse !== null) yield* this.sparse;
  }

  /** The same for who only looks: what is not made yet is made for this walk alone. Entries must not be kept or changed. */
  *glance(): Generator<[number, FdInfo]> {
    this.settle();
    const { listed } = this;
    if (listed === null) {
      yield* this;
      return;
    }
    const { stored, make, entryOf } = listed;
    const dense = this.dense;
    for (let fd = 0; fd < dense.length; fd++) {
      const entry = fd < entryOf.length ? entryOf[fd] : 0;
      const info = entry > 0 ? make(stored.entry(entry - 1)) : this.get(fd);
      if (info !== undefined) yield [fd, info];
    }
    if (this.sparse !== null) yield* this.sparse;
  }

  *keys(): Generator<number> {
    for (const [fd] of this) yield fd;
  }

  *values(): Generator<FdInfo> {
    for (const [, info] of this) yield info;
  }

  /** Numbers in the order in which they were first given out. */
  oldestFirst(): number[] {
    return [...this].sort((a, b) => a[1].age - b[1].age).map(([fd]) => fd);
  }

  /** A table of its own with entries of their own: what fork gives the child. Files that nobody has asked for stay places in the capture. */
  copy(): FdTable {
    this.settle();
    const copy = new FdTable();
    const numbers: number[] = [];
    for (let fd = 0; fd < this.dense.length; fd++) if (this.has(fd)) numbers.push(fd);
    if (this.sparse !== null) numbers.push(...this.sparse.keys());
    // Newest first: sysdig copies in the order of its hash table, and lists of fds show it.
    numbers.sort((a, b) => this.ageOf(b) - this.ageOf(a));
    for (const fd of numbers) {
      const { opened } = this;
      const isPlace = opened !== null && this.dense[fd] === OPENED;
      if (isPlace && copy.open(fd, opened.positions[fd], opened.directories[fd], opened.files)) continue;
      const info = this.get(fd);
      if (info !== undefined) copy.set(fd, info.clone());
    }
    return copy;
  }

  private ageOf(fd: number): number {
    if (this.opened !== null && this.dense[fd] === OPENED) return this.opened.ages[fd];
    return this.get(fd)?.age ?? 0;
  }
}
