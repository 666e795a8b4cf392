import type { EventChunk, Source } from '../capture/source.js';
import type { EventView } from '../event/view.js';
import type { CompiledFilter } from '../filter/compile.js';
import type { Machine } from '../machine/machine.js';
import type { Sink } from './sink.js';
import type { Suppression } from './suppression.js';

/** What a session runs. */
export interface SessionOptions {
  readonly source: Source;
  readonly machine: Machine;
  readonly sinks: readonly Sink[];
  /** Events that it rejects do not reach `onEvent`. */
  readonly filter?: CompiledFilter | undefined;
  /** Whose events are dropped before they are taken in or counted. */
  readonly suppression?: Suppression | undefined;
  /** Process whose events are taken in for the state but never shown: tsdig itself. */
  readonly hiddenPid?: number;
  /** Pass internal events (metadata) to the sinks too. */
  readonly internalEvents?: boolean;
  /** Stop after so many events that passed the filter; 0 = no limit. */
  readonly maxEvents?: number;
  /**
   * Event types of which a 1 says that somebody looks at them (as `applyPlan` makes it): the others are only counted.
   * Undefined: all.
   */
  readonly wantedTypes?: Uint8Array | undefined;
  /** How often `onPause` is called at least while no events come, in ms. */
  readonly idleMs?: number;
  /** Live: called before each event is processed; true = the event is held back (see the container resolver). */
  readonly hold?: (ev: EventView) => boolean;
  /**
   * Live, without a filter: a 1 for each event type whose events need not be looked at one by one, unless `holds` says that some
   * are held back. The source itself leaves out what the process `hiddenPid` does.
   */
  readonly unlooked?: Uint8Array | undefined;
  /** Whether events may be held back now. */
  readonly holds?: () => boolean;
  /** Live: blocks to process before the next chunk: container events, events that were held back. */
  readonly injected?: () => EventChunk | null;
}
