import { EC, EVENTS, PPME } from '../scap/events.generated.js';
import { SYSCALLS_AARCH64, SYSCALLS_X86_64, type SyscallRow } from '../scap/syscalls.generated.js';
import type { CompiledFilter } from './compile.js';
import { type ContainerLimit, containerLimit } from './container_limit.js';
import { equalTo } from './equal_to.js';
import { type FilterNeeds, filterNeeds } from './needs.js';
import type { PlannedNode } from './plan.js';
import { changesState, Decisions, decide, NEVER } from './type_table.js';

/** Halves of a call. */
export const ENTER = 1;
export const EXIT = 2;

/** Longest command name that the kernel keeps, in bytes. */
const COMM_BYTES = 15;

/**
 * What the kernel can decide of a filter. Everything here lets at least those events through that the filter accepts;
 * null = no limit. Sets of tasks (`containers` … `users`) all have to hold.
 */
export interface Pushdown {
  /** By event type id (all 65536): 1 = may match. */
  readonly eventTypes: Uint8Array | null;
  /** System calls by name: which halves (ENTER | EXIT) may match. A call that is absent may not. */
  readonly calls: ReadonlyMap<string, number> | null;
  /** Names of the other kernel events that may match: switch, procexit, signaldeliver, page_fault … */
  readonly tracepoints: ReadonlySet<string>;
  readonly containers: ContainerLimit | null;
  /** Process ids (proc.pid). */
  readonly pids: ReadonlySet<number> | null;
  /** Thread ids (thread.tid). */
  readonly tids: ReadonlySet<number> | null;
  /** Command names, cut to what the kernel keeps (proc.name). */
  readonly comms: ReadonlySet<string> | null;
  /** Effective users (user.uid, user.name). */
  readonly users: UserLimit | null;
  /** What user space has to know besides, so that the filter can be decided. */
  readonly needs: FilterNeeds;
}

/**
 * Users by id or name. Names belong to tables of users, and each container has its own: whoever turns them into ids has
 * to look through all of them, and 0 is root everywhere.
 */
export interface UserLimit {
  readonly uids: ReadonlySet<number>;
  readonly names: ReadonlySet<string>;
}

/** Derives from a filter what the kernel can decide. */
export function planPushdown(filter: Pick<CompiledFilter, 'plan' | 'eventTypes'>): Pushdown {
  const { plan, eventTypes } = filter;
  const numbers = (name: string): ReadonlySet<number> | null =>
    limit(plan, name, (text, value) => (typeof value === 'number' ? value : Number(text)));
  return {
    eventTypes,
    calls: eventTypes === null ? null : possibleCalls(plan),
    tracepoints: possibleTracepoints(eventTypes),
    containers: containerLimit(plan),
    pids: numbers('proc.pid'),
    tids: numbers('thread.tid'),
    comms: limit(plan, 'proc.name', (text) => text.slice(0, COMM_BYTES)),
    users: userLimit(plan),
    needs: filterNeeds(plan),
  };
}

/** The calls of an architecture by native number, as halves (ENTER | EXIT), 0 where the call is not wanted. */
export function nativeCalls(calls: ReadonlyMap<string, number> | null, arch: 'x64' | 'arm64'): Uint8Array {
  const table = new Uint8Array(1024);
  for (const [number, name] of arch === 'x64' ? SYSCALLS_X86_64 : SYSCALLS_AARCH64)
    table[number] = calls === null ? ENTER | EXIT : (calls.get(name) ?? 0);
  return table;
}

function possibleCalls(plan: PlannedNode): Map<string, number> {
  const decisions = new Decisions();
  const calls = new Map<string, number>();
  const may = (type: number, call: string): boolean => {
    const info = EVENTS[type];
    return info === undefined || decide(plan, { info, call }, decisions) !== NEVER;
  };
  for (const [, name, , current, forFiles] of [...SYSCALLS_X86_64, ...SYSCALLS_AARCH64] as SyscallRow[]) {
    let halves = calls.get(name) ?? 0;
    // A call may be recorded as its present event, as the one for older readers, or as a generic one.
    for (const enter of [current, forFiles, PPME.GENERIC_E]) {
      if (may(enter, name)) halves |= ENTER;
      if (may(enter + 1, name)) halves |= EXIT;
    }
    if (halves !== 0) calls.set(name, halves);
  }
  return calls;
}

function possibleTracepoints(eventTypes: Uint8Array | null): Set<string> {
  const names = new Set<string>();
  for (const info of EVENTS)
    if (info !== undefined && (info.source & EC.TRACEPOINT) !== 0 && eventTypes?.[info.id] !== 0)
      names.add(info.evtName);
  return names;
}

/** Values that a field must have, as far as the filter says; null if it may have any. */
function limit<T>(
  node: PlannedNode,
  fieldName: string,
  convert: (text: string, value: unknown) => T,
): ReadonlySet<T> | null {
  if (node.kind === 'check') return equalTo(node, fieldName, convert);
  if (node.kind === 'not') return null;
  const limits = node.items.map((item) => limit(item, fieldName, convert));
  if (node.kind === 'or') return union(limits);
  let both: ReadonlySet<T> | null = null;
  for (const one of limits) both = both === null ? one : one === null ? both : common(both, one);
  return both;
}

function common<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a].filter((value) => b.has(value)));
}

function union<T>(limits: readonly (ReadonlySet<T> | null)[]): ReadonlySet<T> | null {
  const all = new Set<T>();
  for (const one of limits) {
    if (one === null) return null;
    for (const value of one) all.add(value);
  }
  return all;
}

function userLimit(node: PlannedNode): UserLimit | null {
  if (node.kind === 'not') return null;
  if (node.kind === 'check') {
    const uids = equalTo(node, 'user.uid', (text, value) =>
      typeof value === 'number' ? value : Number(text),
    );
    const names = equalTo(node, 'user.name', (text) => text);
    return uids === null && names === null ? null : { uids: uids ?? new Set(), names: names ?? new Set() };
  }
  const limits = node.items.map(userLimit);
  if (node.kind === 'and') return limits.find((one) => one !== null) ?? null;
  const all = { uids: new Set<number>(), names: new Set<string>() };
  for (const one of limits) {
    if (one === null) return null;
    for (const uid of one.uids) all.uids.add(uid);
    for (const name of one.names) all.names.add(name);
  }
  return all;
}

/**
 * Event types that have to be recorded although the filter rejects them, so that the machine knows what the filter asks:
 * by event type id, 1 each. `processes`: life and identity of threads; the fd types are added for filters that look at fds.
 */
export function stateTypes(needs: FilterNeeds): Uint8Array {
  const types = new Uint8Array(EVENTS.length);
  if (!needs.threads && !needs.fds && !needs.containers && !needs.users) return types;
  for (const info of EVENTS) {
    if (info === undefined || !changesState(info)) continue;
    if (needs.fds || PROCESS_EVENTS.has(info.evtName) || (info.source & EC.METAEVENT) !== 0)
      types[info.id] = 1;
  }
  return types;
}

/** State events that change threads and processes, not only their fds. */
export const PROCESS_EVENTS: ReadonlySet<string> = new Set([
  'clone',
  'clone3',
  'fork',
  'vfork',
  'execve',
  'execveat',
  'procexit',
  'chdir',
  'fchdir',
  'chroot',
  'setuid',
  'setgid',
  'setreuid',
  'setregid',
  'setresuid',
  'setresgid',
  'setsid',
  'setpgid',
  'capset',
  'prctl',
]);

/** Names of the system calls that `stateTypes` asks for. */
export function stateCalls(needs: FilterNeeds): ReadonlySet<string> {
  const types = stateTypes(needs);
  const names = new Set<string>();
  for (const [, name, , current, forFiles] of [...SYSCALLS_X86_64, ...SYSCALLS_AARCH64] as SyscallRow[])
    for (const type of [current, forFiles])
      if (type > 1 && (types[type] === 1 || types[type + 1] === 1)) names.add(name);
  return names;
}
