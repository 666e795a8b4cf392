import type { Source } from '../../src/capture/source.js';
import { compileFilter } from '../../src/filter/compile.js';
import { compileTemplate } from '../../src/format/template.js';
import { Machine, type MachineHooks } from '../../src/machine/machine.js';
import { ALL_NEEDS, applyPlan, planRun } from '../../src/session/run_plan.js';
import { Session, type SessionSummary } from '../../src/session/session.js';
import type { Sink } from '../../src/session/sink.js';

/** What a run leaves. */
export interface FilteredRun {
  readonly machine: Machine;
  /** The events that passed, as lines. */
  readonly lines: string[];
  /** How many events the machine took in the whole way. */
  readonly whole: number;
  readonly summary: SessionSummary;
}

/**
 * Prints what passes a filter.
 * @param everyEvent a sink looks at every event, which keeps any from being passed over.
 */
export async function filteredRun(
  source: Source,
  text: string,
  line: string,
  everyEvent: boolean,
  hooks: (machine: Machine) => MachineHooks = () => ({}),
): Promise<FilteredRun> {
  const machine = new Machine();
  Object.assign(machine.hooks, hooks(machine));
  let whole = 0;
  const process = machine.process.bind(machine);
  machine.process = (ev) => {
    whole++;
    process(ev);
  };
  const filter = compileFilter(text);
  const template = compileTemplate(line);
  const lines: string[] = [];
  const sink: Sink = {
    onEvent(ev, m) {
      lines.push(template.render(ev, m) ?? '');
    },
  };
  const sinks = everyEvent ? [sink, { onAny() {} }] : [sink];
  const wantedTypes = applyPlan(planRun(filter, [{ eventTypes: null, needs: ALL_NEEDS }]), machine);
  const summary = await new Session({ source, machine, sinks, filter, wantedTypes }).run();
  return { machine, lines, whole, summary };
}
