import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { EVENTS } from '../../src/scap/events.generated.js';
import { flagNames, flagTable } from '../../src/scap/flag_table.js';
import { ERRNO } from '../../src/scap/flags.generated.js';
import type { RecordedEvent } from './recording.js';
import { type StraceCall, straceNumber, straceString } from './strace_lines.js';

/** How each parameter is got (native/params.json): tells which argument of strace it must equal. */
const PARAMS = (
  JSON.parse(readFileSync(new URL('../../native/params.json', import.meta.url), 'utf8')) as {
    events: Record<string, string>;
  }
).events;

/** strace's name of a call to evt.type; the second table for event ids that every reader knows. */
const EVENT_NAME: Record<string, string> = { pread64: 'pread', pwrite64: 'pwrite', prlimit64: 'prlimit' };
const COMPATIBLE_NAME: Record<string, string> = {
  eventfd2: 'eventfd',
  signalfd4: 'signalfd',
  inotify_init1: 'inotify_init',
  pipe2: 'pipe',
  dup2: 'dup',
  dup3: 'dup',
  accept4: 'accept',
  umount2: 'umount',
};

/** The result as the kernel gave it: negative errno on failure. undefined: strace does not say. */
function resultOf(call: StraceCall): bigint | undefined {
  const failed = /^-1 (E\w+)/.exec(call.result);
  if (failed) {
    const errno = flagNames(ERRNO).find((e) => e.name === failed[1]);
    return errno && BigInt(-errno.value);
  }
  return straceNumber(/^\S+/.exec(call.result)![0]);
}

/** Names of a stored flags or enum value, as strace prints them: sorted, undefined where the table lacks one. */
function storedNames(table: string, value: number): string[] {
  const entries = flagTable(table) ?? [];
  const exact = entries.filter((f) => f.value === value).map((f) => f.name);
  if (exact.length > 0) return exact;
  let rest = value;
  const names: string[] = [];
  for (const f of [...entries].sort((a, b) => b.value - a.value)) {
    if (f.value === 0 || (rest & f.value) !== f.value) continue;
    rest -= f.value;
    names.push(f.name);
  }
  return names;
}

/** The event type that a call of strace's has: under event ids that every reader knows (`compatible`) or of its own. */
export function eventName(call: StraceCall, ids: 'compatible' | 'full'): string {
  return (
    EVENT_NAME[call.name] ?? (ids === 'compatible' ? COMPATIBLE_NAME[call.name] : undefined) ?? call.name
  );
}

/** The system call exits of each thread that strace saw, from where strace begins. */
export function exitsBesideStrace(
  calls: ReadonlyMap<number, StraceCall[]>,
  events: readonly RecordedEvent[],
): Map<number, RecordedEvent[]> {
  const exits = new Map<number, RecordedEvent[]>();
  for (const [tid, list] of calls) {
    const own = events.filter((e) => e.tid === tid && !e.enter);
    // strace begins at its program's execve, or where a clone begins the thread.
    const first =
      list[0]?.name === 'execve' ? own.findIndex((e) => e.name === 'execve' && e.params[0] === 0) : 0;
    exits.set(
      tid,
      own
        .slice(first)
        .filter(
          (e, i) => !(i === 0 && e.name !== 'execve' && e.params[0] === 0 && /clone|fork/.test(e.name)),
        ),
    );
  }
  return exits;
}

/**
 * Expects results and arguments of one thread's calls to be what strace tells, call by call (calls that end the
 * thread left out on both sides). Returns how many values were compared.
 */
export function expectSameArguments(theirs: readonly StraceCall[], exits: readonly RecordedEvent[]): number {
  let compared = 0;
  exits.forEach((event, i) => {
    const info = EVENTS[event.type]!;
    const spec = (PARAMS[info.name] ?? '').split(' ').filter((s) => s !== '');
    const call = theirs[i]!;
    const where = `${call.name}(${call.args.join(', ')}) = ${call.result}`;
    event.params.forEach((value, p) => {
      const op = spec[p]!;
      const param = info.params[p]!;
      const arg = call.args[Number(/^(?:a|fd|s|str:|map:\w+:|mask:|data[rw]:)(\d)/.exec(op)?.[1] ?? -1)];
      if (op === 'ret') {
        const expected = resultOf(call);
        if (expected !== undefined && typeof value !== 'string') {
          expect(BigInt(value as number), `${where}: result`).toBe(expected);
          compared++;
        }
      } else if (arg === undefined) {
        return;
      } else if (op.startsWith('str')) {
        const expected = straceString(arg);
        if (expected === undefined) return;
        expect(value, `${where}: ${param.name}`).toBe(expected);
        compared++;
      } else if (op.startsWith('data')) {
        const expected = straceString(arg);
        if (expected === undefined) return;
        expect((value as Buffer).toString('latin1'), `${where}: ${param.name}`).toBe(expected.slice(0, 80));
        compared++;
      } else if (op.startsWith('map') || param.flagsTable) {
        const named = arg.split('|').filter((n) => /^[A-Z]/.test(n));
        if (named.length === 0) return;
        const known = named.filter((n) => flagTable(param.flagsTable!)!.some((f) => f.name === n));
        const got = storedNames(param.flagsTable!, Number(value));
        expect(
          known.every((n) => got.includes(n)),
          `${where}: ${param.name} is ${value} (${got})`,
        ).toBe(true);
        compared += known.length;
      } else {
        const expected = straceNumber(arg);
        if (expected === undefined || typeof value === 'string' || Buffer.isBuffer(value)) return;
        const bits = BigInt.asUintN(32, expected) === BigInt.asUintN(32, BigInt(value));
        expect(bits, `${where}: ${param.name} is ${value}`).toBe(true);
        compared++;
      }
    });
  });
  return compared;
}
