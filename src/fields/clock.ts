import type { EventView } from '../event/view.js';
import type { LineBuffer } from './line_buffer.js';

/** Calendar texts of whole seconds. Events come in order, so the last second is nearly always the wanted one. */
export class Clock {
  private readonly utc: boolean;
  private timeSec = Number.NaN;
  private timeText = '';
  private dateSec = Number.NaN;
  private dateText = '';

  /** `utc`: times of day in UTC, otherwise in the zone of the process (TZ). */
  constructor(utc = false) {
    this.utc = utc;
  }

  /** `HH:MM:SS` of a second since the epoch. */
  time(sec: number): string {
    if (sec !== this.timeSec) {
      this.timeSec = sec;
      const d = new Date(sec * 1000);
      this.timeText = this.utc
        ? `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`
        : `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
    }
    return this.timeText;
  }

  /** `YYYY-MM-DD` of a second since the epoch. */
  date(sec: number): string {
    if (sec !== this.dateSec) {
      this.dateSec = sec;
      const d = new Date(sec * 1000);
      this.dateText = this.utc
        ? `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`
        : `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
    }
    return this.dateText;
  }

  /** `YYYY-MM-DD HH:MM:SS.nnnnnnnnn` of an absolute time in ns. */
  dateTime(ns: bigint): string {
    const sec = Number(ns / 1000000000n);
    return `${this.date(sec)} ${this.time(sec)}.${nine(Number(ns % 1000000000n))}`;
  }
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Nine digits with leading zeros. */
export function nine(n: number): string {
  return String(n).padStart(9, '0');
}

/** Second of the event since the epoch. */
export function secondOf(ev: EventView): number {
  return ev.baseSec + Math.floor(ev.ts / 1e9);
}

/** Nanoseconds of the event within its second. */
export function fractionOf(ev: EventView): number {
  return ev.ts - Math.floor(ev.ts / 1e9) * 1e9;
}

/** Writes `HH:MM:SS.nnnnnnnnn`. */
export function writeTime(out: LineBuffer, ev: EventView, clock: Clock): void {
  const whole = Math.floor(ev.ts / 1e9);
  out.text(clock.time(ev.baseSec + whole));
  out.byte(46);
  out.pad9(ev.ts - whole * 1e9);
}

/** Writes ns as seconds with nine decimals: `1.000000250`. */
export function writeSeconds(out: LineBuffer, ns: number): void {
  const whole = Math.floor(ns / 1e9);
  out.dec(whole);
  out.byte(46);
  out.pad9(ns - whole * 1e9);
}

/** A duration for people, as evt.latency.human shows it: three significant digits below ten, whole numbers above. */
export function humanTime(ns: number): string {
  if (ns < 1000) return `${ns}ns`;
  if (ns < 1e6) return `${significant(ns, 1000)}us`;
  if (ns < 1e9) return `${significant(ns, 1e6)}ms`;
  return `${significant(ns, 1e9)}s`;
}

/** Two decimals below ten, none above; cut, not rounded. */
function significant(value: number, unit: number): string {
  const whole = Math.floor(value / unit);
  if (whole >= 10) return String(whole);
  const hundredths = Math.floor(((value - whole * unit) * 100) / unit);
  return `${whole}.${hundredths < 10 ? '0' : ''}${hundredths}`;
}
