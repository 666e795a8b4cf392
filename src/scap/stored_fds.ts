import { BodyCursor } from './body_cursor.js';
import { checkFd, decodeFd, enterFd } from './decode_fds.js';
import type { FdEntry } from './head.js';

const WHAT = 'fd list';

/**
 * The fds of one process as the head of a capture stores them: checked, but decoded one at a time when somebody asks. Of a
 * machine with a hundred thousand fds few are ever looked at, and their bytes are a fifth of what they are decoded.
 */
export class StoredFds {
  /** Thread that the list is of. */
  readonly tid: number;
  /** Ports that the process listens on. */
  readonly listening: ReadonlySet<number>;
  private readonly bytes: Buffer;
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
    const listening = new Set<number>();
    while (c.left >= 4) {
      places.push(c.pos - begin);
      const entryEnd = enterFd(c, version);
      const port = checkFd(c, version);
      if (port >= 0) listening.add(port);
      if (version >= 2) {
        c.pos = entryEnd;
        c.end = blockEnd;
      }
    }
    this.places = Uint32Array.from(places);
    this.listening = listening;
    this.bytes = Buffer.allocUnsafeSlow(places.length > 0 ? c.pos - begin : 0);
    c.bytes.copy(this.bytes, 0, begin, begin + this.bytes.length);
  }

  get length(): number {
    return this.places.length;
  }

  /** Number of the fd in entry `i`. */
  number(i: number): number {
    return this.at(i).i64();
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
