import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContainerInfo, ContainerTable, ContainerType, LookupState } from '../../src/container/container.js';
import { applyContainerEvent, encodeContainerEvent, encodeContainers } from '../../src/container/event.js';
import { containerToJson, parseContainerJson } from '../../src/container/json.js';
import { EventView } from '../../src/event/view.js';

/** The container events of a recording by sysdig 0.36, one text a line. */
const RECORDED = readFileSync(new URL('../fixtures/container-events.jsonl', import.meta.url), 'latin1')
  .trim()
  .split('\n');

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A container with every member set to something that is not its default. */
function fullInfo(): ContainerInfo {
  const info = new ContainerInfo('0123456789ab', '0123456789ab'.repeat(5) + 'cdef', ContainerType.CRIO);
  return Object.assign(info, {
    name: latin1('größe "q" \\ \n'),
    image: 'reg:5000/a/b:1',
    imageId: 'ff',
    imageRepo: 'reg:5000/a/b',
    imageTag: '1',
    imageDigest: 'sha256:00',
    privileged: true,
    hostPid: true,
    hostNetwork: true,
    hostIpc: true,
    isPodSandbox: true,
    lookupState: LookupState.SUCCESSFUL,
    createdTime: 1795244748,
    mounts: [{ source: '/a b', dest: '/c', mode: 'z', rw: true, propagation: 'rshared' }],
    user: '1000:1000',
    healthcheck: { exe: '/bin/sh', args: ['-c', 'true'] },
    livenessProbe: { exe: 'live', args: [] },
    readinessProbe: { exe: 'ready', args: ['x'] },
    ip: '10.1.2.3',
    cniJson: '{"a":1}',
    podSandboxId: 'feed',
    portMappings: [{ hostIp: 0x7f000001, hostPort: 8080, containerPort: 80 }],
    labels: new Map([
      ['io.kubernetes.pod.name', 'p'],
      ['io.kubernetes.pod.namespace', 'ns'],
      ['io.kubernetes.pod.uid', 'u'],
      ['__proto__', 'safe'],
    ]),
    podSandboxLabels: new Map([['app', 'shop']]),
    env: ['MESOS_TASK_ID=1'],
    memoryLimit: 8e9,
    swapLimit: 9e9,
    cpuShares: 2,
    cpuQuota: 50000,
    cpuPeriod: 50001,
    cpusetCpuCount: 3,
    mesosTaskId: 'm',
    metadataDeadline: 5,
  });
}

function viewOf(block: Buffer): EventView {
  const ev = new EventView();
  ev.attach(block, new DataView(block.buffer, block.byteOffset, block.byteLength));
  expect(ev.at(0)).toBe(true);
  return ev;
}

describe('container JSON', () => {
  it('reads what sysdig recorded', () => {
    const infos = RECORDED.map((text) => parseContainerJson(text + '\n\0'));
    expect(infos.map((info) => info?.name)).toEqual(['app', 'db', 'web', 'brief']);
    expect(infos[0]).toMatchObject({
      id: '6f344f6634a2',
      fullId: '6f344f6634a2ebfb7db9761f048d05ccb12047010e8759e3d24cb16220e3c6fd',
      type: ContainerType.DOCKER,
      typeName: 'docker',
      known: true,
      image: 'demo:latest',
      imageId: '6b95bb3f7a89870d37c9aa9e875ec52ea134dd00b29266e889d46b7cf552df36',
      imageRepo: 'demo',
      imageTag: 'latest',
      createdTime: 1795244748,
      ip: '0.0.0.0',
      mounts: [],
      healthcheck: null,
    });
    expect([...(infos[0]?.labels ?? [])]).toEqual([
      ['com.example.team', 'shop'],
      ['tier', 'app'],
    ]);
    expect(infos[3]?.labels.size).toBe(0);
  });

  it('writes every key that sysdig wrote, with the same values', () => {
    for (const text of RECORDED) {
      const info = parseContainerJson(text);
      const again = JSON.parse(containerToJson(info as ContainerInfo));
      expect(again.container).toMatchObject(JSON.parse(text).container);
    }
  });

  it('loses nothing', () => {
    const info = fullInfo();
    const text = containerToJson(info);
    expect(parseContainerJson(text)).toEqual(info);
    expect(parseContainerJson(text)).toMatchObject({ podName: 'p', podNamespace: 'ns', podUid: 'u' });
  });

  it('keeps an engine that has no number', () => {
    const info = new ContainerInfo('web', 'web', ContainerType.CUSTOM);
    info.engine = 'systemd-nspawn';
    expect(parseContainerJson(containerToJson(info))?.typeName).toBe('systemd-nspawn');
  });

  it('takes defaults for what is absent', () => {
    expect(parseContainerJson('{"container":{"id":"a","type":1}}')).toMatchObject({
      id: 'a',
      fullId: 'a',
      typeName: 'lxc',
      lookupState: LookupState.SUCCESSFUL,
      name: '',
      cpuShares: 1024,
      cpuPeriod: 100000,
      ip: '0.0.0.0',
    });
  });

  it('takes a look-up that was under way as failed', () => {
    const state = (n: number) => parseContainerJson(`{"container":{"id":"a","lookup_state":${n}}}`)?.known;
    expect([0, 1, 2].map(state)).toEqual([false, true, false]);
  });

  it('takes values of a wrong type as absent, and refuses what is no container', () => {
    const odd =
      '{"container":{"id":"a","name":5,"labels":["x"],"Mounts":{"a":1},"ip":2130706433,"port_mappings":[7]}}';
    expect(parseContainerJson(odd)).toMatchObject({ name: '', mounts: [], ip: '127.0.0.1' });
    for (const bad of [
      '',
      'null',
      '[]',
      '{"container":[]}',
      '{"container":{}}',
      '{"container":{"id":7}}',
      '{"cont',
    ]) {
      expect(parseContainerJson(bad)).toBeNull();
    }
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.json(), (text) => void parseContainerJson(text)));
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) =>
          void parseContainerJson(
            JSON.stringify({ container: { id: 'x', labels: value, Mounts: value, Healthcheck: value } }),
          ),
      ),
    );
  });
});

describe('container events', () => {
  it('carry a container through the stream', () => {
    const table = new ContainerTable();
    const info = fullInfo();
    const ev = viewOf(encodeContainerEvent(info, 1795244790123456789n));
    expect([ev.type, ev.tid, ev.cpu, ev.nparams, ev.absTs]).toEqual([324, -1, 0, 1, 1795244790123456789n]);
    expect(ev.next).toBe(ev.bytes.length);
    expect(applyContainerEvent(ev, table)).toEqual(info);
    expect(table.get(info.id)).toEqual(info);
  });

  it('are laid out like recorded ones', () => {
    const block = encodeContainerEvent(fullInfo(), 0n);
    const text = containerToJson(fullInfo());
    expect(block.readUInt32LE(0)).toBe(0x221);
    expect(block.readUInt32LE(26)).toBe(30 + text.length + 2);
    expect(block.readUInt32LE(36)).toBe(text.length + 2);
    expect(block.latin1Slice(40, 42 + text.length)).toBe(text + '\n\0');
    expect(block.length % 4).toBe(0);
  });

  it('are written for all containers that are known', () => {
    const table = new ContainerTable();
    for (const text of RECORDED) table.add(parseContainerJson(text) as ContainerInfo);
    table.note({ id: 'abc', fullId: 'abc', type: ContainerType.DOCKER, engine: 'docker' });
    const all = encodeContainers(table, 1n);
    const ev = new EventView();
    ev.attach(all, new DataView(all.buffer, all.byteOffset, all.byteLength));
    const again = new ContainerTable();
    for (let off = 0; off < all.length; off = ev.next) {
      ev.at(off);
      applyContainerEvent(ev, again);
    }
    expect([...again].map((info) => info.name)).toEqual(['app', 'db', 'web', 'brief']);
  });

  it('are read in their older and newer kinds too', () => {
    const table = new ContainerTable();
    const param = (text: string) => Buffer.from(text + '\0');
    const u32 = (n: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(n);
      return bytes;
    };
    const event = (type: number, params: Buffer[], lenSize: number) => {
      const lens = Buffer.alloc(params.length * lenSize);
      params.forEach((bytes, i) => void lens.writeUIntLE(bytes.length, i * lenSize, lenSize));
      const data = Buffer.concat([lens, ...params]);
      const block = Buffer.alloc((12 + 28 + data.length + 3) & ~3);
      block.writeUInt32LE(lenSize === 4 ? 0x221 : 0x216, 0);
      block.writeUInt32LE(block.length, 4);
      block.writeUInt32LE(26 + data.length, 26);
      block.writeUInt16LE(type, 30);
      block.writeUInt32LE(params.length, 32);
      data.copy(block, 36);
      return viewOf(block);
    };
    applyContainerEvent(event(272, [param('{"container":{"id":"k1","name":"one"}}')], 2), table);
    applyContainerEvent(
      event(402, [u32(0), param('container'), param('{"container":{"id":"k2","name":"two"}}')], 4),
      table,
    );
    applyContainerEvent(event(228, [param('k3'), u32(1), param('three'), param('img')], 2), table);
    expect([...table].map((info) => [info.id, info.name])).toEqual([
      ['k1', 'one'],
      ['k2', 'two'],
      ['k3', 'three'],
    ]);
    applyContainerEvent(
      event(402, [u32(0), param('container_removed'), param('{"container":{"id":"k2"}}')], 4),
      table,
    );
    expect(table.get('k2')).toBeUndefined();
    expect(
      applyContainerEvent(event(402, [u32(0), param('other'), param('{"container":{"id":"k4"}}')], 4), table),
    ).toBeNull();
    expect(applyContainerEvent(event(324, [param('no json')], 4), table)).toBeNull();
    expect(applyContainerEvent(event(228, [param('x')], 2), table)).toBeNull();
    expect(table.size).toBe(2);
  });
});

describe('ContainerTable', () => {
  it('tells of a container that it meets for the first time, once', () => {
    const table = new ContainerTable();
    const met: string[] = [];
    table.onNew = (info, found) => met.push(`${info.id} ${found.engine}`);
    const found = { id: 'abc', fullId: 'abcdef', type: ContainerType.DOCKER, engine: 'docker' };
    expect(table.note(found)).toBe(table.note(found));
    expect(met).toEqual(['abc docker']);
    expect(table.get('abc')?.known).toBe(false);
  });

  it('needs no look-up where the path is the name', () => {
    const table = new ContainerTable();
    const info = table.note({ id: 'web', fullId: 'web', type: ContainerType.LXC, engine: 'lxc' });
    expect(info).toMatchObject({ name: 'web', known: true, typeName: 'lxc' });
  });

  it('has no entry for the host', () => {
    expect(new ContainerTable().get('')).toBeUndefined();
  });
});
