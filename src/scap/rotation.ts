import { strftime } from './strftime.js';

/** When a recording goes on in a new file (sysdig's -C, -G, -e, -W; section 5). */
export interface RotationOptions {
  /** -C: millions of bytes per file. */
  megabytes?: number;
  /** -G: seconds of event time per file. */
  seconds?: number;
  /** -e: events per file. */
  events?: number;
  /** -W: number of files kept: the index goes round. */
  files?: number;
}

const MEGABYTE = 1_000_000;

/**
 * Decides when a new file is due and what it is called. It knows nothing of files: the writer tells it what
 * was written.
 */
export class Rotation {
  private readonly options: RotationOptions;
  private readonly base: string;
  private index = 0;
  private startSecond = 0;
  private count = 0;
  private started = false;
  /** Names in use, oldest first: only for names made from the time. */
  private readonly ring: string[] = [];

  constructor(base: string, options: RotationOptions) {
    this.base = base;
    this.options = options;
  }

  /** True if these options ever ask for a second file. */
  static wanted(options: RotationOptions | undefined): options is RotationOptions {
    return !!(options?.megabytes || options?.seconds || options?.events);
  }

  /** True if the name of the first file can only be told when the first event is there. */
  get namedByTime(): boolean {
    return this.options.seconds !== undefined && this.base.includes('%');
  }

  /** One event was written. */
  wrote(): void {
    this.count++;
  }

  /**
   * True if the next event belongs into a new file. `bytes`: size of the current file; `second`: whole second of the event.
   * The event that makes the running count a multiple of `events` is the first of its file.
   */
  due(bytes: number, second: number): boolean {
    if (!this.started) return false;
    const { megabytes, seconds, events } = this.options;
    if (megabytes && bytes > megabytes * MEGABYTE) return true;
    if (events && (this.count + 1) % events === 0) return true;
    return !!seconds && second - this.startSecond >= seconds;
  }

  /** Name of the next file, which begins at `second`, and the file that falls out of the ring. */
  next(second: number): { name: string; remove?: string } {
    this.startSecond = second;
    if (this.started) this.index++;
    this.started = true;
    const { files, megabytes } = this.options;
    if (this.namedByTime) {
      const name = strftime(this.base, new Date(second * 1000));
      if (this.ring.at(-1) === name) return { name };
      this.ring.push(name);
      const remove = files && this.ring.length > files ? this.ring.shift() : undefined;
      return remove === undefined || this.ring.includes(remove) ? { name } : { name, remove };
    }
    if (files && this.index >= files) this.index = 0;
    const digits = files && megabytes ? String(files).length : 1;
    return { name: this.base + String(this.index).padStart(digits, '0') };
  }
}
