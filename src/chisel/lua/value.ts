import type { LuaTable } from './table.js';

/**
 * A Lua value in JavaScript: nil is undefined, text is a byte string, numbers are doubles. An opaque object
 * (a field handle, an open file) is a LuaUserdata.
 */
export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction | LuaUserdata;

/**
 * What a Lua function gives back: one value, or a list of any number of values as an array (a table is never an
 * array, so the two cannot be confused). No values at all: NONE.
 */
export type LuaResult = LuaValue | readonly LuaValue[];

export type LuaFunction = (...args: LuaValue[]) => LuaResult;

/** An object of the host that a script can hold but not look into, except through its metatable. */
export abstract class LuaUserdata {
  /** Metatable, shared by all of a kind. */
  metatable: LuaTable | null = null;
}

/** The result of a function that returns nothing. */
export const NONE: readonly LuaValue[] = Object.freeze([]);

/** The first of a function's results, nil if there is none. */
export function first(result: LuaResult): LuaValue {
  return Array.isArray(result) ? (result[0] as LuaValue) : (result as LuaValue);
}

/** All of a function's results. */
export function allOf(result: LuaResult): readonly LuaValue[] {
  return Array.isArray(result) ? (result as readonly LuaValue[]) : [result as LuaValue];
}

/**
 * An error that Lua code can catch with pcall. `value` is the error object. Text gets the position of the Lua function
 * `level` levels up the stack in front when it is caught (1 = the one running); level 0 leaves it as it is.
 */
export class LuaError extends Error {
  readonly value: LuaValue;
  readonly level: number;
  constructor(value: LuaValue, level = 1) {
    super(
      typeof value === 'string'
        ? value
        : value === undefined
          ? 'nil'
          : typeof value === 'object'
            ? '(error object is a table value)'
            : String(value),
    );
    this.name = 'LuaError';
    this.value = value;
    this.level = level;
  }
}
