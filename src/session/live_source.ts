import type { LiveSource } from '../capture/live.js';
import type { Source, SourceCounters, SourceItem } from '../capture/source.js';
import type { CaptureHead } from '../scap/head.js';

/** A live capture as sessions take it: the scan of /proc first, then the events. */
export class HeadedLiveSource implements Source {
  readonly kind = 'live';
  readonly name = '';
  private head: CaptureHead | null;
  private readonly live: LiveSource;

  constructor(head: CaptureHead, live: LiveSource) {
    this.head = head;
    this.live = live;
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
    return this.live.next();
  }

  progress(): { readonly done: number; readonly total: number } {
    return this.live.progress();
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
