// `npm run test:kernels`: captures on kernels other than this machine's, which QEMU emulates (test/kernels).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildTypeScript, installModules, installPackages, NATIVE_PACKAGES, root } from './prepare.mjs';

const missing = installPackages([
  ...NATIVE_PACKAGES,
  ...['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'llvm'],
  ...['qemu-system-x86', 'qemu-system-arm', 'cpio'],
]);
if (missing.length > 0) {
  process.stderr.write(`tsdig: these tests need ${missing.join(' ')}\n`);
  process.exit(1);
}
if (!installModules() || !buildTypeScript()) process.exit(1);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const words = ['run', '--config', 'test/kernels/vitest.config.ts', ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, [vitest, ...words], { cwd: root, stdio: 'inherit' }).status ?? 1);
