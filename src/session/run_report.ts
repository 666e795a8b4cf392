import { writeSync } from 'node:fs';
import type { Source, SourceCounters } from '../capture/source.js';
import { countLosses, describeLosses, lossesOf, lossRemedy } from './losses.js';
import type { Session, SessionSummary } from './session.js';
import type { StreamTime } from './stream_time.js';

/** What the user wants to be told about a run, on standard error. */
export interface ReportOptions {
  /** `-v`: how the run went, at the end. */
  readonly verbose: boolean;
  /** `--stats`: a line per second. */
  readonly stats: boolean;
  /** Takes whole lines; the default writes to standard error, and does not mind if nobody reads that. */
  readonly write?: (text: string) => void;
}

/** Tells how a run goes (`--stats`), how it went (`-v`), and, asked or not, what was lost. */
export class RunReport {
  private readonly options: ReportOptions;
  private readonly source: Source;
  private readonly summary: SessionSummary;
  private readonly time: StreamTime | undefined;
  private readonly started = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;
  private seen = 0;
  private seenAt = this.started;
  private before: SourceCounters | null = null;
  /** Least difference between the steady clock and the stream's time: that of a stream without lag, ms. */
  private offset = Number.POSITIVE_INFINITY;

  constructor(options: ReportOptions, source: Source, session: Session, time?: StreamTime) {
    this.options = options;
    this.source = source;
    this.summary = session.summary;
    this.time = time;
    if (options.stats) this.timer = setInterval(() => this.print(this.statsLine()), 1000);
    this.timer?.unref();
  }

  /** The run is over. To be called when the source has been closed. */
  end(): void {
    clearInterval(this.timer);
    const counters = this.source.counters?.();
    if (this.options.verbose) this.print(this.lastWords(counters));
    if (counters === undefined) return;
    const losses = lossesOf(counters);
    if (losses.total === 0) return;
    const share = (100 * losses.total) / (losses.total + counters.events);
    this.print(`tsdig: ${describeLosses(losses)}; ${percent(share)} of all; ${lossRemedy(losses)}`);
  }

  /** `142331 events/s, lost 0, lag 12 ms, memory 96 MB` */
  statsLine(): string {
    const now = performance.now();
    const { events } = this.summary;
    const rate = ((events - this.seen) * 1000) / Math.max(now - this.seenAt, 1);
    const idle = events === this.seen;
    this.seen = events;
    this.seenAt = now;
    const words = [`${Math.round(rate)} events/s`];
    const counters = this.source.counters?.();
    if (counters !== undefined) {
      const losses = lossesOf(counters, this.before);
      this.before = counters;
      words.push(losses.total === 0 ? 'lost 0' : `lost ${losses.total} (${countLosses(losses)})`);
    }
    const lag = this.lag(now);
    if (lag !== undefined) words.push(`lag ${idle ? 0 : Math.round(lag)} ms`);
    words.push(`memory ${Math.round(process.memoryUsage.rss() / 1e6)} MB`);
    return `tsdig: ${words.join(', ')}`;
  }

  /** How far the processing is behind the kernel, ms. By the steady clock: setting the time of day changes nothing. */
  private lag(now: number): number | undefined {
    if (this.time === undefined) return undefined;
    const difference = now - Number(this.time.now / 1000n) / 1000;
    this.offset = Math.min(this.offset, difference);
    return difference - this.offset;
  }

  /** In sysdig's words, as scripts look for them; what sysdig does not tell stands on lines of its own. */
  private lastWords(counters: SourceCounters | undefined): string {
    const { passed, suppressed } = this.summary;
    const seconds = (performance.now() - this.started) / 1000;
    const losses = lossesOf(counters ?? NOTHING);
    const lines = [`Driver Events:${counters?.events ?? 0}`, `Driver Drops:${losses.total}`];
    if (losses.total > 0) lines.push(`Drops by cause: ${countLosses(losses)}`);
    for (const { cpu, dropsKernel, dropsOversize } of counters?.perCpu ?? [])
      if (dropsKernel + dropsOversize > 0)
        lines.push(`Drops of CPU ${cpu}: kernel buffer full ${dropsKernel}, too large ${dropsOversize}`);
    if (counters !== undefined && counters.unreadable > 0)
      lines.push(`Unreadable Parameters:${counters.unreadable}`);
    lines.push(`Suppressed by Comm:${suppressed}`);
    const rate = (passed / Math.max(seconds, 1e-6)).toFixed(2);
    lines.push(`Elapsed time: ${seconds.toFixed(3)}, Captured Events: ${passed}, ${rate} eps`);
    return lines.join('\n');
  }

  private print(text: string): void {
    (this.options.write ?? toStandardError)(`${text}\n`);
  }
}

/** Of a source that counts nothing: a file. */
const NOTHING: SourceCounters = { events: 0, dropsKernel: 0, dropsRing: 0, dropsOversize: 0, unreadable: 0 };

function percent(share: number): string {
  return share < 0.1 ? 'less than 0.1 %' : `${share.toFixed(1)} %`;
}

/** A report that nobody can read must not end a recording. */
function toStandardError(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Closed, or full and non-blocking.
  }
}
