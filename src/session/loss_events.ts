import type { EventChunk, SourceCounters } from '../capture/source.js';
import { notificationEvent } from '../scap/encode_event.js';
import { describeLosses, lossesOf } from './losses.js';
import type { StreamTime } from './stream_time.js';

/** Losses are looked for this often. */
const LOOK_MS = 100;
/** `id` of the notification events that tell of losses. */
const LOSS_ID = 'tsdig.lost';

/**
 * Puts a notification event into the stream wherever events were lost, with how many and why, so that who reads the
 * file sees it. (That events were lost is also marked by the helper itself, with drop events.)
 */
export class LossEvents {
  private readonly counters: () => SourceCounters;
  private readonly time: StreamTime;
  private readonly now: () => number;
  private told = 0;
  private before: SourceCounters | null = null;
  private looked = Number.NEGATIVE_INFINITY;

  constructor(counters: () => SourceCounters, time: StreamTime, now: () => number = () => performance.now()) {
    this.counters = counters;
    this.time = time;
    this.now = now;
  }

  /** The stream has ended: what was lost since the last look is to be told now. */
  flush(): void {
    this.looked = Number.NEGATIVE_INFINITY;
  }

  /** A block to process now, or null. To be called as often as one likes. */
  injected(): EventChunk | null {
    const now = this.now();
    if (now - this.looked < LOOK_MS) return null;
    this.looked = now;
    const counters = this.counters();
    const losses = lossesOf(counters);
    if (losses.total <= this.told) return null;
    const since = lossesOf(counters, this.before);
    this.told = losses.total;
    this.before = counters;
    const bytes = notificationEvent(this.time.now, LOSS_ID, describeLosses(since));
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return { kind: 'events', bytes, dv, start: 0, end: bytes.length };
  }
}
