import { seeHostCgroups } from '../capture/host_cgroups.js';
import type { LiveOptions } from '../capture/live.js';
import type { EventChunk, Source } from '../capture/source.js';
import { HoldQueue } from '../container/holding.js';
import { ContainerResolver } from '../container/resolver.js';
import type { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { Machine } from '../machine/machine.js';
import { cgroupsInUse, hostRootOf, liveHooks, pruneGone, scanProc } from '../machine/procfs.js';
import { absentContainers } from './absent_containers.js';
import { FollowedCommand } from './command.js';
import { CpuSamples } from './cpu_samples.js';
import { findHierarchy, KernelContainers } from './kernel_containers.js';
import { allowSets, planKernel } from './live_plan.js';
import { HeadedLiveSource } from './live_source.js';
import { LossEvents } from './loss_events.js';
import { goFirst } from './priority.js';
import { QuietCgroups } from './quiet_cgroups.js';
import { missingRights } from './rights.js';
import { type Demand, planRun } from './run_plan.js';
import { StreamTime } from './stream_time.js';

/** What the session needs of an opened live input. */
export interface OpenedInput {
  readonly source: Source;
  readonly hold?: (ev: EventView) => boolean;
  /** Whether events may be held back now that carry no cgroups. */
  readonly holds?: () => boolean;
  readonly injected?: () => EventChunk | null;
  readonly idleMs: number;
  /** Process whose events are not shown: tsdig itself. */
  readonly hiddenPid?: number;
  /** How far the stream has been processed. */
  readonly time?: StreamTime;
  /** Sockets that go on being asked about containers. */
  readonly sockets?: readonly string[];
  /** Ends what runs beside the session. */
  finish?(): void | Promise<void>;
  /** After `finish`: the exit code of the command that was followed. */
  exitCode?(): number | undefined;
}

/** How to capture live. Everything has a default. */
export interface LiveSettings {
  readonly engine?: LiveOptions['engine'];
  /** Bytes kept of I/O buffers. */
  readonly snaplen?: number | undefined;
  /** Bytes of each CPU's kernel buffer. */
  readonly bufferSize?: number | undefined;
  readonly pageFaults?: boolean;
  readonly dockerSocket?: string | undefined;
  readonly criSocket?: string | undefined;
  readonly criTimeoutMs?: number | undefined;
  /** How long events wait for the name of a new container, ms. Default 300. */
  readonly containerWaitMs?: number;
  readonly excludeUsers?: boolean;
  /** Read environments above 4 KiB from /proc. */
  readonly largeEnvironment?: boolean;
  /** Everything that passes the filter is written: state events need not be added for it. */
  readonly recordsAll?: boolean;
  /** Events go to a file. */
  readonly writesFile?: boolean;
  /**
   * For a file that old readers take: only event types that sysdig 0.29 knows, where a call has one. Default false: every
   * call by its present type, with all its parameters.
   */
  readonly compatible?: boolean;
  /** What is written holds the state events that the filter rejects, too. */
  readonly keepsState?: boolean;
  /**
   * Rights will be given up while recording: what may be needed later is attached from the start, which costs other
   * processes more.
   */
  readonly givesUpRights?: boolean;
  /** A command to start and follow. */
  readonly command?: readonly string[] | null;
  /** One line about a setting that cannot be used. */
  readonly notice?: (line: string) => void;
  /** Hears in one line which engine was chosen, and why not a better one; in one before, where it sees system calls. */
  readonly chosen?: ((line: string) => void) | undefined;
}

/** What decides what is recorded. */
export interface LiveRequest {
  readonly filter: CompiledFilter | undefined;
  readonly demands: readonly Demand[];
  readonly machine: Machine;
}

/** How long the start may wait for the engines to tell of their containers. */
const FILL_MS = 250;
/** How often processes whose end was missed are looked for. */
const PRUNE_MS = 60_000;
/** Intervals and redraws go on at this pace when no event comes. */
const IDLE_MS = 100;

/**
 * Starts a live capture: tracepoints first, then the scan of /proc, so that nothing falls between. Until `finish` the calling
 * thread is in the cgroup namespace of the host's first process.
 * @throws LiveError, NativeMissingError
 */
export async function openLiveInput(options: LiveSettings, request: LiveRequest): Promise<OpenedInput> {
  // A command would be started in that namespace.
  if (options.command) return openInput(options, request);
  const view = seeHostCgroups(hostRootOf({}));
  if (view.confined) options.notice?.(CONFINED);
  try {
    const input = await openInput(options, request);
    return {
      ...input,
      async finish() {
        await input.finish?.();
        view.leave();
      },
    };
  } catch (error) {
    view.leave();
    throw error;
  }
}

const CONFINED =
  "this container's cgroup namespace cannot be left without CAP_SYS_ADMIN: what runs in this container " +
  'already counts as the host (run it with --cgroupns host)';

async function openInput(options: LiveSettings, request: LiveRequest): Promise<OpenedInput> {
  const { filter, machine } = request;
  const { largeEnvironment = false } = options;
  const { openEngine } = await import('../capture/engine.js');
  const plan = planRun(filter, request.demands);
  const kernel = planKernel(filter, plan, options);
  const limits = kernel.pushdown?.containers ?? null;
  const mounted = limits === null ? null : findHierarchy(hostRootOf({}));
  const allow = allowSets(kernel.pushdown);
  if (allow && mounted === null) delete allow.cgroups;
  const resolver = new ContainerResolver(machine.containers, {
    dockerSocket: options.dockerSocket,
    criSocket: options.criSocket,
    timeoutMs: options.criTimeoutMs,
    notice: options.notice,
    alive: () => containersAlive(machine),
  });
  resolver.onForgotten = (id) => machine.forgetContainer(id);
  Object.assign(machine.hooks, liveHooks({ largeEnvironment }));
  const filled = resolver.start(FILL_MS);
  const wanted: LiveOptions = {
    ...kernel.live,
    ...(options.engine === undefined ? {} : { engine: options.engine }),
    ...(options.snaplen === undefined ? {} : { snaplen: options.snaplen }),
    ...(options.bufferSize === undefined ? {} : { kernelBufferBytes: options.bufferSize }),
    events: options.compatible ? 'compatible' : 'full',
    tracepoints: { ...kernel.live.tracepoints, pageFault: options.pageFaults ?? false },
    attachLater: !options.givesUpRights,
    // A filter on process ids means these alone.
    followForks: options.command != null,
    ...(allow ? { allow } : {}),
    ...(mounted ? { hierarchy: mounted.hierarchy } : {}),
  };
  let live: Awaited<ReturnType<typeof openEngine>>;
  let command: FollowedCommand | null = null;
  let chosen = '';
  try {
    if (options.command) command = new FollowedCommand(options.command);
    // A command: it and its children, nothing else.
    live = await openEngine(
      command ? { ...wanted, allow: { ...allow, pids: [] }, lifecycle: 'allowed' } : wanted,
      {
        command: command?.held ?? null,
        notice: options.notice,
        chosen: (line) => {
          chosen = line;
        },
      },
    );
  } catch (error) {
    command?.abandon();
    resolver.close();
    throw error;
  }
  let quiet: QuietCgroups | null = null;
  let verdicts: KernelContainers | null = null;
  if (limits !== null && mounted !== null) {
    const told = new KernelContainers(limits, machine.containers, mounted, live);
    verdicts = told;
    tellKernel(told, machine, resolver);
    // Of tasks in pid namespaces their cgroups say nothing.
    if (!limits.nestedPasses) quiet = new QuietCgroups(live, () => told.rulesOutAll(cgroupsInUse()));
  }
  const head = scanProc({ exclude: [process.pid], largeEnvironment });
  if (options.excludeUsers) {
    head.users = [];
    head.groups = [];
  }
  await filled;
  // Of a command nothing is older than the capture.
  if (command === null)
    for (const line of missingRights(plan.needs, resolver.engines())) options.notice?.(line);
  if (command === null && limits !== null)
    for (const line of absentContainers(limits, machine.containers, (id) => verdicts?.hasMet(id) ?? false))
      options.notice?.(line);
  quiet?.start();
  const time = new StreamTime();
  const queue = new HoldQueue(resolver, machine.containers, (tid) => machine.threads.get(tid)?.containerId, {
    waitMs: options.containerWaitMs ?? 300,
    nowNs: () => time.now,
  });
  const losses = new LossEvents(() => live.counters(), time);
  const samples = plan.samples ? new CpuSamples(machine, time, filter, hostRootOf({})) : null;
  const pruning = setInterval(() => pruneGone(machine, machine.now - PRUNE_MS * 1e6), PRUNE_MS).unref();
  // Not before: who waits for this line may rely on everything that runs being known.
  if (chosen !== '') {
    const attachment = live.attachment();
    if (attachment !== '') options.chosen?.(`system calls: ${attachment}`);
    options.chosen?.(chosen);
  }
  // Printing may take all the time there is: that would be the watched programs'.
  if (options.writesFile) goFirst();
  command?.run(live);
  return {
    source: new HeadedLiveSource(head, live, time, () => {
      queue.flush();
      losses.flush();
    }),
    hold: (ev) => queue.hold(ev),
    holds: () => queue.mayHold,
    injected() {
      const chunk = queue.injected() ?? losses.injected() ?? samples?.injected() ?? null;
      if (chunk === null) time.entered();
      return chunk;
    },
    time,
    sockets: resolver.engines().flatMap(({ path, present }) => (present && path !== null ? [path] : [])),
    idleMs: IDLE_MS,
    hiddenPid: process.pid,
    async finish() {
      clearInterval(pruning);
      quiet?.stop();
      resolver.close();
      await command?.finish();
    },
    exitCode: () => command?.exitCode,
  };
}

/** Ids of the containers that have processes. */
function containersAlive(machine: Machine): Set<string> {
  const ids = new Set<string>();
  for (const thread of machine.threads.values()) if (thread.containerId !== '') ids.add(thread.containerId);
  return ids;
}

/**
 * Lets the kernel's container verdicts follow what machine and resolver learn. Where processes are now is told at once:
 * until the machine has been read, calls of the whole host would fill the buffers.
 */
function tellKernel(kernel: KernelContainers, machine: Machine, resolver: ContainerResolver): void {
  const idOf = machine.hooks.containerIdOf;
  machine.hooks.containerIdOf = (cgroups) => {
    const id = idOf?.(cgroups) ?? '';
    kernel.met(cgroups);
    return id;
  };
  const heard = resolver.onResolved;
  resolver.onResolved = (info) => {
    heard?.(info);
    kernel.resolved(info);
  };
  const forgotten = resolver.onForgotten;
  resolver.onForgotten = (id) => {
    forgotten?.(id);
    kernel.forgotten(id);
  };
  for (const cgroups of cgroupsInUse()) kernel.met(cgroups);
}
