// `npm start -- ARGS`: from a fresh clone to a running tsdig. Plain Node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  buildNative,
  buildTypeScript,
  installModules,
  installPackages,
  NATIVE_PACKAGES,
  root,
  say,
} from './prepare.mjs';

const missing = installPackages(NATIVE_PACKAGES);
if (!installModules()) process.exit(1);
if (!buildTypeScript()) process.exit(1);
if (process.platform === 'linux') {
  if (missing.length > 0)
    say(
      `live capture cannot be built without: ${missing.join(' ')} (sudo apt-get install ${missing.join(' ')})`,
    );
  else buildNative();
}

// Ctrl-C goes to the whole foreground group: tsdig itself decides how to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const child = spawn(process.execPath, [join(root, 'dist/cli/main.cjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, TSDIG_DEMO: process.env.TSDIG_DEMO ?? '1' },
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
