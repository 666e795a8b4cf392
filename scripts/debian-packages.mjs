// Debian's packages of any architecture, without a trace in this machine's package database.
// As a program: node scripts/debian-packages.mjs ARCH DIR NAME…: unpacks the packages into DIR.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Runs a command; its output. Throws with what it printed. */
export function run(command, args, options = {}) {
  const env = { ...process.env, ...options.env };
  const result = spawnSync(command, args, { encoding: 'utf8', ...options, env });
  if (result.status === 0) return result.stdout;
  throw new Error(
    `\`${command} ${args.join(' ')}\`: ${result.stderr || result.stdout || result.error?.message}`,
  );
}

/**
 * Unpacks packages into a folder, without what they depend on. For `linux-image-ARCH`, which is empty, the kernel that
 * it stands for. `arch`: Debian's name. Throws when one cannot be had.
 */
export function unpackPackages(arch, dir, names) {
  const state = mkdtempSync(join(tmpdir(), 'tsdig-apt-'));
  try {
    for (const folder of ['lists/partial', 'cache/archives/partial', 'debs'])
      mkdirSync(join(state, folder), { recursive: true });
    const config = join(state, 'apt.conf');
    writeFileSync(
      config,
      `APT::Architecture "${arch}";\nAPT::Architectures { "${arch}"; };\nAPT::Sandbox::User "root";\n` +
        `Dir::State::lists "${state}/lists";\nDir::State::status "/dev/null";\nDir::Cache "${state}/cache";\n`,
    );
    const env = { APT_CONFIG: config };
    run('apt-get', ['update', '-q'], { env });
    const real = names.map((name) => {
      if (!/^linux-image-[a-z0-9]+$/.test(name)) return name;
      const depends = run('apt-cache', ['depends', name], { env });
      return /Depends: (linux-image-\S+)/.exec(depends)?.[1] ?? name;
    });
    const debs = join(state, 'debs');
    run('apt-get', ['download', '-q', ...real], { env, cwd: debs });
    mkdirSync(dir, { recursive: true });
    for (const deb of readdirSync(debs)) run('dpkg-deb', ['-x', join(debs, deb), dir]);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [arch, dir, ...names] = process.argv.slice(2);
  unpackPackages(arch, dir, names);
}
