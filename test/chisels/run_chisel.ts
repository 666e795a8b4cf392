import { resolve } from 'node:path';
import { openFile } from '../../src/capture/file.js';
import type { Source } from '../../src/capture/source.js';
import { loadChisel } from '../../src/chisel/host.js';
import { CliRuntime } from '../../src/cli/chisel_runtime.js';
import { chiselArity } from '../../src/cli/chisel_setup.js';
import { splitCommandLine } from '../../src/cli/chisel_words.js';
import { parseOptions } from '../../src/cli/options.js';
import { Output } from '../../src/cli/output.js';
import { chiselDemand } from '../../src/cli/run.js';
import { containerHooks } from '../../src/container/hooks.js';
import { compileFilter } from '../../src/filter/compile.js';
import { Machine } from '../../src/machine/machine.js';
import { chiselSink } from '../../src/session/chisel_sink.js';
import { applyPlan, planRun } from '../../src/session/run_plan.js';
import { Session } from '../../src/session/session.js';

export const FIXTURES = resolve(import.meta.dirname, '../fixtures');
/** Recordings with what sysdig printed for them, beside the repository. Absent on a clean clone. */
export const SHARED = resolve(import.meta.dirname, '../../../shared/captures');

/** Standard output that stays in memory, flush by flush. */
class MemoryOutput extends Output {
  readonly flushed: string[] = [];

  constructor() {
    super(1);
  }

  override flush(): void {
    const { lines } = this;
    if (lines.pos === 0) return;
    this.flushed.push(Buffer.from(lines.bytes.subarray(0, lines.pos)).latin1Slice());
    lines.pos = 0;
  }
}

export interface ChiselRun {
  /** The capture is played as if it were live, so that tables come once a second. */
  readonly live?: boolean;
  /** Output is a terminal of this size. */
  readonly terminal?: { readonly width: number; readonly height: number };
  /** None may be passed over. */
  readonly everyEvent?: boolean;
}

/** What a run printed, as byte strings: each flush, and all of it. */
export interface Printed {
  readonly flushed: readonly string[];
  readonly text: string;
  /** Events that the machine took in the whole way. */
  readonly taken: number;
}

class TestRuntime extends CliRuntime {
  override readonly tty: boolean;
  private readonly size: { readonly width: number; readonly height: number };

  constructor(words: readonly string[], output: Output, machine: Machine, options: ChiselRun) {
    super(parseOptions(words).options, output, machine, options.live === true);
    this.tty = options.terminal !== undefined;
    this.size = options.terminal ?? { width: -1, height: -1 };
  }

  override terminalSize(): { readonly width: number; readonly height: number } {
    return this.size;
  }
}

/**
 * Runs `tsdig -r CAPTURE WORDS...` in this process. Words are those of the command line, -c and a filter among them.
 * `capture`: a file, or where else the events come from.
 */
export async function runChisel(
  capture: string | Source,
  words: readonly string[],
  options: ChiselRun = {},
): Promise<Printed> {
  const isFilter = (text: string): boolean => /[a-z]\.[a-z]/.test(text) && /[=<>]/.test(text);
  const input = typeof capture === 'string' ? ['-r', capture] : [];
  const split = await splitCommandLine([...input, ...words], chiselArity, isFilter);
  const output = new MemoryOutput();
  const machine = new Machine();
  Object.assign(machine.hooks, containerHooks(machine.containers));
  let taken = 0;
  const process = machine.process.bind(machine);
  machine.process = (ev) => {
    taken++;
    process(ev);
  };
  const runtime = new TestRuntime(split.rest, output, machine, options);
  const request = split.chisels[0];
  const chisel = await loadChisel(request.name, request.args, runtime);
  chisel.onInit();
  const filter = runtime.globalFilter === '' ? undefined : compileFilter(runtime.globalFilter);
  // Never as a live run would plan it: there a clock stands in for the events that are left out.
  const plan = planRun(filter, [chiselDemand(chisel, runtime, false)]);
  const source = typeof capture === 'string' ? openFile(capture) : capture;
  const sink = chiselSink(chisel, () => output.flush(), source.kind === 'file' && !options.everyEvent);
  const session = new Session({
    source,
    machine,
    sinks: [sink],
    filter,
    internalEvents: false,
    maxEvents: 0,
    wantedTypes: applyPlan(plan, machine),
  });
  runtime.attach(session, source);
  await session.run();
  output.flush();
  return { flushed: output.flushed, text: output.flushed.join(''), taken };
}
