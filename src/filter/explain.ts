import type { CompiledFilter } from './compile.js';
import { type FilterNeeds, fieldNeeds, joinNeeds } from './needs.js';
import { eachCheck, type PlannedCheck } from './plan.js';
import { ENTER, EXIT, PROCESS_EVENTS, type Pushdown, planPushdown, stateCalls } from './pushdown.js';
import { decideCheck } from './type_table.js';

/** One line of an explanation: what, its values, and why. */
export interface ExplainedPart {
  readonly what: string;
  readonly values: string;
  readonly why: string;
}

/** What is decided where, for `--explain`. */
export interface Explanation {
  /** Decided in the kernel: the rest is never recorded. */
  readonly kernel: readonly ExplainedPart[];
  /** Decided in user space, check by check. */
  readonly user: readonly ExplainedPart[];
  /** Recorded besides, to know what the filter asks about. */
  readonly state: readonly ExplainedPart[];
}

/** Explains a filter; `pushdown` is what live capture uses of it. */
export function explainFilter(
  filter: CompiledFilter,
  pushdown: Pushdown = planPushdown(filter),
): Explanation {
  return { kernel: kernelParts(pushdown), user: userParts(filter), state: stateParts(pushdown) };
}

/** The explanation as text, without control characters of its own but newlines. */
export function renderExplanation(filter: CompiledFilter, explanation: Explanation): string {
  const lines = [`filter: ${filter.text.replace(/\s+/g, ' ')}`];
  section(lines, 'the kernel decides', explanation.kernel, 'nothing: every event of every task is recorded');
  section(lines, 'user space decides', explanation.user, 'nothing more');
  section(lines, 'recorded besides', explanation.state, 'nothing');
  return lines.join('\n');
}

function section(lines: string[], title: string, parts: readonly ExplainedPart[], none: string): void {
  lines.push('', `${title}:`);
  if (parts.length === 0) lines.push(`  ${none}`);
  for (const { what, values, why } of parts) {
    lines.push(`  ${what}${values === '' ? '' : `: ${values}`}`);
    lines.push(`      ${why}`);
  }
}

function kernelParts(plan: Pushdown): ExplainedPart[] {
  const parts: ExplainedPart[] = [];
  if (plan.calls !== null) {
    const both: string[] = [];
    const one: string[] = [];
    for (const [name, halves] of plan.calls) {
      if (halves === (ENTER | EXIT)) both.push(name);
      else one.push(`${name} (${halves === EXIT ? 'exit' : 'enter'} only)`);
    }
    const why = 'the others have a type or lack a parameter that the filter asks for';
    const values = shorten([...both, ...one]);
    parts.push({ what: 'system calls', values: values === '' ? 'none' : values, why });
    parts.push({
      what: 'other events',
      values: [...plan.tracepoints].join(', ') || 'none',
      why: 'what is not asked for is not attached at all',
    });
  }
  if (plan.containers !== null) {
    const { names, ids, images } = plan.containers;
    parts.push({
      what: 'containers',
      values: shorten([...names, ...ids, ...images]),
      why: 'by cgroup: tasks elsewhere are turned away before anything is copied',
    });
  }
  if (plan.pids !== null)
    parts.push({ what: 'processes', values: shorten([...plan.pids].map(String)), why: 'by process id' });
  if (plan.tids !== null)
    parts.push({ what: 'threads', values: shorten([...plan.tids].map(String)), why: 'by thread id' });
  if (plan.comms !== null)
    parts.push({
      what: 'commands',
      values: shorten([...plan.comms]),
      why: 'by the name that the kernel keeps (15 bytes)',
    });
  if (plan.users !== null) {
    const values = shorten([...plan.users.names, ...[...plan.users.uids].map(String)]);
    parts.push({ what: 'users', values, why: 'by effective user id' });
  }
  return parts;
}

function userParts(filter: CompiledFilter): ExplainedPart[] {
  const parts: ExplainedPart[] = [];
  eachCheck(filter.plan, (check) => {
    const text = filter.text.slice(check.check.start, check.check.end).replace(/\s+/g, ' ');
    parts.push({ what: text, values: '', why: reason(check) });
  });
  return parts;
}

function reason(check: PlannedCheck): string {
  const { operand, other } = check;
  if (
    decideCheck(check) !== undefined &&
    operand.cls === 'text' &&
    /^(evt\.type|evt\.dir)$/.test(operand.text)
  )
    return 'by the event header alone';
  let needs: FilterNeeds | undefined;
  for (const field of [...operand.fields, ...(other?.fields ?? [])]) {
    const own = fieldNeeds(field.def.name);
    needs = needs === undefined ? own : joinNeeds(needs, own);
  }
  if (needs?.containers) return 'needs the container that the task belongs to';
  if (needs?.fds) return 'needs to know what the file descriptors stand for';
  if (needs?.users) return 'needs the names of users and groups';
  if (needs?.threads) return 'needs the table of processes and threads';
  return 'needs the parameters of the event';
}

function stateParts(plan: Pushdown): ExplainedPart[] {
  const { needs } = plan;
  const calls = [...stateCalls(needs)].sort();
  const process = calls.filter((name) => PROCESS_EVENTS.has(name));
  const fds = calls.filter((name) => !PROCESS_EVENTS.has(name));
  const parts: ExplainedPart[] = [];
  if (process.length > 0)
    parts.push({
      what: 'life of processes',
      values: shorten(['exit of processes', ...process]),
      why: 'so that names, parents, users and containers of processes are known',
    });
  if (fds.length > 0)
    parts.push({
      what: 'file descriptors',
      values: shorten(fds),
      why: 'so that it is known what file or connection a number stands for',
    });
  return parts;
}

/** The first few of a list, and how many more there are. */
function shorten(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length <= 12 ? shown : `${shown} and ${names.length - 12} more`;
}
