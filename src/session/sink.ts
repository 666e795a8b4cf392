import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';

/** What consumes the events of a session. */
export interface Sink {
  /** Called when the head of a section has been loaded, before its events. */
  onHead?(machine: Machine): void;
  /** Every event, before the machine takes it in. */
  onBefore?(ev: EventView): void;
  /** An event that passed the filter, in time order. The view is valid during the call only. */
  onEvent?(ev: EventView, machine: Machine): void;
  /** The filter is about to be asked of the first event. */
  onFirst?(machine: Machine): void;
  /** As `onEvent`, with internal events. */
  onPassed?(ev: EventView, machine: Machine): void;
  /** Every event, also those that the filter rejects; after the state was brought up to date. */
  onAny?(ev: EventView, machine: Machine, passed: boolean): void;
  /** A metadata event that a section begins with (containers, users). */
  onMetadata?(ev: EventView): void;
  /**
   * Takes the events between `start` and `end` without a look at each: in place of `onAny` with `passed`, where the session
   * knows that it may (`SessionOptions.unlooked`) and the sink says so by `takesRuns`.
   */
  onRun?(bytes: Buffer, start: number, end: number): void;
  /** Whether it does without a look at single events now. Default true. */
  takesRuns?(): boolean;
  /** The whole blocks in `bytes` from `start` to `end` were processed. */
  onChunk?(bytes: Buffer, start: number, end: number): void;
  /**
   * A chunk was processed; or, live, some time went by without events. `known`: live, the time up to which everything
   * that happened has been processed, ns since the epoch; undefined while more is waiting.
   */
  onPause?(machine: Machine, known: bigint | undefined): void | Promise<void>;
  /** The end: normal, interrupted or after an error. Called once. */
  onEnd?(machine: Machine): void | Promise<void>;
}
