import type { CompiledFilter } from './compile.js';
import { type FilterNeeds, fieldNeeds, joinNeeds } from './needs.js';
import { eachCheck, type PlannedCheck } from './plan.js';
import { decideCheck } from './type_table.js';

/** A check of a filter and what deciding it takes, for `--explain`. */
export interface ExplainedCheck {
  /** As written, blanks joined. */
  readonly text: string;
  /** `by the event's header alone`, `needs the table of processes and threads` … */
  readonly why: string;
}

/** What each check of a filter takes to decide, in the order of the text. */
export function explainChecks(filter: CompiledFilter): ExplainedCheck[] {
  const checks: ExplainedCheck[] = [];
  eachCheck(filter.plan, (check) => {
    const text = filter.text.slice(check.check.start, check.check.end).replace(/\s+/g, ' ');
    checks.push({ text, why: reason(check) });
  });
  return checks;
}

function reason(check: PlannedCheck): string {
  const { operand, other } = check;
  const byType = decideCheck(check) !== undefined;
  if (byType && /^(evt\.(type|dir|is_\w+|io_dir)|syscall\.type)$/.test(operand.text))
    return "by the event's header alone";
  const needs: FilterNeeds = [...operand.fields, ...(other?.fields ?? [])]
    .map((field) => fieldNeeds(field.def.name))
    .reduce(joinNeeds, { threads: false, fds: false, containers: false, users: false, params: false });
  const first = byType ? 'only events of types that can have it; then ' : '';
  if (needs.containers) return `${first}needs the container that the task belongs to`;
  if (needs.fds) return `${first}needs to know what the file descriptors stand for`;
  if (needs.users) return `${first}needs the names of users and groups`;
  if (needs.threads) return `${first}needs the table of processes and threads`;
  return `${first}needs the event itself, no state`;
}
