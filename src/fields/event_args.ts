import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import type { EventInfo, ParamInfo } from '../scap/event_table.js';
import { EF, EVENTS, PPME, PT } from '../scap/events.generated.js';
import type { FieldOptions } from './field.js';
import { type LineBuffer, literalCode } from './line_buffer.js';
import { missingText, type ParamForm, type ParamWriter, paramWriter } from './param_text.js';
import { humanAmount, unitOfParam } from './unit.js';

/** Writes all arguments of the current event. */
type ArgsWriter = (out: LineBuffer, ev: EventView, m: Machine) => void;

/** Generic events carry the number of their call: it is in their type's name already. */
const LAST_GENERIC = 1;

/** Bytes of one entry of the event's length array. */
function lengthSize(info: EventInfo): number {
  return (info.flags & EF.LARGE_PAYLOAD) !== 0 ? 4 : 2;
}

/**
 * evt.args: `name=value ` for each parameter. A function is built for each event type when it is first met;
 * it knows names and writers of its parameters and walks the event once.
 */
export class ArgsPrinter {
  private readonly options: FieldOptions;
  private readonly writers: (ArgsWriter | undefined)[] = [];

  constructor(options: FieldOptions) {
    this.options = options;
  }

  write(out: LineBuffer, ev: EventView, m: Machine): void {
    let writer = this.writers[ev.type];
    if (writer === undefined) {
      writer =
        ev.info === undefined || ev.type <= LAST_GENERIC ? () => {} : argsWriter(ev.info, this.options);
      while (this.writers.length <= ev.type) this.writers.push(undefined);
      this.writers[ev.type] = writer;
    }
    writer(out, ev, m);
  }
}

/** A parameter that had another name in files of older versions: those with fewer parameters than `until`. */
interface OldName {
  readonly index: number;
  readonly name: string;
  readonly until: number;
}

/** vpgid was called pgid until a pgid of its own was recorded, as parameter 28. */
const OLD_NAMES: ReadonlyMap<number, OldName> = new Map(
  [PPME.SYSCALL_EXECVE_19_X, PPME.SYSCALL_EXECVEAT_X].map((type) => [
    type,
    { index: EVENTS[type].params.findIndex((param) => param.name === 'vpgid'), name: 'pgid', until: 29 },
  ]),
);

/** The writer of a parameter that is shown with its name. */
function argWriter(param: ParamInfo, form: ParamForm, options: FieldOptions): ParamWriter {
  const unit = options.human ? unitOfParam(param.name) : undefined;
  if (unit === undefined) return paramWriter(param, form, options);
  return (out, ev, _m, off, len) => {
    const { dv } = ev;
    const size = len === 8 ? Number(dv.getBigUint64(off, true)) : dv.getUint32(off, true);
    out.text(humanAmount(size, unit));
  };
}

/** Unrolled: a call site of its own for each parameter, which V8 can inline. The names come from our own event table. */
function argsWriter(info: EventInfo, options: FieldOptions): ArgsWriter {
  const size = lengthSize(info);
  const read = size === 2 ? 'getUint16' : 'getUint32';
  let code = `const dv = ev.dv, n = ev.nparams, lens = ev.hdr + ev.hdrLen; let off = lens + n * ${size}, len = 0;\n`;
  for (let i = 0; i < info.params.length; i++) {
    code += `if (n <= ${i}) return;\nlen = dv.${read}(lens + ${i * size}, true);\n`;
    const old = OLD_NAMES.get(info.id);
    const name = literalCode(`${info.params[i].name}=`);
    code +=
      old?.index === i ? `if (n < ${old.until}) { ${literalCode(`${old.name}=`)} } else { ${name} }\n` : name;
    code += `if (len === 0) { ${literalCode(missingText(info.params[i].type))} } else write${i}(out, ev, m, off, len);\n`;
    code += 'off += len;\nout.byte(32);\n';
  }
  const names = info.params.map((_, i) => `write${i}`);
  const values = info.params.map((param) => argWriter(param, 'both', options));
  const make = new Function(...names, `return (out, ev, m) => {\n${code}}`) as (
    ...args: unknown[]
  ) => ArgsWriter;
  return make(...values);
}

/** Where the parameter that an evt.arg names stands in an event: its index, or -1. */
export function placeFinder(name: string): (ev: EventView) => number {
  const places = paramPlaces(name);
  const old = [...OLD_NAMES].filter(([, change]) => change.name === name);
  if (old.length === 0) return (ev) => places[ev.type] ?? -1;
  const renamed = new Map(old);
  return (ev) => {
    const change = renamed.get(ev.type);
    return change !== undefined && ev.nparams < change.until ? change.index : (places[ev.type] ?? -1);
  };
}

/** Where the parameter of a name stands in each event type: its index, or -1. */
export function paramPlaces(name: string): Int16Array {
  const places = new Int16Array(EVENTS.length).fill(-1);
  EVENTS.forEach((info, type) => {
    places[type] = info.params.findIndex((param) => param.name === name);
  });
  return places;
}

/** The type of the parameter that an event type has at an index. */
export function paramType(type: number, index: number): number {
  return EVENTS[type]?.params[index]?.type ?? PT.NONE;
}

/** Writes single parameters: one writer for each parameter of each event type, made when first needed. */
export class ParamPrinter {
  private readonly options: FieldOptions;
  private readonly form: ParamForm;
  private readonly writers: ParamWriter[][] = [];

  constructor(form: ParamForm, options: FieldOptions) {
    this.form = form;
    this.options = options;
  }

  /** Writes parameter `index` of the current event; false if the event has none there. */
  write(out: LineBuffer, ev: EventView, m: Machine, index: number): boolean {
    const info = ev.info;
    if (index < 0 || index >= ev.nparams || info === undefined || index >= info.params.length) return false;
    const len = ev.paramLen(index);
    if (len === 0) {
      out.text(missingText(info.params[index].type));
      return true;
    }
    let writers = this.writers[ev.type];
    if (writers === undefined) {
      writers = info.params.map((param) => argWriter(param, this.form, this.options));
      this.writers[ev.type] = writers;
    }
    writers[index](out, ev, m, ev.paramOffset(index), len);
    return true;
  }
}
