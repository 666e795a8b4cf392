// Puts the program into one script, dist/bundle/tsdig.js, with V8's compiled code of it beside: src/cli/main.ts runs it from there.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = process.argv[2] ?? join(root, 'dist');
const out = join(dist, 'bundle/tsdig.js');
const main = join(dist, 'cli/main.js');
mkdirSync(join(dist, 'bundle'), { recursive: true });
rmSync(`${out}.cache`, { force: true });

const result = await build({
  entryPoints: [join(dist, 'cli/command.js')],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // koffi brings native code, which is found from its own folder.
  external: ['koffi'],
  define: { 'import.meta.url': '__moduleUrl' },
  // Pure ASCII without comments, so that it can be read as latin1; names stay for profiles.
  charset: 'ascii',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  write: false,
});
const text = `(function(module,exports,require,__moduleUrl){${result.outputFiles[0].text}\n})`;
const script = new Script(text, { filename: out, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });

// A short run first, so that what every run needs is in the compiled code.
const module = { exports: {} };
script.runInThisContext()(module, module.exports, createRequire(main), pathToFileURL(main).href);
const write = process.stdout.write;
process.stdout.write = () => true;
const capture = join(root, 'test/fixtures/old-2014.scap');
await module.exports.main(['-q', '-r', capture, 'proc.name=cat and fd.name contains /etc']);
process.stdout.write = write;
process.exitCode = 0;
writeFileSync(out, text);
writeFileSync(`${out}.cache`, script.createCachedData());
