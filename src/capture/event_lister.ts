import { EffectReader } from '../event/effects.js';
import { listWanted, type WantedEvents } from '../event/wanted.js';
import { type EventList, MARK_THREAD } from './source.js';

/** Events for which a list has room at least. */
const LEAST = 8192;

/** Says of the wanted events of one chunk after the other whose they are and what they do. */
export class EventLister {
  private readonly wanted: WantedEvents;
  private readonly reader: EffectReader;
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
    this.reader = new EffectReader(wanted);
  }

  /**
   * The list of the events between `start` and `end`, valid until the next call. Those whose block is not of the plain kind
   * are all listed.
   * @param count how many events there are.
   */
  list(dv: DataView, start: number, end: number, count: number): EventList {
    if (count > this.most) this.makeRoom(Math.max(LEAST, 2 * count));
    const { wanted, offsets, ordinals } = this;
    const length = listWanted(wanted, dv, start, end, offsets, ordinals);
    return this.mark(dv, { offsets, ordinals, length, events: count });
  }

  /** The same for a list that somebody else has made by the same table. */
  mark(dv: DataView, list: EventList): EventList {
    const { offsets, length } = list;
    if (length > this.most) this.makeRoom(Math.max(LEAST, 2 * length));
    this.chunk = (this.chunk + 1) | 0;
    this.threads = 1;
    this.reader.begin(this.marks, this.fds);
    this.fill(dv, offsets, length);
    const { marks, fds, threads } = this;
    return { ...list, effects: { marks, fds, threads } };
  }

  /** (V8 compiles this while it runs for the first time, when it has not seen yet what `mark` does behind it.) */
  private fill(dv: DataView, offsets: Int32Array, length: number): void {
    const { reader, marks } = this;
    let lastTid = 0;
    let lastThread = 0;
    for (let i = 0; i < length; i++) {
      const at = offsets[i];
      // No thread of Linux has a number beyond 32 bits.
      if (dv.getUint32(at, true) !== 0x216 || dv.getInt32(at + 22, true) !== 0) {
        reader.look();
        marks[i] = 0;
        continue;
      }
      const tid = dv.getInt32(at + 18, true);
      if (tid !== lastTid || lastThread === 0) {
        lastTid = tid;
        lastThread = this.threadOf(tid);
      }
      marks[i] = (lastThread << MARK_THREAD) | reader.of(dv, at, lastThread, i);
    }
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
    this.reader.makeRoom(most + 1);
  }
}
