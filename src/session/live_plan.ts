import type { AllowSets, LiveOptions } from '../capture/live.js';
import type { CompiledFilter } from '../filter/compile.js';
import { ENTER, EXIT, type Pushdown, planPushdown, stateCalls } from '../filter/pushdown.js';
import { EVENTS, PPME } from '../scap/events.generated.js';
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
  const state = stateCalls(plan.needs);
  const calls = wantedCalls(pushdown, plan.eventTypes, recordsAll ? new Set() : state);
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
  types: Uint8Array | null,
  state: ReadonlySet<string>,
): number[] | null {
  const calls = pushdown?.calls ?? null;
  if (calls === null && types === null) return null;
  const numbers: number[] = [];
  const lifecycle: number[] = [];
  let lookedAt = false;
  let all = true;
  for (const [number, name, , current, compat] of ROWS) {
    const byFilter = calls === null || ((calls.get(name) ?? 0) & (ENTER | EXIT)) !== 0;
    const byType = types === null || wantsAny(types, current) || wantsAny(types, compat);
    if (LIFECYCLE.has(name)) {
      lifecycle.push(number);
      lookedAt ||= byFilter && byType;
    } else if ((byFilter && byType) || state.has(name)) {
      numbers.push(number);
    } else {
      all = false;
    }
  }
  if (all) return null;
  return numbers.length > 0 || lookedAt ? [...numbers, ...lifecycle] : [];
}

function wantsAny(types: Uint8Array, enter: number): boolean {
  return types[enter] === 1 || (EVENTS[enter + 1] !== undefined && types[enter + 1] === 1);
}

/** The kernel's allow-sets for a pushdown, as far as they are known from the start (containers come later). */
export function allowSets(pushdown: Pushdown | null): AllowSets | undefined {
  if (pushdown === null) return undefined;
  const allow: AllowSets = {};
  if (pushdown.pids !== null) allow.pids = pushdown.pids;
  // Cgroups come later, as they are met (KernelContainers). Names of processes are left to user space: a thread can
  // rename itself, which the machine does not see, and then the kernel's name is not the one that the filter asks about.
  if (pushdown.containers !== null) {
    allow.cgroups = [];
    allow.denyCgroups = true;
  }
  return Object.keys(allow).length > 0 ? allow : undefined;
}
