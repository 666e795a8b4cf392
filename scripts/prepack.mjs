// Before `npm pack`: the compiled program, the man page and the prebuilt helpers.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTypeScript, installModules, root } from './prepare.mjs';

if (!installModules() || !buildTypeScript()) process.exit(1);
for (const script of ['man-page.mjs', 'prebuild.mjs']) {
  // npm prints what goes to standard output of this script into its own.
  const result = spawnSync(process.execPath, [join(root, 'scripts', script)], { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
