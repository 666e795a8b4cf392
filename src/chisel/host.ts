import type { Chisel } from './chisel.js';
import { LuaChisel } from './lua_chisel.js';
import type { ChiselRuntime } from './runtime.js';
import { findChisel } from './search.js';

export type { Chisel, ChiselNeeds } from './chisel.js';
export { ChiselError, ChiselExit, ChiselInterrupted } from './engine.js';
export type { ChiselFilter, ChiselRuntime, ChiselTemplate } from './runtime.js';

const SCRIPT = /\.(m?[jt]s)$/;

/** Whether a chisel is a script with all of Node at hand, not Lua. @throws ChiselError when there is no such chisel. */
export function isScriptChisel(nameOrPath: string, runtime: ChiselRuntime): boolean {
  return SCRIPT.test(findChisel(nameOrPath, runtime.chiselDirs));
}

/**
 * Loads a chisel by name or path and runs its main chunk. The caller then runs `onInit()`.
 * @param args the argument text as typed behind the name, undefined if none
 * @throws ChiselError
 */
export async function loadChisel(
  nameOrPath: string,
  args: string | undefined,
  runtime: ChiselRuntime,
): Promise<Chisel> {
  const path = findChisel(nameOrPath, runtime.chiselDirs);
  const bytes = args === undefined ? undefined : Buffer.from(args).latin1Slice();
  if (SCRIPT.test(path)) {
    const { loadScriptChisel } = await import('./script_chisel.js');
    return loadScriptChisel(nameOrPath, path, bytes, runtime);
  }
  return new LuaChisel(nameOrPath, path, bytes, runtime);
}
