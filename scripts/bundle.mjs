// Puts the program into one script, dist/bundle/tsdig.js, with V8's compiled code of it beside: src/cli/main.cts runs it from there.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = process.argv[2] ?? join(root, 'dist');
const out = join(dist, 'bundle/tsdig.js');
const main = join(dist, 'cli/main.cjs');
mkdirSync(join(dist, 'bundle'), { recursive: true });
const { nodeBuild } = createRequire(main)('./node_build.cjs');
const compiled = `${out}.${nodeBuild()}.cache`;
for (const name of readdirSync(join(dist, 'bundle')))
  if (name.endsWith('.cache')) rmSync(join(dist, 'bundle', name));

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
/** Node's own modules that few runs need: each takes 2 to 3 ms to load, which happens where one is first used. */
const SELDOM = new Set(['child_process', 'crypto', 'net', 'v8', 'worker_threads', 'zlib']);

function loadSeldomOnesLate(text) {
  for (const [, name, module] of text.matchAll(/\b(\w+)=require\("node:(\w+)"\)/g)) {
    if (!SELDOM.has(module)) continue;
    text = text
      .replace(new RegExp(`(?<![.\\w$])${name}\\.`, 'g'), `(${name}()).`)
      .replace(`${name}=require("node:${module}")`, `${name}=()=>require("node:${module}")`);
  }
  return text;
}

// esbuild leaves regular expressions as they are.
const code = loadSeldomOnesLate(result.outputFiles[0].text)
  .replace(/[^\x00-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  // Code that comes from V8's cache cannot import(): who runs it lends its own.
  .replace(/\bimport\(/g, '__import(');
const text = `(function(module,exports,require,__moduleUrl,__import){${code}\n})`;
const script = new Script(text, { filename: out });

// A short run first, so that what every run needs is in the compiled code.
const module = { exports: {} };
script.runInThisContext()(
  module,
  module.exports,
  createRequire(main),
  pathToFileURL(main).href,
  (url) => import(url),
);
const write = process.stdout.write;
process.stdout.write = () => true;
const capture = join(root, 'test/fixtures/old-2014.scap');
await module.exports.main(['-q', '-r', capture, 'proc.name=cat and fd.name contains /etc']);
process.stdout.write = write;
process.exitCode = 0;
writeFileSync(out, text);
writeFileSync(compiled, script.createCachedData());
const again = new Script(text, { filename: out, cachedData: readFileSync(compiled) });
if (again.cachedDataRejected) throw new Error('V8 does not take the compiled code back');
