// Installs and builds what is missing, and says what it does. Plain Node: runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (text) => process.stderr.write(`tsdig: ${text}\n`);

/** Runs a command; its output is shown only when it fails. */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return true;
  say(
    `\`${command} ${args.join(' ')}\` failed:\n${(result.stdout ?? '') + (result.stderr ?? '') || result.error?.message}`,
  );
  return false;
}

/** When the newest file in a folder was changed. */
const newest = (dir) => {
  let time = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    time = Math.max(time, statSync(path).mtimeMs);
  }
  return time;
};
const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const isDebian = existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
const isRoot = process.getuid?.() === 0;
const isInstalled = (name) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format.
  const state = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
  return state.status === 0 && state.stdout.includes('ok installed');
};

/**
 * Installs those Debian packages that are missing. Returns the names that are still missing
 * (no root, or another system).
 */
export function installPackages(names) {
  if (process.platform !== 'linux' || !isDebian) return names;
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return [];
  if (!isRoot) return missing;
  say(`installing Debian packages: ${missing.join(' ')}`);
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  if (aptGet(install).status === 0) return [];
  aptGet(['update', '-q']);
  const second = aptGet(install);
  if (second.status === 0) return [];
  say(`\`apt-get ${install.join(' ')}\` failed:\n${second.output}`);
  return missing;
}

/** How long another apt, such as that of unattended upgrades, may hold its locks: seconds. */
const LOCK_PATIENCE = 300;

/** apt-get, asking nothing; while another apt is at work it waits. */
function aptGet(args) {
  const end = Date.now() + LOCK_PATIENCE * 1000;
  for (let told = false; ; told = true) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
    const { status, stdout, stderr, error } = spawnSync('apt-get', args, {
      encoding: 'utf8',
      env,
      maxBuffer: 1 << 28,
    });
    const output = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`;
    if (status === 0 || Date.now() > end || !/Could not get lock|Unable to (acquire|lock)/.test(output))
      return { status, output };
    if (!told) say('waiting for another apt to end');
    spawnSync('sleep', ['2']);
  }
}

/** npm packages as the lock file has them. */
export function installModules() {
  const marker = join(root, 'node_modules/.package-lock.json');
  if (timeOf(marker) >= timeOf(join(root, 'package-lock.json')) - 1000 && existsSync(marker)) return true;
  say('installing npm packages');
  // Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms.
  return run('npm', [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--ignore-scripts',
  ]);
}

/** What live capture is built with. */
export const NATIVE_PACKAGES = ['clang', 'libbpf-dev', 'libelf-dev', 'zlib1g-dev', 'make', 'g++', 'python3'];

/** The TypeScript, if its output is older than its source. */
export function buildTypeScript() {
  const out = join(root, 'dist/cli/main.cjs');
  if (timeOf(out) <= newest(join(root, 'src'))) {
    say('building');
    if (!run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']))
      return false;
  }
  // Without the bundle it starts more slowly, that is all.
  if (timeOf(join(root, 'dist/bundle/tsdig.js')) < timeOf(out))
    run(process.execPath, [join(root, 'scripts/bundle.mjs')]);
  return true;
}

/** The C helper and the eBPF programs; false means reading captures only. */
export function buildNative() {
  if (process.platform !== 'linux') return false;
  const script = join(root, 'scripts/build-native.mjs');
  if (!existsSync(script)) return false;
  return run(process.execPath, [script]);
}

export function packageVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

export { isRoot, newest, root, say };
