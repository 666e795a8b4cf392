import type { EventEffects, EventList } from '../capture/source.js';
import type { ListWalk } from '../event/list_walk.js';
import { BESIDE, EFFECT_BITS, Effect, MARK_THREAD } from '../event/scan_codes.js';
import { FdInfo } from '../machine/fd.js';
import {
  type FdCopy,
  type FdTable,
  MOST_DEPTH,
  type OpenedDirectory,
  type OpenedPlace,
} from '../machine/fd_table.js';
import { directoryOfFd } from '../machine/files.js';
import type { RereadFiles } from '../machine/reread_files.js';

/** What it asks about the threads of the list. */
export interface ListedThreads {
  tableOf(thread: number): FdTable | null;
  cwdOf(thread: number): string;
}

/**
 * Changes of fds that the walk over a list has held back (native/scan/skip_listed.c): of all that has happened to an fd, the last
 * one is done to its table. What they go back to is looked up first, while the tables are still as they were.
 */
export class HeldChanges {
  private readonly threads: ListedThreads;
  private readonly files: RereadFiles;
  private readonly values: (FdCopy | undefined)[] = [];
  private walk: ListWalk | null = null;
  private marks: Int32Array = NOTHING;
  private fds: Int32Array = NOTHING;
  private offsets: Int32Array = NOTHING;
  private position = 0;

  constructor(threads: ListedThreads, files: RereadFiles) {
    this.threads = threads;
    this.files = files;
  }

  /** A list begins. `position`: what its offsets count from, in the capture. */
  begin(list: EventList, { walk, marks, fds }: EventEffects, position: number): void {
    this.walk = walk;
    this.marks = marks;
    this.fds = fds;
    this.offsets = list.offsets;
    this.position = position;
  }

  /** Does what is held back. */
  apply(): void {
    const count = this.walk?.collect() ?? 0;
    if (count > 0 && this.walk !== null) this.change(this.walk.held, count);
  }

  private change(held: Int32Array, count: number): void {
    const { values, marks } = this;
    for (let k = 0; k < count; k++) {
      const effect = marks[held[k] >> 1] & EFFECT_BITS;
      if (effect !== Effect.OPEN && effect !== Effect.CLOSE) values[k] = this.valueOf(held[k] >> 1);
    }
    for (let k = 0; k < count; k++) {
      const i = held[k] >> 1;
      const mark = marks[i];
      const table = this.threads.tableOf(mark >> MARK_THREAD);
      if (table === null) continue;
      const fd = this.fds[i] % BESIDE;
      const effect = mark & EFFECT_BITS;
      if ((held[k] & 1) === 1) table.delete(fd);
      if (effect === Effect.OPEN) this.open(table, fd, this.position + this.offsets[i], '');
      else if (effect !== Effect.CLOSE) {
        const value = values[k];
        values[k] = undefined;
        if (value instanceof FdInfo) table.set(fd, value);
        else if (value !== undefined) this.open(table, fd, value.position, value.directory);
      }
    }
  }

  private open(table: FdTable, fd: number, position: number, directory: OpenedDirectory): void {
    if (!table.open(fd, position, directory, this.files))
      table.set(fd, this.files.openedAt(position, directory));
  }

  /** What the i-th event gives its fd; undefined: it is closed. */
  private valueOf(i: number): FdCopy | undefined {
    const effect = this.marks[i] & EFFECT_BITS;
    const source = this.walk?.sources[i] ?? 0;
    if (effect === Effect.OPEN || effect === Effect.OPEN_AT) return this.placeOf(i, effect, source);
    if (effect !== Effect.DUP) return undefined;
    if (source > 0) return this.valueOf(source - 1);
    return this.threads.tableOf(this.marks[i] >> MARK_THREAD)?.copyOf(Math.trunc(this.fds[i] / BESIDE));
  }

  private placeOf(i: number, effect: Effect, source: number): OpenedPlace {
    const directory = effect === Effect.OPEN ? '' : this.directoryOf(i, source);
    const depth = typeof directory === 'string' ? 0 : directory.depth + 1;
    return { position: this.position + this.offsets[i], directory, depth };
  }

  /** The directory that the i-th event's path is relative to. */
  private directoryOf(i: number, source: number): OpenedDirectory {
    if (source > 0) {
      const place = this.placeOf(
        source - 1,
        this.marks[source - 1] & EFFECT_BITS,
        this.walk?.sources[source - 1] ?? 0,
      );
      if (place.depth <= MOST_DEPTH) return place;
      return directoryOfFd(this.files.openedAt(place.position, place.directory));
    }
    const thread = this.marks[i] >> MARK_THREAD;
    const dirfd = Math.trunc(this.fds[i] / BESIDE) - 1;
    if (dirfd < 0) return this.threads.cwdOf(thread);
    const table = this.threads.tableOf(thread);
    return table?.openedPlace(dirfd) ?? directoryOfFd(table?.get(dirfd));
  }
}

const NOTHING = new Int32Array(0);
