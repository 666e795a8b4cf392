import type { Source } from '../capture/source.js';
import type { Sink } from '../session/sink.js';

const REDRAW_MS = 200;
/** What is done sooner needs no progress line. */
const FIRST_MS = 700;

/** Where the line goes, and the clock: given by tests. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** ms */
  readonly now: () => number;
  /** Columns of the terminal. */
  readonly width: number;
}

/** 1234567 → 1.2M */
export function shortCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const unit = count < 1e6 ? 'k' : count < 1e9 ? 'M' : 'G';
  return (count / { k: 1e3, M: 1e6, G: 1e9 }[unit]).toFixed(1) + unit;
}

/** 75 → 1:15 */
function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, '0')}`;
}

/** The line for a state: percent, events, events/s, time left; what cannot be known is left out. */
export function progressLine(done: number, total: number, events: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (events / elapsedMs) * 1000 : 0;
  const parts = [`${shortCount(events)} events`, `${shortCount(rate)}/s`];
  if (total > 0 && done > 0) {
    const share = Math.min(1, done / total);
    parts.unshift(`${(share * 100).toFixed(0).padStart(3)} %`);
    parts.push(`${clockText(((elapsedMs / share) * (1 - share)) / 1000)} left`);
  }
  return parts.join('  ');
}

/** Keeps a line on standard error up to date while a run goes on, and takes it away at the end. */
export function progressSink(
  progress: () => ReturnType<Source['progress']>,
  events: () => number,
  options: ProgressOptions,
): Sink {
  const { write, now, width } = options;
  const begun = now();
  let last = begun + FIRST_MS - REDRAW_MS;
  let shown = false;
  return {
    onPause() {
      const time = now();
      if (time - last < REDRAW_MS) return;
      last = time;
      shown = true;
      const { done, total } = progress();
      write(`\r\x1b[K${progressLine(done, total, events(), time - begun).slice(0, Math.max(0, width - 1))}`);
    },
    onEnd() {
      if (shown) write('\r\x1b[K');
    },
  };
}
