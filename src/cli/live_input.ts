import type { EventChunk, Source } from '../capture/source.js';
import type { LiveOptions } from '../capture/live.js';
import type { Chisel } from '../chisel/chisel.js';
import { HoldQueue } from '../container/holding.js';
import { ContainerResolver } from '../container/resolver.js';
import type { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { Machine } from '../machine/machine.js';
import { scanProc } from '../machine/procfs.js';
import { allowSets, planKernel } from '../session/live_plan.js';
import { HeadedLiveSource } from '../session/live_source.js';
import { type Demand, planRun } from '../session/run_plan.js';
import type { Options } from './options.js';

/** What the session needs of an opened live input. */
export interface OpenedInput {
  readonly source: Source;
  readonly hold?: (ev: EventView) => boolean;
  readonly injected?: () => EventChunk | null;
  readonly idleMs: number;
  /** Ends what runs beside the session. */
  finish?(): void | Promise<void>;
}

/** What decides what is recorded. */
export interface LiveRequest {
  readonly filter: CompiledFilter | undefined;
  readonly chisels: readonly Chisel[];
  readonly consumers: readonly Demand[];
  readonly machine: Machine;
  readonly command: readonly string[] | null;
  /** Bytes of buffers that user or chisels ask for. */
  readonly snaplen: number | undefined;
}

/** How long the start may wait for the engines to tell of their containers. */
const FILL_MS = 250;
/** Intervals and redraws go on at this pace when no event comes. */
const IDLE_MS = 100;

/**
 * Starts a live capture: tracepoints first, then the scan of /proc, so that nothing falls between.
 * @throws LiveError, NativeMissingError
 */
export async function openLiveInput(options: Options, request: LiveRequest): Promise<OpenedInput> {
  const { filter, machine } = request;
  const { openLive } = await import('../capture/live.js');
  const plan = planRun(filter, request.consumers);
  const kernel = planKernel(filter, plan, options.write !== undefined && filter === undefined);
  const allow = allowSets(kernel.pushdown);
  const resolver = new ContainerResolver(machine.containers, {
    dockerSocket: options.dockerSocket,
    criSocket: options.criSocket,
    timeoutMs: options.criTimeoutMs,
    notice: (line) => process.stderr.write(`tsdig: ${line}\n`),
  });
  const filled = resolver.start(FILL_MS);
  const wanted: LiveOptions = {
    ...kernel.live,
    engine: options.engine as LiveOptions['engine'],
    ...(request.snaplen === undefined ? {} : { snaplen: request.snaplen }),
    ...(options.bufferSize === undefined ? {} : { kernelBufferBytes: options.bufferSize }),
    tracepoints: { ...kernel.live.tracepoints, pageFault: options.pageFaults },
    ...(allow ? { allow } : {}),
  };
  let live: Awaited<ReturnType<typeof openLive>>;
  try {
    live = await openLive(wanted);
    live.start();
  } catch (error) {
    resolver.close();
    throw error;
  }
  const head = scanProc({ users: !options.excludeUsers });
  await filled;
  const queue = new HoldQueue(resolver, machine.containers, (tid) => machine.threads.get(tid)?.containerId, {
    waitMs: options.containerWaitMs,
  });
  return {
    source: new HeadedLiveSource(head, live),
    hold: (ev) => queue.hold(ev),
    injected: () => queue.injected(),
    idleMs: IDLE_MS,
    finish() {
      resolver.close();
    },
  };
}
