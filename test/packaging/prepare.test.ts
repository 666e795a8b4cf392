import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PREPARE = resolve(import.meta.dirname, '../../scripts/prepare.mjs');
const CAN_INSTALL = process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** The preparation with an apt-get of ours in front of the real one: nothing is installed. */
describe.runIf(CAN_INSTALL)('installing Debian packages', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsdig-prepare-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function install(aptGet: string): { missing: unknown; stderr: string; calls: string[] } {
    const log = join(folder, 'calls');
    rmSync(log, { force: true });
    writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\necho "$1" >> ${log}\n${aptGet}\n`);
    chmodSync(join(folder, 'apt-get'), 0o755);
    const code = `const { installPackages } = await import(${JSON.stringify(PREPARE)}); console.log(JSON.stringify(installPackages(['tsdig-no-such-package'])));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` },
    });
    return { missing: JSON.parse(stdout), stderr, calls: readFileSync(log, 'utf8').trim().split('\n') };
  }

  it('waits while another apt holds a lock, and says so once', () => {
    const busy =
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 77 (unattended-upgr)';
    const { missing, stderr, calls } = install(
      `[ "$(wc -l < ${join(folder, 'calls')})" -ge 3 ] || { echo '${busy}' >&2; exit 100; }`,
    );
    expect(missing).toEqual([]);
    expect(calls).toEqual(['install', 'install', 'install']);
    expect(stderr.match(/waiting for another apt to end/g)).toHaveLength(1);
  });

  it('looks at the lists anew once, then tells what apt-get said', () => {
    const { missing, stderr, calls } = install('echo "E: Unable to locate package" >&2; [ "$1" = update ]');
    expect(missing).toEqual(['tsdig-no-such-package']);
    expect(calls).toEqual(['install', 'update', 'install']);
    expect(stderr).toMatch(/apt-get install .*` failed:\nE: Unable to locate package/);
  });

  it('knows what the real one says', () => {
    // A lock that this test holds itself, in a state folder of its own.
    const state = mkdtempSync(join(folder, 'state-'));
    execFileSync('mkdir', ['-p', join(state, 'lists/partial')]);
    const hold = `import fcntl, subprocess, sys
f = open('${state}/lists/lock', 'w')
fcntl.lockf(f, fcntl.LOCK_EX)
r = subprocess.run(['apt-get', 'update', '-o', 'Dir::State=${state}', '-o', 'Dir::State::lists=${state}/lists'], capture_output=True, text=True, env={'LC_ALL': 'C', 'PATH': '/usr/bin:/bin'})
sys.stdout.write(r.stderr)
sys.exit(r.returncode)`;
    const { status, stdout } = spawnSync('python3', ['-c', hold], { encoding: 'utf8' });
    expect(status).toBe(100);
    expect(stdout).toMatch(/Could not get lock|Unable to (acquire|lock)/);
  });
});
