import { EffectReader } from '../event/effects.js';
import { verdictOn, type WantedEvents } from '../event/wanted.js';
import { type EventList, MARK_THREAD } from './source.js';

/** Events for which a list has room at least. */
const LEAST = 8192;

/** Lists the wanted events of one chunk after the other, with whose they are and what they do. */
export class EventLister {
  private readonly wanted: WantedEvents;
  private reader = new EffectReader(0);
  private most = 0;
  private offsets = new Int32Array(0);
  private ordinals = new Int32Array(0);
  private marks = new Int32Array(0);
  private fds = new Int32Array(0);
  /** Threads of the chunk by tid: open addressing, with at least twice as many places as it can have threads. */
  private tids = new Int32Array(0);
  private numbers = new Int32Array(0);
  /** The chunk in which a place was last taken: the others are free. */
  private chunks = new Int32Array(0);
  private chunk = 0;
  /** Threads of the chunk so far, and one more. */
  private threads = 1;

  constructor(wanted: WantedEvents) {
    this.wanted = wanted;
  }

  /**
   * The list of the events between `start` and `end`, valid until the next call. Those whose block is not of the plain kind
   * are all listed.
   * @param count how many events there are.
   * @param position place in the capture of `dv`'s first byte.
   */
  list(dv: DataView, start: number, end: number, count: number, position: number): EventList {
    if (count > this.most) this.makeRoom(Math.max(LEAST, 2 * count));
    this.chunk = (this.chunk + 1) | 0;
    this.threads = 1;
    const { offsets, ordinals, marks, fds, reader } = this;
    reader.begin(marks);
    const length = this.fill(dv, start, end, reader);
    const effects = { marks, fds, threads: this.threads };
    return { offsets, ordinals, length, events: count, position, effects };
  }

  /** Gives how many are listed. (V8 compiles this while it runs for the first time, when it has not seen yet what `list` does behind it.) */
  private fill(dv: DataView, start: number, end: number, reader: EffectReader): number {
    const { wanted, offsets, ordinals, marks, fds } = this;
    let length = 0;
    let ordinal = 0;
    let lastTid = 0;
    let lastThread = 0;
    for (let at = start; at < end; at += dv.getUint32(at + 4, true), ordinal++) {
      const plain = dv.getUint32(at, true) === 0x216;
      const verdict = plain ? verdictOn(wanted, dv, at) : 1;
      if (verdict === 0) continue;
      offsets[length] = at;
      ordinals[length] = ordinal;
      // No thread of Linux has a number beyond 32 bits.
      if (plain && dv.getInt32(at + 22, true) === 0) {
        const tid = dv.getInt32(at + 18, true);
        if (tid !== lastTid || lastThread === 0) {
          lastTid = tid;
          lastThread = this.threadOf(tid);
        }
        marks[length] = reader.of(dv, at, verdict, lastThread, length) | (lastThread << MARK_THREAD);
        fds[length] = reader.fd;
      } else {
        reader.look();
        marks[length] = 0;
      }
      length++;
    }
    return length;
  }

  /** Number of a thread within the chunk. */
  private threadOf(tid: number): number {
    const { tids, numbers, chunks, chunk } = this;
    const last = tids.length - 1;
    let place = (Math.imul(tid, 0x9e3779b1) >>> 16) & last;
    while (chunks[place] === chunk) {
      if (tids[place] === tid) return numbers[place];
      place = (place + 1) & last;
    }
    chunks[place] = chunk;
    tids[place] = tid;
    numbers[place] = this.threads;
    return this.threads++;
  }

  private makeRoom(most: number): void {
    this.most = most;
    this.offsets = new Int32Array(most);
    this.ordinals = new Int32Array(most);
    this.marks = new Int32Array(most);
    this.fds = new Int32Array(most);
    const places = 2 ** Math.ceil(Math.log2(2 * most));
    this.tids = new Int32Array(places);
    this.numbers = new Int32Array(places);
    this.chunks = new Int32Array(places);
    this.reader = new EffectReader(most + 1);
  }
}
