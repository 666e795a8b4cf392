import type { ChiselArgument } from './arguments.js';
import type { LuaEngine } from './engine.js';
import { LuaTable } from './lua/table.js';
import type { LuaValue } from './lua/value.js';

/** What a chisel's file says of itself. Text is byte strings. */
export interface ChiselMetadata {
  readonly description: string | undefined;
  readonly shortDescription: string | undefined;
  readonly category: string;
  /** undefined: there is no `args` table, so the file is no chisel. */
  readonly args: readonly ChiselArgument[] | undefined;
  readonly hidden: boolean;
  /** It describes a view of the interactive tool (`view_info`). */
  readonly isView: boolean;
}

const text = (v: LuaValue): string | undefined =>
  typeof v === 'string' ? v : typeof v === 'number' ? String(v) : undefined;

/** Reads the metadata globals of a file that has been run. */
export function metadataOf(engine: LuaEngine): ChiselMetadata {
  const args = engine.getGlobal('args');
  return {
    description: text(engine.getGlobal('description')),
    shortDescription: text(engine.getGlobal('short_description')),
    category: text(engine.getGlobal('category')) ?? '',
    args: args instanceof LuaTable ? declaredArguments(args) : undefined,
    hidden: engine.getGlobal('hidden') === true,
    isView: engine.getGlobal('view_info') instanceof LuaTable,
  };
}

function declaredArguments(args: LuaTable): ChiselArgument[] {
  const list: ChiselArgument[] = [];
  for (const [, entry] of args.entries()) {
    if (!(entry instanceof LuaTable)) continue;
    list.push({
      name: text(entry.getStr('name')) ?? '',
      description: text(entry.getStr('description')) ?? '',
      type: text(entry.getStr('argtype')) ?? 'string',
      optional: entry.getStr('optional') === true,
    });
  }
  return list;
}
