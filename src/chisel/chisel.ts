import type { EventView } from '../event/view.js';
import type { PlannedField } from '../fields/field.js';
import type { Machine } from '../machine/machine.js';

/** What the run has to provide for a chisel: decides what is captured and what state is kept. */
export interface ChiselNeeds {
  /** Fields that the chisel reads or prints. */
  readonly fields: readonly PlannedField[];
  /** Its own filter, undefined if it looks at every event that the user's filter passes. */
  readonly filter: { readonly text: string; readonly fields: readonly PlannedField[] } | undefined;
  /** It has an on_event callback or formatter: without one no event has to reach `process`. */
  readonly events: boolean;
  /** It may ask for the machine's threads, which tell of use of processor and memory. */
  readonly threads: boolean;
  /** It asked for intervals: `onTime` wants every event's time (a live run may call it rarely). */
  readonly intervals: boolean;
}

/** A chisel that was loaded and given its arguments. The methods are called in this order, each by the run. */
export interface Chisel {
  readonly name: string;
  readonly needs: ChiselNeeds;
  /** Once, before the input is opened. */
  onInit(): void;
  /** Once the input is open and `runtime.machine` is set. */
  onCaptureStart(machine: Machine): void;
  /** Time of an event, also of those that the user's filter rejects: runs the interval callbacks that are due. Before `process` of the same event. */
  onTime(ev: EventView): void;
  /** An event that passed the user's filter: own filter, on_event, formatter. */
  process(ev: EventView, machine: Machine): void;
  /**
   * Live only, about every 100 ms whether events came or not: intervals go on while the observed system is
   * silent. `nowNs` is ns since the epoch by the clock of the events.
   */
  onIdle(nowNs: bigint): void;
  /** At the end of the input or after an interrupt. */
  onCaptureEnd(): void;
}

/** The chisel (`name`) asked for the end by a wrong result of a callback; the message is for the user. */
export class ChiselEnd extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChiselEnd';
  }
}
