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
  /** Enter events of calls that nothing saw entered, as it was not known yet that they are wanted. */
  readonly unseen: number;
}

/** What was lost, since the start or since `before`. */
export function lossesOf(counters: SourceCounters, before: SourceCounters | null = null): Losses {
  const reader = counters.dropsRing - (before?.dropsRing ?? 0);
  const kernel = counters.dropsKernel - (before?.dropsKernel ?? 0);
  const size = counters.dropsOversize - (before?.dropsOversize ?? 0);
  const unseen = (counters.dropsUnseen ?? 0) - (before?.dropsUnseen ?? 0);
  return { total: reader + kernel + size + unseen, reader, kernel, size, unseen };
}

/** `34 events lost: kernel buffer full`, `1234 events lost: tsdig too slow (1200), kernel buffer full (34)` */
export function describeLosses(losses: Losses): string {
  const causes = [
    { text: 'tsdig too slow', count: losses.reader },
    { text: 'kernel buffer full', count: losses.kernel },
    { text: 'too large', count: losses.size },
    { text: 'not watched yet', count: losses.unseen },
  ].filter(({ count }) => count > 0);
  const words = causes.map(({ text, count }) => (causes.length > 1 ? `${text} (${count})` : text));
  return `${losses.total} ${losses.total === 1 ? 'event' : 'events'} lost: ${words.join(', ')}`;
}

/** `tsdig too slow 3, kernel buffer full 0, too large 0`, with the rarest cause only where there is any of it. */
export function countLosses({ reader, kernel, size, unseen }: Losses): string {
  const counts = `tsdig too slow ${reader}, kernel buffer full ${kernel}, too large ${size}`;
  return unseen > 0 ? `${counts}, not watched yet ${unseen}` : counts;
}

/** What to do about it. */
export function lossRemedy(losses: Losses): string {
  if (losses.reader > 0 && losses.reader >= losses.kernel)
    return 'a narrower filter, -w FILE instead of printing, or for bursts a larger --buffer-size loses fewer';
  if (losses.kernel > 0) return 'a larger --buffer-size (such as 32M) or a narrower filter loses fewer';
  if (losses.size > 0) return 'a smaller snaplen (-s) loses fewer';
  return 'the first 32-bit calls, or those of a new container: only their exit events are there';
}
