import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerIdOf, containerOf } from '../../src/container/cgroup.js';
import { ContainerTable, ContainerType } from '../../src/container/container.js';
import { DockerEngine } from '../../src/container/engine/docker.js';
import { PodmanFiles } from '../../src/container/engine/podman_files.js';
import { ContainerResolver } from '../../src/container/resolver.js';
import { isInstalled } from '../installed.js';
import { CAN_RUN_CONTAINERS, docker, startDocker, TEST_IMAGE, until } from './docker_fixture.js';

const run = promisify(execFile);

/** Podman with a storage of its own; cgroups made by itself, for lack of systemd. */
class Podman {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsdig-podman-'));
  readonly socket = join(this.folder, 'podman.sock');
  readonly storage = join(this.folder, 'storage');
  private service: ChildProcess | null = null;

  async call(...args: string[]): Promise<string> {
    return (await run('podman', [...this.globals(), ...args])).stdout.trim();
  }

  serve(): Promise<void> {
    this.service = spawn(
      'podman',
      [...this.globals(), 'system', 'service', '--time=0', `unix://${this.socket}`],
      { stdio: 'ignore' },
    );
    return until(() => existsSync(this.socket), 40_000, 'no socket of podman');
  }

  async stop(): Promise<void> {
    this.service?.kill('SIGTERM');
    await this.call('rm', '--all', '--force', '--time=0').catch(() => {});
    // Its monitor and its service may still be making files there.
    const removed = (): boolean => {
      try {
        rmSync(this.folder, { recursive: true, force: true });
        return true;
      } catch (error) {
        if (!/^(ENOTEMPTY|EBUSY)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
        return false;
      }
    };
    await until(removed, 40_000, `${this.folder} cannot be removed`);
  }

  private globals(): string[] {
    return [
      '--root',
      this.storage,
      '--runroot',
      join(this.folder, 'run'),
      '--tmpdir',
      join(this.folder, 'tmp'),
      '--storage-driver=vfs',
      '--cgroup-manager=cgroupfs',
      '--runtime=runc',
      '--events-backend=file',
    ];
  }
}

describe.runIf(CAN_RUN_CONTAINERS && isInstalled('podman'))('Podman, the real one', () => {
  const podman = new Podman();
  let fullId = '';

  beforeAll(async () => {
    await startDocker();
    const image = join(podman.folder, 'image.tar');
    await docker('save', '--output', image, TEST_IMAGE);
    await podman.call('load', '--input', image);
    fullId = await podman.call(
      'run',
      '--detach',
      '--name',
      'tsdig-pod',
      '--network=none',
      '--label',
      'tier=pod',
      '--user',
      '1000:1000',
      '--volume',
      `${podman.folder}:/in:ro`,
      '--ulimit=nofile=1024:1024',
      '--ulimit=nproc=1024:1024',
      TEST_IMAGE,
      'sleep',
      '300',
    );
    await podman.serve();
  });

  afterAll(() => podman.stop());

  it('is found from the cgroups of its process; its monitor is a process of the host', async () => {
    const pid = await podman.call('inspect', '--format', '{{.State.Pid}}', fullId);
    const monitor = await podman.call('inspect', '--format', '{{.State.ConmonPid}}', fullId);
    const cgroupsOf = (one: string) => readFileSync(`/proc/${one}/cgroup`, 'latin1').trim().split('\n');
    expect(containerOf(cgroupsOf(pid))).toMatchObject({
      fullId,
      type: ContainerType.PODMAN,
      engine: 'podman',
    });
    expect(containerIdOf(cgroupsOf(monitor))).toBe('');
  });

  it('tells everything through its service', async () => {
    const engine = new DockerEngine({ path: podman.socket }, ContainerType.PODMAN);
    try {
      const info = await engine.inspect(fullId);
      expect(info).toMatchObject({
        name: 'tsdig-pod',
        typeName: 'podman',
        image: `localhost/${TEST_IMAGE}`,
        imageRepo: 'localhost/tsdig-test',
        imageTag: 'latest',
        user: '1000:1000',
        privileged: false,
      });
      expect(info?.labels.get('tier')).toBe('pod');
      expect(info?.imageDigest).toMatch(/^sha256:/);
      expect(info?.mounts).toMatchObject([{ source: podman.folder, dest: '/in', rw: false }]);
      expect((await engine.list()).map((one) => one.name)).toEqual(['tsdig-pod']);
    } finally {
      engine.close();
    }
  });

  it('tells its name without the service, from its files', async () => {
    const engine = new PodmanFiles(podman.storage);
    expect(await engine.inspect(fullId)).toMatchObject({
      name: 'tsdig-pod',
      typeName: 'podman',
      image: `localhost/${TEST_IMAGE}`,
      imageTag: 'latest',
      user: '1000:1000',
      privileged: false,
      hostNetwork: false,
      known: true,
    });
    expect(await engine.inspect('0'.repeat(64))).toBeNull();
  });

  it('lists what runs without the service, too, and nothing else', async () => {
    await podman.call('create', '--network=none', '--name=tsdig-pod-idle', `localhost/${TEST_IMAGE}`, 'true');
    const list = await new PodmanFiles(podman.storage).list();
    expect(list.map((info) => [info.fullId, info.name, info.known])).toEqual([[fullId, 'tsdig-pod', true]]);
  });

  it('is resolved as a whole, also by CONTAINER_HOST', async () => {
    const table = new ContainerTable();
    const env = { CONTAINER_HOST: `unix://${podman.socket}`, DOCKER_HOST: 'unix:///nonexistent.sock' };
    const resolver = new ContainerResolver(table, { env });
    try {
      await resolver.start(30_000);
      expect(table.get(fullId.slice(0, 12))).toMatchObject({ name: 'tsdig-pod', typeName: 'podman' });
    } finally {
      resolver.close();
    }
  });
});
