import { readFileSync, statSync } from 'node:fs';

/** A source file as a byte string; a first line starting with `#` becomes empty, as Lua does for scripts. */
export function readSource(path: string): string {
  let text = readFileSync(path).latin1Slice();
  if (text.startsWith('\xef\xbb\xbf')) text = text.slice(3);
  if (text.startsWith('#')) text = '--' + text;
  return text;
}

/** The file of a module for `require`: `DIR/name.lua` in each directory in turn, dots in the name being folders. */
export function findModule(module: string, dirs: readonly string[]): string | undefined {
  const file = Buffer.from(module, 'latin1').toString().replaceAll('.', '/') + '.lua';
  for (const dir of dirs) {
    const path = dir + file;
    try {
      if (statSync(path).isFile()) return path;
    } catch {
      // Not there: the next directory.
    }
  }
  return undefined;
}
