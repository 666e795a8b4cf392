// Checks the format of the C sources.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, root } from './prepare.mjs';

if (installPackages(['clang-format']).length > 0) {
  process.stderr.write('clang-format is missing: apt-get install clang-format\n');
  process.exit(1);
}
const files = readdirSync(join(root, 'native'), { recursive: true, encoding: 'utf8' })
  .filter(
    (name) => /\.[ch]$/.test(name) && !/(^|\/)(build|generated)\b/.test(name) && !name.includes('generated'),
  )
  .map((name) => join(root, 'native', name));
const result = spawnSync('clang-format', ['--dry-run', '--Werror', ...files], { stdio: 'inherit' });
process.exit(result.status ?? 1);
