import type { LiveSource } from '../capture/live.js';
import { LiveError } from '../capture/live_error.js';
import { NativeCommand } from '../capture/native.js';

/** How long one wait for the command takes, at most. */
const WAIT_MS = 1000;
/** A command that tsdig outlives not gets so long to end by itself, then so long after SIGTERM. */
const GRACE_MS = 300;
const TERM_MS = 2000;
const SIGTERM = 15;

/**
 * A command that is started to be recorded. It is held from the start, so that recording can begin before its first
 * instruction; the capture ends with it.
 */
export class FollowedCommand {
  private readonly native: NativeCommand;
  private code: number | undefined;
  private left = false;
  private ended: Promise<void> = Promise.resolve();

  /**
   * Starts the held process.
   * @throws LiveError when there is no such program, NativeMissingError
   */
  constructor(argv: readonly string[]) {
    this.native = NativeCommand.start(argv);
  }

  get pid(): number {
    return this.native.pid;
  }

  /** What engines that trace need of it. */
  get held(): NativeCommand {
    return this.native;
  }

  /** Exit code of the command (128 + signal), undefined while it runs. */
  get exitCode(): number | undefined {
    return this.code;
  }

  /**
   * Lets the command execute; `live` records it and its children (its set of process ids must be in use) and is
   * stopped at the command's end.
   */
  run(live: LiveSource): void {
    live.release(this.native);
    this.ended = this.waitForEnd().then(() => live.stop());
  }

  private async waitForEnd(): Promise<void> {
    while (!this.left && this.code === undefined) this.code = await this.native.wait(WAIT_MS);
  }

  /**
   * After the capture. A command that still runs is told to end (SIGTERM), as nobody follows it any more; one that
   * does not listen is left alone.
   * @throws LiveError when the program could not be executed
   */
  async finish(): Promise<void> {
    if (!(await this.endsWithin(GRACE_MS))) {
      this.native.signal(SIGTERM);
      await this.endsWithin(TERM_MS);
    }
    this.left = true;
    await this.ended;
    const trouble = this.native.trouble();
    this.native.close();
    if (trouble !== undefined) throw new LiveError(trouble);
  }

  private async endsWithin(ms: number): Promise<boolean> {
    if (this.code !== undefined) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.ended, late]);
    clearTimeout(timer);
    return this.code !== undefined;
  }

  /** Lets go of a command that was never released. */
  abandon(): void {
    this.native.close();
  }
}
