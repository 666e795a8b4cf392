import { numberToText, textToNumber } from './number.js';
import { typeName } from './ops.js';
import { LuaTable } from './table.js';
import type { LuaValue } from './value.js';
import { LuaError } from './value.js';

/** Checks of library functions' arguments: `i` counts from 1, `f` is the function's name. */

function wrong(i: number, f: string, wanted: string, v: LuaValue): LuaError {
  return new LuaError(`bad argument #${i} to '${f}' (${wanted} expected, got ${typeName(v)})`);
}

export function textArg(v: LuaValue, i: number, f: string): string {
  if (typeof v === 'string') return v;
  if (typeof v === 'number') return numberToText(v);
  throw wrong(i, f, 'string', v);
}

export function numberArg(v: LuaValue, i: number, f: string): number {
  if (typeof v === 'number') return v;
  const n = typeof v === 'string' ? textToNumber(v) : undefined;
  if (n === undefined) throw wrong(i, f, 'number', v);
  return n;
}

/** A whole number: fractions are cut. */
export function integerArg(v: LuaValue, i: number, f: string): number {
  const n = numberArg(v, i, f);
  return Number.isNaN(n) ? 0 : Math.trunc(n);
}

export function tableArg(v: LuaValue, i: number, f: string): LuaTable {
  if (v instanceof LuaTable) return v;
  throw wrong(i, f, 'table', v);
}
