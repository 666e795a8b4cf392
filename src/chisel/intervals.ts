/** Calls back: whole seconds, nanoseconds, ns since the previous call. */
export type IntervalCall = (sec: number, ns: number, delta: number) => void;

/**
 * When on_interval is due. Times are ns relative to a base second, as the event view gives them.
 *
 * The plain kind fires when event time enters another multiple of the interval (multiples since the epoch),
 * at most once per event; the precise kind fires once per elapsed interval counted from the first event.
 */
export class IntervalClock {
  private interval = 0;
  private precise = false;
  private baseSec = 0;
  /** Base second modulo the interval's grid, ns. */
  private baseRest = 0;
  /** Relative time from which on the next call is due. */
  private due = Number.POSITIVE_INFINITY;
  private started = false;
  private lastCall = Number.NaN;

  /** Sets the interval in ns; 0 turns it off. */
  set(interval: number, precise: boolean): void {
    this.interval = interval;
    this.precise = precise;
    this.started = false;
    this.due = interval > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  get active(): boolean {
    return this.interval > 0;
  }

  /** Whether `at` reaches the next boundary: the cheap test to make per event. */
  isDue(at: number): boolean {
    return at >= this.due;
  }

  /** Runs what is due at relative time `at`. Call when `isDue`. */
  run(at: number, baseSec: number, call: IntervalCall): void {
    if (this.interval === 0) return;
    if (!this.started) {
      this.started = true;
      this.baseSec = baseSec;
      this.baseRest = Number((BigInt(baseSec) * 1000000000n) % BigInt(this.interval));
      this.lastCall = Number.NaN;
      this.due = this.precise ? at + this.interval : this.boundaryAfter(at);
      return;
    }
    if (this.precise) {
      while (at >= this.due) {
        const nominal = this.due;
        this.due += this.interval;
        this.call(nominal, this.interval, call);
      }
      return;
    }
    if (at < this.due) return;
    this.due = this.boundaryAfter(at);
    const delta = Number.isNaN(this.lastCall) ? 0 : at - this.lastCall;
    if (delta === 0 && !Number.isNaN(this.lastCall)) return;
    this.lastCall = at;
    this.call(at, delta, call);
  }

  private boundaryAfter(at: number): number {
    return Math.floor((at + this.baseRest) / this.interval) * this.interval + this.interval - this.baseRest;
  }

  private call(at: number, delta: number, call: IntervalCall): void {
    const second = Math.floor(at / 1e9);
    call(this.baseSec + second, at - second * 1e9, delta);
  }
}
