import { BodyCursor } from './body_cursor.js';
import { checkFd, decodeFd, enterFd } from './decode_fds.js';
import { ScapFd, storedFdType } from './fd_types.js';
import type { FdEntry } from './head.js';

const WHAT = 'fd list';
/** In shorter entries no name is too long for readers. */
const SHORT_ENTRY = 1000;
/** The version that is written. */
const WRITTEN = 2;

/** Numbers below this are looked at for whether one comes twice. */
const SMALL = 4096;
/** By number: the list that it was last met in, counted by `lists`. */
const met = new Uint32Array(SMALL);
let lists = 0;

const NO_PORTS: ReadonlySet<number> = new Set();

/**
 * The fds of one process as the head of a capture stores them: checked, but decoded one at a time when somebody asks. Of a
 * machine with a hundred thousand fds few are ever looked at, and their bytes are a fifth of what they are decoded.
 */
export class StoredFds {
  /** Thread that the list is of. */
  readonly tid: number;
  /** Ports that the process listens on. */
  readonly listening: ReadonlySet<number>;
  /** The entries as they are stored. */
  readonly bytes: Buffer;
  /** They can be written as they are. */
  readonly writable: boolean;
  /** All numbers are below this, and none comes twice; 0: that is not so, or not known. */
  readonly bound: number;
  private readonly version: number;
  /** Where each entry begins. */
  private readonly places: Uint32Array;

  /**
   * Copies what is left of an fd list block; version 1 has bare entries, version 2 such with their length (section 2.6).
   * @throws CaptureError for bytes that contradict the format.
   */
  constructor(c: BodyCursor, version: number) {
    this.tid = c.i64();
    this.version = version;
    const blockEnd = c.end;
    const begin = c.pos;
    const places: number[] = [];
    let listening: Set<number> | null = null;
    let writable = version === WRITTEN;
    let bound = 0;
    let distinct = true;
    lists = lists === 0xffffffff ? 1 : lists + 1;
    while (c.left >= 4) {
      places.push(c.pos - begin);
      const entryEnd = enterFd(c, version);
      const fd = c.left >= 8 && c.bytes.readInt32LE(c.pos + 4) === 0 ? c.bytes.readUInt32LE(c.pos) : SMALL;
      if (fd >= SMALL || met[fd] === lists) distinct = false;
      else met[fd] = lists;
      if (fd >= bound) bound = fd + 1;
      writable &&= isWritable(c);
      const port = checkFd(c, version);
      if (port >= 0) {
        listening ??= new Set();
        listening.add(port);
      }
      if (version >= 2) {
        c.pos = entryEnd;
        c.end = blockEnd;
      }
    }
    this.places = Uint32Array.from(places);
    this.listening = listening ?? NO_PORTS;
    this.bound = distinct ? bound : 0;
    this.writable = writable;
    this.bytes = Buffer.allocUnsafe(places.length > 0 ? c.pos - begin : 0);
    c.bytes.copy(this.bytes, 0, begin, begin + this.bytes.length);
  }

  get length(): number {
    return this.places.length;
  }

  /** Number of the fd in entry `i`. */
  number(i: number): number {
    const at = this.places[i] + (this.version >= 2 ? 4 : 0);
    const high = this.bytes.readInt32LE(at + 4);
    const low = this.bytes.readUInt32LE(at);
    return high === 0 ? low : high * 4294967296 + low;
  }

  /** Entry `i`. */
  entry(i: number): FdEntry {
    return decodeFd(this.at(i), this.version);
  }

  entries(): FdEntry[] {
    return Array.from(this.places, (_, i) => this.entry(i));
  }

  private at(i: number): BodyCursor {
    const { bytes } = this;
    const c = new BodyCursor(bytes, this.places[i], bytes.length, 0, WHAT);
    enterFd(c, this.version);
    return c;
  }
}

/**
 * Whether the entry that the cursor has gone into would be written just so: readers take its number, its type and the length of its
 * name, and a pipe has one.
 */
function isWritable({ bytes, pos, end }: BodyCursor): boolean {
  const type = bytes[pos + 16];
  if (bytes.readInt32LE(pos + 4) < 0 || storedFdType(type) !== type || end - pos >= SHORT_ENTRY) return false;
  return type !== ScapFd.FIFO || (end - pos >= 19 && bytes.readUInt16LE(pos + 17) > 0);
}
