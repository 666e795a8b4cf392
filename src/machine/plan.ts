import { KEEPS_ENTER, KINDS, Kind } from './event_kinds.js';
import type { Handler } from './handler.js';
import { HANDLERS } from './handlers.js';

/** What the run needs of the observed machine: the less, the faster. */
export interface MachinePlan {
  /** Threads and processes (proc.*, thread.*, container.*, latencies). Default true. */
  threads?: boolean;
  /** File descriptors (fd.*, paths relative to a directory fd, evt.args with fd names). Default true. Includes threads. */
  fds?: boolean;
  /** Use of processor and memory, as switches and samples tell it. Default true. */
  usage?: boolean;
  /** Types that the run looks at (1 each, indexed by type): these and their call's other half go through `process`. Default all. */
  types?: Uint8Array;
}

/** What the machine does for a plan. */
export interface MachineWork {
  /** Threads are known. */
  readonly threads: boolean;
  readonly usage: boolean;
  /** By type. */
  readonly handlers: (Handler | undefined)[];
  /** 1 for enter events that are kept for their exit. */
  readonly keeps: Uint8Array<ArrayBuffer>;
}

/** The least that gives what a plan asks for. */
export function workOf(plan: MachinePlan): MachineWork {
  const fds = plan.fds ?? true;
  const threads = fds || (plan.threads ?? true);
  const usage = threads && (plan.usage ?? true);
  let handlers = HANDLERS.metadata;
  if (fds) handlers = usage ? HANDLERS.all : HANDLERS.fds;
  else if (threads) handlers = usage ? HANDLERS.threadsAndMemory : HANDLERS.threads;
  // Without fds only the handlers of the thread state look back at enter events.
  const keeps = fds
    ? KEEPS_ENTER
    : KEEPS_ENTER.map((kept, type) => (handlers[type + 1] === undefined ? 0 : kept));
  return { threads, usage, handlers, keeps };
}

/** 1 where events of a type, or the other half of its call, are looked at (`types`) or change what is known. */
export function isOfInterest(type: number, work: MachineWork, types: Uint8Array | undefined): 0 | 1 {
  if (types === undefined || types[type] === 1 || types[type ^ 1] === 1) return 1;
  if (work.handlers[type] !== undefined || work.handlers[type ^ 1] !== undefined) return 1;
  return work.usage && (KINDS[type] === Kind.PROCINFO || KINDS[type] === Kind.SWITCH) ? 1 : 0;
}
