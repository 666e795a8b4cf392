import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventView } from '../../src/event/view.js';
import { isOnHost } from '../../src/fields/container.js';
import { eventName } from '../../src/fields/event_name.js';
import { planField } from '../../src/fields/registry.js';
import { type CompiledFilter, compileFilter, FilterError } from '../../src/filter/compile.js';
import { interpret } from '../../src/filter/interpret.js';
import { parseFilter } from '../../src/filter/parser.js';
import { printFilter } from '../../src/filter/print.js';
import { ENTER, EXIT, nativeCalls, type Pushdown, planPushdown } from '../../src/filter/pushdown.js';
import type { Machine } from '../../src/machine/machine.js';
import { EC } from '../../src/scap/events.generated.js';
import { SYSCALLS_X86_64 } from '../../src/scap/syscalls.generated.js';
import { replay } from '../conformance/replay.js';
import { randomFilter } from './random_filters.js';

const FILES = ['containers.scap.gz', 'http.scap.gz'].map((name) =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)),
);
/** Events between two that are looked at: a prime, so that enter and exit, and all threads, come up. */
const EVERY = 23;

/** Filters that the generator makes and the language accepts. */
function sample(count: number, seed: number): CompiledFilter[] {
  const filters: CompiledFilter[] = [];
  for (const text of fc.sample(randomFilter, { numRuns: count, seed })) {
    try {
      filters.push(compileFilter(text));
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
    }
  }
  // Nearly all must be fine, or the generator does not know the language.
  expect(filters.length).toBeGreaterThan(count * 0.8);
  return filters;
}

/** Seeds change from run to run; a failure names its filter. */
const wanted = process.env['TSDIG_SEED'];
const seed = wanted === 'random' ? Date.now() & 0xffff : Number(wanted ?? 4711);

describe('on real events', () => {
  it('generated code, closures and interpreter agree', async () => {
    const runs = sample(200, seed).map((filter) => ({
      filter,
      closures: compileFilter(filter.text, { closures: true }),
      reprinted: compileFilter(printFilter(parseFilter(filter.text))),
    }));
    let seen = 0;
    let matched = 0;
    for (const file of FILES) {
      await replay(file, {
        onEvent: (ev, m) => {
          if (seen++ % EVERY !== 0) return;
          for (const { filter, closures, reprinted } of runs) {
            const answer = filter.matches(ev, m);
            if (answer) matched++;
            const all = [closures.matches(ev, m), interpret(filter.plan, ev, m), reprinted.matches(ev, m)];
            if (all.some((other) => other !== answer))
              expect.fail(
                `${filter.text}: event ${ev.num} of ${file}: generated ${answer}, closures, interpreter, printed ${all}`,
              );
            if (answer && filter.eventTypes !== null && filter.eventTypes[ev.type] !== 1)
              expect.fail(`${filter.text}: matches event type ${ev.type}, which eventTypes excludes`);
          }
        },
      });
    }
    expect(matched).toBeGreaterThan(seen / EVERY);
  });

  it('what the kernel would reject never matches', async () => {
    const runs = sample(600, seed + 1).map((filter) => ({ filter, plan: planPushdown(filter), rejected: 0 }));
    let seen = 0;
    for (const file of FILES) {
      await replay(file, {
        onEvent: (ev, m) => {
          if (seen++ % EVERY !== 0) return;
          for (const run of runs) {
            if (passes(run.plan, ev, m)) continue;
            run.rejected++;
            if (run.filter.matches(ev, m))
              expect.fail(`${run.filter.text}: event ${ev.num} of ${file} matches but is rejected`);
          }
        },
      });
    }
    // The test means nothing if nothing is ever rejected.
    expect(runs.filter((run) => run.rejected > 0).length).toBeGreaterThan(50);
  });
});

const numbers = new Map(SYSCALLS_X86_64.map(([number, name]) => [name, number]));
const userName = planField('user.name').extract;
const callTables = new Map<Pushdown, Uint8Array>();

/** What the kernel side would say of an event, from what it knows of the task and the call. */
function passes(plan: Pushdown, ev: EventView, m: Machine): boolean {
  if (plan.eventTypes !== null && plan.eventTypes[ev.type] !== 1) return false;
  const name = eventName(ev);
  const source = ev.info?.source ?? 0;
  if (source & EC.SYSCALL) {
    let table = callTables.get(plan);
    if (table === undefined) {
      table = nativeCalls(plan.calls, 'x64');
      callTables.set(plan, table);
    }
    const number = numbers.get(name);
    const half = ev.type & 1 ? EXIT : ENTER;
    if (number !== undefined && (table[number] & half) === 0) return false;
  } else if (source & EC.TRACEPOINT && !plan.tracepoints.has(name)) return false;
  const { thread } = m;
  if (thread === null) return true;
  if (plan.pids !== null && !plan.pids.has(thread.pid)) return false;
  if (plan.tids !== null && !plan.tids.has(thread.tid)) return false;
  if (plan.comms !== null && !plan.comms.has(thread.comm)) return false;
  if (plan.users !== null && !plan.users.uids.has(thread.uid)) {
    const name = userName(ev, m);
    if (typeof name !== 'string' || !plan.users.names.has(name)) return false;
  }
  if (plan.containers !== null) {
    const info = m.containers.get(thread.containerId);
    const nested = thread.containerId === '' && !isOnHost(thread);
    // What is not known passes.
    const undecided = thread.containerId !== '' && info?.known !== true;
    const passes = undecided || (nested && plan.containers.nestedPasses);
    if (!passes && !plan.containers.passes(info ?? null)) return false;
  }
  return true;
}
