import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type LiveOptions, type LiveSource, openLive } from '../../src/capture/live.js';
import { compileProgram, decodeBlocks, type RecordedEvent } from './recording.js';
import { RUNS_32_BITS } from './thirty_two_bits.js';
import { pause } from './tsdig_process.js';

/** Captures during which programs come to be attached and detached, and programs whose calls they see. */

/** Attaching takes a moment, on a busy machine a long one. */
const ATTACH_LIMIT_MS = 20_000;

/** A running program that does something for each line. */
export class Stepper {
  readonly child: ChildProcess;
  private steps = 0;
  private done = 0;

  constructor(program: string) {
    this.child = spawn(program, RUNS_32_BITS ? [] : ['64'], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.done += text.split('\n').length - 1;
    });
  }

  async step(): Promise<void> {
    this.child.stdin?.write('go\n');
    this.steps++;
    while (this.done < this.steps) {
      if (this.child.signalCode !== null || this.child.exitCode !== null)
        throw new Error(`the program ended: ${this.child.signalCode ?? this.child.exitCode}`);
      await pause(5);
    }
  }
}

/** One that opens a path by a 64-bit call and, where there are such, by a 32-bit one for each line. `children`: who kills it in the end. */
export function startStepper(children: ChildProcess[]): Stepper {
  const one = new Stepper(compileProgram('two_kinds'));
  children.push(one.child);
  return one;
}

/** Records while something is done; what was recorded, and what was not. */
export async function record(
  options: LiveOptions,
  during: (source: LiveSource) => Promise<void>,
): Promise<{ events: RecordedEvent[]; unseen: number; lost: number; attachment: string }> {
  const source = await openLive(options);
  const attachment = source.attachment();
  const chunks: Buffer[] = [];
  source.start();
  const doing = during(source).finally(() => setTimeout(() => source.stop(), 60));
  for (let item = await source.next(); item !== null; item = await source.next())
    if (item.kind === 'events') chunks.push(Buffer.from(item.bytes.subarray(item.start, item.end)));
  const counters = source.counters();
  source.close();
  await doing;
  const { dropsUnseen: unseen = 0, dropsKernel, dropsRing } = counters;
  return { events: decodeBlocks(Buffer.concat(chunks)), unseen, lost: dropsKernel + dropsRing, attachment };
}

/** The id of a thread of this process, which may be one that ends meanwhile. */
function threadNamed(name: string): string | undefined {
  return readdirSync('/proc/self/task').find((tid) => {
    try {
      return readFileSync(`/proc/self/task/${tid}/comm`, 'latin1') === `${name}\n`;
    } catch {
      return false;
    }
  });
}

/**
 * Makes the thread of this process's capture that attaches come late: its processor is another's, and it is idle at best.
 * `children`: who kills that other one in the end. Gives what lets the thread go again, and waits until it has done what there
 * is for it to do.
 */
export async function delayAttaching(children: ChildProcess[]): Promise<() => Promise<void>> {
  // It names itself, once it runs.
  let thread = '';
  await until(() => {
    thread = threadNamed('tsdig-attach') ?? '';
    return thread !== '';
  });
  if (thread === '') throw new Error('no thread attaches');
  const busy = spawn('taskset', ['-c', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' });
  children.push(busy);
  execFileSync('taskset', ['-pc', '0', thread]);
  execFileSync('chrt', ['-i', '-p', '0', thread]);
  const stat = (path: string) => readFileSync(`/proc/${path}/stat`, 'latin1').split(') ')[1]!.split(' ');
  const ticks = () => Number(stat(String(busy.pid))[11]);
  await until(() => ticks() > 10);
  return async () => {
    busy.kill('SIGKILL');
    execFileSync('chrt', ['-o', '-p', '0', thread]);
    execFileSync('taskset', ['-pc', `0-${cpus().length - 1}`, thread]);
    await until(() => stat(`self/task/${thread}`)[0] === 'S');
  };
}

export async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + ATTACH_LIMIT_MS;
  while (!holds() && Date.now() < end) await pause(5);
}

/** Directions of the calls that open a path, in order: `>` entering, `<` leaving. */
export function halves(events: readonly RecordedEvent[], tid: number | undefined, path: string): string {
  return events
    .filter((e) => e.tid === tid && e.name === 'openat' && e.params.includes(path))
    .map((e) => (e.enter ? '>' : '<'))
    .join('');
}
