import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { openFile } from '../capture/file.js';
import { mergeSources } from '../capture/merge.js';
import type { Source } from '../capture/source.js';
import { CaptureWriter } from '../capture/writer.js';
import type { Chisel } from '../chisel/chisel.js';
import { encodeContainers } from '../container/event.js';
import { containerHooks } from '../container/hooks.js';
import type { PlannedField } from '../fields/field.js';
import type { CompiledFilter } from '../filter/compile.js';
import { Machine } from '../machine/machine.js';
import { CaptureError } from '../scap/capture_error.js';
import type { WritableHead } from '../scap/head.js';
import { fateOfRejected } from '../scap/rewrite_event.js';
import type { RotationOptions } from '../scap/rotation.js';
import { chiselSink } from '../session/chisel_sink.js';
import { fileOwner, type UserIds } from '../session/file_owner.js';
import { lineSink } from '../session/line_sink.js';
import type { LiveRequest, LiveSettings, OpenedInput } from '../session/live_input.js';
import { dropPrivileges } from '../session/privileges.js';
import {
  applyPlan,
  type Demand,
  needsOfFields,
  planRun,
  tellsSamples,
  tellsUsage,
} from '../session/run_plan.js';
import { RunReport } from '../session/run_report.js';
import { Session } from '../session/session.js';
import type { Sink } from '../session/sink.js';
import { SUPPRESSION_TYPES, Suppression } from '../session/suppression.js';
import { writerSink } from '../session/writer_sink.js';
import { CliRuntime } from './chisel_runtime.js';
import type { ChiselRequest } from './chisel_words.js';
import { coloredLines, wantsColor } from './color.js';
import { compileLater } from './compile_later.js';
import type { Options } from './options.js';
import { ClosedPipeError, Output } from './output.js';
import { acceptedProcesses } from './process_list.js';
import { progressSink } from './progress.js';
import { onStopSignal } from './signals.js';
import { fieldOptions, templateFor, templateText } from './template_choice.js';
import { ignoreErrorsOfMessages, isTerminal, say } from './terminal.js';
import { UsageError } from './usage_error.js';

/** Everything that consumes the events, and what it demands. */
interface Consumers {
  readonly sinks: Sink[];
  readonly demands: Demand[];
  /** Lines go to a terminal, and nothing else is made. */
  scrolls: boolean;
}

/** Runs a capture, from files or live. Resolves to the exit code. */
export async function run(
  options: Options,
  requests: readonly ChiselRequest[],
  command: string[] | null,
): Promise<number> {
  const live = options.read.length === 0;
  checkCombination(options, live, command);
  const output = new Output(1, options.unbuffered);
  const machine = new Machine();
  machine.users.ignored = options.excludeUsers;
  Object.assign(machine.hooks, containerHooks(machine.containers));
  const runtime = new CliRuntime(options, output, machine, live);
  const chisels: Chisel[] = [];
  if (requests.length > 0) {
    const { isScriptChisel, loadChisel } = await import('../chisel/host.js');
    for (const request of requests) {
      if (isScriptChisel(request.name, runtime)) ignoreErrorsOfMessages();
      const chisel = await loadChisel(request.name, request.args, runtime);
      chisel.onInit();
      chisels.push(chisel);
    }
  }
  const filterText = runtime.globalFilter;
  const filter = filterText === '' ? undefined : runtime.compiled(filterText);
  const consumers: Consumers = { sinks: [], demands: [], scrolls: false };
  for (const chisel of chisels) addChisel(consumers, chisel, runtime, output, live);
  await addPrinting(consumers, options, runtime, output, chisels.length > 0, live);
  consumers.demands.push(...countingDemands(options, live));
  const writing = options.write === undefined ? null : planWriting(options, filter, live);
  if (writing !== null) consumers.demands.push(writing.demand);

  // From here on a signal ends the run in order, also while it is still being prepared.
  let stopped = false;
  let stop = (): void => {
    stopped = true;
  };
  const release = onStopSignal(() => stop());
  const owner = live ? fileOwner(options.dropTo) : null;
  const opened: OpenedInput = live
    ? await openLiveFor(options, runtime, { filter, demands: consumers.demands, machine }, command)
    : { source: openFiles(options.read), idleMs: 0 };
  try {
    // Not before: a capture that cannot begin must not cost the recording that is there.
    if (writing !== null) consumers.sinks.push(openWriter(writing, options, machine, filter, live, owner));
    if (options.dropTo !== undefined && owner !== null) dropPrivileges(owner, opened.sockets);
  } catch (error) {
    opened.source.close();
    await opened.finish?.();
    throw error;
  }
  if (showsProgress(options)) {
    // First, so that the line is gone before the others print their last.
    const seen = (): number => session.summary.events;
    const look = { write: say, now: () => performance.now(), width: process.stderr.columns || 80 };
    consumers.sinks.unshift(progressSink(() => opened.source.progress(), seen, look));
  }
  const plan = planRun(filter, consumers.demands);
  const session = new Session({
    source: opened.source,
    machine,
    sinks: consumers.sinks,
    filter,
    suppression: options.suppressComms.length > 0 ? new Suppression(options.suppressComms) : undefined,
    internalEvents: options.debug,
    maxEvents: options.numEvents,
    wantedTypes: wantedTypes(options, applyPlan(plan, machine), filter),
    idleMs: opened.idleMs,
    ...(opened.hiddenPid === undefined ? {} : { hiddenPid: opened.hiddenPid }),
    ...(opened.hold ? { hold: opened.hold } : {}),
    ...(opened.holds ? { holds: opened.holds, unlooked: machine.unhandledTypes() } : {}),
    ...(opened.injected ? { injected: opened.injected } : {}),
  });
  runtime.attach(session, opened.source);
  // Who watches lines go by wants them to end at once; files and tables get all that happened until then.
  stop = () => (consumers.scrolls ? session.end() : session.stop());
  if (stopped) stop();
  const report = new RunReport(
    { verbose: options.verbose, stats: options.stats },
    opened.source,
    session,
    opened.time,
  );
  const timer =
    options.maxSeconds > 0 ? setTimeout(() => session.stop(), options.maxSeconds * 1000) : undefined;
  compileLater(opened.source.progress().total);
  try {
    await session.run();
  } catch (error) {
    if (!isClosedOutput(error)) throw error;
  } finally {
    clearTimeout(timer);
    release();
    flushQuietly(output);
    await opened.finish?.();
    report.end();
  }
  for (const words of runtime.afterwards) await runAgain(words);
  return opened.exitCode?.() ?? 0;
}

/** On a terminal, when -P asks for it; else when a file is written or summarised for long and standard error is a terminal of its own. */
function showsProgress(options: Options): boolean {
  if (!isTerminal('stderr')) return false;
  const busyTerminal = isTerminal('stdout') && !options.quiet && options.write === undefined;
  return options.progress || (options.read.length > 0 && !busyTerminal && !options.stats);
}

function checkCombination(options: Options, live: boolean, command: string[] | null): void {
  if (!live && command !== null)
    throw new UsageError('a command (--) is followed live: it does not go with -r');
  if (command !== null && command.length === 0)
    throw new UsageError('-- needs a command to start and follow');
  const overwritten = options.read.find(
    (path) => options.write !== undefined && isSameFile(path, options.write),
  );
  if (overwritten !== undefined)
    throw new UsageError(`-w would overwrite ${overwritten}, which -r reads: choose another name`);
  const rotates = options.fileSizeMb || options.rotateSeconds || options.rotateEvents;
  if (options.write === undefined) {
    if (rotates || options.fileLimit) throw new UsageError('-C, -G, -e and -W go with -w FILE');
    if (options.compress) throw new UsageError('-z goes with -w FILE');
    if (options.fatFile) throw new UsageError('-F goes with -w FILE');
  }
  if (options.fileLimit && !rotates) throw new UsageError('-W needs -C, -G or -e');
}

/** What options that count events, or tell threads apart, make the run provide. */
function countingDemands(options: Options, live: boolean): Demand[] {
  const demands: Demand[] = [];
  const nothing = { needs: needsOfFields([]), usage: false };
  // -n and -v count what passes the filter, whether or not somebody looks at it. (Live, -v alone must not record more.)
  if (options.numEvents > 0 || (options.verbose && !live)) demands.push({ eventTypes: null, ...nothing });
  if (options.suppressComms.length > 0) demands.push({ eventTypes: SUPPRESSION_TYPES, ...nothing });
  return demands;
}

async function openLiveFor(
  options: Options,
  runtime: CliRuntime,
  request: LiveRequest,
  command: string[] | null,
): Promise<OpenedInput> {
  const { openLiveInput } = await import('../session/live_input.js');
  const settings: LiveSettings = {
    engine: options.engine as LiveSettings['engine'],
    snaplen: runtime.snaplen,
    bufferSize: options.bufferSize,
    pageFaults: options.pageFaults,
    dockerSocket: options.dockerSocket,
    criSocket: options.criSocket,
    criTimeoutMs: options.criTimeoutMs,
    containerWaitMs: options.containerWaitMs,
    excludeUsers: options.excludeUsers,
    largeEnvironment: options.largeEnvironment,
    writesFile: options.write !== undefined,
    recordsAll: options.write !== undefined && request.filter === undefined,
    compatible: options.write !== undefined && !options.newEvents,
    keepsState: options.fatFile,
    givesUpRights: options.dropTo !== undefined,
    command,
    notice: (line) => say(`tsdig: ${line}\n`),
    ...(options.verbose ? { chosen: (line: string) => say(`tsdig: ${line}\n`) } : {}),
  };
  return openLiveInput(settings, request);
}

/** Runs tsdig once more with the words that a chisel asked for (sysdig.run_app). */
function runAgain(words: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [process.argv[1], ...words], { stdio: 'inherit' });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}

function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return (
    one !== undefined && other !== undefined && one.isFile() && one.dev === other.dev && one.ino === other.ino
  );
}

function openFiles(paths: readonly string[]): Source {
  const sources = paths.map((path) => openFile(path));
  return sources.length === 1 ? sources[0] : mergeSources(sources);
}

function addChisel(
  consumers: Consumers,
  chisel: Chisel,
  runtime: CliRuntime,
  output: Output,
  live: boolean,
): void {
  consumers.sinks.push(chiselSink(chisel, () => output.flush(), !live));
  consumers.demands.push(chiselDemand(chisel, runtime, live));
}

/** What a chisel makes the run provide. */
export function chiselDemand(chisel: Chisel, runtime: CliRuntime, live: boolean): Demand {
  const { fields, filter, events, intervals, threads } = chisel.needs;
  // Interval callbacks of a replay depend on the time of every event.
  const everyEvent = intervals && !live;
  const own = filter === undefined ? undefined : runtime.compiled(filter.text);
  return {
    eventTypes: everyEvent ? null : events ? (own?.eventTypes ?? null) : new Uint8Array(65536),
    needs: runtime.needsOf(fields, own),
    filter: own,
    usage: threads || tellsUsage(fields) || tellsUsage(own?.fields ?? []),
    samples: tellsSamples(fields),
  };
}

/** What printing lines makes the run provide. */
export function printingDemand(template: { readonly fields: readonly PlannedField[] }): Demand {
  const { fields } = template;
  return {
    eventTypes: null,
    needs: needsOfFields(fields),
    usage: tellsUsage(fields),
    samples: tellsSamples(fields),
  };
}

async function addPrinting(
  consumers: Consumers,
  options: Options,
  runtime: CliRuntime,
  output: Output,
  hasChisels: boolean,
  live: boolean,
): Promise<void> {
  if (options.summary) {
    const { summarySink } = await import('../session/summary_sink.js');
    consumers.sinks.push(summarySink(output));
    consumers.demands.push({ eventTypes: null, needs: needsOfFields([]), usage: false });
  }
  // As with sysdig, events are not printed when they are written to a file or go to chisels.
  if (options.quiet || hasChisels || options.write !== undefined) return;
  const terminal = isTerminal('stdout');
  // Dumps have lines of their own.
  const multiline = runtime.buffers !== 'normal';
  const colored = wantsColor(options, terminal);
  consumers.scrolls = terminal;
  const template = colored
    ? coloredLines(templateText(options), fieldOptions(options, runtime), multiline)
    : templateFor(options, runtime);
  consumers.sinks.push(
    lineSink(template, output, { flushEachChunk: live, terminal: terminal && !colored, multiline }),
  );
  consumers.demands.push(printingDemand(template));
}

/** The event types of the plan and those that a rewritten file keeps although the filter rejects them. */
function wantedTypes(
  options: Options,
  planned: Uint8Array | undefined,
  filter: CompiledFilter | undefined,
): Uint8Array | undefined {
  // What is suppressed is not counted: each event has to be looked at.
  if (options.suppressComms.length > 0) return undefined;
  if (options.write === undefined || planned === undefined) return planned;
  // Each event may be the one that begins a new file.
  if (options.fileSizeMb || options.rotateSeconds || options.rotateEvents) return undefined;
  if (filter === undefined) return planned;
  return planned.map((wanted, type) => {
    const fate = fateOfRejected(type);
    return fate === 'keep' || (fate === 'state-only' && options.fatFile) ? 1 : wanted;
  });
}

/** How the file is to be written, and what that makes the run provide. */
interface Writing {
  readonly rotation: RotationOptions;
  readonly rotates: boolean;
  /** Whole chunks go on as they are. */
  readonly whole: boolean;
  readonly demand: Demand;
}

function planWriting(options: Options, filter: CompiledFilter | undefined, live: boolean): Writing {
  const rotation: RotationOptions = {
    ...(options.fileSizeMb ? { megabytes: options.fileSizeMb } : {}),
    ...(options.rotateSeconds ? { seconds: options.rotateSeconds } : {}),
    ...(options.rotateEvents ? { events: options.rotateEvents } : {}),
    ...(options.fileLimit ? { files: options.fileLimit } : {}),
  };
  const rotates = Object.keys(rotation).length > 0;
  const whole =
    !live &&
    filter === undefined &&
    !rotates &&
    options.snaplen === undefined &&
    options.numEvents === 0 &&
    options.suppressComms.length === 0;
  return {
    rotation,
    rotates,
    whole,
    demand: {
      // Chunks that go on as they are need no look at their events.
      eventTypes: whole ? new Uint8Array(65536) : null,
      needs: rotates ? needsOfFields([{ def: { name: 'fd.name' } }]) : needsOfFields([]),
      usage: rotates,
      // Whoever reads the file may ask for it.
      samples: live,
    },
  };
}

function openWriter(
  writing: Writing,
  options: Options,
  machine: Machine,
  filter: CompiledFilter | undefined,
  live: boolean,
  owner: UserIds | null,
): Sink {
  const { rotation, rotates, whole } = writing;
  const snapshot = (): WritableHead =>
    options.filterProclist && filter !== undefined
      ? acceptedProcesses(machine.snapshot(), filter, machine)
      : machine.passingHead();
  const writer = new CaptureWriter(options.write ?? '-', {
    gzip: options.compress,
    rotation,
    ...(owner === null ? {} : { owner }),
    snapshot,
    // A rewritten file brings its container events itself; live ones and later files of a row need them.
    preface: (ts) => (live || writer.files.length > 1 ? [encodeContainers(machine.containers, ts)] : []),
  });
  return writerSink(writer, {
    whole,
    fatFile: options.fatFile,
    context: live && filter !== undefined,
    snaplen: live ? undefined : options.snaplen,
    rotates,
    rotation,
    snapshot,
  });
}

/** Whether who reads our output has gone away: the run ends as if it had been stopped. */
function isClosedOutput(error: unknown): boolean {
  return error instanceof ClosedPipeError || (error instanceof CaptureError && error.kind === 'closed');
}

function flushQuietly(output: Output): void {
  try {
    output.flush();
  } catch (error) {
    if (!(error instanceof ClosedPipeError)) throw error;
  }
}
