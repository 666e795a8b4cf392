import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findHierarchy } from '../../src/session/kernel_containers.js';
import { CAN_RUN_CONTAINERS, docker, runContainer, startDocker, until } from './docker_fixture.js';
import { TsdigProcess } from './tsdig_process.js';

const ID = 'c7'.repeat(32);
const LOOP = 'while sleep 0.1; do cat /etc/passwd; done';

describe.runIf(CAN_RUN_CONTAINERS)('what the kernel rules out', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it('is let in again when a container gets the name that is wanted', async () => {
    await startDocker();
    const container = await runContainer('tsdig-name-before', ['sh', '-c', LOOP]);
    ends.push(() => container.remove());
    const run = new TsdigProcess([
      '-v',
      '-p',
      '%container.name %evt.type',
      'container.name=tsdig-name-after',
    ]);
    ends.push(() => run.interrupt());
    await run.attached();
    await docker('rename', container.fullId, 'tsdig-name-after');
    expect(await run.saw(/^tsdig-name-after openat/m)).toBe(true);
  });

  it('is seen from within a container that has a cgroup namespace', async () => {
    const hierarchy = findHierarchy()!;
    const group = join(hierarchy.mount, 'docker', ID);
    mkdirSync(group, { recursive: true });
    const removed = (): boolean => {
      try {
        rmdirSync(group);
        return true;
      } catch {
        return false;
      }
    };
    ends.push(() => until(removed, 20_000, `${group} cannot be removed`));
    const join_ = ['sh', '-c', `echo $$ > ${group}/cgroup.procs; exec "$@"`, 'sh'];
    // Runs since before, in the same container as tsdig.
    const loop: ChildProcess = spawn('sh', [...join_.slice(1), 'sh', '-c', LOOP], {
      stdio: 'ignore',
      detached: true,
    });
    ends.push(() => void process.kill(-loop.pid!, 'SIGKILL'));
    const run = new TsdigProcess(
      ['-v', '-p', '%thread.tid %container.id %thread.cgroups', `container.id=${ID.slice(0, 12)}`],
      { under: [...join_, 'unshare', '--cgroup'] },
    );
    ends.push(() => run.interrupt());
    await run.attached();
    // The loop's own calls: its cgroups were read, no event has told them.
    expect(await run.saw(new RegExp(`^${loop.pid} `, 'm'))).toBe(true);
    const { stdout, stderr } = await run.interrupt();
    expect(stdout).not.toContain('/..');
    expect(stderr).not.toContain('namespace');
    for (const line of stdout.trim().split('\n')) expect(line).toContain(`=/docker/${ID}`);
  });
});
