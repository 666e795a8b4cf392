/** What a TypeScript chisel can ask and do. Text is decoded UTF-8 unless said otherwise. */
export interface ChiselContext {
  /** Values of the arguments given, by name. */
  readonly args: Readonly<Record<string, string>>;
  readonly live: boolean;
  readonly tty: boolean;
  readonly json: boolean;
  /** `-pc` */
  readonly printContainer: boolean;
  /** The user's filter, '' if none. */
  readonly filterText: string;
  /** Capture file, '' for live. */
  readonly sourceName: string;
  /** In characters; -1 where unknown. */
  terminalSize(): { readonly width: number; readonly height: number };
  /** In onInit: asks for a field. The result reads it from the current event; text comes decoded. */
  field(name: string): () => string | number | boolean | undefined;
  /** In onInit: only events that pass this filter reach onEvent. */
  setFilter(text: string): void;
  /** In onInit: prints events for which onEvent gives true in this format; '' is the standard line. */
  setFormat(template: string): void;
  /** Calls onInterval so often (event time). */
  setInterval(milliseconds: number): void;
  /** Bytes of each buffer to capture. */
  setSnaplen(bytes: number): void;
  /** Prints text without adding a newline. */
  write(text: string): void;
  /** Prints a line. */
  print(line: string): void;
  /** Ends the run after this event. */
  end(): void;
}

/** The current event. */
export interface ChiselEvent {
  readonly num: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly cpu: number;
  readonly tid: number;
  /** As `evt.type` shows it. */
  readonly type: string;
}

/** A chisel in TypeScript or JavaScript: the life cycle of the Lua ones. */
export interface ChiselDefinition {
  readonly description: string;
  /** One line for `-cl`. Default: the first sentence of the description. */
  readonly shortDescription?: string;
  readonly category?: string;
  readonly args?: readonly {
    readonly name: string;
    readonly description: string;
    readonly type?: string;
    readonly optional?: boolean;
  }[];
  readonly hidden?: boolean;
  /** Before the input is opened: ask for fields, set filter, format and interval here. */
  onInit?(chisel: ChiselContext): void;
  /** The input is open. */
  onCaptureStart?(chisel: ChiselContext): void;
  /** An event that passed the filters. Give true to have it printed in the format set. */
  onEvent?(chisel: ChiselContext, event: ChiselEvent): boolean | undefined;
  /** `time`: ns since the epoch; `delta`: ns since the previous call, 0 at the first. */
  onInterval?(chisel: ChiselContext, time: bigint, delta: number): void;
  /** `time` of the last event; `delta`: ns since the first. */
  onCaptureEnd?(chisel: ChiselContext, time: bigint, delta: number): void;
}

/** Marks a definition, so that listings know a chisel from any other module. */
export const CHISEL_MARK = Symbol.for('tsdig.chisel');

/** `export default defineChisel({ … })` makes a module a chisel. */
export function defineChisel<T extends ChiselDefinition>(definition: T): T {
  return Object.assign(definition, { [CHISEL_MARK]: true });
}
