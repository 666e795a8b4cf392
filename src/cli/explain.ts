import { compileFilter } from '../filter/compile.js';
import { explainChecks } from '../filter/explain.js';
import { ENTER, EXIT, type Pushdown } from '../filter/pushdown.js';
import { Machine } from '../machine/machine.js';
import { MOST_OWN_TRACEPOINTS, planKernel } from '../session/live_plan.js';
import { type Demand, planRun } from '../session/run_plan.js';
import { CliRuntime } from './chisel_runtime.js';
import type { ChiselRequest } from './chisel_words.js';
import { wrapText } from './listing.js';
import type { Options } from './options.js';
import { Output } from './output.js';
import { chiselDemand, printingDemand } from './run.js';
import { templateFor } from './template_choice.js';

/** `--explain`: what the kernel decides of this run, what user space decides, and why. */
export async function printExplanation(
  options: Options,
  requests: readonly ChiselRequest[],
): Promise<number> {
  const output = new Output(1);
  const runtime = new CliRuntime(options, output, new Machine(), true);
  const demands: Demand[] = [];
  for (const request of requests) {
    const { loadChisel } = await import('../chisel/host.js');
    const chisel = await loadChisel(request.name, request.args, runtime);
    chisel.onInit();
    demands.push(chiselDemand(chisel, runtime, true));
  }
  if (requests.length === 0) demands.push(printingDemand(templateFor(options, runtime)));
  const text = runtime.globalFilter;
  const filter = text === '' ? undefined : compileFilter(text);
  const plan = planRun(filter, demands);
  const kernel = planKernel(filter, plan);
  const { pushdown, live } = kernel;
  const row = (name: string, what: string): void => {
    output.write(`  ${name.padEnd(14)}${wrapText(what, 84).join(`\n${' '.repeat(16)}`)}\n`);
  };

  output.write(`${`filter: ${text === '' ? '(none)' : text}`}\n`);
  output.write(`${'the kernel records:'}\n`);
  if (kernel.calls === null) row('system calls', 'all');
  else if (kernel.calls.length === 0) row('system calls', 'none: no system call tracepoint is attached');
  else {
    const names = [...(pushdown?.calls ?? new Map<string, number>())]
      .filter(([, halves]) => (halves & (ENTER | EXIT)) !== 0)
      .map(([name]) => name);
    row(
      'system calls',
      `${kernel.calls.length}${names.length > 0 && names.length <= 40 ? `; the filter can match: ${names.join(' ')}` : ''}`,
    );
    const state = [...kernel.stateOnly].filter((name) => !names.includes(name));
    if (state.length > 0)
      row('for state', `${state.join(' ')} (they change what the filter or the output asks about)`);
  }
  if (kernel.calls === null || kernel.calls.length > 0)
    row('entering', enteringText(kernel.entered, pushdown));
  const points = [
    'clone, execve, procexit (always: they tell which process is which)',
    live.tracepoints?.switch ? 'switch' : '',
    live.tracepoints?.signal ? 'signaldeliver' : '',
  ].filter((point) => point !== '');
  row('tracepoints', points.join(', '));
  const names = (set: ReadonlySet<string | number>): string => [...set].join(', ');
  if (pushdown?.containers) {
    row(
      'containers',
      `only those with ${pushdown.containers.text}; of unknown ones everything, until they are known`,
    );
  }
  if (pushdown?.comms) row('names', `only ${names(pushdown.comms)}`);
  if (pushdown?.users && pushdown.users.names.size === 0) row('users', `only ${names(pushdown.users.uids)}`);
  if (pushdown?.pids) row('processes', `only ${names(pushdown.pids)}`);
  output.write(`${'user space:'}\n`);
  row(
    'keeps',
    [
      plan.needs.threads ? 'threads' : '',
      plan.needs.fds ? 'file descriptors' : '',
      plan.needs.containers ? 'containers' : '',
      plan.needs.users ? 'users' : '',
    ]
      .filter(Boolean)
      .join(', ') || 'no state',
  );
  if (filter === undefined) row('decides', 'nothing: every recorded event is wanted');
  else {
    row('decides', 'the whole filter again, on every event that the kernel lets through:');
    for (const { text: check, why } of explainChecks(filter)) row('', `${check}: ${why}`);
  }
  output.flush();
  return 0;
}

/** Where calls are seen entered: what costs the other calls most. */
function enteringText(entered: readonly string[] | null, pushdown: Pushdown | null): string {
  if (entered !== null && entered.length <= MOST_OWN_TRACEPOINTS)
    return entered.length === 0
      ? 'nothing: state needs exit events only'
      : `${entered.join(' ')}, at their own tracepoints; 32-bit programs at sys_enter, from their first call on`;
  if (pushdown?.containers && !pushdown.containers.nestedPasses)
    return 'sys_enter, while something runs that the filter may accept';
  return pushdown?.pids
    ? 'sys_enter, while one of the processes below runs or may soon be born'
    : 'sys_enter, always';
}
