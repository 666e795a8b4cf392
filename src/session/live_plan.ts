import type { AllowSets, LiveOptions } from '../capture/live.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { FilterNeeds } from '../filter/needs.js';
import { ENTER, EXIT, type Pushdown, planPushdown, stateCalls } from '../filter/pushdown.js';
import { ENTER_FD, EXIT_FD } from '../machine/event_kinds.js';
import { PPME } from '../scap/events.generated.js';
import { SYSCALLS_AARCH64, SYSCALLS_X86_64, type SyscallRow } from '../scap/syscalls.generated.js';
import type { RunPlan } from './run_plan.js';

/** What a live run makes the kernel do. */
export interface KernelPlan {
  readonly live: LiveOptions;
  readonly pushdown: Pushdown | null;
  /** Native numbers of the calls recorded; null = all. */
  readonly calls: readonly number[] | null;
  /** Names of those recorded only because later state depends on them. */
  readonly stateOnly: ReadonlySet<string>;
  /** Names of those that are recorded on entering, too; null = all. */
  readonly entered: readonly string[] | null;
}

/** How a run records, beside what its consumers look at. */
export interface RecordingKind {
  /** Everything that passes the filter is written: state events need not be added for it. */
  readonly recordsAll?: boolean | undefined;
  /** Event types of files for old readers. */
  readonly compatible?: boolean | undefined;
  /** State events are written, too: whole calls of them. */
  readonly keepsState?: boolean | undefined;
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
  kind: RecordingKind = {},
): KernelPlan {
  const pushdown = filter === undefined ? null : planPushdown(filter);
  const state = neededCalls(plan.needs);
  const calls = wantedCalls(pushdown, plan.calls, kind.recordsAll ? new Set() : state);
  const stateOnly = calls === null || kind.keepsState ? [] : exitsOnly(calls, kind.compatible ?? false);
  const types = plan.eventTypes;
  const wants = (id: number): boolean => types === null || types[id] === 1;
  return {
    pushdown,
    calls: calls === null ? null : calls.map(({ row }) => row[0]),
    stateOnly: state,
    entered:
      calls === null ? null : calls.filter((call) => !stateOnly.includes(call)).map(({ row }) => row[1]),
    live: {
      syscalls: calls === null ? 'all' : calls.map(({ row }) => row[0]),
      ...(stateOnly.length > 0 ? { stateOnly: new Set(stateOnly.map(({ row }) => row[0])) } : {}),
      tracepoints: {
        switch: wants(PPME.SCHEDSWITCH_6_E),
        lifecycle: true,
        signal: wants(PPME.SIGNALDELIVER_E),
      },
    },
  };
}

/** Where no more calls than these are seen entered, each is at a tracepoint of its own (native/attach.c). */
export const MOST_OWN_TRACEPOINTS = 8;

/** A call that is recorded. */
interface WantedCall {
  readonly row: SyscallRow;
  /** Somebody may look at it: it is not there for the state alone. */
  readonly lookedAt: boolean;
}

/**
 * The calls that may pass or that state needs; null = all of them. When only life-cycle calls would be left and nobody looks
 * at them, none: the scheduler's tracepoints tell of processes without any system call tracepoint.
 */
function wantedCalls(
  pushdown: Pushdown | null,
  consumed: ReadonlySet<string> | null,
  state: ReadonlySet<string>,
): WantedCall[] | null {
  const calls = pushdown?.calls ?? null;
  if (calls === null && consumed === null) return null;
  const ordinary: WantedCall[] = [];
  const lifecycle: WantedCall[] = [];
  let all = true;
  for (const row of ROWS) {
    const name = row[1];
    const lookedAt =
      (calls === null || ((calls.get(name) ?? 0) & (ENTER | EXIT)) !== 0) &&
      (consumed === null || consumed.has(name));
    if (LIFECYCLE.has(name)) lifecycle.push({ row, lookedAt });
    else if (lookedAt || state.has(name)) ordinary.push({ row, lookedAt });
    else all = false;
  }
  if (all) return null;
  return ordinary.length > 0 || lifecycle.some(({ lookedAt }) => lookedAt) ? [...ordinary, ...lifecycle] : [];
}

/**
 * Calls of which nobody looks at events, and whose exit events tell all that state needs. Of close it matters when it began:
 * the number may be another file's before the call has returned.
 */
function exitsOnly(calls: readonly WantedCall[], compatible: boolean): WantedCall[] {
  return calls.filter(({ row, lookedAt }) => {
    const type = compatible ? row[4] : row[3];
    return !lookedAt && row[1] !== 'close' && (ENTER_FD[type] < 0 || EXIT_FD[type + 1] >= 0);
  });
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
    allow.spareNested = pushdown.containers.nestedPasses;
  }
  return Object.keys(allow).length > 0 ? allow : undefined;
}
