import type { AllowSets, LiveOptions } from '../capture/live.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { FilterNeeds } from '../filter/needs.js';
import { ENTER, EXIT, type Pushdown, planPushdown, stateCalls } from '../filter/pushdown.js';
import { PPME } from '../scap/events.generated.js';
import { SYSCALLS_AARCH64, SYSCALLS_X86_64 } from '../scap/syscalls.generated.js';
import type { RunPlan } from './run_plan.js';

/** What a live run makes the kernel do. */
export interface KernelPlan {
  readonly live: LiveOptions;
  readonly pushdown: Pushdown | null;
  /** Native numbers of the calls recorded; null = all. */
  readonly calls: readonly number[] | null;
  /** Names of those recorded only because later state depends on them. */
  readonly stateOnly: ReadonlySet<string>;
}

const ROWS = process.arch === 'arm64' ? SYSCALLS_AARCH64 : SYSCALLS_X86_64;

/** Life-cycle calls that come by tracepoints of their own: they need no system call tracepoint. */
const LIFECYCLE = new Set(['clone', 'clone3', 'fork', 'vfork', 'execve', 'execveat', 'exit', 'exit_group']);

/**
 * Derives from filter and plan what has to be recorded. Everything here lets at least those events through that
 * the run can look at.
 */
export function planKernel(
  filter: CompiledFilter | undefined,
  plan: RunPlan,
  recordsAll: boolean,
): KernelPlan {
  const pushdown = filter === undefined ? null : planPushdown(filter);
  const state = neededCalls(plan.needs);
  const calls = wantedCalls(pushdown, plan.calls, recordsAll ? new Set() : state);
  const types = plan.eventTypes;
  const wants = (id: number): boolean => types === null || types[id] === 1;
  return {
    pushdown,
    calls,
    stateOnly: state,
    live: {
      syscalls: calls ?? 'all',
      tracepoints: {
        switch: wants(PPME.SCHEDSWITCH_6_E),
        lifecycle: true,
        signal: wants(PPME.SIGNALDELIVER_E),
      },
    },
  };
}

/**
 * Numbers of the calls that may pass or that state needs; null = all of them. When only life-cycle calls would be left
 * and nobody looks at them, none: the scheduler's tracepoints tell of processes without any system call tracepoint.
 */
function wantedCalls(
  pushdown: Pushdown | null,
  consumed: ReadonlySet<string> | null,
  state: ReadonlySet<string>,
): number[] | null {
  const calls = pushdown?.calls ?? null;
  if (calls === null && consumed === null) return null;
  const numbers: number[] = [];
  const lifecycle: number[] = [];
  let lookedAt = false;
  let all = true;
  for (const [number, name] of ROWS) {
    const passes =
      (calls === null || ((calls.get(name) ?? 0) & (ENTER | EXIT)) !== 0) &&
      (consumed === null || consumed.has(name));
    if (LIFECYCLE.has(name)) {
      lifecycle.push(number);
      lookedAt ||= passes;
    } else if (passes || state.has(name)) {
      numbers.push(number);
    } else {
      all = false;
    }
  }
  if (all) return null;
  return numbers.length > 0 || lookedAt ? [...numbers, ...lifecycle] : [];
}

/**
 * Calls that change what somebody looks at. Names, pids and containers change by life-cycle events alone, which come
 * without system call tracepoints: so that a CPU table needs none of them.
 */
function neededCalls(needs: FilterNeeds): ReadonlySet<string> {
  return needs.fds || needs.users ? stateCalls(needs) : NO_CALLS;
}

const NO_CALLS: ReadonlySet<string> = new Set();

/** The kernel's allow-sets for a pushdown, as far as they are known from the start (containers come later). */
export function allowSets(pushdown: Pushdown | null): AllowSets | undefined {
  if (pushdown === null) return undefined;
  const allow: AllowSets = {};
  if (pushdown.pids !== null) allow.pids = pushdown.pids;
  if (pushdown.comms !== null) allow.comms = pushdown.comms;
  // User names differ from container to container: only numbers can be decided below.
  if (pushdown.users !== null && pushdown.users.names.size === 0) allow.uids = pushdown.users.uids;
  // Cgroups come later, as they are met (KernelContainers).
  if (pushdown.containers !== null) {
    allow.cgroups = [];
    allow.denyCgroups = true;
  }
  return Object.keys(allow).length > 0 ? allow : undefined;
}
