import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { containerIdOf, containerOf } from '../../src/container/cgroup.js';
import { ContainerType } from '../../src/container/container.js';
import { isInstalled } from '../installed.js';
import { CAN_RUN_CONTAINERS, until } from './docker_fixture.js';

describe.runIf(CAN_RUN_CONTAINERS && isInstalled('lxc-execute'))('LXC, the real one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-lxc-'));
  let lxc: ChildProcess | undefined;

  afterAll(async () => {
    if (lxc !== undefined && lxc.exitCode === null) {
      const ended = new Promise((resolve) => lxc?.on('exit', resolve));
      lxc.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('is found from the cgroups of its process; its monitor is a process of the host', async () => {
    chmodSync(folder, 0o755);
    const config = join(folder, 'config');
    writeFileSync(config, 'lxc.net.0.type = empty\nlxc.console.path = none\n');
    lxc = spawn('lxc-execute', ['-n', 'tsdig-lxc', '-P', folder, '-f', config, '--', 'sleep', '61.5'], {
      stdio: 'ignore',
      detached: true,
    });
    const pidOf = (pattern: string) => {
      try {
        return execFileSync('pgrep', ['--oldest', '--full', pattern], { encoding: 'latin1' }).trim();
      } catch {
        return '';
      }
    };
    await until(() => pidOf('^sleep 61.5') !== '', 40_000, 'the container does not run');
    const cgroupsOf = (pid: string) => readFileSync(`/proc/${pid}/cgroup`, 'latin1').trim().split('\n');
    expect(containerOf(cgroupsOf(pidOf('^sleep 61.5')))).toMatchObject({
      id: 'tsdig-lxc',
      type: ContainerType.LXC,
    });
    expect(containerIdOf(cgroupsOf(String(lxc.pid)))).toBe('');
  });
});
