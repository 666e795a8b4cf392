import type { SourceCounters } from '../capture/source.js';

/** Events lost, by cause. */
export interface Losses {
  readonly total: number;
  /** The run itself did not keep up: the ring in user space was full. */
  readonly reader: number;
  /** A CPU's kernel buffer was full. */
  readonly kernel: number;
  /** Events that no block of the format can hold. */
  readonly size: number;
}

/** What was lost, since the start or since `before`. */
export function lossesOf(counters: SourceCounters, before: SourceCounters | null = null): Losses {
  const reader = counters.dropsRing - (before?.dropsRing ?? 0);
  const kernel = counters.dropsKernel - (before?.dropsKernel ?? 0);
  const size = counters.dropsOversize - (before?.dropsOversize ?? 0);
  return { total: reader + kernel + size, reader, kernel, size };
}

/** `1234 events lost: 1200 tsdig too slow, 34 kernel buffer full` */
export function describeLosses(losses: Losses): string {
  const causes: string[] = [];
  if (losses.reader > 0) causes.push(`${losses.reader} tsdig too slow`);
  if (losses.kernel > 0) causes.push(`${losses.kernel} kernel buffer full`);
  if (losses.size > 0) causes.push(`${losses.size} too large`);
  return `${losses.total} ${losses.total === 1 ? 'event' : 'events'} lost: ${causes.join(', ')}`;
}

/** What to do about it. */
export function lossRemedy(losses: Losses): string {
  if (losses.reader > 0 && losses.reader >= losses.kernel)
    return 'a narrower filter, -w FILE instead of printing, or for bursts a larger --buffer-size loses fewer';
  if (losses.kernel > 0) return 'a larger --buffer-size (such as 32M) or a narrower filter loses fewer';
  return 'a smaller snaplen (-s) loses fewer';
}
