import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import type { LineBuffer } from './line_buffer.js';

/**
 * What a field gives for an event. Text is a byte string (latin1). Numbers are doubles where exact, BigInt
 * above 2^53. IP addresses are text in canonical form. undefined = the event has no such value.
 */
export type FieldValue = number | bigint | string | boolean | Buffer | readonly FieldValue[] | undefined;

/** How `-t` shows the time of an event (evt.outputtime). */
export type TimeMode = 'h' | 'a' | 'r' | 'd' | 'D' | 'iso';

/** How data buffers are shown: dots for what cannot be printed, hex dump, hex and text, text only, base64. */
export type BufferMode = 'dots' | 'hex' | 'hexascii' | 'ascii' | 'base64';

/** What the command line decides about how fields look. Bound when a field is planned. */
export interface FieldOptions {
  /** Default 'h'. */
  readonly time?: TimeMode;
  /** Times of day in UTC instead of the local zone. */
  readonly utc?: boolean;
  /** Default 'dots'. */
  readonly buffers?: BufferMode;
  /** Whole buffers instead of the first 80 bytes (-v). */
  readonly whole?: boolean;
  /** Port numbers as service names (-R). */
  readonly portNames?: boolean;
  /** Sizes and durations with units (`4.00KB`, `5.82ms`). */
  readonly human?: boolean;
  /** Columns of the screen that evt.latency.quantized spreads over. */
  readonly screenWidth?: number;
  /** Planned for printing: evt.deltatime of the first event is 0 instead of its absolute time. */
  readonly output?: boolean;
}

/** Writes one field of the current event; false (and nothing written) if it has no value. The fast way for printing. */
export type FieldWriter = (out: LineBuffer, ev: EventView, machine: Machine) => boolean;

/** Reads one field from the current event. `machine` holds the event's thread, fd … (`machine.thread`, `machine.fd`). */
export type Extractor = (ev: EventView, machine: Machine) => FieldValue;

/**
 * How several values of one field count in a comparison:
 * - 'list': a true list (fd.types, fdlist): `in` wants all, `intersects` one;
 * - 'ends': either end of a connection: true if one end matches, `!=` only if neither end equals;
 * - 'ancestors': true if any ancestor satisfies the comparison, `!=` too.
 */
export type MultiKind = 'list' | 'ends' | 'ancestors';

/** A field with its argument bound: what filters, templates and chisels run. */
export interface PlannedField {
  /** As the user wrote it, normalised: `proc.aname[2]`, `evt.arg.fd`. */
  readonly text: string;
  readonly def: FieldDef;
  /** PT_* number: decides operators and rendering. */
  readonly type: number;
  /** 'dec' | 'hex' | 'oct' | 'id' | 'na' … */
  readonly fmt: string;
  readonly extract: Extractor;
  readonly multi?: MultiKind;
  /** Same text as `renderValue(extract(…))`, faster. */
  readonly write?: FieldWriter;
  /** Writes its value in JSON where that is another than `extract` gives. */
  readonly writeJson?: FieldWriter;
  /** Every event has it, and its text is names of our own: nothing in it has to be escaped. */
  readonly plain?: boolean;
  /**
   * A comparison of its own, for fields whose meaning is in the argument or the operand (evt.type.is, evt.around,
   * fd.net …). Given the operator and the operand(s), returns the predicate, or undefined to take the general way.
   */
  readonly compare?: (
    op: string,
    operands: readonly string[],
  ) => ((ev: EventView, m: Machine) => boolean) | undefined;
}

/** One field: name, type, description, extractor. */
export interface FieldDef {
  /** `proc.name` */
  readonly name: string;
  readonly type: number;
  readonly description: string;
  /** Default 'dec' for numbers, 'na' for text. */
  readonly fmt?: string;
  readonly argument?: 'none' | 'optional' | 'required';
  /** Event-independent: evaluates on a thread/fd alone. Needed by thread-table filters and by pushdown. */
  readonly needs?: 'event' | 'thread' | 'fd';
  readonly isList?: boolean;
  readonly filterOnly?: boolean;
  readonly printOnly?: boolean;
  readonly hidden?: boolean;
  readonly deprecated?: boolean;
  readonly noRhsField?: boolean;
  readonly noTransformer?: boolean;
  readonly multi?: MultiKind;
  /** Extractor of a field without argument. */
  readonly extract?: Extractor;
  /** The same for output, where there is a faster way than `extract`. */
  readonly write?: FieldWriter;
  /** Writes its value in JSON where that is another than `extract` gives. */
  readonly writeJson?: FieldWriter;
  /** Every event has it, and its text is names of our own: nothing in it has to be escaped. */
  readonly plain?: boolean;
  /** Binds an argument (undefined if none was given); throws FieldError with a one-line message. */
  readonly bind?: (
    arg: string | undefined,
    options: FieldOptions,
  ) => Omit<PlannedField, 'text' | 'def' | 'type' | 'fmt'> & { type?: number; fmt?: string };
}

/** A wrong field name or argument. The message is one line for the user. */
export class FieldError extends Error {
  /** Offset in the text that was given to planField, where the trouble starts. */
  readonly offset: number;
  /** Closest known field name. */
  readonly suggestion: string | undefined;
  constructor(message: string, offset = 0, suggestion?: string) {
    super(message);
    this.name = 'FieldError';
    this.offset = offset;
    this.suggestion = suggestion;
  }
}
