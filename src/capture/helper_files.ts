import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the helper and its eBPF object may stand: built by node-gyp, prebuilt in the package, or by hand. */
function helperDirs(): string[] {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const dirs = [`${root}/build/Release`, `${root}/prebuilds/${process.platform}-${process.arch}`];
  const given = process.env['TSDIG_NATIVE_DIR'];
  return given ? [given, ...dirs] : dirs;
}

/** Path of a file of the helper, undefined where it has not been built. */
export function helperFile(name: string): string | undefined {
  return helperDirs()
    .map((dir) => `${dir}/${name}`)
    .find((path) => existsSync(path));
}
