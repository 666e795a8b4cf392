// Puts the program into a few scripts in dist/bundle, with V8's compiled code of each beside: src/cli/main.cts runs it from there.
import fs, { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { build, transform } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const folder = join(dist, 'bundle');
const main = join(dist, 'cli/main.cjs');
mkdirSync(folder, { recursive: true });
const require = createRequire(main);
const { nodeBuild, openBundle } = require('./bundle.cjs');
for (const name of readdirSync(folder)) if (/\.(cache|c?js)$/.test(name)) rmSync(join(folder, name));

/**
 * The parts by name, and the modules that each begins with: a module belongs to the first part that imports it. The
 * first part is what replaying a file takes; the other ones are read when one of their modules is first asked for.
 */
const PARTS = {
  tsdig: ['cli/command.js', 'cli/dispatch.js', 'cli/run.js'],
  chisel: ['chisel/host.js', 'cli/chisel_setup.js', 'chisel/script_chisel.js'],
  live: [
    'session/live_input.js',
    'capture/engine.js',
    'capture/live.js',
    'container/engine/cri.js',
    'container/engine/containerd.js',
    'container/engine/docker.js',
  ],
  // Whatever else is imported by need.
  seldom: [],
  // Packages.
  re2js: ['re2js'],
  toml: ['smol-toml'],
};

/** Packages that few runs need: the module that uses one asks for it there, not as it begins. */
const LATE_PACKAGES = new Map(
  Object.entries(PARTS).flatMap(([part, modules]) =>
    modules.filter((module) => !module.endsWith('.js')).map((module) => [module, part]),
  ),
);

/** Node's own modules that few runs need: each takes 2 to 3 ms to load, which happens where one is first used. */
const SELDOM = new Set(['child_process', 'crypto', 'net', 'os', 'v8', 'worker_threads', 'zlib']);

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  legalComments: 'none',
};

const moduleName = (path) => relative(dist, path);

/** The part of each module; PARTS.seldom gets its beginnings here. */
const partOf = await assignParts();

async function assignParts() {
  const { metafile } = await build({
    ...common,
    absWorkingDir: dist,
    entryPoints: ['cli/command.js'],
    packages: 'external',
    define: { 'import.meta.url': '""' },
    metafile: true,
    write: false,
  });
  const { inputs } = metafile;
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  PARTS.seldom = imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => path);
  const parts = new Map();
  for (const [part, modules] of Object.entries(PARTS)) {
    const left = [...modules];
    for (let module = left.pop(); module !== undefined; module = left.pop()) {
      if (parts.has(module) || inputs[module] === undefined) continue;
      parts.set(module, part);
      for (const { kind, path } of inputs[module].imports) if (kind !== 'dynamic-import') left.push(path);
    }
  }
  for (const modules of Object.values(PARTS))
    for (const module of modules)
      if (!parts.has(module) && !LATE_PACKAGES.has(module)) throw new Error(`no module ${module}`);
  return parts;
}

/** What a part takes from others, by part: modules that those have to give. */
const wanted = new Map(Object.keys(PARTS).map((part) => [part, new Set()]));

/** Leaves modules of other parts out. */
function otherParts(own) {
  return {
    name: 'other parts',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\./ }, ({ path, resolveDir, kind, importer, namespace }) => {
        if (namespace !== 'file' || importer.includes('node_modules')) return undefined;
        const name = moduleName(resolve(resolveDir, path));
        const part = partOf.get(name);
        if (part === undefined) throw new Error(`${importer} imports ${path}, which belongs to no part`);
        if (part === own) return undefined;
        wanted.get(part).add(name);
        if (kind === 'dynamic-import') return { path: `part:${part}/${name}`, external: true };
        return { path: name, namespace: 'part' };
      });
      esbuild.onLoad({ filter: /.*/, namespace: 'part' }, async ({ path }) => {
        // Constants, so that their users need not look them up in an object.
        const names = Object.keys(await import(pathToFileURL(join(dist, path)).href));
        const values = names.map((name) => `export const ${name} = taken.${name};`).join('\n');
        const taken = `__modules(${JSON.stringify(partOf.get(path))}, ${JSON.stringify(path)})`;
        return { contents: `const taken = ${taken};\n${values}`, loader: 'js' };
      });
    },
  };
}

/** One part as a script. */
async function textOf(part) {
  const modules = [...new Set([...(part === 'seldom' ? [] : PARTS[part]), ...wanted.get(part)])];
  const lines = modules.map((module) => {
    const path = LATE_PACKAGES.has(module) ? module : `./${module}`;
    return `${JSON.stringify(module)}: () => require(${JSON.stringify(path)}),`;
  });
  const result = await build({
    ...common,
    stdin: { contents: `export const modules = {${lines.join('\n')}};`, resolveDir: dist },
    // koffi brings native code, which is found from its own folder.
    external: ['koffi', ...[...LATE_PACKAGES.keys()].filter((name) => !PARTS[part].includes(name))],
    // Node loads the whole of perf_hooks for `performance`, for 4 ms.
    define: { 'import.meta.url': '__moduleUrl', 'performance.now': '__milliseconds' },
    plugins: [otherParts(part)],
    write: false,
  });
  // Names are made short last: until then each is one thing only.
  const late = loadLate(result.outputFiles[0].text);
  // Pure ASCII without comments, so that it can be read as latin1; esbuild leaves regular expressions as they are.
  const { code: short } = await transform(late, {
    format: 'cjs',
    target: 'node20',
    charset: 'ascii',
    minify: true,
  });
  const code = short
    .replace(/[^\x00-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    // Code that comes from V8's cache cannot import(): who runs it lends its own.
    .replace(/\bimport\(/g, '__import(');
  return `(function(module,exports,require,__moduleUrl,__import,__modules,__milliseconds){${code}\n})`;
}

function loadLate(text) {
  for (const [whole, name, module] of text.matchAll(/(?<![.\w$])([\w$]+) = require\("([\w:-]+)"\)/g)) {
    const part = LATE_PACKAGES.get(module);
    if (part === undefined && !(module.startsWith('node:') && SELDOM.has(module.slice(5)))) continue;
    const load = part === undefined ? `require("${module}")` : `__modules("${part}","${module}")`;
    text = text
      .replace(new RegExp(`(?<![.\\w$])${name.replaceAll('$', '\\$')}\\.`, 'g'), () => `(${name}()).`)
      .replace(whole, () => `${name} = () => ${load}`);
  }
  for (const module of LATE_PACKAGES.keys())
    if (text.includes(`require("${module}")`)) throw new Error(`${module} is not loaded late`);
  return text;
}

// What the other parts take from one has to be known before it is made, so they come first.
const texts = new Map();
for (let known = -1; known !== countWanted(); ) {
  known = countWanted();
  for (const part of Object.keys(PARTS)) texts.set(part, await textOf(part));
}
// The first part last: where that is missing, or older than the modules, these run.
for (const [part, text] of [...texts].reverse()) writeFileSync(join(folder, `${part}.js`), text);

function countWanted() {
  return [...wanted.values()].reduce((sum, modules) => sum + modules.size, 0);
}

// Short runs first, so that what every run needs is in the compiled code.
const scripts = new Map();
const modules = openBundle(folder, main, require, (path) => {
  const script = new Script(readFileSync(path, 'latin1'), { filename: path });
  scripts.set(path, script);
  return script;
});
const command = modules('tsdig', 'cli/command.js');
const { writeSync } = fs;
fs.writeSync = (file, data, ...place) =>
  file === 1 ? (place[1] ?? data.length) : writeSync(file, data, ...place);
const capture = join(root, 'test/fixtures/old-2014.scap');
for (const words of [
  ['-q', '-r', capture, 'proc.name=cat and fd.name contains /etc'],
  ['-r', capture],
  ['-q', '-r', capture, '-c', 'topprocs_cpu'],
  ['-q', '-r', capture, 'proc.name regex c.t'],
])
  await command.main(words);
fs.writeSync = writeSync;
if (process.exitCode !== 0) throw new Error('a run failed');
for (const part of ['live', 'seldom', 'toml']) modules(part, [...wanted.get(part), ...PARTS[part]][0]);
for (const [path, script] of scripts) {
  const compiled = `${path}.${nodeBuild()}.cache`;
  writeFileSync(compiled, script.createCachedData());
  const again = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    cachedData: readFileSync(compiled),
  });
  if (again.cachedDataRejected) throw new Error('V8 does not take the compiled code back');
}
