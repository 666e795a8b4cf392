import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../installed.js';
import { docker, runContainer, startDocker } from '../live/docker_fixture.js';
import { makeBareRoot } from './bare_root.js';
import { npmPack } from './npm_pack.js';

const ROOT = resolve(import.meta.dirname, '../..');
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const NO_SCRIPTS = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

let work: string;
let bare: string;
let files: string[];

/** Runs the installed command inside the bare root file system. */
function tsdig(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  // A mount namespace of its own: nothing that is mounted here reaches the machine, and all of it goes with the process.
  const script =
    'mount --bind /proc "$0/proc" && mount --rbind /sys "$0/sys" && exec chroot "$0" /usr/bin/node "$@"';
  const main = '/app/node_modules/tsdig/dist/cli/main.cjs';
  return spawnSync('unshare', ['--mount', 'sh', '-c', script, bare, main, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { HOME: '/', PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC' },
  });
}

/** Needs root for chroot; live tests are required where the others are. */
describe.runIf(isRoot)('the npm package', () => {
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'tsdig-pack-'));
    bare = join(work, 'root');
    const tarball = npmPack(work);
    files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
    makeBareRoot(bare);
    mkdirSync(join(bare, 'app'));
    execFileSync('npm', ['install', '--prefix', join(bare, 'app'), ...NO_SCRIPTS, tarball]);
    copyFileSync(join(ROOT, 'test/fixtures/http.scap.gz'), join(bare, 'tmp/http.scap.gz'));
  }, 170_000);

  afterAll(() => {
    rmSync(work, { recursive: true, force: true });
  });

  it('holds the program, the chisels, the helper and no tests', () => {
    const helper = `package/prebuilds/linux-${process.arch}/`;
    for (const name of [
      'package/dist/cli/main.cjs',
      'package/chisels/topprocs_cpu.lua',
      'package/docs/tsdig.1',
    ])
      expect(files).toContain(name);
    for (const name of ['libtsdig.so', 'tsdig.bpf.o', 'libbpf.so.1', 'tsdig_scan.node'])
      expect(files).toContain(helper + name);
    expect(files.filter((name) => /^package\/(test|bench|src)\//.test(name))).toEqual([]);
    // npm would run node-gyp at install for it.
    expect(files).not.toContain('package/binding.gyp');
  });

  it('reads a capture where there is nothing but Node', () => {
    const { stdout, stderr, status } = tsdig('-r', '/tmp/http.scap.gz', '-n', '3', 'evt.type=read');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(tsdig('-r', '/tmp/http.scap.gz', '-c', 'topprocs_net').stdout).toContain('Bytes');
  });

  it('captures live with the helper that it brings', () => {
    const { stdout, stderr, status } = tsdig('-n', '20', '-p', '%evt.type', 'evt.type != switch');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n').length).toBe(20);
  }, 60_000);

  // What --privileged gives, without those rights that root may lack where the tests run.
  const RIGHTS = [
    ...['SYS_ADMIN', 'SYS_PTRACE', 'DAC_READ_SEARCH'].map((name) => `--cap-add=${name}`),
    ...['--security-opt=seccomp=unconfined', '--security-opt=apparmor=unconfined'],
  ];

  it.runIf(process.env['TSDIG_REQUIRE_LIVE'] !== '0' && isInstalled('docker'))(
    'watches the host and its containers from a container',
    async () => {
      await startDocker();
      const image = 'tsdig-test-packed:latest';
      const tar = join(work, 'image.tar');
      execFileSync('tar', ['-C', bare, '-cf', tar, '.']);
      const words = ['/usr/bin/node', '/app/node_modules/tsdig/dist/cli/main.cjs'].map((word) => `"${word}"`);
      const changes = ['ENV TSDIG_HOST_ROOT=/host', `ENTRYPOINT [${words.join(', ')}]`];
      await docker('import', ...changes.flatMap((change) => ['--change', change]), tar, image);
      const burner = await runContainer('tsdig-burner', ['sh', '-c', 'while :; do :; done']);
      try {
        const mounts = [
          '/var/run/docker.sock:/host/var/run/docker.sock',
          '/proc:/host/proc:ro',
          '/sys:/host/sys:ro',
        ];
        const places = ['--net=host', '--pid=host', ...mounts.flatMap((mount) => ['-v', mount])];
        const filter = `container.name=${burner.name}`;
        const { stdout, stderr } = await docker(
          ...['run', '--rm', '--label', 'tsdig.test=1', ...RIGHTS, ...places, image],
          ...['-pc', '-c', 'topprocs_cpu', '-M', '4', filter],
        );
        expect(stderr).toBe('');
        expect(stdout).toMatch(
          new RegExp(`^[1-9]\\d*\\.\\d+% +sh +${await burner.pid()} +1 +${burner.name}$`, 'm'),
        );
      } finally {
        await burner.remove();
        await docker('rmi', '--force', image);
      }
    },
    120_000,
  );
});
