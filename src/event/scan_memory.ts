import {
  KNOWN_TYPES,
  LEAST_EVENT,
  MODULE_BYTES,
  MOST_TEXTS,
  RULED_PATH_SIZE,
  SLACK,
  TEXT_SIZE,
  TYPES,
} from './scan_codes.js';
import { type ModuleMemory, webAssembly } from './web_assembly.js';

const PAGE = 65536;
const ALIGNMENT = 8;
/** Notes about fds, some hundred of some dozen processes; about threads, by the lower bits of their tid. */
const FD_NOTES = 16384;
const THREAD_NOTES = 65536;
export const NOTE_SIZE = 32;
/** Places for paths. */
const RULED_PATHS = 8192;

/** Room for one run of events: its bytes, and the lists that a scan makes of it. */
export interface ScanSlot {
  readonly bytes: Buffer;
  readonly dv: DataView;
  /** Offsets of listed events, and which events of the run they are (0: the first). */
  readonly offsets: Int32Array;
  readonly ordinals: Int32Array;
  /** What they do: see `EventEffects`. */
  readonly marks: Int32Array;
  readonly fds: Int32Array;
}

/** Where a scan's own tables are. */
export interface ScanTables {
  /** By event type, see `WantedEvents`. */
  readonly wanted: Uint8Array;
  /** An `EventClass` by event type. */
  readonly classes: Uint8Array;
  /** By event type: index of the path, of the address; 0: none. */
  readonly paths: Uint8Array;
  readonly addresses: Uint8Array;
  /** A `FdParam` by event type: what `fds` says of calls that begin or end. */
  readonly fdParams: Uint8Array;
  /** Threads of the run by tid: a power of two of places of 16 bytes. */
  readonly places: Uint8Array;
  readonly enters: Uint8Array;
  readonly closings: Uint8Array;
  /** Texts that are looked for, and by event type whether in it: see native/scan/find_texts.c. */
  readonly texts: Uint8Array;
  readonly searched: Uint8Array;
}

/** What a walk over a scan's list has in the same memory: see native/scan/skip_listed.c. */
export interface SkipTables {
  /** By thread of the run. */
  readonly answers: Int32Array;
  readonly rows: Int32Array;
  readonly borns: Int32Array;
  readonly tables: Int32Array;
  /** The same, two each. */
  readonly calls: Int32Array;
  /** By event of the run. */
  readonly sources: Int32Array;
  readonly held: Int32Array;
  /** Powers of two of places of NOTE_SIZE bytes. */
  readonly fdNotes: Uint8Array;
  readonly threadNotes: Uint8Array;
  /** The same, of RULED_PATH_SIZE bytes. */
  readonly ruledPaths: Uint8Array;
}

/** The memory of a scan and what lies where in it. */
export class ScanMemory {
  readonly memory: ModuleMemory;
  /** All of it. */
  readonly words: Int32Array;
  readonly tables: ScanTables;
  readonly skip: SkipTables;
  readonly slots: readonly ScanSlot[];
  private at: number;

  /**
   * @param room bytes per slot.
   * @throws where there is no WebAssembly or not enough address space.
   */
  constructor(slots: number, room: number) {
    const events = Math.ceil(room / LEAST_EVENT) + 1;
    const places = 2 ** Math.ceil(Math.log2(2 * events));
    const sizes = {
      wanted: 2 * TYPES,
      classes: TYPES,
      paths: KNOWN_TYPES,
      addresses: KNOWN_TYPES,
      fdParams: KNOWN_TYPES,
      places: 16 * places,
      enters: 4 * events,
      closings: 12 * events,
      texts: MOST_TEXTS * TEXT_SIZE,
      searched: KNOWN_TYPES,
      answers: 4 * (events + 1),
      rows: 4 * (events + 1),
      borns: 4 * (events + 1),
      tables: 4 * (events + 1),
      calls: 8 * (events + 1),
      sources: 4 * events,
      held: 4 * events,
      fdNotes: NOTE_SIZE * FD_NOTES,
      threadNotes: NOTE_SIZE * THREAD_NOTES,
      ruledPaths: RULED_PATH_SIZE * RULED_PATHS,
    };
    const slot = aligned(room + SLACK) + 4 * aligned(4 * events);
    const size = Object.values(sizes).reduce(
      (sum, bytes) => sum + aligned(bytes),
      MODULE_BYTES + slots * slot,
    );
    const pages = Math.ceil(size / PAGE);
    this.memory = new (webAssembly().Memory)({ initial: pages, maximum: pages });
    this.words = new Int32Array(this.memory.buffer);
    this.at = MODULE_BYTES;
    this.tables = {
      wanted: this.take(sizes.wanted),
      classes: this.take(sizes.classes),
      paths: this.take(sizes.paths),
      addresses: this.take(sizes.addresses),
      fdParams: this.take(sizes.fdParams),
      places: this.take(sizes.places),
      enters: this.take(sizes.enters),
      closings: this.take(sizes.closings),
      texts: this.take(sizes.texts),
      searched: this.take(sizes.searched),
    };
    this.skip = {
      answers: this.takeWords(events + 1),
      rows: this.takeWords(events + 1),
      borns: this.takeWords(events + 1),
      tables: this.takeWords(events + 1),
      calls: this.takeWords(2 * (events + 1)),
      sources: this.takeWords(events),
      held: this.takeWords(events),
      fdNotes: this.take(sizes.fdNotes),
      threadNotes: this.take(sizes.threadNotes),
      ruledPaths: this.take(sizes.ruledPaths),
    };
    this.slots = Array.from({ length: slots }, () => {
      const { buffer, byteOffset, length } = this.take(room + SLACK);
      return {
        bytes: Buffer.from(buffer, byteOffset, length),
        dv: new DataView(buffer, byteOffset, length),
        offsets: this.takeWords(events),
        ordinals: this.takeWords(events),
        marks: this.takeWords(events),
        fds: this.takeWords(events),
      };
    });
  }

  private take(bytes: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.memory.buffer, this.at, bytes);
    this.at += aligned(bytes);
    return taken;
  }

  private takeWords(words: number): Int32Array {
    const { buffer, byteOffset } = this.take(4 * words);
    return new Int32Array(buffer, byteOffset, words);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
