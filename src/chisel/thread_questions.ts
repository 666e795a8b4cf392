import { findModule, readSource } from './lua/modules.js';

const ASKS = /get_thread/;
/** What runs code that stands in no file, or reaches the host's table by another name. */
const HIDES =
  /\b(?:loadstring|load|loadfile|dofile|getfenv|setfenv|_G|_ENV|package)\b|\bsysdig\b(?!\s*\.\s*\w)/;
const REQUIRE = /\brequire\b(?:\s*\(?\s*(["'])([\w.]+)\1)?/g;
/** Lines that are comments alone: those speak of loading and of sysdig, too. Not one that may end a long comment. */
const COMMENT_LINES = /^\s*--[^\]\n]*$/gm;

/**
 * Whether a Lua chisel may ask for the machine's threads (`sysdig.get_thread_table` and the like), which tell of use of processor
 * and memory without its having requested a field. As far as its text and that of its modules tells: in doubt it may.
 */
export function mayAskForThreads(path: string, modulePath: readonly string[]): boolean {
  const seen = new Set<string>();
  const pending = [path];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readSource(file);
    const code = source.replace(COMMENT_LINES, '');
    if (ASKS.test(source) || HIDES.test(code)) return true;
    for (const [, , module] of code.matchAll(REQUIRE)) {
      if (module === undefined) return true;
      const found = findModule(module, modulePath);
      // One of Lua's own.
      if (found !== undefined) pending.push(found);
    }
  }
  return false;
}
