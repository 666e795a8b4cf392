// `npm test`: sets up what the tests need and runs them. With TSDIG_REQUIRE_LIVE=1 nothing may be skipped.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  buildNative,
  buildTypeScript,
  installModules,
  installPackages,
  isRoot,
  NATIVE_PACKAGES,
  root,
  say,
} from './prepare.mjs';

const needed = [
  ...NATIVE_PACKAGES,
  // The helper for arm64, compiled here and run by an emulator; llvm strips what the package brings.
  ...['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'qemu-user-static', 'llvm'],
  ...[
    'sysdig',
    'docker.io',
    'podman',
    'lxc',
    'systemd-container',
    'busybox-static',
    'strace',
    'tmux',
    'zsh',
    'fish',
  ],
];
const missing = installPackages(needed);
if (!installModules() || !buildTypeScript()) process.exit(1);
if (process.platform === 'linux' && !buildNative())
  say('the native helper was not built: live tests cannot run');
if (missing.length > 0) say(`without ${missing.join(' ')} some tests are skipped`);

const live = process.platform === 'linux' && isRoot ? (process.env.TSDIG_REQUIRE_LIVE ?? '1') : '0';
const run = (...words) =>
  spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...words], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TZ: 'UTC', TSDIG_REQUIRE_LIVE: live },
  }).status ?? 1;

const words = process.argv.slice(2);
if (words.length > 0) process.exit(run(...words));
// Live tests measure the machine: one file at a time, and nothing beside them.
const rest = run('--exclude', 'test/live/**');
const alone = run('test/live', '--no-file-parallelism');
process.exit(rest || alone);
