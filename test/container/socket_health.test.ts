import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerTable, ContainerType } from '../../src/container/container.js';
import { ContainerResolver } from '../../src/container/resolver.js';
import { type GrpcTestServer, serveGrpc } from './grpc_server.js';

const id = (n: number) => n.toString(16).padStart(2, '0').repeat(32);

let folder: string;
let path: string;
let table: ContainerTable;
let resolver: ContainerResolver;
const open: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsdig-health-'));
  path = join(folder, 'engine.sock');
  table = new ContainerTable();
});

afterEach(async () => {
  resolver.close();
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

async function listen<T extends Server>(server: T): Promise<T> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  open.push(server);
  return server;
}

async function stopAll(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done))));
}

/** A Docker that works, with one container. */
function docker(n: number, name: string): Promise<Server> {
  return listen(
    createHttp((req, res) => {
      const found = req.url === `/containers/${id(n)}/json`;
      if (req.url?.startsWith('/events')) return void res.write('\n');
      if (req.url === '/containers/json')
        return void res.end(JSON.stringify([{ Id: id(n), Names: [`/${name}`], Image: 'x' }]));
      res.statusCode = found ? 200 : 404;
      res.end(JSON.stringify(found ? { Id: id(n), Name: `/${name}`, Config: { Image: 'x' } } : {}));
    }),
  );
}

function meet(n: number): string {
  return table.note({ id: id(n).slice(0, 12), fullId: id(n), type: ContainerType.DOCKER, engine: 'docker' })
    .id;
}

async function settled(test: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!test()) {
    if (Date.now() > end) throw new Error('not settled within 30 s');
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Nobody waits so long for an answer that comes, on however busy a machine. */
const PATIENT_MS = 20_000;

function resolve(
  over: { dockerSocket?: string; criSocket?: string },
  timeoutMs = PATIENT_MS,
): ContainerResolver {
  resolver = new ContainerResolver(table, {
    hostRoot: folder,
    env: {},
    timeoutMs,
    dockerSocket: join(folder, 'none'),
    criSocket: join(folder, 'none'),
    ...over,
  });
  return resolver;
}

describe('an engine whose socket', () => {
  it('hangs, dies and comes back costs only the names, and those only for a while', async () => {
    await listen(createServer(() => {}));
    const r = resolve({ dockerSocket: path }, 150);
    await r.start(50);
    const web = meet(1);
    await settled(() => !r.pending(web));
    expect(table.get(web)?.known).toBe(false);
    expect(r.engines().find((one) => one.kind === 'docker')?.trouble).toContain('no answer within 150 ms');

    await stopAll();
    rmSync(path, { force: true });
    const late = meet(2);
    await settled(() => !r.pending(late));

    await docker(1, 'web');
    await settled(() => table.get(web)?.known === true);
    expect(table.get(web)?.name).toBe('web');
  });

  it('dies in the middle is asked again by itself', async () => {
    await docker(1, 'web');
    const r = resolve({ dockerSocket: path });
    await r.start(PATIENT_MS);
    expect(table.get(id(1).slice(0, 12))?.name).toBe('web');
    await stopAll();
    await docker(2, 'db');
    // Its news stream broke: it is listed anew, without any event of the container.
    await settled(() => table.get(id(2).slice(0, 12))?.name === 'db');
  });

  it('speaks something else is left alone', async () => {
    await listen(createServer((socket) => void socket.write('SSH-2.0-nothing\r\n')));
    const r = resolve({ dockerSocket: path, criSocket: path });
    await r.start(PATIENT_MS);
    const web = meet(1);
    await settled(() => !r.pending(web));
    expect(table.get(web)?.known).toBe(false);
    for (const one of r.engines().filter((engine) => engine.path === path)) expect(one.trouble).not.toBe('');
  });

  it('refuses all gRPC methods is left alone', async () => {
    const server: GrpcTestServer = await serveGrpc(path, {});
    try {
      const r = resolve({ criSocket: path });
      await r.start(PATIENT_MS);
      expect(r.engines().find((one) => one.kind === 'cri')?.trouble).toContain(
        'no container runtime interface',
      );
      const calls = server.calls.length;
      const web = meet(1);
      await settled(() => !r.pending(web));
      // It backs off: the look-up did not ask it once more.
      expect(server.calls.length).toBe(calls);
    } finally {
      resolver.close();
      await server.close();
    }
  });
});
