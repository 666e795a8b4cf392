import { type LiveEngine, type LiveOptions, type LiveSource, openLive } from './live.js';
import { LiveError, NativeMissingError } from './live_error.js';
import type { NativeCommand } from './native.js';
import { openPerf, PERF_LACKS } from './perf.js';
import { openPtrace } from './ptrace.js';

/** An engine by name. */
export type Engine = Exclude<LiveEngine, 'auto'>;

/** What an engine is chosen for. */
export interface EngineRequest {
  /** The held command that is to be recorded; null: everybody. */
  readonly command: NativeCommand | null;
  /** Hears of what the chosen engine lacks, one line each. */
  readonly notice?: ((line: string) => void) | undefined;
  /** Hears of the choice. */
  readonly chosen?: ((line: string) => void) | undefined;
}

/** Opens one engine; tests put others in their place. */
export type EngineOpener = (
  engine: Engine,
  options: LiveOptions,
  command: NativeCommand | null,
) => Promise<LiveSource>;

/** What each engine is, for the line that tells of the choice. */
const NAMES: Readonly<Record<Engine, string>> = {
  ebpf: 'eBPF',
  perf: 'perf_event_open',
  ptrace: 'ptrace',
};

/** The engines worth trying, best first. ptrace tells more than perf, but can only follow a command. */
export function candidates(engine: LiveEngine, hasCommand: boolean): readonly Engine[] {
  if (engine !== 'auto') return [engine];
  return hasCommand ? ['ebpf', 'ptrace', 'perf'] : ['ebpf', 'perf'];
}

/**
 * Opens and starts the engine that was asked for, or the best that works here.
 * @throws LiveError with the reason and the remedy when none works; NativeMissingError
 */
export async function openEngine(
  options: LiveOptions,
  request: EngineRequest,
  open: EngineOpener = openOne,
): Promise<LiveSource> {
  const { command } = request;
  const wanted = options.engine ?? 'auto';
  if (wanted === 'ptrace' && command === null)
    throw new LiveError('the ptrace engine follows a command: tsdig --engine ptrace -- COMMAND');
  const failures: Failure[] = [];
  for (const engine of candidates(wanted, command !== null)) {
    let source: LiveSource | undefined;
    try {
      source = await open(engine, options, command);
      source.start();
      request.chosen?.(choiceLine(engine, failures));
      if (engine === 'perf') request.notice?.(perfLine(failures));
      // Where everything is wanted, what there is will do.
      if (engine === 'ptrace' && options.tracepoints?.switch && (options.syscalls ?? 'all') !== 'all')
        request.notice?.('ptrace engine: no switch events, so nothing is known of CPU time');
      return source;
    } catch (error) {
      source?.close();
      if (!(error instanceof LiveError) || error instanceof NativeMissingError) throw error;
      failures.push({ engine, reason: error.message });
    }
  }
  throw new LiveError(failureLine(failures));
}

/** An engine that does not work here, and why. */
interface Failure {
  readonly engine: Engine;
  readonly reason: string;
}

/** What is lacking: who has not chosen this engine hears why it is not the better one. */
function perfLine(failures: readonly Failure[]): string {
  const [first] = failures;
  return first === undefined
    ? `perf engine: ${PERF_LACKS}`
    : `${NAMES[first.engine]} does not work here (${first.reason}): the perf engine records, with ${PERF_LACKS}`;
}

function choiceLine(engine: Engine, failures: readonly Failure[]): string {
  const why = failures.map((failure) => `${NAMES[failure.engine]}: ${failure.reason}`).join('; ');
  return `engine: ${NAMES[engine]}${why === '' ? '' : ` (${why})`}`;
}

/** Why nothing works. The first engine's remedy is the one to follow; the others' reasons are added if they differ. */
function failureLine(failures: readonly Failure[]): string {
  const [first, ...others] = failures;
  // Without the rights the others fail for the same cause.
  if (/needs CAP_/.test(first.reason)) return first.reason;
  const more = others.filter((failure) => failure.reason !== first.reason);
  if (more.length === 0) return first.reason;
  return `${first.reason} (${more.map((failure) => `${NAMES[failure.engine]}: ${failure.reason}`).join('; ')})`;
}

function openOne(engine: Engine, options: LiveOptions, command: NativeCommand | null): Promise<LiveSource> {
  if (engine === 'perf') return openPerf(options, command);
  if (engine === 'ptrace' && command !== null) return openPtrace(options, command);
  return openLive({ ...options, engine: 'ebpf' });
}
