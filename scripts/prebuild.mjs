// Builds what the npm package brings: the helper and the eBPF programs for live capture, and the addon that reads ahead, for x64 and arm64, with the
// libraries that the helper needs beside it (prebuilds/linux-ARCH), so that an install needs neither compiler nor script.
// The other architecture is built with a cross compiler and libraries from Debian's archive; where these cannot be
// had it is left out, and there the helper is built from source. With TSDIG_KEEP_PREBUILDS=1 those that are newer than their
// sources stay: tests pack several times.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, unpackPackages } from './debian-packages.mjs';
import { installPackages, NATIVE_PACKAGES, newest, root, say } from './prepare.mjs';

const ARCHES = {
  x64: {
    debian: 'amd64',
    triple: 'x86_64-linux-gnu',
    bpf: 'x86',
    cross: ['gcc-x86-64-linux-gnu', 'libc6-dev-amd64-cross'],
  },
  arm64: {
    debian: 'arm64',
    triple: 'aarch64-linux-gnu',
    bpf: 'arm64',
    cross: ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'],
  },
};
/** Debian packages with the libraries, and the file of each that is shipped. */
const LIBRARIES = { libbpf1: 'libbpf.so.1', libelf1: 'libelf.so.1', zlib1g: 'libz.so.1' };

const compile = (command, args) => run(command, args, { cwd: root });
const place = (arch) => join(root, 'prebuilds', `linux-${arch}`);

/** Whether what was built is newer than all that it is built from. */
function isNew(arch) {
  const object = join(place(arch), 'tsdig.bpf.o');
  const sources = [join(root, 'native'), join(root, 'scripts')];
  return existsSync(object) && statSync(object).mtimeMs > Math.max(...sources.map(newest));
}

function build(arch, work) {
  const { debian, triple, bpf } = ARCHES[arch];
  const own = arch === process.arch;
  const sysroot = own ? '' : join(work, 'sysroot');
  if (!own)
    unpackPackages(debian, sysroot, [
      ...Object.keys(LIBRARIES),
      ...['libbpf-dev', 'libelf-dev', 'zlib1g-dev'],
    ]);
  // Beside its place until it is whole.
  const out = `${place(arch)}.new`;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });

  const library = (name) => {
    const path = [`${sysroot}/usr/lib/${triple}/${name}`, `${sysroot}/lib/${triple}/${name}`].find((p) =>
      existsSync(p),
    );
    if (path === undefined) throw new Error(`${name} for ${arch} is not there`);
    return path;
  };
  for (const [name, file] of Object.entries(LIBRARIES)) {
    copyFileSync(library(file), join(out, file));
    copyFileSync(`${sysroot}/usr/share/doc/${name}/copyright`, join(out, `${file}.copyright`));
  }
  const sources = readdirSync(join(root, 'native'))
    .filter((name) => name.endsWith('.c'))
    .map((name) => `native/${name}`);
  const includes = own ? [] : [`-isystem${sysroot}/usr/include`, `-isystem${sysroot}/usr/include/${triple}`];
  compile(own ? 'cc' : `${triple}-gcc`, [
    ...[
      '-std=c11',
      '-O2',
      '-s',
      '-fPIC',
      '-shared',
      '-fvisibility=hidden',
      ...includes,
      '-o',
      join(out, 'libtsdig.so'),
      ...sources,
    ],
    // The libraries beside it are taken, whatever the machine has; all by name, so that none looks for its own.
    ...['-Wl,--disable-new-dtags', '-Wl,-rpath,$ORIGIN', '-Wl,--no-as-needed', '-Wl,--allow-shlib-undefined'],
    ...Object.values(LIBRARIES).map((file) => join(out, file)),
    '-lpthread',
  ]);
  compile(own ? 'cc' : `${triple}-gcc`, [
    ...['-std=c11', '-O2', '-s', '-fPIC', '-shared', '-fvisibility=hidden'],
    ...[`-I${createRequire(import.meta.url)('node-api-headers').include_dir}`, ...includes],
    ...['-o', join(out, 'tsdig_scan.node')],
    ...['addon', 'find_texts', 'read_ahead', 'scan_events'].map((name) => `native/scan/${name}.c`),
    '-lpthread',
  ]);
  const object = join(out, 'tsdig.bpf.o');
  compile('clang', [
    ...['-g', '-O2', '-target', 'bpf', '-mcpu=v3', `-D__TARGET_ARCH_${bpf}`, ...includes],
    ...['-Wno-unused-function', '-Wno-unused-parameter', '-c', 'native/bpf/tsdig.bpf.c', '-o', object],
  ]);
  // Leaves BTF, which CO-RE needs, and drops the rest of what -g makes.
  const strip = ['llvm-strip', 'llvm-strip-19', 'llvm-strip-16', 'llvm-strip-14'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (strip) compile(strip, ['-g', object]);
  rmSync(place(arch), { recursive: true, force: true });
  renameSync(out, place(arch));
  say(`built prebuilds/linux-${arch}`);
}

if (process.platform !== 'linux') {
  say(
    'no helper is built here: the package reads recordings, and live capture has to be built where it is installed',
  );
  process.exit(0);
}
const other = process.arch === 'x64' ? 'arm64' : 'x64';
installPackages(NATIVE_PACKAGES);
const wanted = process.argv.slice(2);
for (const arch of wanted.length > 0 ? wanted : [process.arch, other]) {
  if (process.env.TSDIG_KEEP_PREBUILDS === '1' && isNew(arch)) continue;
  const work = mkdtempSync(join(tmpdir(), 'tsdig-prebuild-'));
  try {
    if (arch !== process.arch) installPackages(ARCHES[arch].cross);
    build(arch, work);
  } catch (error) {
    for (const folder of [place(arch), `${place(arch)}.new`])
      rmSync(folder, { recursive: true, force: true });
    say(`no helper for linux-${arch} in the package: ${error.message.split('\n').slice(0, 3).join(' ')}`);
    if (arch === process.arch) process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
