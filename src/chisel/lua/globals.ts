import { LuaTable } from './table.js';
import type { LuaValue } from './value.js';

/** One global variable. Generated code holds it directly: a global costs one property access. */
export interface Cell {
  v: LuaValue;
  readonly name: string;
  readonly table: GlobalTable;
}

/** The table of globals: text keys live in cells. */
export class GlobalTable extends LuaTable {
  private readonly cells = new Map<string, Cell>();

  /** The cell of a global, made when first asked for. */
  cell(name: string): Cell {
    let c = this.cells.get(name);
    if (c === undefined) {
      c = { v: undefined, name, table: this };
      this.cells.set(name, c);
    }
    return c;
  }

  override get(key: LuaValue): LuaValue {
    return typeof key === 'string' ? this.cells.get(key)?.v : super.get(key);
  }

  override getStr(key: string): LuaValue {
    return this.cells.get(key)?.v;
  }

  override set(key: LuaValue, value: LuaValue): void {
    if (typeof key === 'string') this.setStr(key, value);
    else super.set(key, value);
  }

  override setStr(key: string, value: LuaValue): void {
    this.version++;
    this.cell(key).v = value;
  }

  override next(key: LuaValue): [LuaValue, LuaValue] | undefined {
    if (typeof key !== 'string') {
      const n = super.next(key);
      if (n !== undefined) return n;
    }
    let found = typeof key !== 'string';
    for (const c of this.cells.values()) {
      if (found && c.v !== undefined) return [c.name, c.v];
      if (c.name === key) found = true;
    }
    if (!found) throw new RangeError("invalid key to 'next'");
    return undefined;
  }

  override *entries(): Generator<[LuaValue, LuaValue]> {
    yield* super.entries();
    for (const c of this.cells.values()) if (c.v !== undefined) yield [c.name, c.v];
  }
}
