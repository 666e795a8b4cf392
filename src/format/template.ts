import type { EventView } from '../event/view.js';
import type { FieldOptions, FieldWriter, PlannedField } from '../fields/field.js';
import { LineBuffer, literalCode } from '../fields/line_buffer.js';
import type { Machine } from '../machine/machine.js';
import { fitColumns } from './columns.js';
import { parseTemplate, type Segment } from './template_parser.js';
import { byteString } from './unicode.js';
import { fieldWriter } from './value.js';

/** The line that is printed when nothing else is asked for. */
export const DEFAULT_TEMPLATE =
  '*%evt.num %evt.outputtime %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info';
/** -pc: with the container. */
export const CONTAINER_TEMPLATE =
  '*%evt.num %evt.outputtime %evt.cpu %container.name (%container.id) %proc.name (%thread.tid:%thread.vtid) %evt.dir %evt.type %evt.info';
/** -pk: with the Kubernetes pod. */
export const KUBERNETES_TEMPLATE =
  '*%evt.num %evt.outputtime %evt.cpu %k8s.pod.name (%container.id) %proc.name (%thread.tid:%thread.vtid) %evt.dir %evt.type %evt.info';
/** -pm: with the Mesos task. */
export const MESOS_TEMPLATE =
  '*%evt.num %evt.outputtime %evt.cpu %mesos.task.name (%container.id) %proc.name (%thread.tid:%thread.vtid) %evt.dir %evt.type %evt.info';
/** -pp: with user, parent and whole command line of the process. */
export const PROCESS_TEMPLATE =
  '*%evt.num %evt.outputtime %evt.cpu %user.name %proc.pname(%proc.ppid) > %proc.name (%thread.tid) [%proc.cmdline] %proc.cwd %evt.dir %evt.type %evt.info';

const NAMED: Readonly<Record<string, string>> = {
  c: CONTAINER_TEMPLATE,
  container: CONTAINER_TEMPLATE,
  k: KUBERNETES_TEMPLATE,
  kubernetes: KUBERNETES_TEMPLATE,
  m: MESOS_TEMPLATE,
  mesos: MESOS_TEMPLATE,
  p: PROCESS_TEMPLATE,
  process: PROCESS_TEMPLATE,
};

/** The template that the argument of -p means: one of the short names, or itself. */
export function templateOf(argument: string): string {
  return Object.hasOwn(NAMED, argument) ? NAMED[argument] : argument;
}

export interface TemplateOptions extends FieldOptions {
  /** Finds fields. Default: the registry. */
  readonly planField?: (text: string, options: FieldOptions) => PlannedField;
}

/** A template, compiled once to be rendered for every event. */
export interface Template {
  readonly text: string;
  readonly fields: readonly PlannedField[];
  /**
   * Writes the line of the current event, without a line end. false, and nothing written, if the template does not
   * begin with `*` and the event lacks one of its fields.
   */
  write(out: LineBuffer, ev: EventView, machine: Machine): boolean;
  /** The same as a byte string; undefined instead of false. */
  render(ev: EventView, machine: Machine): string | undefined;
}

/** What stands for a field without value where the template begins with `*`. */
const MISSING = '<NA>';

/**
 * Compiles a template such as `*%evt.num %20proc.name %evt.arg[0]`.
 * @throws FieldError with the offset in `text` of what is wrong.
 */
export function compileTemplate(text: string, options: TemplateOptions = {}): Template {
  const parsed = parseTemplate(text, { ...options, output: true });
  const write = joinSegments(parsed.segments, parsed.lenient, options);
  const scratch = new LineBuffer(4096);
  return {
    text,
    fields: parsed.segments.flatMap((segment) => (segment.field === undefined ? [] : [segment.field])),
    write,
    render(ev, machine) {
      scratch.pos = 0;
      return write(scratch, ev, machine) ? scratch.since(0) : undefined;
    },
  };
}

/** One function with a call site of its own for each segment, so that V8 can inline what is small. */
function joinSegments(segments: readonly Segment[], lenient: boolean, options: FieldOptions): FieldWriter {
  const names: string[] = [];
  const values: unknown[] = [];
  let code = 'const start = out.pos;\n';
  segments.forEach((segment, i) => {
    if (segment.field === undefined) {
      code += literalCode(byteString(segment.literal));
      return;
    }
    names.push(`part${i}`);
    const writer = fieldWriter(segment.field, options);
    values.push(segment.width > 0 ? fitted(writer, segment.width, lenient) : writer);
    const otherwise = lenient ? `{ ${literalCode(MISSING)} }` : '{ out.pos = start; return false; }';
    code += `if (!part${i}(out, ev, m)) ${otherwise}\n`;
  });
  const make = new Function(...names, `return (out, ev, m) => {\n${code}return true;\n}`) as (
    ...args: unknown[]
  ) => FieldWriter;
  return make(...values);
}

/** Pads with blanks on the right or cuts, so that the value fills exactly `width` columns. */
function fitted(writer: FieldWriter, width: number, lenient: boolean): FieldWriter {
  return (out, ev, m) => {
    const start = out.pos;
    if (!writer(out, ev, m)) {
      if (!lenient) return false;
      out.text(MISSING);
    }
    const fit = fitColumns(out.bytes, start, out.pos, width);
    out.pos = fit.end;
    for (let used = fit.used; used < width; used++) out.byte(32);
    return true;
  };
}
