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
  private readonly inUse: () => readonly (readonly string[])[];
  private readonly rulesOut: (cgroups: readonly string[]) => boolean;
  private timer: NodeJS.Timeout | undefined;
  private wait = FIRST_MS;

  /** `inUse`: the sets of cgroups that processes are in. `rulesOut`: whether the kernel records nothing of one. */
  constructor(
    source: QuietSource,
    inUse: () => readonly (readonly string[])[],
    rulesOut: (cgroups: readonly string[]) => boolean,
  ) {
    this.source = source;
    this.inUse = inUse;
    this.rulesOut = rulesOut;
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
    } else if (this.inUse().every((cgroups) => this.rulesOut(cgroups))) {
      this.source.quiet();
    } else {
      this.wait = Math.min(2 * this.wait, MOST_MS);
    }
  }
}
