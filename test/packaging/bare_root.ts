import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Makes `root` a root file system with Node and the libraries that it is linked with, and nothing else: no shell, no
 * compiler, no libbpf.
 */
export function makeBareRoot(root: string): void {
  for (const dir of ['proc', 'sys', 'tmp', 'etc', 'usr/bin']) mkdirSync(join(root, dir), { recursive: true });
  copyFileSync(process.execPath, join(root, 'usr/bin/node'));
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const libraries = linked.match(/\/[^\s()]+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(realpathSync(library), join(root, library));
  }
  // What koffi needs beyond Node's own.
  for (const name of ['libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1']) {
    const path = `/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/${name}`;
    const target = join(root, path);
    if (!existsSync(path) || existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(realpathSync(path), target);
  }
}
