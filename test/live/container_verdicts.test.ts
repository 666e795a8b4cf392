import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

  it('is the host, where it is not wanted, but nobody in a pid namespace of his own', async () => {
    await startDocker();
    const container = await runContainer('tsdig-not-host', ['sh', '-c', LOOP]);
    ends.push(() => container.remove());
    const nested = spawn('unshare', ['--pid', '--fork', '--mount-proc', 'sh', '-c', LOOP], {
      stdio: 'ignore',
      detached: true,
    });
    ends.push(() => void process.kill(-nested.pid!, 'SIGKILL'));
    const run = new TsdigProcess(['-v', '-p', '%container.id %proc.name %evt.type', 'container.id!=host']);
    ends.push(() => run.interrupt());
    await run.attached();
    const dd = spawn('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=1'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const copied = text(dd.stderr!);
    expect(await run.saw(new RegExp(`^${container.fullId.slice(0, 12)} \\S+ openat`, 'm'))).toBe(true);
    // Its container has no id, which is not that of the host.
    expect(await run.saw(/^ cat openat/m)).toBe(true);
    const reads = () => Number(/^syscr: (\d+)/m.exec(readFileSync(`/proc/${dd.pid}/io`, 'latin1'))?.[1]);
    await until(() => reads() > 500_000, 20_000, 'dd does not read');
    dd.kill('SIGINT');
    const calls = Number((await copied).match(/^(\d+)\+0 records in/m)?.[1]);
    const { stdout, stderr } = await run.interrupt();
    expect(stdout).not.toMatch(/^host/m);
    expect(calls).toBeGreaterThan(500_000);
    expect(Number(stderr.match(/^Driver Events:(\d+)/m)?.[1])).toBeLessThan(calls / 2);
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
