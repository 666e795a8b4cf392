import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '../../src/capture/engine.js';
import type { LiveEngine, LiveOptions } from '../../src/capture/live.js';
import type { SourceCounters } from '../../src/capture/source.js';
import { flagNames } from '../../src/scap/flag_table.js';
import { ERRNO } from '../../src/scap/flags.generated.js';
import { FollowedCommand } from '../../src/session/command.js';
import { decodeBlocks, type RecordedEvent } from './recording.js';
import { parseStrace, type StraceCall, straceNumber, straceString } from './strace_lines.js';

/** A recording of one command, and how that ended. */
export interface FollowedRecording {
  readonly events: RecordedEvent[];
  readonly code: number | undefined;
  readonly chosen: string;
  /** The event blocks, as they came. */
  readonly blocks: Buffer;
  readonly counters: SourceCounters;
}

/** Records a command with an engine, from its first call to its end, in the working directory. */
export async function recordFollowed(
  engine: LiveEngine,
  argv: string[],
  options: LiveOptions = {},
): Promise<FollowedRecording> {
  const command = new FollowedCommand(argv);
  let chosen = '';
  const source = await openEngine(
    { ...options, engine, allow: { pids: [] }, lifecycle: 'allowed' },
    {
      command: command.held,
      chosen: (line) => {
        chosen = line;
      },
    },
  );
  command.run(source);
  const chunks: Buffer[] = [];
  for (;;) {
    const item = await source.next();
    if (item === null) break;
    if (item.kind === 'events') chunks.push(Buffer.from(item.bytes.subarray(item.start, item.end)));
  }
  source.close();
  await command.finish();
  const blocks = Buffer.concat(chunks);
  return {
    events: decodeBlocks(blocks),
    code: command.exitCode,
    chosen,
    blocks,
    counters: source.counters(),
  };
}

/** One call, for comparison: its name, its result and the path it names, where both sides tell them. */
export interface Step {
  readonly name: string;
  readonly result?: number | undefined;
  readonly path?: string | undefined;
}

/** Calls whose results are addresses or ids: others in every run. */
const VARYING = new Set([
  'mmap',
  'brk',
  'clone',
  'clone3',
  'fork',
  'vfork',
  'getpid',
  'gettid',
  'wait4',
  'set_tid_address',
]);
/** Whether a join has to wait is up to the scheduler: in one run it is a call, in the next it is none. */
const UNSTEADY = new Set(['futex']);
/** Which parameter of the exit event is the path. */
const PATHS: Readonly<Record<string, number>> = {
  openat: 2,
  access: 1,
  mkdir: 1,
  rmdir: 1,
  unlink: 1,
  chdir: 1,
};
/** strace's names where events have others. */
const EVENT_NAMES: Readonly<Record<string, string>> = {
  pread64: 'pread',
  pwrite64: 'pwrite',
  prlimit64: 'prlimit',
  pipe2: 'pipe',
};

/** The calls of each thread in the order in which the threads began; of events. */
export function stepsOfEvents(events: readonly RecordedEvent[]): Step[][] {
  const threads = new Map<number, Step[]>();
  for (const ev of events) {
    if (ev.enter || ev.name === 'procexit' || ev.name === 'switch' || UNSTEADY.has(ev.name)) continue;
    const steps = threads.get(ev.tid) ?? [];
    if (!threads.has(ev.tid)) {
      threads.set(ev.tid, steps);
      // The return from the call that made the thread: strace does not tell of it.
      if (/clone|fork/.test(ev.name)) continue;
    }
    const at = PATHS[ev.name];
    const told = ev.type !== 1 && !VARYING.has(ev.name) && ev.params.length > 0;
    steps.push({
      name: ev.name,
      result: told ? Number(ev.params[0]) : undefined,
      path: at === undefined ? undefined : String(ev.params[at]),
    });
  }
  return [...threads.values()];
}

/** The same of strace's run of the command, in the working directory. `out`: an empty folder. */
export function stepsOfStrace(argv: string[], cwd: string, out: string): Step[][] {
  try {
    execFileSync('strace', ['-ff', '-a', '1', '-s', '200', '-o', join(out, 't'), ...argv], {
      cwd,
      stdio: 'pipe',
    });
  } catch (error) {
    if ((error as { status?: number | null }).status === undefined) throw error;
  }
  const calls = new Map(
    readdirSync(out).map((name) => [name.slice(2), parseStrace(readFileSync(join(out, name), 'latin1'))]),
  );
  return inOrderOfBirth(calls).map((tid) => calls.get(tid)!.flatMap(stepOfCall));
}

/** Threads as those before them made them: their numbers may have begun again meanwhile. */
function inOrderOfBirth(calls: ReadonlyMap<string, readonly StraceCall[]>): string[] {
  const bornOf = (tid: string) =>
    calls
      .get(tid)!
      .flatMap(({ name, result }) => (/clone|fork/.test(name) ? (/^\d+/.exec(result) ?? []) : []));
  const later = new Set([...calls.keys()].flatMap(bornOf));
  const order = [...calls.keys()].filter((tid) => !later.has(tid));
  for (const tid of order) order.push(...bornOf(tid));
  return order;
}

function stepOfCall(call: StraceCall): Step[] {
  if (call.result.startsWith('?') || UNSTEADY.has(call.name)) return [];
  const failed = /^-1 (E\w+)/.exec(call.result);
  const errno = failed && flagNames(ERRNO).find((e) => e.name === failed[1]);
  const number = straceNumber(/^\S+/.exec(call.result)?.[0] ?? '');
  const name = EVENT_NAMES[call.name] ?? call.name;
  return [
    {
      name,
      result: errno ? -errno.value : number === undefined ? undefined : Number(number),
      path: name in PATHS ? call.args.map(straceString).find((text) => text !== undefined) : undefined,
    },
  ];
}

/** strace's steps without what the events do not tell. */
export function asFarAs(told: readonly Step[], steps: readonly Step[]): Step[] {
  return steps.map((step, i) => ({
    name: step.name,
    result: told[i]?.result === undefined ? undefined : step.result,
    path: told[i]?.path === undefined ? undefined : step.path,
  }));
}
