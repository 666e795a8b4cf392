import { mkdirSync as mkdir, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CgroupContainer,
  ContainerInfo,
  ContainerTable,
  ContainerType,
  LookupState,
} from '../../src/container/container.js';
import { type ContainerEngine, EngineError } from '../../src/container/engine/engine.js';
import type { EnginePlace } from '../../src/container/engine/engine_slot.js';
import { enginePlaces, hostRoot } from '../../src/container/engine/places.js';
import { containerHooks } from '../../src/container/hooks.js';
import { ContainerResolver } from '../../src/container/resolver.js';

const idOf = (n: number) => n.toString(16).padStart(2, '0').repeat(32);
const found = (n: number, engine = 'docker', type: number = ContainerType.DOCKER): CgroupContainer => ({
  id: idOf(n).slice(0, 12),
  fullId: idOf(n),
  type,
  engine,
});

/** An engine whose every answer the test decides. */
class FakeEngine implements ContainerEngine {
  readonly title = 'fake';
  readonly containers = new Map<string, string>();
  mode: 'well' | 'hangs' | 'fails' = 'well';
  asked: string[] = [];
  lists = 0;
  closed = false;
  onContainer: ((id: string) => void) | null = null;
  endWatch: (() => void) | null = null;

  add(n: number, name: string): this {
    this.containers.set(idOf(n), name);
    return this;
  }

  async list(): Promise<ContainerInfo[]> {
    this.lists++;
    await this.obey();
    return [...this.containers.keys()].map((id) => this.info(id));
  }

  async inspect(fullId: string): Promise<ContainerInfo | null> {
    this.asked.push(fullId);
    await this.obey();
    if (!this.containers.has(fullId)) return null;
    const info = this.info(fullId);
    info.privileged = true;
    return info;
  }

  watch(onContainer: (id: string) => void, onEnd: () => void): void {
    this.onContainer = onContainer;
    this.endWatch = onEnd;
  }

  close(): void {
    this.closed = true;
  }

  private info(fullId: string): ContainerInfo {
    const info = new ContainerInfo(fullId.slice(0, 12), fullId, ContainerType.DOCKER);
    info.name = this.containers.get(fullId) ?? '';
    info.lookupState = LookupState.SUCCESSFUL;
    return info;
  }

  private async obey(): Promise<void> {
    if (this.mode === 'fails') throw new EngineError('fake: broken');
    if (this.mode === 'hangs') await new Promise(() => {});
  }
}

let resolver: ContainerResolver | undefined;
let table: ContainerTable;

beforeEach(() => {
  table = new ContainerTable();
});

afterEach(() => resolver?.close());

const place = (engine: ContainerEngine, over: Partial<EnginePlace> = {}): EnginePlace => ({
  kind: 'docker',
  path: null,
  open: async () => engine,
  ...over,
});

function resolve(places: EnginePlace[], now?: () => number): ContainerResolver {
  resolver = new ContainerResolver(table, now === undefined ? { places } : { places, now });
  return resolver;
}

async function settled(test: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!test()) {
    if (Date.now() > end) throw new Error('not settled within 30 s');
    await new Promise((done) => setTimeout(done, 5));
  }
}

describe('ContainerResolver', () => {
  it('names what runs before the first event', async () => {
    const engine = new FakeEngine().add(1, 'web').add(2, 'db');
    const r = resolve([place(engine)]);
    await r.start();
    expect([...table].map((info) => [info.name, info.privileged])).toEqual([
      ['web', true],
      ['db', true],
    ]);
    expect(r.pending(found(1).id)).toBe(false);
  });

  it('is not held up by an engine that hangs', async () => {
    const hung = new FakeEngine();
    hung.mode = 'hangs';
    const well = new FakeEngine().add(1, 'web');
    const before = performance.now();
    await resolve([place(hung), place(well)]).start(60);
    expect(performance.now() - before).toBeGreaterThan(50);
    expect(table.get(found(1).id)?.name).toBe('web');
    // A new container is found by the one that answers, while the other still hangs.
    well.add(2, 'late');
    table.note(found(2));
    await settled(() => table.get(found(2).id)?.known === true);
  });

  it('asks for the name alone where an engine tells of a container only when it has been started', async () => {
    let start = () => {};
    const started = new Promise<void>((done) => {
      start = done;
    });
    class Starting extends FakeEngine {
      override async inspect(fullId: string): Promise<ContainerInfo | null> {
        await started;
        return super.inspect(fullId);
      }
      async glance(fullId: string): Promise<ContainerInfo | null> {
        return (await super.list()).find((info) => info.fullId === fullId) ?? null;
      }
    }
    const r = resolve([place(new Starting().add(1, 'web').add(2, 'db'))]);
    const told: [string, boolean][] = [];
    r.onResolved = (info) => told.push([info.name, info.privileged]);
    table.note(found(1));
    expect(r.pending(found(1).id)).toBe(true);
    await settled(() => !r.pending(found(1).id));
    expect(told).toEqual([['web', false]]);
    start();
    await settled(() => told.length === 2);
    expect(told[1]).toEqual(['web', true]);
  });

  it('looks up what the table meets, beside everything else', async () => {
    const engine = new FakeEngine().add(1, 'web');
    const r = resolve([place(engine)]);
    const told: string[] = [];
    r.onResolved = (info) => told.push(info.name);
    const info = table.note(found(1));
    expect([info.known, info.lookupState, r.pending(info.id)]).toEqual([false, LookupState.STARTED, true]);
    table.note(found(1));
    await settled(() => !r.pending(info.id));
    expect(table.get(info.id)).toMatchObject({ name: 'web', known: true });
    expect([told, engine.asked.length]).toEqual([['web'], 1]);
  });

  it('asks again when the engine does not know the container yet', async () => {
    const engine = new FakeEngine();
    const r = resolve([place(engine)]);
    table.note(found(1));
    await settled(() => engine.asked.length === 1);
    engine.add(1, 'slow');
    expect(r.pending(found(1).id)).toBe(true);
    await settled(() => table.get(found(1).id)?.name === 'slow');
  });

  it('gives up at once where there is no engine at all', () => {
    const r = resolve([place(new FakeEngine(), { path: '/nonexistent/docker.sock' })]);
    const info = table.note(found(1, 'cri-o', ContainerType.UNKNOWN));
    expect(r.pending(info.id)).toBe(false);
    expect(table.get(info.id)).toMatchObject({
      lookupState: LookupState.FAILED,
      typeName: 'cri-o',
      name: '',
    });
  });

  it('tells of containers whose path is their name without asking anybody', () => {
    const engine = new FakeEngine();
    const r = resolve([place(engine)]);
    const told: string[] = [];
    r.onResolved = (info) => told.push(info.name);
    table.note({ id: 'web', fullId: 'web', type: ContainerType.LXC, engine: 'lxc' });
    expect([told, engine.asked]).toEqual([['web'], []]);
  });

  it('leaves a failing engine alone for a while, and names what it missed when it is back', async () => {
    let now = 0;
    const engine = new FakeEngine().add(1, 'web').add(2, 'db');
    engine.mode = 'fails';
    const r = resolve([place(engine)], () => now);
    await r.start(50);
    table.note(found(1));
    await settled(() => !r.pending(found(1).id));
    expect(table.get(found(1).id)?.lookupState).toBe(LookupState.FAILED);
    expect(r.engines()[0].trouble).toBe('fake: broken');
    const asked = engine.asked.length + engine.lists;
    // While it backs off it is not asked at all: new containers fail at once and hold nothing up.
    table.note(found(2));
    await settled(() => !r.pending(found(2).id));
    expect(engine.asked.length + engine.lists).toBe(asked);
    engine.mode = 'well';
    now += 60_000;
    await settled(() => table.get(found(1).id)?.known === true && table.get(found(2).id)?.known === true);
    expect(r.engines()[0].trouble).toBe('');
  });

  it('finds an engine whose socket appears later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-late-'));
    try {
      const path = join(folder, 'late.sock');
      const r = resolve([place(new FakeEngine().add(1, 'web'), { path })]);
      await r.start();
      expect(table.size).toBe(0);
      writeFileSync(path, '');
      await settled(() => table.get(found(1).id)?.name === 'web');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('hears of a container before its first process, and of its new name', async () => {
    const engine = new FakeEngine();
    const r = resolve([place(engine)]);
    await r.start();
    engine.add(1, 'new');
    engine.onContainer?.(idOf(1));
    expect(r.pending(found(1).id)).toBe(true);
    await settled(() => table.get(found(1).id)?.name === 'new');
    expect(r.pending(found(1).id)).toBe(false);
    engine.add(1, 'renamed');
    engine.onContainer?.(idOf(1));
    expect(r.pending(found(1).id)).toBe(false);
    await settled(() => table.get(found(1).id)?.name === 'renamed');
    // News without anything new are not passed on.
    let told = 0;
    r.onResolved = () => told++;
    const asked = engine.asked.length;
    engine.onContainer?.(idOf(1));
    await settled(() => engine.asked.length > asked);
    await new Promise((done) => setTimeout(done, 20));
    expect(told).toBe(0);
  });

  it('subscribes anew and lists what it missed when the subscription broke', async () => {
    const engine = new FakeEngine();
    await resolve([place(engine)]).start();
    engine.onContainer = null;
    engine.add(3, 'missed');
    engine.endWatch?.();
    await settled(() => table.get(found(3).id)?.name === 'missed');
    expect(engine.onContainer).not.toBeNull();
  });

  it('asks the second choice only when the first knows nothing', async () => {
    const better = new FakeEngine().add(1, 'from cri');
    const worse = new FakeEngine().add(1, 'from containerd').add(2, 'plain');
    const r = resolve([place(worse, { kind: 'containerd', fallback: true }), place(better, { kind: 'cri' })]);
    table.note(found(1));
    table.note(found(2));
    await settled(() => !r.pending(found(1).id) && !r.pending(found(2).id));
    expect([...table].map((info) => info.name)).toEqual(['from cri', 'plain']);
    expect(worse.asked).toEqual([idOf(2)]);
  });

  it('takes many at once', async () => {
    const engine = new FakeEngine();
    for (let n = 0; n < 256; n++) engine.add(n, `c${n}`);
    resolve([place(engine)]);
    for (let n = 0; n < 256; n++) table.note(found(n));
    await settled(() => [...table].every((info) => info.known));
    expect(table.size).toBe(256);
  });

  it('forgets containers that have had no process for a minute, and only those', async () => {
    let now = 0;
    const r = resolve([place(new FakeEngine().add(1, 'a').add(2, 'b').add(3, 'c'))], () => now);
    await r.start();
    const alive = new Set([found(1).id]);
    expect(r.sweep(alive)).toBe(0);
    now = 50_000;
    expect(r.sweep(new Set([found(1).id, found(2).id]))).toBe(0);
    now = 70_000;
    expect(r.sweep(alive)).toBe(1);
    expect([...table].map((info) => info.name)).toEqual(['a', 'b']);
    // Flat memory: nothing of a thousand short-lived containers stays.
    for (let n = 0; n < 1000; n++)
      table.note({ id: `x${n}`, fullId: `x${n}`, type: ContainerType.LXC, engine: 'lxc' });
    r.sweep(alive);
    now += 61_000;
    r.sweep(alive);
    expect([...table].map((info) => info.name)).toEqual(['a']);
  });

  it('sweeps by itself when it can ask who is alive', async () => {
    let now = 0;
    const engine = new FakeEngine().add(1, 'a').add(2, 'b');
    resolver = new ContainerResolver(table, {
      places: [place(engine)],
      now: () => now,
      alive: () => new Set([found(1).id]),
    });
    const forgotten: string[] = [];
    resolver.onForgotten = (id) => forgotten.push(id);
    await resolver.start();
    now = 10_000;
    await new Promise((done) => setTimeout(done, 1200));
    expect(forgotten).toEqual([]);
    now = 80_000;
    await settled(() => forgotten.length > 0);
    expect([forgotten, [...table].map((info) => info.name)]).toEqual([[found(2).id], ['a']]);
  });

  it('asks the files of an engine whose service does not run, whatever others take', async () => {
    const hung = new FakeEngine();
    hung.mode = 'hangs';
    const files = new FakeEngine().add(1, 'pod');
    const service = { ...place(new FakeEngine(), { kind: 'podman' }), path: '/none/podman.sock' };
    resolve([place(hung), service, place(files, { kind: 'podman', fallback: true })]);
    table.note(found(1, 'podman', ContainerType.PODMAN));
    await settled(() => table.get(found(1).id)?.known === true);
    // Another engine's container may be anybody's: first those that tell more.
    table.note(found(2));
    await new Promise((done) => setTimeout(done, 100));
    expect(files.asked).toEqual([idOf(1)]);
  });

  it('finds the engines of users who come later', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tsdig-root-'));
    try {
      mkdir(join(root, 'etc'));
      writeFileSync(join(root, 'etc/passwd'), 'me:x:1000:1000::/home/me:/bin/sh\n');
      resolver = new ContainerResolver(table, { hostRoot: root, env: {} });
      await resolver.start();
      const storage = join(root, 'home/me/.local/share/containers/storage/overlay-containers');
      for (const dir of [storage, join(root, 'run/user/1000')]) mkdir(dir, { recursive: true });
      const entry = { id: idOf(1), names: ['mine'], metadata: '{"image-name":"localhost/small:1"}' };
      writeFileSync(join(storage, 'containers.json'), JSON.stringify([entry]));
      table.note(found(1, 'podman', ContainerType.PODMAN));
      await settled(() => table.get(found(1).id)?.known === true);
      expect(table.get(found(1).id)).toMatchObject({ name: 'mine', imageTag: '1' });
      expect(new Set(resolver.engines().map((one) => `${one.kind} ${one.path}`)).size).toBe(
        resolver.engines().length,
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('stops everything when closed', async () => {
    const engine = new FakeEngine();
    const r = resolve([place(engine)]);
    await r.start();
    table.note(found(9));
    r.close();
    expect(engine.closed).toBe(true);
    expect(r.pending(found(9).id)).toBe(false);
    const asked = engine.asked.length;
    table.note(found(8));
    await new Promise((done) => setTimeout(done, 100));
    expect(engine.asked.length).toBe(asked);
  });
});

describe('places', () => {
  const paths = (options: Parameters<typeof enginePlaces>[0]) =>
    enginePlaces(options).map((one) => `${one.kind} ${one.path}`);

  it('are the usual ones, under the root of the host', () => {
    const usual = paths({ env: { TSDIG_HOST_ROOT: '/host' } });
    for (const socket of [
      'docker /host/run/docker.sock',
      'podman /host/run/podman/podman.sock',
      'cri /host/run/containerd/containerd.sock',
      'cri /host/run/crio/crio.sock',
      'cri /host/run/k3s/containerd/containerd.sock',
      'containerd /host/run/containerd/containerd.sock',
    ]) {
      expect(usual).toContain(socket);
    }
  });

  it('take the sockets of users with a session', () => {
    const root = mkdtempSync(join(tmpdir(), 'tsdig-root-'));
    try {
      // /run/user/1000 and something that is no user
      for (const dir of ['run/user/1000/podman', 'run/user/other', 'etc'])
        mkdir(join(root, dir), { recursive: true });
      writeFileSync(
        join(root, 'etc/passwd'),
        'root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n',
      );
      const found = paths({ hostRoot: root, env: {} });
      expect(found).toContain(`podman ${root}/run/user/1000/podman/podman.sock`);
      expect(found).toContain(`docker ${root}/run/user/1000/docker.sock`);
      expect(found).toContain(`podman ${root}/home/me/.local/share/containers/storage`);
      expect(found.some((line) => line.includes('other'))).toBe(false);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('obey options and environment', () => {
    const env = { DOCKER_HOST: 'unix:///d.sock', CONTAINER_HOST: 'tcp://127.0.0.1:1' };
    const some = paths({ env, hostRoot: '/none', criSocket: 'unix:///my/cri.sock' }).map((line) =>
      line.replace('/none', ''),
    );
    expect(some).toEqual([
      'docker /d.sock',
      'podman null',
      'podman /var/lib/containers/storage',
      'cri /my/cri.sock',
      'containerd /my/cri.sock',
    ]);
    expect(paths({ env, dockerSocket: '/o.sock' })).toContain('docker /o.sock');
    expect(hostRoot({ env: { SYSDIG_HOST_ROOT: '/s', HOST_ROOT: '/h' } })).toBe('/h');
    expect(hostRoot({ env: {} })).toBe('/');
  });

  it('say which setting cannot be used, and do without it', () => {
    const lines: string[] = [];
    const some = enginePlaces({
      env: { DOCKER_HOST: 'ssh://me@there' },
      hostRoot: '/',
      notice: (line) => lines.push(line),
    });
    expect(lines).toEqual([
      'DOCKER_HOST "ssh://me@there" cannot be used: give unix:///path or tcp://host:port',
    ]);
    expect(some.some((one) => one.path === '/run/docker.sock')).toBe(true);
  });
});

describe('containerHooks', () => {
  it('ties a table to a machine', () => {
    const hooks = containerHooks(table);
    expect(hooks.containerIdOf(['cpu=/'])).toBe('');
    expect(hooks.containerIdOf([`cpu=/docker/${idOf(7)}`])).toBe(idOf(7).slice(0, 12));
    const info = table.get(idOf(7).slice(0, 12));
    expect(info?.typeName).toBe('docker');
    expect(hooks.containerIp(idOf(7).slice(0, 12))).toBe('');
    if (info) info.ip = '172.17.0.2';
    expect(hooks.containerIp(idOf(7).slice(0, 12))).toBe('\xac\x11\x00\x02');
  });
});
