// Builds the helper for live capture, and the addon that reads recordings ahead, with node-gyp, if their output is older than their source.
// `--optional` (installing): says in one line what is missing and succeeds all the same.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const optional = process.argv.includes('--optional');
const ADDON = 'build/Release/tsdig_scan.node';
const outputs = ['build/Release/libtsdig.so', 'build/Release/tsdig.bpf.o', ADDON].map(
  (name) => `${root}/${name}`,
);

function end(message) {
  if (message !== undefined) process.stderr.write(`tsdig: ${message}\n`);
  process.exit(message === undefined || optional ? 0 : 1);
}

if (process.platform !== 'linux')
  end('live capture works on Linux only: nothing to build; reading recordings works');

const sources = readdirSync(`${root}/native`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.[ch]$/.test(name) && !name.startsWith('build'))
  .map((name) => `${root}/native/${name}`);
const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const newest = Math.max(...[...sources, `${root}/binding.gyp`].map(timeOf));
if (outputs.every((path) => timeOf(path) > newest)) end();

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const header = (name) => ['/usr/include', '/usr/local/include'].some((dir) => existsSync(`${dir}/${name}`));
const missing = [
  ['clang', has('clang')],
  ['libbpf-dev', header('bpf/libbpf.h')],
  ['libelf-dev', header('libelf.h')],
  ['zlib1g-dev', header('zlib.h')],
  ['make', has('make')],
  ['g++', has('g++')],
  ['python3', has('python3')],
]
  .filter(([, there]) => !there)
  .map(([name]) => name);
if (missing.length > 0) {
  // The addon needs a C compiler only.
  tryAddon();
  end(
    `live capture is not built: apt-get install ${missing.join(' ')}, then npm run build:native; reading recordings works without`,
  );
}

/** Where node_api.h may be: with Node itself, or in the package of the headers alone. */
function nodeApiFolder() {
  const folders = [join(dirname(process.execPath), '../include/node')];
  try {
    folders.push(createRequire(import.meta.url)('node-api-headers').include_dir);
  } catch {
    // It is there for development only.
  }
  return folders.find((folder) => existsSync(join(folder, 'node_api.h')));
}

/** Builds the addon without node-gyp. Gives what was wrong, undefined if nothing was. */
function buildAddon() {
  const headers = nodeApiFolder();
  if (headers === undefined) return 'node_api.h is not there';
  mkdirSync(join(root, dirname(ADDON)), { recursive: true });
  const sources = ['addon', 'find_texts', 'read_ahead', 'scan_events'].map((name) => `native/scan/${name}.c`);
  return failure('cc', [
    ...['-std=c11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden'],
    ...[`-I${headers}`, '-o', ADDON, ...sources, '-lpthread'],
  ]);
}

/** Builds the addon without node-gyp, or says that it could not be: nothing but speed is lost. */
function tryAddon() {
  const wrong = buildAddon();
  if (wrong === undefined) return;
  if (!optional) process.stderr.write(`${wrong.trimEnd()}\n`);
  process.stderr.write(
    'tsdig: the addon that reads recordings ahead could not be built: they are read all the same, more slowly\n',
  );
}

/** The C files of the helper, as binding.gyp lists them. */
function helperSources() {
  return readdirSync(`${root}/native`)
    .filter((name) => name.endsWith('.c'))
    .map((name) => `native/${name}`);
}

/** Runs a command in the repository; its output on failure, undefined on success. */
function failure(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.status === 0) return undefined;
  return `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
}

const gyp = `${root}/node_modules/node-gyp/bin/node-gyp.js`;
let trouble = existsSync(gyp)
  ? failure(process.execPath, [gyp, 'rebuild', '--silent'])
  : 'node-gyp is not installed';
if (!outputs.every((path) => existsSync(path))) trouble ??= 'node-gyp made something else';
if (trouble !== undefined) {
  // node-gyp wants Node's headers, which the helper does not need: where they cannot be had, do it directly.
  const bpfArch = process.arch === 'arm64' ? 'arm64' : 'x86';
  const commands = [
    ['mkdir', '-p', 'build/Release'],
    [
      'cc',
      '-std=c11',
      '-O2',
      '-g',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fPIC',
      '-shared',
      '-fvisibility=hidden',
      '-o',
      'build/Release/libtsdig.so',
      ...helperSources(),
      '-lbpf',
      '-lelf',
      '-lz',
      '-lpthread',
    ],
    [
      'clang',
      '-g',
      '-O2',
      '-target',
      'bpf',
      '-mcpu=v3',
      `-D__TARGET_ARCH_${bpfArch}`,
      '-Wall',
      '-Wextra',
      '-Werror',
      '-Wno-unused-function',
      '-Wno-unused-parameter',
      '-c',
      'native/bpf/tsdig.bpf.c',
      '-o',
      'build/Release/tsdig.bpf.o',
    ],
  ];
  for (const [command, ...args] of commands) {
    trouble = failure(command, args);
    if (trouble !== undefined) break;
  }
  tryAddon();
}
if (trouble !== undefined) {
  if (!optional) process.stderr.write(`${trouble}\n`);
  end('live capture could not be built (see above); reading recordings works without');
}
end();
