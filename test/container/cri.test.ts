import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerType } from '../../src/container/container.js';
import { CriEngine } from '../../src/container/engine/cri.js';
import { ProtoError, ProtoReader, ProtoWriter } from '../../src/container/engine/protobuf.js';
import {
  type Answer,
  encode,
  type Field,
  type GrpcTestServer,
  type Method,
  mapFields,
  serveGrpc,
} from './grpc_server.js';

const WEB = 'a1'.repeat(32);
const POD = 'b2'.repeat(32);
const LONE = 'c3'.repeat(32);
const IMAGE_ID = 'sha256:' + 'd4'.repeat(32);
const DIGEST = 'sha256:' + 'e5'.repeat(32);
const CREATED = 1795244748_123456789n;
const LABELS = {
  'io.kubernetes.container.name': 'nginx',
  'io.kubernetes.pod.name': 'web-0',
  'io.kubernetes.pod.namespace': 'shop',
  'io.kubernetes.pod.uid': '1111-2222',
};
const APPLIED = JSON.stringify({
  spec: {
    containers: [
      { name: 'other', livenessProbe: { exec: { command: ['no'] } } },
      {
        name: 'nginx',
        livenessProbe: { exec: { command: ['curl', '-f', 'x'] } },
        readinessProbe: { httpGet: {} },
      },
    ],
  },
});

const text = (value: bigint | Buffer | undefined) => String(value ?? '');
const NOT_FOUND: Answer = { code: 5, message: 'an error occurred: not found' };

/** The runtime's methods under one version of the interface. Field numbers from the published api.proto. */
function methods(version: string, runtime: string): Record<string, Method> {
  const container: Field[] = [
    [1, WEB],
    [
      2,
      [
        [1, 'nginx'],
        [2, 3],
      ],
    ],
    [3, 1],
    [4, CREATED],
    [5, CREATED + 5n],
    [8, [[1, 'docker.io/library/nginx:1.25']]],
    [9, IMAGE_ID],
    [10, 'reason'],
    ...mapFields(12, LABELS),
    ...mapFields(13, { note: 'grüße' }),
    [
      14,
      [
        [1, '/data'],
        [2, '/var/lib/data'],
        [3, true],
        [5, 1],
      ],
    ],
    [
      14,
      [
        [1, '/etc/hosts'],
        [2, '/run/hosts'],
      ],
    ],
    [15, '/var/log/x'],
    [
      16,
      [
        [
          1,
          [
            [1, 50000],
            [2, 25000],
            [3, 512],
            [4, 268435456],
            [6, '0-1'],
            [10, 268435456],
          ],
        ],
      ],
    ],
  ];
  const info = {
    sandboxID: POD,
    pid: 4711,
    config: { linux: { security_context: { privileged: true } } },
    runtimeSpec: {
      process: { user: { uid: 101, gid: 102 }, env: ['PATH=/bin', 'MESOS_TASK_ID=7'] },
      linux: { namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'mount' }] },
    },
  };
  const pod: Field[] = [
    [1, POD],
    [
      2,
      [
        [1, 'web-0'],
        [2, '1111-2222'],
        [3, 'shop'],
        [4, 1],
      ],
    ],
    [3, 0],
    [4, CREATED - 1000n],
    [
      5,
      [
        [1, '10.244.0.7'],
        [2, [[1, 'fd00::7']]],
      ],
    ],
    [
      6,
      [
        [
          1,
          [
            [
              2,
              [
                [1, 0],
                [2, 1],
                [3, 2],
              ],
            ],
          ],
        ],
      ],
    ],
    ...mapFields(7, { ...LABELS, app: 'shop' }),
    ...mapFields(8, { 'kubectl.kubernetes.io/last-applied-configuration': APPLIED }),
  ];
  const R = `/${version}.RuntimeService`;
  return {
    [`${R}/Version`]: () => [
      [1, '0.1.0'],
      [2, runtime],
      [3, 'v1.7.0'],
      [4, 'v1'],
    ],
    [`${R}/ContainerStatus`]: ([id]) =>
      text(id?.[1]) === WEB ? [[1, container], ...mapFields(2, { info: JSON.stringify(info) })] : NOT_FOUND,
    [`${R}/PodSandboxStatus`]: ([id]) =>
      text(id?.[1]) === POD
        ? [
            [1, pod],
            ...mapFields(2, { info: JSON.stringify({ image: 'pause:3.9', cniResult: { Interfaces: {} } }) }),
          ]
        : // Some runtimes have no code for it.
          { code: 2, message: `sandbox ${text(id?.[1])} does not exist` },
    [`${R}/ListContainers`]: (request) => {
      // filter.state.state = running
      expect(request).toEqual([[1, Buffer.from([0x12, 0x02, 0x08, 0x01])]]);
      return [
        [
          1,
          [
            [1, WEB],
            [2, POD],
            [3, [[1, 'nginx']]],
            [4, [[1, 'docker.io/library/nginx:1.25']]],
            [5, IMAGE_ID],
            [6, 1],
            [7, CREATED],
            ...mapFields(8, LABELS),
          ],
        ],
        [
          1,
          [
            [1, LONE],
            [2, 'ff'.repeat(32)],
            [3, [[1, 'lone']]],
            [4, [[1, IMAGE_ID]]],
            [5, IMAGE_ID],
            [6, 1],
            [7, CREATED],
          ],
        ],
      ];
    },
    [`${R}/ListPodSandbox`]: () => [
      [
        1,
        [
          [1, POD],
          [
            2,
            [
              [1, 'web-0'],
              [2, '1111-2222'],
              [3, 'shop'],
            ],
          ],
          [3, 0],
          [4, CREATED],
          ...mapFields(5, { ...LABELS, app: 'shop' }),
        ],
      ],
    ],
    [`/${version}.ImageService/ImageStatus`]: ([spec]) => {
      expect(spec?.[1]).toEqual(encode([[1, IMAGE_ID]]));
      return [
        [
          1,
          [
            [1, IMAGE_ID],
            [2, 'docker.io/library/nginx:1.25'],
            [2, 'other:1'],
            [3, `docker.io/library/nginx@${DIGEST}`],
            [4, 12345678901n],
          ],
        ],
      ];
    },
  };
}

describe('CRI', () => {
  let folder: string;
  let socket: string;
  let server: GrpcTestServer | undefined;
  let engine: CriEngine;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsdig-cri-'));
    socket = join(folder, 'cri.sock');
    engine = new CriEngine(socket, 20_000);
  });

  afterEach(async () => {
    engine.close();
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells everything about a container of a pod', async () => {
    server = await serveGrpc(socket, methods('runtime.v1', 'containerd'));
    const info = await engine.inspect(WEB);
    expect(info).toMatchObject({
      id: WEB.slice(0, 12),
      fullId: WEB,
      type: ContainerType.CONTAINERD,
      known: true,
      name: 'nginx',
      image: 'docker.io/library/nginx:1.25',
      imageId: 'd4'.repeat(32),
      imageRepo: 'docker.io/library/nginx',
      imageTag: '1.25',
      imageDigest: DIGEST,
      createdTime: 1795244748,
      privileged: true,
      isPodSandbox: false,
      podSandboxId: POD,
      podName: 'web-0',
      podNamespace: 'shop',
      podUid: '1111-2222',
      ip: '10.244.0.7',
      hostNetwork: false,
      hostPid: false,
      hostIpc: true,
      user: '101:102',
      env: ['MESOS_TASK_ID=7'],
      cniJson: '{"Interfaces":{}}',
      livenessProbe: { exe: 'curl', args: ['-f', 'x'] },
      readinessProbe: null,
      cpuPeriod: 50000,
      cpuQuota: 25000,
      cpuShares: 512,
      memoryLimit: 268435456,
      swapLimit: 268435456,
      mounts: [
        { source: '/var/lib/data', dest: '/data', mode: '', rw: false, propagation: 'rslave' },
        { source: '/run/hosts', dest: '/etc/hosts', mode: '', rw: true, propagation: 'private' },
      ],
    });
    expect(info?.podSandboxLabels.get('app')).toBe('shop');
  });

  it('tells about the pod itself', async () => {
    server = await serveGrpc(socket, methods('runtime.v1', 'cri-o'));
    expect(await engine.inspect(POD)).toMatchObject({
      id: POD.slice(0, 12),
      type: ContainerType.CRIO,
      isPodSandbox: true,
      name: 'web-0',
      image: 'pause:3.9',
      ip: '10.244.0.7',
      podSandboxId: POD,
      podNamespace: 'shop',
    });
  });

  it('knows what does not exist', async () => {
    server = await serveGrpc(socket, methods('runtime.v1', 'containerd'));
    expect(await engine.inspect(LONE)).toBeNull();
  });

  it('lists containers and pods', async () => {
    server = await serveGrpc(socket, methods('runtime.v1', 'containerd'));
    const list = await engine.list();
    expect(
      list.map((info) => [info.name, info.isPodSandbox, info.podSandboxId.slice(0, 4), info.known]),
    ).toEqual([
      ['nginx', false, 'b2b2', true],
      ['lone', false, 'ffff', true],
      ['web-0', true, 'b2b2', true],
    ]);
    expect(list[0].podSandboxLabels.get('app')).toBe('shop');
    expect(list[0].podName).toBe('web-0');
  });

  it('speaks the version before v1 to runtimes that know no other', async () => {
    server = await serveGrpc(socket, methods('runtime.v1alpha2', 'docker'));
    expect(await engine.inspect(WEB)).toMatchObject({ name: 'nginx', type: ContainerType.CRI });
    expect(server.calls.slice(0, 2)).toEqual([
      '/runtime.v1.RuntimeService/Version',
      '/runtime.v1alpha2.RuntimeService/Version',
    ]);
  });

  it('finds the pod of a container that the status does not name', async () => {
    const all = methods('runtime.v1', 'cri-o');
    const status = all['/runtime.v1.RuntimeService/ContainerStatus'];
    all['/runtime.v1.RuntimeService/ContainerStatus'] = (request, meta) => {
      const answer = status(request, meta);
      return Array.isArray(answer) ? answer.slice(0, 1) : answer;
    };
    server = await serveGrpc(socket, all);
    expect(await engine.inspect(WEB)).toMatchObject({ podSandboxId: POD, ip: '10.244.0.7' });
  });

  it('says what is wrong with a socket that offers no such interface', async () => {
    server = await serveGrpc(socket, {});
    await expect(engine.inspect(WEB)).rejects.toThrow('no container runtime interface');
  });

  it('fails in words when there is nothing, or no gRPC, at the socket', async () => {
    await expect(engine.inspect(WEB)).rejects.toMatchObject({ name: 'EngineError' });
  });

  it('comes back after the server was gone', async () => {
    server = await serveGrpc(socket, methods('runtime.v1', 'containerd'));
    expect((await engine.inspect(WEB))?.name).toBe('nginx');
    await server.close();
    await expect(engine.inspect(WEB)).rejects.toMatchObject({ name: 'EngineError' });
    server = await serveGrpc(socket, methods('runtime.v1', 'containerd'));
    expect((await engine.inspect(WEB))?.name).toBe('nginx');
  });

  it('refuses an answer that is no message', async () => {
    const all = methods('runtime.v1', 'containerd');
    all['/runtime.v1.RuntimeService/ContainerStatus'] = () => [[1, Buffer.from([0x0a, 0xff, 0x01])]];
    server = await serveGrpc(socket, all);
    await expect(engine.inspect(WEB)).rejects.toMatchObject({ name: 'EngineError' });
  });
});

describe('protobuf', () => {
  it('writes what another encoder writes', () => {
    const ours = new ProtoWriter()
      .string(1, 'grüße')
      .bool(2, true)
      .message(300, Buffer.from('x'.repeat(200)))
      .bytes();
    expect(ours).toEqual(
      encode([
        [1, 'grüße'],
        [2, true],
        [300, 'x'.repeat(200)],
      ]),
    );
    expect(new ProtoWriter().string(1, '').bool(2, false).bytes().length).toBe(0);
  });

  it('reads numbers of any size', () => {
    for (const value of [0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 53n, -1n, -(2n ** 40n), -(2n ** 63n)]) {
      const r = new ProtoReader(encode([[5, value]]));
      expect(r.next()).toBe(true);
      expect([r.field, r.int()]).toEqual([5, Number(value)]);
      expect(r.next()).toBe(false);
    }
  });

  it('throws nothing but ProtoError, whatever the bytes', () => {
    const walk = (r: ProtoReader, depth: number) => {
      while (r.next()) {
        r.text();
        if (depth > 0 && r.body().length > 0) walk(r.message(), depth - 1);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          walk(new ProtoReader(Buffer.from(bytes)), 2);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtoError);
        }
      }),
    );
  });
});
