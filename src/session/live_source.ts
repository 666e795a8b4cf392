import type { LiveSource } from '../capture/live.js';
import type { Source, SourceCounters, SourceItem } from '../capture/source.js';
import type { CaptureHead } from '../scap/head.js';
import type { StreamTime } from './stream_time.js';

/** A live capture as sessions take it: the scan of /proc first, then the events. */
export class HeadedLiveSource implements Source {
  readonly kind = 'live';
  readonly name = '';
  private head: CaptureHead | null;
  private readonly live: LiveSource;
  private readonly time: StreamTime;
  private readonly onLast: () => void;

  /** `time` follows the events. `onLast` is called when the last event has been given: what was held back must go now. */
  constructor(head: CaptureHead, live: LiveSource, time: StreamTime, onLast: () => void) {
    this.head = head;
    this.live = live;
    this.time = time;
    this.onLast = onLast;
  }

  get skipped(): number {
    return this.live.skipped;
  }

  next(): SourceItem | null | Promise<SourceItem | null> {
    if (this.head !== null) {
      const head = this.head;
      this.head = null;
      return { kind: 'head', head };
    }
    const item = this.live.next();
    return item instanceof Promise ? item.then(this.passOn) : this.passOn(item);
  }

  private readonly passOn = (item: SourceItem | null): SourceItem | null => {
    if (item === null) this.onLast();
    else if (item.kind === 'events') this.time.arrived(item);
    return item;
  };

  progress(): { readonly done: number; readonly total: number } {
    return this.live.progress();
  }

  knownUntil(): bigint | undefined {
    return this.live.knownUntil();
  }

  counters(): SourceCounters {
    return this.live.counters();
  }

  stop(): void {
    this.live.stop();
  }

  close(): void {
    this.live.close();
  }
}
