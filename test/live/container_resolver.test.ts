import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContainerTable } from '../../src/container/container.js';
import { containerHooks } from '../../src/container/hooks.js';
import { ContainerResolver } from '../../src/container/resolver.js';
import {
  CAN_RUN_CONTAINERS,
  runBriefly,
  runContainer,
  startDocker,
  type TestContainer,
  until,
} from './docker_fixture.js';

/** Ids of the containers that have processes now, straight from /proc. */
function containersInProc(table: ContainerTable): Map<string, number> {
  const hooks = containerHooks(table);
  const out = new Map<string, number>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const id = hooks.containerIdOf(readFileSync(`/proc/${pid}/cgroup`, 'latin1').trim().split('\n'));
      if (id !== '' && !out.has(id)) out.set(id, Number(pid));
    } catch {
      // The process is gone.
    }
  }
  return out;
}

describe.runIf(CAN_RUN_CONTAINERS)('ContainerResolver with the real Docker', () => {
  let web: TestContainer;

  beforeAll(async () => {
    await startDocker();
    web = await runContainer('tsdig-resolver-web', ['sleep', '300'], { labels: { tier: 'web' } });
  });

  afterAll(() => web?.remove());

  it('has the names of what runs within its time limit', async () => {
    const table = new ContainerTable();
    const resolver = new ContainerResolver(table);
    try {
      await resolver.start(30_000);
      expect(table.get(web.id)).toMatchObject({
        name: 'tsdig-resolver-web',
        known: true,
        typeName: 'docker',
      });
      const docker = resolver.engines().find((engine) => engine.kind === 'docker' && engine.present);
      expect(docker?.trouble).toBe('');
    } finally {
      resolver.close();
    }
  });

  it('finds a container that is met in a cgroup only', async () => {
    const table = new ContainerTable();
    const resolver = new ContainerResolver(table);
    try {
      const found = containersInProc(table);
      expect(found.has(web.id)).toBe(true);
      await until(() => !resolver.pending(web.id), 40_000, 'still pending');
      expect(table.get(web.id)?.name).toBe('tsdig-resolver-web');
    } finally {
      resolver.close();
    }
  });

  it('knows containers that live for a moment only', async () => {
    const table = new ContainerTable();
    const resolver = new ContainerResolver(table);
    try {
      await resolver.start(30_000);
      for (const name of ['tsdig-brief-1', 'tsdig-brief-2', 'tsdig-brief-3']) {
        expect((await runBriefly(name, ['sleep', '0.2'])).code).toBe(0);
        // It is gone by now: what is known was learnt while it lived, from Docker's news and not from a process.
        const found = () => [...table].find((info) => info.name === name);
        await until(() => found()?.known === true, 40_000, `${name} is not known`);
        expect(found()).toMatchObject({
          known: true,
          typeName: 'docker',
        });
      }
    } finally {
      resolver.close();
    }
  });

  it('costs nothing but the name when the socket is missing', async () => {
    const table = new ContainerTable();
    const resolver = new ContainerResolver(table, {
      env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock', CONTAINER_HOST: 'unix:///nonexistent/p' },
      hostRoot: '/nonexistent',
    });
    try {
      await resolver.start(30_000);
      containersInProc(table);
      expect(resolver.pending(web.id)).toBe(false);
      expect(table.get(web.id)).toMatchObject({ known: false, typeName: 'docker', fullId: web.fullId });
    } finally {
      resolver.close();
    }
  });
});
