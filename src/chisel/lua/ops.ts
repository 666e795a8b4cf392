import type { Cell } from './globals.js';
import { GlobalTable } from './globals.js';
import { numberToText, textToNumber } from './number.js';
import { LuaTable } from './table.js';
import type { LuaFunction, LuaResult, LuaValue } from './value.js';
import { allOf, first, LuaError, LuaUserdata, NONE } from './value.js';

/** type(v) */
export function typeName(v: LuaValue): string {
  switch (typeof v) {
    case 'undefined':
      return 'nil';
    case 'object':
      return v instanceof LuaTable ? 'table' : 'userdata';
    default:
      return typeof v;
  }
}

/** Methods of strings: `("x"):rep(3)`. One per state would be purer; the table is the same for all. */
let stringMeta: LuaTable | null = null;

/** Sets the table in which methods of strings are looked up. */
export function setStringMethods(methods: LuaTable): void {
  stringMeta = LuaTable.record({ __index: methods });
}

export function metatableOf(v: LuaValue): LuaTable | null {
  if (v instanceof LuaTable || v instanceof LuaUserdata) return v.metatable;
  return typeof v === 'string' ? stringMeta : null;
}

/** The metamethod `event` of a value, undefined if none. */
export function metamethod(v: LuaValue, event: string): LuaValue {
  const meta = metatableOf(v);
  return meta === null ? undefined : meta.getStr(event);
}

function blame(action: string, v: LuaValue, described: string): LuaError {
  const what = typeName(v);
  return new LuaError(
    described === ''
      ? `attempt to ${action} a ${what} value`
      : `attempt to ${action} ${described} (a ${what} value)`,
  );
}

/** t[k] */
export function index(t: LuaValue, k: LuaValue, described = ''): LuaValue {
  if (t instanceof LuaTable) {
    const v = t.get(k);
    if (v !== undefined || t.metatable === null) return v;
  }
  return indexMeta(t, k, described);
}

/** t.k */
export function indexStr(t: LuaValue, k: string, described = ''): LuaValue {
  if (t instanceof LuaTable) {
    const v = t.getStr(k);
    if (v !== undefined || t.metatable === null) return v;
  }
  return indexMeta(t, k, described);
}

/** What one place in the code last found in a table under its constant key. */
export class Site {
  table: LuaTable | null = null;
  version = 0;
  value: LuaValue = undefined;
}

/** t.k through the memory of a site: for globals' fields, which hardly ever change (`evt.field`, `string.format`). */
export function indexSite(site: Site, t: LuaValue, k: string, described = ''): LuaValue {
  // No table is null, so nothing is found before the first look.
  if (t === (site.table as unknown) && (t as LuaTable).version === site.version) return site.value;
  if (t instanceof LuaTable && !(t instanceof GlobalTable)) {
    const v = t.getStr(k);
    if (v !== undefined) {
      site.table = t;
      site.version = t.version;
      site.value = v;
      return v;
    }
  }
  return indexStr(t, k, described);
}

function indexMeta(start: LuaValue, k: LuaValue, described: string): LuaValue {
  let t = start;
  for (let i = 0; i < 100; i++) {
    let handler: LuaValue;
    if (t instanceof LuaTable) {
      const v = t.get(k);
      if (v !== undefined || t.metatable === null) return v;
      handler = t.metatable.getStr('__index');
      if (handler === undefined) return undefined;
    } else {
      handler = metamethod(t, '__index');
      if (handler === undefined) {
        const name = described === '' && typeof k === 'string' ? '' : described;
        throw blame('index', t, name);
      }
    }
    if (typeof handler === 'function') return first(handler(t, k));
    t = handler;
  }
  throw new LuaError('loop in gettable');
}

function checkKey(k: LuaValue): void {
  if (k === undefined) throw new LuaError('table index is nil');
  if (typeof k === 'number' && Number.isNaN(k)) throw new LuaError('table index is NaN');
}

/** t[k] = v */
export function setIndex(t: LuaValue, k: LuaValue, v: LuaValue, described = ''): void {
  if (t instanceof LuaTable && t.metatable === null) {
    if (typeof k !== 'string') checkKey(k);
    t.set(k, v);
    return;
  }
  setMeta(t, k, v, described);
}

/** t.k = v */
export function setIndexStr(t: LuaValue, k: string, v: LuaValue, described = ''): void {
  if (t instanceof LuaTable && t.metatable === null) t.setStr(k, v);
  else setMeta(t, k, v, described);
}

function setMeta(start: LuaValue, k: LuaValue, v: LuaValue, described: string): void {
  let t = start;
  for (let i = 0; i < 100; i++) {
    let handler: LuaValue;
    if (t instanceof LuaTable) {
      handler = t.metatable === null || t.get(k) !== undefined ? undefined : t.metatable.getStr('__newindex');
      if (handler === undefined) {
        checkKey(k);
        t.set(k, v);
        return;
      }
    } else {
      handler = metamethod(t, '__newindex');
      if (handler === undefined) throw blame('index', t, described);
    }
    if (typeof handler === 'function') {
      handler(t, k, v);
      return;
    }
    t = handler;
  }
  throw new LuaError('loop in settable');
}

/** What a value that is no function does when called: its __call, or the error, once the arguments are evaluated. */
export function callee(f: LuaValue, described = ''): LuaFunction {
  if (typeof f === 'function') return f;
  const handler = metamethod(f, '__call');
  if (typeof handler === 'function') return (...args) => handler(f, ...args);
  return () => {
    throw blame('call', f, described);
  };
}

/** The function of `o:name(...)`. */
export function method(o: LuaValue, name: string, described = ''): LuaFunction {
  const f = indexStr(o, name, described);
  return typeof f === 'function' ? f : callee(f, `method '${name}'`);
}

/** Calls any value. */
export function call(f: LuaValue, ...args: LuaValue[]): LuaResult {
  return typeof f === 'function' ? f(...args) : callee(f)(...args);
}

const EVENTS: { readonly [op: string]: string } = {
  '+': '__add',
  '-': '__sub',
  '*': '__mul',
  '/': '__div',
  '%': '__mod',
  '^': '__pow',
};

/** A number, or text that spells one; undefined otherwise. */
export function toNumber(v: LuaValue): number | undefined {
  return typeof v === 'number' ? v : typeof v === 'string' ? textToNumber(v) : undefined;
}

/** Arithmetic on what is not two numbers. */
export function arith(op: string, a: LuaValue, b: LuaValue, nameA = '', nameB = ''): LuaValue {
  const x = toNumber(a);
  const y = toNumber(b);
  if (x !== undefined && y !== undefined) {
    switch (op) {
      case '+':
        return x + y;
      case '-':
        return x - y;
      case '*':
        return x * y;
      case '/':
        return x / y;
      case '%':
        return x - Math.floor(x / y) * y;
      default:
        return x ** y;
    }
  }
  const event = EVENTS[op];
  const handler = metamethod(a, event) ?? metamethod(b, event);
  if (handler !== undefined) return first(call(handler, a, b));
  if (x === undefined) throw blame('perform arithmetic on', a, nameA);
  throw blame('perform arithmetic on', b, nameB);
}

/** -a */
export function unm(a: LuaValue, name = ''): LuaValue {
  const x = toNumber(a);
  if (x !== undefined) return -x;
  const handler = metamethod(a, '__unm');
  if (handler !== undefined) return first(call(handler, a, a));
  throw blame('perform arithmetic on', a, name);
}

/** a .. b */
export function concat(a: LuaValue, b: LuaValue, nameA = '', nameB = ''): LuaValue {
  const x = typeof a === 'number' ? numberToText(a) : a;
  const y = typeof b === 'number' ? numberToText(b) : b;
  if (typeof x === 'string' && typeof y === 'string') return x + y;
  const handler = metamethod(a, '__concat') ?? metamethod(b, '__concat');
  if (handler !== undefined) return first(call(handler, a, b));
  if (typeof x !== 'string') throw blame('concatenate', a, nameA);
  throw blame('concatenate', b, nameB);
}

/** #v */
export function len(v: LuaValue, name = ''): LuaValue {
  if (typeof v === 'string') return v.length;
  // As in 5.1, __len counts for userdata only.
  if (v instanceof LuaTable) return v.length();
  const handler = metamethod(v, '__len');
  if (handler !== undefined) return first(call(handler, v));
  throw blame('get length of', v, name);
}

/** a == b */
export function eq(a: LuaValue, b: LuaValue): boolean {
  if (a === b) return true;
  if (!(a instanceof LuaTable) || !(b instanceof LuaTable) || a.metatable === null || b.metatable === null)
    return false;
  const handler = a.metatable.getStr('__eq');
  if (handler === undefined || handler !== b.metatable.getStr('__eq')) return false;
  return truthy(first(call(handler, a, b)));
}

export function truthy(v: LuaValue): boolean {
  return v !== undefined && v !== false;
}

function compareMeta(event: string, a: LuaValue, b: LuaValue): boolean | undefined {
  const handler = metamethod(a, event);
  if (handler === undefined || handler !== metamethod(b, event)) return undefined;
  return truthy(first(call(handler, a, b)));
}

function incomparable(a: LuaValue, b: LuaValue): LuaError {
  const x = typeName(a);
  const y = typeName(b);
  return new LuaError(x === y ? `attempt to compare two ${x} values` : `attempt to compare ${x} with ${y}`);
}

/** a < b */
export function lt(a: LuaValue, b: LuaValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  const r = compareMeta('__lt', a, b);
  if (r === undefined) throw incomparable(a, b);
  return r;
}

/** a <= b */
export function le(a: LuaValue, b: LuaValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b;
  if (typeof a === 'string' && typeof b === 'string') return a <= b;
  const r = compareMeta('__le', a, b);
  if (r !== undefined) return r;
  const swapped = compareMeta('__lt', b, a);
  if (swapped === undefined) throw incomparable(a, b);
  return !swapped;
}

/** { list…, [k]=v … } */
export function tableOf(list: LuaValue[], fields: readonly LuaValue[]): LuaTable {
  const t = new LuaTable();
  let n = list.length;
  while (n > 0 && list[n - 1] === undefined) n--;
  list.length = n;
  t.arr = list;
  for (let i = 0; i < fields.length; i += 2) {
    const k = fields[i];
    if (typeof k !== 'string') checkKey(k);
    // A positional value wins over the same number as a key.
    if (typeof k === 'number' && k >= 1 && k <= n) continue;
    t.set(k, fields[i + 1]);
  }
  return t;
}

/**
 * A table whose list and fields are mixed, evaluated in the order of the source: `n` places are keys and values in turn,
 * NONE standing for the key of the list's next value; the rest are further values of the list.
 */
export function tableInOrder(n: number, items: readonly (LuaValue | typeof NONE)[]): LuaTable {
  const list: LuaValue[] = [];
  const fields: LuaValue[] = [];
  for (let i = 0; i < n; i += 2) {
    const key = items[i];
    if (key === NONE) {
      // The last one may be a call without results.
      if (i + 1 < items.length) list.push(items[i + 1] as LuaValue);
    } else fields.push(key as LuaValue, items[i + 1] as LuaValue);
  }
  for (let i = n; i < items.length; i++) list.push(items[i] as LuaValue);
  return tableOf(list, fields);
}

/** A bound of a numeric for. */
export function forNumber(v: LuaValue, what: string): number {
  const n = toNumber(v);
  if (n === undefined)
    throw new LuaError(`'for' ${what} ${what === 'initial' ? 'value ' : ''}must be a number`);
  return n;
}

/** A global that has no value: the globals' metatable may have one. */
export function missing(cell: Cell): LuaValue {
  return cell.table.metatable === null ? undefined : index(cell.table, cell.name);
}

/** name = v */
export function setGlobal(cell: Cell, v: LuaValue): void {
  if (cell.table.metatable === null || cell.v !== undefined) cell.v = v;
  else setIndex(cell.table, cell.name, v);
}

export const all = allOf;
export { first, LuaTable, NONE };
