import type { ListWalk } from '../event/list_walk.js';
import type { WantedEvents } from '../event/wanted.js';
import type { WatchedTexts } from '../event/watched_texts.js';
import type { CaptureHead } from '../scap/head.js';

/** A run of whole event blocks, valid until the next call of `next()`. */
export interface EventChunk {
  readonly kind: 'events';
  readonly bytes: Buffer;
  readonly dv: DataView;
  /** First byte of the first block, and the byte behind the last block, in `bytes`. */
  start: number;
  end: number;
  /** Place in the capture of `bytes[0]`, for sources that can read again: see `Source.readAgain`. */
  readonly position?: number;
  /** Where the wanted events are, if the source knows. */
  readonly list?: EventList;
}

/** The events of a chunk that somebody looks at. */
export interface EventList {
  /** Offsets of their blocks, and which events of the chunk they are (0: the first). Valid up to `length`. */
  readonly offsets: Int32Array;
  readonly ordinals: Int32Array;
  readonly length: number;
  /** Events in the chunk altogether. */
  readonly events: number;
  /** Where it was asked for. */
  readonly effects?: EventEffects;
}

/** Whose the listed events are and what they do. */
export interface EventEffects {
  /** An `Effect` number, and above these MARK_THREAD bits which of the chunk's threads it is, counted from 1; 0: not said. */
  readonly marks: Int32Array;
  /** The fd where the effect has one; of a call that begins or ends where that was asked for: FD_UNKNOWN, FD_NONE, FD_LOOK if it has none. */
  readonly fds: Int32Array;
  /** Threads of the chunk, and one more. */
  readonly threads: number;
  /** Goes over the list. */
  readonly walk: ListWalk;
  /** Which byte of the chunk's is the first one of the walk's slot. */
  readonly moved: number;
}

/** Metadata at the start of a section: machine, processes, fds, users, interfaces. */
export interface HeadItem {
  readonly kind: 'head';
  readonly head: CaptureHead;
  /** True when captures are merged: the head adds to what is known instead of replacing it. */
  readonly add?: boolean;
}

export type SourceItem = EventChunk | HeadItem;

/** Events lost, by cause; all are counts since the start. */
export interface SourceCounters {
  /** Events put into the stream. */
  events: number;
  /** Lost because the kernel's per-CPU buffer was full. */
  dropsKernel: number;
  /** Lost because the user-space ring was full. */
  dropsRing: number;
  /** Lost because the event was larger than can be stored. */
  dropsOversize: number;
  /** Live: calls whose entering was not seen, as it was seen for the first time that it is wanted. */
  dropsUnseen?: number;
  /** Parameters that could not be read from the process's memory. */
  unreadable: number;
  /** Drops of each CPU. */
  perCpu?: { cpu: number; dropsKernel: number; dropsOversize: number }[];
}

/**
 * Where events come from. `next()` answers synchronously when it can (the hot path of reading files
 * must not pay for a promise per chunk).
 */
export interface Source {
  readonly kind: 'file' | 'live';
  /** File name, `-` for standard input, '' for live. */
  readonly name: string;
  /** The next head or chunk, null at the end. Throws CaptureError (with byte offset) on damage, after all that came before was delivered. */
  next(): SourceItem | null | Promise<SourceItem | null>;
  /** Bytes of the file consumed and in total (0 if unknown), for progress. */
  progress(): { readonly done: number; readonly total: number };
  /** Blocks or events of unknown type that were skipped. */
  readonly skipped: number;
  counters?(): SourceCounters;
  /**
   * Live, between two chunks: time up to which everything that happened has been given, ns since the epoch. Undefined
   * while more is waiting to be taken: then the events tell the time.
   */
  knownUntil?(): bigint | undefined;
  /** Said before the first item: `met` is to tell whether one of the texts has occurred in what was given so far. */
  watch?(watched: WatchedTexts): void;
  /** False: none of the watched texts has occurred yet, whether in a head or in an event that is wanted. */
  readonly met?: boolean;
  /**
   * From here to the next head nobody looks at events that are not `wanted`, nor at chunks as a whole: the source may
   * list those that are, and say what they do if `effects` are wanted. What is wanted is the same each time.
   * @param fdParams a `FdParam` by event type: effects tell the fd of a call that begins or ends, too.
   */
  narrow?(wanted: WantedEvents | undefined, effects?: boolean, fdParams?: Uint8Array): void;
  /** For chunks with a position: reads `length` bytes of the file from `position` on into `into`. Gives how many there were. */
  readAgain?(into: Buffer, position: number, length: number): number;
  /** Ends the stream: `next()` gives what is left and then null. Safe to call twice and from a signal handler. */
  stop(): void;
  close(): void;
}
