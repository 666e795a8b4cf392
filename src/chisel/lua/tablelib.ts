import { integerArg, tableArg, textArg } from './arguments.js';
import { numberToText } from './number.js';
import { call, lt, truthy, typeName } from './ops.js';
import { LuaTable } from './table.js';
import type { LuaValue } from './value.js';
import { first, LuaError, NONE } from './value.js';

/** Merge sort: stable, one comparison per step. `less` may throw. */
function sort(list: LuaValue[], less: (a: LuaValue, b: LuaValue) => boolean): LuaValue[] {
  const n = list.length;
  let from = list;
  let to: LuaValue[] = new Array<LuaValue>(n);
  for (let width = 1; width < n; width *= 2) {
    for (let low = 0; low < n; low += 2 * width) {
      const mid = Math.min(low + width, n);
      const high = Math.min(low + 2 * width, n);
      let a = low;
      let b = mid;
      for (let k = low; k < high; k++) {
        if (a < mid && (b >= high || !less(from[b], from[a]))) to[k] = from[a++];
        else to[k] = from[b++];
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/** The `table` table. */
export function tableLibrary(): LuaTable {
  return LuaTable.record({
    concat: (tv, sv, iv, jv) => {
      const t = tableArg(tv, 1, 'concat');
      const sep = sv === undefined ? '' : textArg(sv, 2, 'concat');
      const from = iv === undefined ? 1 : integerArg(iv, 3, 'concat');
      const to = jv === undefined ? t.length() : integerArg(jv, 4, 'concat');
      let out = '';
      for (let i = from; i <= to; i++) {
        const v = t.get(i);
        if (typeof v === 'string') out += v;
        else if (typeof v === 'number') out += numberToText(v);
        else throw new LuaError(`invalid value (${typeName(v)}) at index ${i} in table for 'concat'`);
        if (i < to) out += sep;
      }
      return out;
    },
    insert: (...args) => {
      const t = tableArg(args[0], 1, 'insert');
      const n = t.length();
      if (args.length === 2) {
        t.set(n + 1, args[1]);
        return NONE;
      }
      if (args.length !== 3) throw new LuaError("wrong number of arguments to 'insert'");
      const pos = integerArg(args[1], 2, 'insert');
      if (pos >= 1 && pos <= n && t.arr.length === n) {
        t.arr.splice(pos - 1, 0, args[2]);
        if (args[2] === undefined) t.set(pos, undefined);
        return NONE;
      }
      for (let i = Math.max(n + 1, pos); i > pos; i--) t.set(i, t.get(i - 1));
      t.set(pos, args[2]);
      return NONE;
    },
    remove: (tv, pv) => {
      const t = tableArg(tv, 1, 'remove');
      const n = t.length();
      const pos = pv === undefined ? n : integerArg(pv, 2, 'remove');
      if (n === 0 || pos < 1 || pos > n) return NONE;
      const v = t.get(pos);
      if (pos === n) t.set(n, undefined);
      else {
        t.arr.splice(pos - 1, 1);
        // The last entry may now be a nil: it has to go.
        const last = t.arr.length;
        if (last > 0 && t.arr[last - 1] === undefined) t.set(last, undefined);
      }
      return v;
    },
    sort: (tv, by) => {
      const t = tableArg(tv, 1, 'sort');
      if (by !== undefined && typeof by !== 'function')
        throw new LuaError(`bad argument #2 to 'sort' (function expected, got ${typeName(by)})`);
      const less = by === undefined ? lt : (a: LuaValue, b: LuaValue): boolean => truthy(first(by(a, b)));
      t.arr = sort(t.arr.slice(), less);
      return NONE;
    },
    getn: (t) => tableArg(t, 1, 'getn').length(),
    maxn: (t) => {
      let most = 0;
      for (const [k] of tableArg(t, 1, 'maxn').entries()) if (typeof k === 'number' && k > most) most = k;
      return most;
    },
    foreach: (tv, f) => {
      for (const [k, v] of [...tableArg(tv, 1, 'foreach').entries()]) {
        const r = first(call(f, k, v));
        if (r !== undefined) return r;
      }
      return NONE;
    },
    foreachi: (tv, f) => {
      const t = tableArg(tv, 1, 'foreachi');
      for (let i = 1; i <= t.length(); i++) {
        const r = first(call(f, i, t.get(i)));
        if (r !== undefined) return r;
      }
      return NONE;
    },
  });
}
