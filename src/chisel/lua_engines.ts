import { CompiledEngine } from './compiled_engine.js';
import type { EngineOptions, LuaEngine } from './engine.js';
import { FengariEngine } from './fengari_engine.js';
import { UnsupportedLua } from './lua/lexer.js';

/** Which engine a chisel asks for: the option, else TSDIG_LUA, else undefined (the compiling one where it can). */
function wished(option: 'compiled' | 'fengari' | undefined): 'compiled' | 'fengari' | undefined {
  if (option !== undefined) return option;
  const env = process.env['TSDIG_LUA'];
  return env === 'fengari' || env === 'compiled' ? env : undefined;
}

/**
 * Makes an engine and lets `start` run the main chunk in it. Sources that the compiling engine does not take (goto,
 * coroutines, setfenv) are started again on fengari.
 */
export function startEngine(
  option: 'compiled' | 'fengari' | undefined,
  options: EngineOptions,
  start: (engine: LuaEngine) => void,
): LuaEngine {
  const wish = wished(option);
  if (wish !== 'fengari') {
    try {
      const engine = new CompiledEngine(options);
      start(engine);
      return engine;
    } catch (e) {
      if (!(e instanceof UnsupportedLua) || wish === 'compiled') throw e;
    }
  }
  const engine = new FengariEngine(options);
  start(engine);
  return engine;
}
