import type { ContainerInfo } from '../container/container.js';
import type { EventView } from '../event/view.js';
import type { PlannedField } from '../fields/field.js';
import type { LineBuffer } from '../fields/line_buffer.js';
import type { Machine } from '../machine/machine.js';
import type { ByteOutput } from './output.js';

/** A filter as chisels use it: what `compileFilter` gives. */
export interface ChiselFilter {
  readonly text: string;
  matches(ev: EventView, machine: Machine): boolean;
  /** Fields that it looks at. */
  readonly fields: readonly PlannedField[];
}

/** An output format as chisels use it: what `compileTemplate` gives. */
export interface ChiselTemplate {
  /** One line without its newline; undefined = the event lacks a field. */
  render(ev: EventView, machine: Machine): string | undefined;
  /** The same, written in place; false and nothing written = the event lacks a field. */
  write?(out: LineBuffer, ev: EventView, machine: Machine): boolean;
  readonly fields: readonly PlannedField[];
}

/** How buffers are shown, as sysdig.set_output_format names them. */
export type BufferFormat =
  | 'normal'
  | 'json'
  | 'simple'
  | 'hex'
  | 'hexascii'
  | 'ascii'
  | 'base64'
  | 'jsonbase64';

/** What the run lends to its chisels. One per run, shared by all of them. Text is byte strings. */
export interface ChiselRuntime {
  /** Everything that is printed goes here, in order. */
  readonly out: ByteOutput;
  readonly live: boolean;
  /** Standard output is a terminal. */
  readonly tty: boolean;
  /** In characters; -1 where unknown. */
  terminalSize(): { readonly width: number; readonly height: number };
  /** `-pc` */
  readonly printContainer: boolean;
  /** `-j` */
  readonly json: boolean;
  /** The user's filter text, '' if none. */
  readonly filterText: string;
  /** Name of the capture file, '' for live. */
  readonly sourceName: string;

  /** @throws an Error with a one-line message for a wrong filter. */
  compileFilter(text: string): ChiselFilter;
  /**
   * Plans a field with buffers whole and in the format that holds now (setBufferFormat): what was requested is planned
   * anew after on_init.
   * @throws an Error with a one-line message for an unknown field.
   */
  planField(text: string): PlannedField;
  /** `text` is '' for the standard line. */
  compileTemplate(text: string): ChiselTemplate;
  /** A field's value as text: for values that Lua has no type for (lists, buffers). */
  renderValue(value: PlannedField, ev: EventView, machine: Machine): string | undefined;

  /** The observed system, once the input is open. */
  readonly machine: Machine | null;
  containers(): Iterable<ContainerInfo>;
  /** Times of the first and the current event, ns since the epoch; 0n before there is one. */
  firstTs(): bigint;
  lastTs(): bigint;
  /** Percent of the input file read; -1 where unknown. */
  readProgress(): number;

  /** The global filter, from sysdig.set_filter before the capture starts. */
  setFilter(text: string): void;
  setSnaplen(bytes: number): void;
  /** Ignored by the run when the user chose a format on the command line. */
  setBufferFormat(format: BufferFormat): void;
  setFatfileDump(on: boolean): void;
  /** Ends the run after the current event. */
  endCapture(): void;
  /** Runs tsdig again with these words when the run has ended. Absent: it cannot. */
  runAfter?(words: readonly string[]): void;
  log(message: string, severity: 'debug' | 'info' | 'warning' | 'error' | 'critical'): void;

  /** Directories to search for chisels before the built-in ones (options, configuration). */
  readonly chiselDirs?: readonly string[];
  /** The engine that Lua chisels run on; default: TSDIG_LUA, else the compiling one. */
  readonly engine?: 'compiled' | 'fengari';
}

/** Where a chisel's callbacks find the event they are about. */
export class EventContext {
  ev: EventView | undefined = undefined;
  machine!: Machine;
}
