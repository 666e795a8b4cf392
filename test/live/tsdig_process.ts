import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The command's main file, as built. */
export const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.cjs');

// vitest ends its workers with SIGTERM, which by itself would pass over what is done at the exit, and while tests run it does not
// let them call process.exit.
process.once('SIGTERM', () => {
  process.emit('exit', 143);
  process.kill(process.pid, 'SIGKILL');
});

/** How a run of the command ended. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `tsdig`, as a user would start it. */
export class TsdigProcess {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<RunResult>;

  constructor(
    args: readonly string[],
    options: {
      readonly cwd?: string;
      readonly env?: Record<string, string>;
      /** Words in front: a command that runs it. */
      readonly under?: readonly string[];
    } = {},
  ) {
    const [program, ...words] = [...(options.under ?? []), process.execPath, MAIN, ...args];
    this.child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: options.cwd,
      env: { ...process.env, TZ: 'UTC', ...options.env },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // A test that fails must not leave a capture behind: it would slow down every system call of the machine.
    const kill = (): void => void this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.child.on('close', () => process.off('exit', kill));
    this.ended = new Promise((done) => {
      this.child.on('close', (code) => done({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Waits until the output holds `text`, or for `ms`: a limit for busy machines. Says whether it did. */
  async saw(text: string | RegExp, ms = START_LIMIT_MS): Promise<boolean> {
    const end = Date.now() + ms;
    const found = (): boolean =>
      typeof text === 'string' ? this.stdout.includes(text) : text.test(this.stdout);
    while (!found() && Date.now() < end && this.child.exitCode === null)
      await new Promise((done) => setTimeout(done, 25));
    return found();
  }

  /**
   * Waits until the capture is attached: from here on nothing is missed, however long the rest of the start takes.
   * The run must have -v, which makes it tell.
   */
  async attached(): Promise<void> {
    const end = Date.now() + START_LIMIT_MS;
    while (!/^tsdig: engine: /m.test(this.stderr)) {
      if (this.child.exitCode !== null || Date.now() > end)
        throw new Error(`the capture does not begin: ${this.stderr}`);
      await pause(20);
    }
  }

  /** Output so far without colours. */
  get plain(): string {
    return this.stdout.replace(/\x1b\[[0-9;]*m/g, '');
  }

  /** Ctrl-C, and how it ended. */
  async interrupt(): Promise<RunResult> {
    this.child.kill('SIGINT');
    return this.ended;
  }
}

/** Runs the command to its end. */
export function tsdig(...args: string[]): Promise<RunResult> {
  return new TsdigProcess(args).ended;
}

/** How long a start may take on a busy machine. Nothing waits that long where it is not busy. */
const START_LIMIT_MS = 40_000;

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
