import type { EventView } from '../event/view.js';
import type { Extractor, FieldValue, PlannedField } from '../fields/field.js';
import { LineBuffer } from '../fields/line_buffer.js';
import type { Machine } from '../machine/machine.js';
import { EVENTS, PT } from '../scap/events.generated.js';
import { LuaTable } from './lua/table.js';
import type { LuaFunction, LuaValue } from './lua/value.js';
import { LuaError, LuaUserdata, NONE } from './lua/value.js';
import type { ChiselRuntime, EventContext } from './runtime.js';

/** Longest buffer that a chisel gets, bytes. */
const LONGEST = 65000;

const scratch = new LineBuffer(1024);

/** What chisel.request_field gives: opaque to scripts. */
export class FieldHandle extends LuaUserdata {
  field: PlannedField;
  extract: Extractor;
  constructor(field: PlannedField) {
    super();
    this.field = field;
    this.extract = extractorOf(field);
  }

  /** Puts another plan of the same field in: buffers may look different by now. */
  replan(field: PlannedField): void {
    this.field = field;
    this.extract = extractorOf(field);
  }
}

/** How evt.rawarg reads a parameter here; 0 leaves it to the field. */
enum Read {
  Field,
  Signed64,
  Text,
  Bytes,
}

const READS: { readonly [type: number]: Read } = {
  [PT.ERRNO]: Read.Signed64,
  [PT.INT64]: Read.Signed64,
  [PT.FD]: Read.Signed64,
  [PT.PID]: Read.Signed64,
  [PT.CHARBUF]: Read.Text,
  [PT.BYTEBUF]: Read.Bytes,
};

/**
 * The field's own extractor, except for evt.rawarg by name: that is read without a detour over exact values and views,
 * which scripts do not see; and an empty text or buffer is '' to scripts, not nil.
 */
function extractorOf(field: PlannedField): Extractor {
  const extract = field.extract;
  if (field.def.name !== 'evt.rawarg') return extract;
  const name = /\w+(?=\]?$)/.exec(field.text)?.[0] ?? '';
  const places = new Int8Array(EVENTS.length).fill(-1);
  const reads = new Uint8Array(EVENTS.length);
  for (const [type, info] of EVENTS.entries()) {
    const i = info?.params.findIndex((p) => p.name === name) ?? -1;
    if (i < 0) continue;
    places[type] = i;
    reads[type] = READS[info!.params[i].type] ?? Read.Field;
  }
  return (ev, machine) => {
    const read = reads[ev.type];
    if (read === undefined || read === Read.Field) return extract(ev, machine);
    const i = places[ev.type];
    if (i >= ev.nparams) return undefined;
    const len = ev.paramLen(i);
    if (read === Read.Signed64) return len === 8 ? ev.i64(i) : extract(ev, machine);
    if (len === 0) return '';
    if (read === Read.Text) return ev.str(i);
    const off = ev.paramOffset(i);
    return ev.bytes.latin1Slice(off, off + Math.min(len, LONGEST));
  };
}

/** A field's value as Lua has it: numbers are doubles, lists and the like become text. */
function convert(
  v: FieldValue,
  field: PlannedField,
  runtime: ChiselRuntime,
  ev: EventView,
  machine: Machine,
): LuaValue {
  switch (typeof v) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return v;
    case 'string':
      return v.length > LONGEST ? v.slice(0, LONGEST) : v;
    case 'bigint':
      return Number(v);
    default: {
      // Buffers are raw (evt.rawarg.*), unless the field has a look of its own (evt.buffer).
      if (field.write !== undefined) {
        scratch.pos = 0;
        return field.write(scratch, ev, machine) ? scratch.since(0).slice(0, LONGEST) : undefined;
      }
      if (v instanceof Uint8Array) return v.latin1Slice(0, Math.min(v.length, LONGEST));
      const text = runtime.renderValue(field, ev, machine);
      return text !== undefined && text.length > LONGEST ? text.slice(0, LONGEST) : text;
    }
  }
}

/** evt.field alone: the compiling engine calls it without the table look-up. */
export function fieldFunction(context: EventContext, runtime: ChiselRuntime): LuaFunction {
  return (handle) => {
    // As in sysdig anything else than a handle has no value.
    if (!(handle instanceof FieldHandle)) return undefined;
    // Between events, in on_interval, it is the event that crosses the boundary; before the first there is none.
    const ev = context.ev;
    if (ev === undefined) return undefined;
    const v = handle.extract(ev, context.machine);
    if (typeof v === 'number') return v;
    return convert(v, handle.field, runtime, ev, context.machine);
  };
}

/** The `evt` table. */
export function evtTable(context: EventContext, runtime: ChiselRuntime): LuaTable {
  const event = (name: string): EventView => {
    if (context.ev === undefined) throw new LuaError(`evt.${name} can be called in on_event only`);
    return context.ev;
  };
  let type: PlannedField | undefined;
  return LuaTable.record({
    field: fieldFunction(context, runtime),
    get_num: () => event('get_num').num,
    get_ts: () => {
      const ev = event('get_ts');
      const second = Math.floor(ev.ts / 1e9);
      return [ev.baseSec + second, ev.ts - second * 1e9];
    },
    get_type: () => {
      const ev = event('get_type');
      type ??= runtime.planField('evt.type');
      const name = type.extract(ev, context.machine);
      return typeof name === 'string' ? name : NONE;
    },
    get_cpuid: () => event('get_cpuid').cpu,
  });
}
