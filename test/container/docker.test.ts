import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerType } from '../../src/container/container.js';
import { parseEngineAddress } from '../../src/container/engine/address.js';
import { DockerEngine } from '../../src/container/engine/docker.js';
import { completeImageName, splitImageName } from '../../src/container/engine/image_name.js';

const WEB = 'a1'.repeat(32);
const POD = 'b2'.repeat(32);
const IMAGE = 'sha256:' + 'c3'.repeat(32);
const DIGEST = 'sha256:' + 'd4'.repeat(32);

/** Answers by path; a missing path is a 404. */
type Pages = Record<string, unknown>;

let folder: string;
let socket: string;
const closers: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsdig-docker-'));
  socket = join(folder, 'docker.sock');
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(pages: Pages): Promise<Server> {
  const server = createHttp((req, res) => {
    const page = pages[req.url ?? ''];
    if (typeof page === 'function') return page(res);
    res.statusCode = page === undefined ? 404 : 200;
    res.end(JSON.stringify(page ?? { message: 'No such container' }));
  });
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

function engine(type?: number, timeoutMs = 20_000): DockerEngine {
  const one = new DockerEngine({ path: socket }, type, timeoutMs);
  closers.push(() => one.close());
  return one;
}

function inspected(over: { config?: object; host?: object; network?: object; rest?: object } = {}): object {
  return {
    Id: WEB,
    Name: '/web',
    Created: '2026-11-21T09:05:48.123456789Z',
    Image: IMAGE,
    Config: { Image: 'localhost:5000/shop/web', Labels: { tier: 'web' }, ...over.config },
    HostConfig: { NetworkMode: 'bridge', ...over.host },
    NetworkSettings: { IPAddress: '172.17.0.2', ...over.network },
    Mounts: [],
    ...over.rest,
  };
}

const IMAGE_PAGE = {
  [`/images/${IMAGE}/json`]: {
    RepoTags: ['other:1', 'localhost:5000/shop/web:latest'],
    RepoDigests: [`localhost:5000/shop/web@${DIGEST}`],
  },
};

describe('Docker API', () => {
  it('completes the image from what the engine says of it', async () => {
    await serve({ [`/containers/${WEB}/json`]: inspected(), ...IMAGE_PAGE });
    expect(await engine().inspect(WEB)).toMatchObject({
      name: 'web',
      image: 'localhost:5000/shop/web',
      imageRepo: 'localhost:5000/shop/web',
      imageTag: 'latest',
      imageDigest: DIGEST,
      imageId: 'c3'.repeat(32),
      ip: '172.17.0.2',
      createdTime: Date.UTC(2026, 10, 21, 9, 5, 48) / 1000,
      cpuShares: 1024,
      cpuPeriod: 100000,
    });
  });

  it('does without an image that is gone', async () => {
    await serve({ [`/containers/${WEB}/json`]: inspected() });
    expect(await engine().inspect(WEB)).toMatchObject({
      imageRepo: 'localhost:5000/shop/web',
      imageTag: 'latest',
      imageDigest: '',
    });
  });

  it('reads limits, ports and health checks in all their shapes', async () => {
    await serve({
      [`/containers/${WEB}/json`]: inspected({
        config: { Healthcheck: { Test: ['CMD', 'curl', '-f', 'x'] } },
        host: { NanoCpus: 1.5e9, CpusetCpus: '0-3,7', PidMode: 'host', IpcMode: 'host', Privileged: true },
        network: {
          Ports: {
            '80/tcp': [
              { HostIp: '127.0.0.1', HostPort: '8080' },
              { HostIp: '::', HostPort: '8080' },
            ],
            '53/udp': null,
          },
        },
      }),
    });
    expect(await engine(ContainerType.PODMAN).inspect(WEB)).toMatchObject({
      typeName: 'podman',
      healthcheck: { exe: 'curl', args: ['-f', 'x'] },
      cpuQuota: 150000,
      cpusetCpuCount: 5,
      privileged: true,
      hostPid: true,
      hostIpc: true,
      portMappings: [{ hostIp: 0x7f000001, hostPort: 8080, containerPort: 80 }],
    });
  });

  it('takes the address of the container whose network it shares', async () => {
    await serve({
      [`/containers/${WEB}/json`]: inspected({
        host: { NetworkMode: `container:${POD}` },
        network: { IPAddress: '' },
      }),
      [`/containers/${POD}/json`]: { NetworkSettings: { Networks: { net1: { IPAddress: '10.9.8.7' } } } },
    });
    expect((await engine().inspect(WEB))?.ip).toBe('10.9.8.7');
  });

  it("reads pods of Docker's Kubernetes shim", async () => {
    const applied = JSON.stringify({
      spec: { containers: [{ name: 'c', readinessProbe: { exec: { command: ['ok', '1'] } } }] },
    });
    await serve({
      [`/containers/${WEB}/json`]: inspected({
        config: {
          Labels: {
            'io.kubernetes.sandbox.id': POD,
            'io.kubernetes.container.name': 'c',
            'io.kubernetes.pod.name': 'p',
          },
        },
      }),
      [`/containers/${POD}/json`]: {
        Id: POD,
        Config: {
          Labels: {
            app: 'shop',
            'io.kubernetes.docker.type': 'podsandbox',
            'annotation.kubectl.kubernetes.io/last-applied-configuration': applied,
          },
        },
      },
    });
    const one = engine();
    const info = await one.inspect(WEB);
    expect(info).toMatchObject({
      podSandboxId: POD,
      podName: 'p',
      readinessProbe: { exe: 'ok', args: ['1'] },
    });
    expect(info?.podSandboxLabels.get('app')).toBe('shop');
    expect(await one.inspect(POD)).toMatchObject({ isPodSandbox: true, podSandboxId: POD });
  });

  it('picks the name, not an alias by a link, from the list', async () => {
    await serve({
      '/containers/json': [
        { Id: WEB, Names: ['/db/link', '/web'], Image: 'demo:2', ImageID: IMAGE, Created: 5, Labels: null },
      ],
    });
    expect(await engine().list()).toMatchObject([
      { id: WEB.slice(0, 12), name: 'web', image: 'demo:2', imageTag: '2', createdTime: 5, known: true },
    ]);
  });

  it('is not taken in by a name', async () => {
    await serve({ '/containers/web/json': inspected() });
    expect(await engine().inspect('web')).toBeNull();
  });

  it('fails in words at other statuses and at answers that are no list', async () => {
    await serve({ '/containers/json': { message: 'no' } });
    await expect(engine().list()).rejects.toThrow('HTTP status 200 for the list');
    await expect(engine().inspect(WEB)).resolves.toBeNull();
  });

  it('gives up on a socket that accepts and never answers', async () => {
    const open: Socket[] = [];
    const silent = createServer((one) => void open.push(one));
    await new Promise<void>((resolve) => void silent.listen(socket, resolve));
    closers.push(() => {
      for (const one of open) one.destroy();
      silent.close();
    });
    await expect(engine(0, 50).inspect(WEB)).rejects.toThrow('no answer within 50 ms');
  });

  it('gives up on an answer that stops halfway', async () => {
    await serve({
      '/containers/json': (res: { write(text: string): void }) => res.write('[{"Id":'),
      [`/containers/${WEB}/json`]: (res: { write(text: string): void; destroy(): void }) => {
        res.write('{');
        res.destroy();
      },
    });
    await expect(engine(0, 50).list()).rejects.toThrow('no answer within 50 ms');
    await expect(engine().inspect(WEB)).rejects.toMatchObject({ name: 'EngineError' });
  });

  it('reports news line by line, and the end of them once', async () => {
    let send: ((text: string) => void) | undefined;
    let stop: (() => void) | undefined;
    const filter = encodeURIComponent(
      JSON.stringify({ type: ['container'], event: ['create', 'start', 'rename', 'update'] }),
    );
    await serve({
      [`/events?filters=${filter}`]: (res: { write(text: string): void; destroy(): void }) => {
        send = (text) => res.write(text);
        stop = () => res.destroy();
        res.write('\n');
      },
    });
    const told: string[] = [];
    let ends = 0;
    await new Promise<void>((done) => {
      engine().watch(
        (id) => {
          told.push(id);
          if (told.length === 2) stop?.();
        },
        () => {
          ends++;
          done();
        },
      );
      const timer = setInterval(() => {
        if (send === undefined) return;
        clearInterval(timer);
        send('{"status":"create","id":"11","Actor":{"ID":"11"}}\n{"Actor":{"I');
        setTimeout(() => send?.('D":"22"}}\nnonsense\n'), 20);
      }, 5);
    });
    expect([told, ends]).toEqual([['11', '22'], 1]);
  });
});

describe('names', () => {
  it.each([
    ['nginx', 'nginx', '', ''],
    ['nginx:1.25', 'nginx', '1.25', ''],
    ['localhost:5000/a/b', 'localhost:5000/a/b', '', ''],
    ['localhost:5000/a/b:t', 'localhost:5000/a/b', 't', ''],
    [`a/b:t@${DIGEST}`, 'a/b', 't', DIGEST],
    [`a/b@${DIGEST}`, 'a/b', '', DIGEST],
    [IMAGE, '', '', ''],
    ['c3'.repeat(32), '', '', ''],
  ])('splits %s', (image, repo, tag, digest) => {
    expect(splitImageName(image)).toEqual({ repo, tag, digest });
  });

  it('completes a bare id from tags and digests', () => {
    const none = splitImageName(IMAGE);
    expect(completeImageName(none, ['a/b:t'], [`a/b@${DIGEST}`])).toEqual({
      repo: 'a/b',
      tag: 't',
      digest: DIGEST,
    });
    expect(completeImageName(none, ['<none>:<none>'], [`x@${DIGEST}`])).toEqual({
      repo: 'x',
      tag: 'latest',
      digest: DIGEST,
    });
    expect(completeImageName(none, [], [])).toEqual({ repo: '', tag: '', digest: '' });
  });

  it('reads addresses as DOCKER_HOST gives them', () => {
    expect(parseEngineAddress('unix:///run/x.sock')).toEqual({ path: '/run/x.sock' });
    expect(parseEngineAddress('/run/x.sock')).toEqual({ path: '/run/x.sock' });
    expect(parseEngineAddress('tcp://10.0.0.1:2375')).toEqual({ host: '10.0.0.1', port: 2375 });
    expect(parseEngineAddress('http://[::1]:2375')).toEqual({ host: '::1', port: 2375 });
    expect(parseEngineAddress('ssh://host')).toBeNull();
  });
});
