#!/usr/bin/env node
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

type Main = (words: readonly string[]) => Promise<void>;

/**
 * The whole program as one script with its compiled code beside it, as scripts/bundle.mjs makes it: it starts in
 * half the time of two hundred modules. Undefined where it is missing or older than the modules.
 */
function bundled(): Main | undefined {
  const path = fileURLToPath(new URL('../bundle/tsdig.js', import.meta.url));
  try {
    if (statSync(path).mtimeMs < statSync(fileURLToPath(import.meta.url)).mtimeMs) return undefined;
    const script = new vm.Script(readFileSync(path, 'latin1'), {
      filename: path,
      // V8 refuses compiled code of another version by itself.
      cachedData: readFileSync(`${path}.cache`),
    });
    const module: { exports: { main?: Main } } = { exports: {} };
    script.runInThisContext()(
      module,
      module.exports,
      createRequire(import.meta.url),
      import.meta.url,
      // Code that comes from V8's cache has no import() of its own.
      (url: string) => import(url),
    );
    return module.exports.main;
  } catch {
    return undefined;
  }
}

const main = bundled() ?? (await import('./command.js')).main;
await main(process.argv.slice(2));
