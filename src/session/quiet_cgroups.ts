/** The live source, as far as it can be told that nothing has to be seen entering its calls. */
export interface QuietSource {
  entering(): boolean | undefined;
  quiet(): void;
}

/** How long it is between two looks: at first, and at most while something runs that may be wanted. */
const FIRST_MS = 1000;
const MOST_MS = 30_000;

/**
 * Seeing calls entered costs every process. With a filter on containers it is needed only while something runs that the
 * filter may accept: the source sees when such a thing comes, this looks for when it has gone.
 */
export class QuietCgroups {
  private readonly source: QuietSource;
  private readonly isQuiet: () => boolean;
  private timer: NodeJS.Timeout | undefined;
  private wait = FIRST_MS;

  /** `isQuiet`: whether the kernel records nothing of all that runs. It takes some time. */
  constructor(source: QuietSource, isQuiet: () => boolean) {
    this.source = source;
    this.isQuiet = isQuiet;
  }

  /** Looks now, and from time to time from now on. */
  start(): void {
    this.look();
    if (this.source.entering() !== undefined) this.again();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private again(): void {
    this.timer = setTimeout(() => {
      this.look();
      this.again();
    }, this.wait).unref();
  }

  private look(): void {
    if (this.source.entering() !== true) {
      this.wait = FIRST_MS;
    } else if (this.isQuiet()) {
      this.source.quiet();
    } else {
      this.wait = Math.min(2 * this.wait, MOST_MS);
    }
  }
}
