#!/usr/bin/env node
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { nodeBuild } from './node_build.js';

type Main = (words: readonly string[]) => Promise<void>;

/**
 * The whole program as one script, with its compiled code beside it for the Node that built it, as scripts/bundle.mjs
 * makes it: it starts in half the time of two hundred modules. Undefined where it is missing or older than the modules.
 */
function bundled(): Main | undefined {
  const path = fileURLToPath(new URL('../bundle/tsdig.js', import.meta.url));
  try {
    if (statSync(path).mtimeMs < statSync(fileURLToPath(import.meta.url)).mtimeMs) return undefined;
    const compiled = `${path}.${nodeBuild()}.cache`;
    const script = new vm.Script(readFileSync(path, 'latin1'), {
      filename: path,
      ...(existsSync(compiled) && { cachedData: readFileSync(compiled) }),
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
