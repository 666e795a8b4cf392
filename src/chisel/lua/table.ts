import type { LuaValue } from './value.js';

/**
 * A Lua table: a dense array part for the keys 1..n and a map for the rest.
 *
 * Both engines use it at the border to the host; the compiling engine uses it for every table of a chisel.
 */
export class LuaTable {
  /** Values of the keys 1..arr.length. The last one is never nil; those before it may be. */
  arr: LuaValue[] = [];
  hash: Map<LuaValue, LuaValue> | null = null;
  metatable: LuaTable | null = null;
  /** Counts writes to the map: whoever remembers what a text key gave can tell whether that still holds. */
  version = 0;
  // Where `next` stopped, so that walking a table with it is linear.
  private walkKey: LuaValue = undefined;
  private walk: Iterator<[LuaValue, LuaValue]> | null = null;

  /** Raw read. */
  get(key: LuaValue): LuaValue {
    if (typeof key === 'number') {
      const i = key - 1;
      const arr = this.arr;
      if (i >= 0 && i < arr.length && Number.isInteger(i)) return arr[i];
    }
    const hash = this.hash;
    return hash === null ? undefined : hash.get(key);
  }

  /** Raw read of a text key. */
  getStr(key: string): LuaValue {
    const hash = this.hash;
    return hash === null ? undefined : hash.get(key);
  }

  /** Raw write; nil removes. The caller has excluded nil and NaN keys. */
  set(key: LuaValue, value: LuaValue): void {
    if (typeof key === 'number') {
      const arr = this.arr;
      const i = key - 1;
      const n = arr.length;
      if (i >= 0 && i <= n && Number.isInteger(i)) {
        if (i < n) {
          arr[i] = value;
          if (value === undefined && i === n - 1) this.trim();
        } else if (value !== undefined) {
          arr.push(value);
          if (this.hash !== null) this.hash.delete(key);
          if (this.hash !== null && this.hash.size > 0) this.migrate();
        } else if (this.hash !== null) {
          this.hash.delete(key);
        }
        return;
      }
    }
    this.setHash(key, value);
  }

  /** Raw write of a text key. */
  setStr(key: string, value: LuaValue): void {
    this.setHash(key, value);
  }

  private setHash(key: LuaValue, value: LuaValue): void {
    this.version++;
    if (value === undefined) {
      if (this.hash !== null) this.hash.delete(key);
      return;
    }
    if (this.hash === null) this.hash = new Map();
    this.hash.set(key, value);
  }

  private trim(): void {
    const arr = this.arr;
    let n = arr.length;
    while (n > 0 && arr[n - 1] === undefined) n--;
    arr.length = n;
  }

  /** Moves keys that follow the array part out of the map. */
  private migrate(): void {
    const hash = this.hash!;
    const arr = this.arr;
    for (;;) {
      const v = hash.get(arr.length + 1);
      if (v === undefined) return;
      hash.delete(arr.length + 1);
      arr.push(v);
    }
  }

  /** A border: `#t`. */
  length(): number {
    const n = this.arr.length;
    if (n > 0 || this.hash === null) return n;
    // Keys may have been set downwards (t[3], t[2], then t[1] moved them), so an empty array part means 0.
    return 0;
  }

  /** The entry after `key` as [key, value], undefined at the end. Throws RangeError when `key` is not in the table. */
  next(key: LuaValue): [LuaValue, LuaValue] | undefined {
    const arr = this.arr;
    let i = 0;
    let fromHash = false;
    if (key !== undefined) {
      if (typeof key === 'number' && key >= 1 && key <= arr.length && Number.isInteger(key)) i = key;
      else fromHash = true;
    }
    if (!fromHash) {
      for (; i < arr.length; i++) if (arr[i] !== undefined) return [i + 1, arr[i]];
      if (this.hash === null) return undefined;
      this.walk = this.hash.entries();
    } else if (this.walk === null || this.walkKey !== key) {
      if (this.hash === null) {
        // The key was removed from the array part while walking it.
        if (typeof key === 'number') return undefined;
        throw new RangeError("invalid key to 'next'");
      }
      const walk = this.hash.entries();
      for (;;) {
        const step = walk.next();
        if (step.done) {
          if (typeof key === 'number') break;
          throw new RangeError("invalid key to 'next'");
        }
        if (step.value[0] === key) break;
      }
      this.walk = walk;
    }
    const step = this.walk!.next();
    if (step.done) {
      this.walk = null;
      this.walkKey = undefined;
      return undefined;
    }
    this.walkKey = step.value[0];
    return step.value;
  }

  /** All entries, array part first. Entries removed while walking are left out. */
  *entries(): Generator<[LuaValue, LuaValue]> {
    for (let i = 0; i < this.arr.length; i++) {
      const v = this.arr[i];
      if (v !== undefined) yield [i + 1, v];
    }
    if (this.hash !== null) yield* this.hash;
  }

  /** A table with the keys 1..n. */
  static list(values: readonly LuaValue[]): LuaTable {
    const t = new LuaTable();
    for (let i = 0; i < values.length; i++) t.set(i + 1, values[i]);
    return t;
  }

  /** A table with text keys. */
  static record(values: { readonly [key: string]: LuaValue }): LuaTable {
    const t = new LuaTable();
    for (const key of Object.keys(values)) t.setStr(key, values[key]);
    return t;
  }
}
