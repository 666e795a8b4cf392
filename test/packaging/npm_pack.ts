import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Packs tsdig into an empty folder; the package's path. The helpers are compiled once for all that pack, and one at a time: they
 * are built in the working tree.
 */
export function npmPack(folder: string): string {
  const pack = ['npm', 'pack', '--pack-destination', folder, '--loglevel=error'];
  execFileSync('flock', [join(ROOT, 'package.json'), ...pack], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, TSDIG_KEEP_PREBUILDS: '1' },
  });
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack made no package');
  return join(folder, name);
}
