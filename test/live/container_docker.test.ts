import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerOf } from '../../src/container/cgroup.js';
import { ContainerType } from '../../src/container/container.js';
import { DockerEngine } from '../../src/container/engine/docker.js';
import {
  CAN_RUN_CONTAINERS,
  runContainer,
  startDocker,
  type TestContainer,
  until,
} from './docker_fixture.js';

describe.runIf(CAN_RUN_CONTAINERS)('Docker, the real one', () => {
  const engine = new DockerEngine({ path: '/var/run/docker.sock' });
  let web: TestContainer;

  beforeAll(async () => {
    await startDocker();
    web = await runContainer('tsdig-engine-web', ['sleep', '300'], {
      labels: { tier: 'web', 'com.example.team': 'schön' },
      extra: [
        '--volume',
        '/etc/hostname:/host-name:ro',
        '--user',
        'tester',
        '--memory',
        '64m',
        '--cpu-shares',
        '512',
        '--health-cmd',
        'true',
        '--pid',
        'host',
        '--env',
        'MESOS_X=1',
        '--env',
        'SECRET=x',
      ],
    });
  });

  afterAll(async () => {
    engine.close();
    await web?.remove();
  });

  it('is found from the cgroups of its process', async () => {
    const cgroups = readFileSync(`/proc/${await web.pid()}/cgroup`, 'latin1')
      .trim()
      .split('\n');
    expect(containerOf(cgroups)).toMatchObject({
      id: web.id,
      fullId: web.fullId,
      type: ContainerType.DOCKER,
    });
  });

  it('tells everything about a container', async () => {
    const info = await engine.inspect(web.fullId);
    expect(info).toMatchObject({
      id: web.id,
      fullId: web.fullId,
      type: ContainerType.DOCKER,
      known: true,
      name: 'tsdig-engine-web',
      image: 'tsdig-test:latest',
      imageRepo: 'tsdig-test',
      imageTag: 'latest',
      privileged: false,
      hostPid: true,
      hostNetwork: false,
      user: 'tester',
      ip: '0.0.0.0',
      memoryLimit: 64 << 20,
      cpuShares: 512,
      env: ['MESOS_X=1'],
      healthcheck: { exe: '/bin/sh', args: ['-c', 'true'] },
      mounts: [
        { source: '/etc/hostname', dest: '/host-name', mode: 'ro', rw: false, propagation: 'rprivate' },
      ],
    });
    expect(info?.imageId).toMatch(/^[0-9a-f]{64}$/);
    expect(info?.labels.get('tier')).toBe('web');
    expect(info?.labels.get('com.example.team')).toBe(Buffer.from('schön').toString('latin1'));
    expect(Math.abs((info?.createdTime ?? 0) - Date.now() / 1000)).toBeLessThan(120);
  });

  it('lists what runs, with names', async () => {
    const found = (await engine.list()).find((info) => info.fullId === web.fullId);
    expect(found).toMatchObject({
      id: web.id,
      name: 'tsdig-engine-web',
      image: 'tsdig-test:latest',
      imageTag: 'latest',
    });
    expect(found?.labels.get('tier')).toBe('web');
  });

  it('knows nothing of a container that does not exist', async () => {
    expect(await engine.inspect('0'.repeat(64))).toBeNull();
  });

  it('tells of a new container before its first process runs', async () => {
    const told: string[] = [];
    engine.watch(
      (id) => told.push(id),
      () => {},
    );
    // It says of nothing when it has begun to listen: of one of these it tells.
    for (let last = Date.now() + 40_000; ; ) {
      const late = await runContainer('tsdig-engine-late', ['true']);
      try {
        await until(() => told.includes(late.fullId), 2000, 'no event for the container');
        break;
      } catch (error) {
        if (Date.now() > last) throw error;
      } finally {
        await late.remove();
      }
    }
  });
});
