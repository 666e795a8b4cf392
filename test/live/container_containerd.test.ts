import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerOf } from '../../src/container/cgroup.js';
import { ContainerTable, ContainerType } from '../../src/container/container.js';
import { ContainerdEngine } from '../../src/container/engine/containerd.js';
import { CriEngine } from '../../src/container/engine/cri.js';
import { GrpcSocket } from '../../src/container/engine/grpc.js';
import { ContainerResolver } from '../../src/container/resolver.js';
import { decode, encode, type Field, mapFields } from '../container/grpc_server.js';
import { CAN_RUN_CONTAINERS, docker, startDocker, TEST_IMAGE, until } from './docker_fixture.js';

const run = promisify(execFile);
const IMAGE = `docker.io/library/${TEST_IMAGE}`;
const LABELS = {
  'io.kubernetes.container.name': 'shop',
  'io.kubernetes.pod.name': 'shop-0',
  'io.kubernetes.pod.namespace': 'market',
  'io.kubernetes.pod.uid': 'f00d-cafe',
};
const NODE = 2;

/** What holds a pod's namespaces: an image whose command does not end. */
const PAUSE_IMAGE = 'tsdig-pause:latest';

async function makePauseImage(): Promise<void> {
  const id = (await docker('create', '--network=none', TEST_IMAGE)).stdout.trim();
  await docker('commit', '--change', 'CMD ["sleep", "3600"]', id, PAUSE_IMAGE);
  await docker('rm', id);
}

/** A containerd of our own, with its Kubernetes interface switched on, in a folder of its own. */
class Containerd {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsdig-containerd-'));
  readonly socket = join(this.folder, 'containerd.sock');
  private daemon: ChildProcess | null = null;

  async start(): Promise<void> {
    const config = join(this.folder, 'config.toml');
    writeFileSync(
      config,
      `version = 2
root = "${this.folder}/root"
state = "${this.folder}/state"
[grpc]
  address = "${this.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
`,
    );
    this.daemon = spawn('containerd', ['--config', config, '--log-level', 'error'], { stdio: 'ignore' });
    await until(
      async () => existsSync(this.socket) && (await this.ctr('version')) !== null,
      90_000,
      'containerd does not answer',
    );
    const image = join(this.folder, 'image.tar');
    await makePauseImage();
    await docker('save', '--output', image, TEST_IMAGE, PAUSE_IMAGE);
    for (const namespace of ['default', 'k8s.io']) {
      if ((await this.ctr('-n', namespace, 'images', 'import', '--snapshotter', 'native', image)) === null) {
        throw new Error(`containerd does not take the image into ${namespace}`);
      }
    }
  }

  /** `ctr`; null when it fails. */
  async ctr(...args: string[]): Promise<string | null> {
    try {
      return (await run('ctr', ['--address', this.socket, ...args])).stdout;
    } catch {
      return null;
    }
  }

  async stop(): Promise<void> {
    const daemon = this.daemon;
    if (daemon !== null && daemon.exitCode === null) {
      const ended = new Promise((resolve) => daemon.on('exit', resolve));
      daemon.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function cgroupsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cgroup`, 'latin1').trim().split('\n');
}

describe.runIf(CAN_RUN_CONTAINERS)('containerd, the real one', () => {
  const containerd = new Containerd();
  const client = new GrpcSocket(containerd.socket, 20_000);
  let pod = '';
  let container = '';

  const call = async (method: string, request: readonly Field[]) =>
    decode(await client.call(`/runtime.v1.RuntimeService/${method}`, encode(request)));
  const firstText = (fields: [number, bigint | Buffer][]) =>
    String(fields.find(([field]) => field === 1)?.[1] ?? '');

  beforeAll(async () => {
    await startDocker();
    await containerd.start();
    await containerd.ctr(
      'run',
      '--detach',
      '--snapshotter',
      'native',
      '--label',
      'tier=plain',
      IMAGE,
      'tsdig-plain',
      'sleep',
      '300',
    );
    // A pod in the network of the host: no network plugin is needed for that.
    const security: Field = [2, [[1, [[1, NODE]]]]];
    const sandboxConfig: Field[] = [
      [
        1,
        [
          [1, 'shop-0'],
          [2, 'f00d-cafe'],
          [3, 'market'],
        ],
      ],
      [3, containerd.folder],
      ...mapFields(6, { ...LABELS, app: 'shop' }),
      [8, [security]],
    ];
    pod = firstText(await call('RunPodSandbox', [[1, sandboxConfig]]));
    const config: Field[] = [
      [1, [[1, 'shop']]],
      [2, [[1, IMAGE]]],
      [3, 'sleep'],
      [4, '300'],
      [
        7,
        [
          [1, '/in'],
          [2, containerd.folder],
          [3, true],
        ],
      ],
      ...mapFields(9, LABELS),
      [11, 'shop.log'],
      [
        15,
        [
          [1, [[4, 67108864]]],
          [2, [[3, [[1, NODE]]]]],
        ],
      ],
    ];
    container = firstText(
      await call('CreateContainer', [
        [1, pod],
        [2, config],
        [3, sandboxConfig],
      ]),
    );
    await call('StartContainer', [[1, container]]);
  });

  afterAll(async () => {
    if (pod !== '') {
      await call('StopPodSandbox', [[1, pod]]).catch(() => {});
      await call('RemovePodSandbox', [[1, pod]]).catch(() => {});
    }
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGKILL', 'tsdig-plain');
    await until(
      async () => (await containerd.ctr('containers', 'delete', 'tsdig-plain')) !== null,
      10_000,
      'not removed',
    ).catch(() => {});
    client.close();
    await containerd.stop();
  });

  async function pidOf(namespace: string, id: string): Promise<number> {
    const tasks = await containerd.ctr('-n', namespace, 'tasks', 'list');
    return Number(new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(tasks ?? '')?.[1]);
  }

  it('finds a container of ctr by its cgroup and tells about it', async () => {
    const found = containerOf(cgroupsOf(await pidOf('default', 'tsdig-plain')));
    expect(found).toMatchObject({ id: 'tsdig-plain', type: ContainerType.CONTAINERD, engine: 'containerd' });
    const engine = new ContainerdEngine(containerd.socket);
    try {
      const info = await engine.inspect('tsdig-plain');
      expect(info).toMatchObject({
        name: 'tsdig-plain',
        typeName: 'containerd',
        image: IMAGE,
        imageRepo: 'docker.io/library/tsdig-test',
        imageTag: 'latest',
        isPodSandbox: false,
        hostNetwork: false,
      });
      expect(info?.imageDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(info?.labels.get('tier')).toBe('plain');
      expect(Math.abs((info?.createdTime ?? 0) - Date.now() / 1000)).toBeLessThan(120);
      expect((await engine.list()).map((one) => one.name)).toContain('tsdig-plain');
      expect(await engine.inspect('no-such-container')).toBeNull();
    } finally {
      engine.close();
    }
  });

  it('finds a container of a pod by its cgroup and tells about it through the CRI', async () => {
    const found = containerOf(cgroupsOf(await pidOf('k8s.io', container)));
    expect(found).toMatchObject({ fullId: container, engine: 'cri' });
    const engine = new CriEngine(containerd.socket);
    try {
      expect(await engine.inspect(container)).toMatchObject({
        id: container.slice(0, 12),
        type: ContainerType.CONTAINERD,
        name: 'shop',
        image: IMAGE,
        imageRepo: 'docker.io/library/tsdig-test',
        imageTag: 'latest',
        podSandboxId: pod,
        podName: 'shop-0',
        podNamespace: 'market',
        podUid: 'f00d-cafe',
        hostNetwork: true,
        privileged: false,
        memoryLimit: 67108864,
        known: true,
      });
      const info = await engine.inspect(container);
      expect(info?.imageId).toMatch(/^[0-9a-f]{64}$/);
      expect(info?.podSandboxLabels.get('app')).toBe('shop');
      expect(info?.mounts).toContainEqual({
        source: containerd.folder,
        dest: '/in',
        mode: '',
        rw: false,
        propagation: 'private',
      });
      expect(await engine.inspect(pod)).toMatchObject({
        isPodSandbox: true,
        name: 'shop-0',
        podNamespace: 'market',
      });
      expect(await engine.inspect('0'.repeat(64))).toBeNull();
      const names = (await engine.list()).map((one) => [one.name, one.isPodSandbox]);
      expect(names).toEqual([
        ['shop', false],
        ['shop-0', true],
      ]);
    } finally {
      engine.close();
    }
  });

  it('is resolved as a whole', async () => {
    const table = new ContainerTable();
    const resolver = new ContainerResolver(table, {
      criSocket: containerd.socket,
      dockerSocket: '/nonexistent.sock',
    });
    try {
      await resolver.start(30_000);
      expect([...table].map((info) => info.name).sort()).toEqual(['shop', 'shop-0', 'tsdig-plain']);
      expect(table.get(container.slice(0, 12))).toMatchObject({
        podName: 'shop-0',
        memoryLimit: 67108864,
        podSandboxId: pod,
      });
    } finally {
      resolver.close();
    }
  });
});
