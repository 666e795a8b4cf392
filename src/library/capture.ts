import type { Source, SourceCounters } from '../capture/source.js';
import { CaptureWriter } from '../capture/writer.js';
import type { Chisel } from '../chisel/chisel.js';
import { containerHooks } from '../container/hooks.js';
import type { PlannedField } from '../fields/field.js';
import { planField } from '../fields/registry.js';
import { type CompiledFilter, compileFilter } from '../filter/compile.js';
import { joinNeeds } from '../filter/needs.js';
import { compileTemplate, type Template } from '../format/template.js';
import { Machine } from '../machine/machine.js';
import { chiselSink } from '../session/chisel_sink.js';
import { ALL_NEEDS, applyPlan, type Demand, needsOfFields, planRun } from '../session/run_plan.js';
import { Session, type SessionSummary } from '../session/session.js';
import type { Sink } from '../session/sink.js';
import { writerSink } from '../session/writer_sink.js';
import { type CapturedEvent, captureEvent } from './event.js';

/** What to read out of a capture. */
export interface CaptureOptions {
  /** Only events that pass. A text is compiled. */
  readonly filter?: string | CompiledFilter;
  /** Fields to bring along with each event: `['proc.name', 'fd.name']`. */
  readonly fields?: readonly string[];
  /** Stop after so many events that passed. */
  readonly maxEvents?: number;
}

/** How the input of a capture is opened; made by `openFile` and `openLive`. */
export interface CaptureInput {
  open(
    machine: Machine,
    plan: {
      readonly filter: CompiledFilter | undefined;
      readonly demands: readonly Demand[];
      /** The events go into a file. */
      readonly writing: boolean;
    },
  ): Promise<{
    readonly source: Source;
    readonly session?: Partial<ConstructorParameters<typeof Session>[0]>;
    readonly finish?: () => void;
  }>;
}

/**
 * A capture that can be gone through once: iterate it, or call `run` with sinks of your own. Nothing is shared
 * between captures; several may be open at once, also in workers.
 */
export class Capture implements AsyncIterable<CapturedEvent> {
  /** The observed system as of the current event. */
  readonly machine = new Machine();
  private readonly input: CaptureInput;
  private readonly filter: CompiledFilter | undefined;
  private readonly fields: ReadonlyMap<string, PlannedField>;
  private readonly maxEvents: number;
  private session: Session | null = null;
  private source: Source | null = null;
  private started = false;
  private writing = false;

  /** @throws FilterError, FieldError */
  constructor(input: CaptureInput, options: CaptureOptions = {}) {
    this.input = input;
    this.filter = typeof options.filter === 'string' ? compileFilter(options.filter) : options.filter;
    this.fields = new Map((options.fields ?? []).map((name) => [name, planField(name)]));
    this.maxEvents = options.maxEvents ?? 0;
    Object.assign(this.machine.hooks, containerHooks(this.machine.containers));
  }

  /** Events lost so far; undefined for files. */
  counters(): SourceCounters | undefined {
    return this.source?.counters?.();
  }

  /** Ends the capture: the iteration or run ends after what has been captured. */
  stop(): void {
    this.session?.stop();
  }

  /**
   * Runs the capture through sinks. `demands` say what they look at; without them everything is kept up to date.
   * @throws CaptureError and what sinks throw; a second run is an error.
   */
  async run(
    sinks: readonly Sink[],
    demands: readonly Demand[] = [{ eventTypes: null, needs: ALL_NEEDS }],
  ): Promise<SessionSummary> {
    if (this.started) throw new Error('a capture can be gone through once: open it again');
    this.started = true;
    const { machine, filter } = this;
    const opened = await this.input.open(machine, { filter, demands, writing: this.writing });
    this.source = opened.source;
    this.session = new Session({
      ...opened.session,
      source: opened.source,
      machine,
      sinks,
      filter,
      maxEvents: this.maxEvents,
      wantedTypes: applyPlan(planRun(filter, demands), machine),
    });
    try {
      return await this.session.run();
    } finally {
      opened.finish?.();
    }
  }

  /** Calls `visit` for each event: the fast way. */
  async forEach(visit: (event: CapturedEvent) => void): Promise<SessionSummary> {
    const { fields } = this;
    const sink: Sink = { onEvent: (ev, machine) => visit(captureEvent(ev, machine, fields)) };
    return this.run([sink], [this.demand()]);
  }

  /** The events as lines of a template (`%evt.num %proc.name %fd.name`); events that lack a field are left out. */
  async lines(template: string | Template, visit: (line: string) => void): Promise<SessionSummary> {
    const compiled = typeof template === 'string' ? compileTemplate(template) : template;
    const sink: Sink = {
      onEvent(ev, machine) {
        const line = compiled.render(ev, machine);
        if (line !== undefined) visit(Buffer.from(line, 'latin1').toString('utf8'));
      },
    };
    return this.run([sink], [{ eventTypes: null, needs: needsOfFields(compiled.fields) }]);
  }

  /** Writes the events that pass the filter to a capture file. */
  async write(path: string, options: { readonly gzip?: boolean } = {}): Promise<SessionSummary> {
    const { machine } = this;
    this.writing = true;
    const writer = new CaptureWriter(path, { ...options, snapshot: () => machine.passingHead() });
    return this.run([
      writerSink(writer, { whole: false, fatFile: false, snaplen: undefined, rotates: false }),
    ]);
  }

  /** Runs chisels that were loaded with `loadChisel`. */
  async runChisels(chisels: readonly Chisel[], flush: () => void = () => {}): Promise<SessionSummary> {
    for (const chisel of chisels) chisel.onInit();
    return this.run(chisels.map((chisel) => chiselSink(chisel, flush)));
  }

  private demand(): Demand {
    const needs = needsOfFields([...this.fields.values()]);
    return {
      eventTypes: null,
      needs: this.filter === undefined ? needs : joinNeeds(needs, this.filter.needs),
    };
  }

  /** Goes through the events. Ending the loop early ends the capture. */
  async *[Symbol.asyncIterator](): AsyncGenerator<CapturedEvent> {
    const { fields } = this;
    let ready: CapturedEvent[] = [];
    let wake: () => void = () => {};
    let drained: () => void = () => {};
    let ended = false;
    const sink: Sink = {
      onEvent(ev, machine) {
        ready.push(captureEvent(ev, machine, fields));
      },
      onPause() {
        if (ready.length === 0) return;
        wake();
        return new Promise<void>((resolve) => {
          drained = resolve;
        });
      },
    };
    const running = this.run([sink], [this.demand()]).finally(() => {
      ended = true;
      wake();
    });
    // A failure is thrown below, where the consumer sees it.
    running.catch(() => {});
    try {
      for (;;) {
        if (ready.length === 0 && !ended) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const batch = ready;
        ready = [];
        yield* batch;
        if (ready.length === 0) drained();
        if (ended && ready.length === 0) break;
      }
      await running;
    } finally {
      this.session?.end();
      drained();
      await running.catch(() => {});
    }
  }
}
