import { GlobalTable } from './globals.js';
import { call, callee, index, metamethod, typeName } from './ops.js';
import { LuaTable } from './table.js';
import type { LuaFunction, LuaResult, LuaValue } from './value.js';
import { allOf, LuaError, NONE } from './value.js';

/** next(t, k) as a Lua function: generic loops over it walk the table directly. */
export const next: LuaFunction = (t, k) => {
  if (!(t instanceof LuaTable))
    throw new LuaError(
      `bad argument #1 to 'next' (table expected, got ${t === undefined ? 'nil' : typeName(t)})`,
    );
  let n: [LuaValue, LuaValue] | undefined;
  try {
    n = t.next(k);
  } catch {
    throw new LuaError("invalid key to 'next'");
  }
  return n === undefined ? undefined : n;
};

/** What ipairs gives as its iterator. */
export const ipairsStep: LuaFunction = (t, i) => {
  const k = (i as number) + 1;
  const v = index(t, k);
  return v === undefined ? undefined : [k, v];
};

/** A generic for loop under way. */
interface Iteration {
  key: LuaValue;
  value: LuaValue;
  /** Goes to the next round; false at the end. */
  step(): boolean;
  /** The round's results beyond the second, counted from 0. */
  more(i: number): LuaValue;
}

class TableIteration implements Iteration {
  key: LuaValue = undefined;
  value: LuaValue = undefined;
  private i = 0;
  private entries: Iterator<[LuaValue, LuaValue]> | null = null;
  constructor(private readonly table: LuaTable) {}

  step(): boolean {
    if (this.entries === null) {
      const { arr, hash } = this.table;
      while (this.i < arr.length) {
        const v = arr[this.i++];
        if (v !== undefined) {
          this.key = this.i;
          this.value = v;
          return true;
        }
      }
      if (hash === null) return false;
      this.entries = hash.entries();
    }
    const step = this.entries.next();
    if (step.done) return false;
    this.key = step.value[0];
    this.value = step.value[1];
    return true;
  }

  more(): LuaValue {
    return undefined;
  }
}

class ListIteration implements Iteration {
  key: LuaValue = undefined;
  value: LuaValue = undefined;
  private i = 0;
  constructor(private readonly table: LuaValue) {}

  step(): boolean {
    const { table } = this;
    const i = this.i++;
    let v: LuaValue;
    if (table instanceof LuaTable && i < table.arr.length) v = table.arr[i];
    if (v === undefined) v = index(table, i + 1);
    this.key = i + 1;
    this.value = v;
    return v !== undefined;
  }

  more(): LuaValue {
    return undefined;
  }
}

class CallIteration implements Iteration {
  key: LuaValue;
  value: LuaValue = undefined;
  private results: readonly LuaValue[] = NONE;
  constructor(
    private readonly f: LuaFunction,
    private readonly state: LuaValue,
    start: LuaValue,
  ) {
    this.key = start;
  }

  step(): boolean {
    const r = this.f(this.state, this.key);
    if (Array.isArray(r)) {
      this.results = r;
      this.key = r[0];
      this.value = r[1];
    } else {
      this.results = NONE;
      this.key = r as LuaValue;
      this.value = undefined;
    }
    return this.key !== undefined;
  }

  more(i: number): LuaValue {
    return this.results[i];
  }
}

/** Starts a generic for over the results of its expressions: iterator, state, first key. */
export function iterate(values: LuaResult): Iteration {
  const list = allOf(values);
  const [f, state, start] = list;
  if (f === next && state instanceof LuaTable && !(state instanceof GlobalTable) && start === undefined)
    return new TableIteration(state);
  if (f === ipairsStep && start === 0) return new ListIteration(state);
  return new CallIteration(typeof f === 'function' ? f : callee(f), state, start);
}

/** ipairs(t) */
export const ipairs: LuaFunction = (t) => {
  const handler = metamethod(t, '__ipairs');
  if (handler !== undefined) return call(handler, t);
  return [ipairsStep, checkTable(t, 'ipairs'), 0];
};

/** pairs(t) */
export const pairs: LuaFunction = (t) => {
  const handler = metamethod(t, '__pairs');
  if (handler !== undefined) return call(handler, t);
  return [next, checkTable(t, 'pairs'), undefined];
};

function checkTable(t: LuaValue, name: string): LuaTable {
  if (t instanceof LuaTable) return t;
  throw new LuaError(
    `bad argument #1 to '${name}' (table expected, got ${t === undefined ? 'nil' : typeName(t)})`,
  );
}

/** Starts `for … in f(t)`, where f is most often ipairs or pairs: those need no call. */
export function iterateOver(f: LuaValue, t: LuaValue, described: string): Iteration {
  if (t instanceof LuaTable && t.metatable === null) {
    if (f === ipairs) return new ListIteration(t);
    if (f === pairs && !(t instanceof GlobalTable)) return new TableIteration(t);
  }
  return iterate(typeof f === 'function' ? f(t) : callee(f, described)(t));
}
