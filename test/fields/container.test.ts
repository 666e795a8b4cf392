import { describe, expect, it } from 'vitest';
import { ContainerInfo, ContainerType } from '../../src/container/container.js';
import { planField } from '../../src/fields/registry.js';
import { Machine } from '../../src/machine/machine.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from './built_event.js';

const ev = builtEvent(PPME.SYSCALL_CLOSE_E, [bytes.i64(1)], { tid: 100 });

function machineWith(change: (thread: ThreadInfo, machine: Machine) => void): Machine {
  const machine = new Machine();
  const thread = new ThreadInfo(100, 100);
  change(thread, machine);
  machine.addThread(thread);
  machine.process(ev);
  return machine;
}

function value(machine: Machine, name: string): unknown {
  return planField(name).extract(ev, machine);
}

function web(): ContainerInfo {
  const info = new ContainerInfo('42b9a1bc58b0', '42b9a1bc58b0'.padEnd(64, '0'), ContainerType.DOCKER);
  info.name = 'web';
  info.image = 'demo:latest';
  info.imageRepo = 'demo';
  info.imageTag = 'latest';
  info.mounts = [
    { source: '/data/a', dest: '/a', mode: 'ro', rw: false, propagation: 'rprivate' },
    { source: '/var/log', dest: '/log', mode: '', rw: true, propagation: '' },
  ];
  info.labels = new Map([
    ['io.kubernetes.pod.name', 'web-1'],
    ['io.kubernetes.pod.namespace', 'shop'],
    ['io.kubernetes.pod.uid', 'u-1'],
    ['tier', 'front'],
  ]);
  info.healthcheck = { exe: 'curl', args: ['-f', 'localhost'] };
  return info;
}

describe('container fields', () => {
  it('know the container of the thread', () => {
    const machine = machineWith((thread, m) => {
      thread.containerId = '42b9a1bc58b0';
      thread.vtid = 7;
      m.containers.add(web());
    });
    expect(value(machine, 'container.id')).toBe('42b9a1bc58b0');
    expect(value(machine, 'container.name')).toBe('web');
    expect(value(machine, 'container.type')).toBe('docker');
    expect(value(machine, 'container.privileged')).toBe(false);
    expect(value(machine, 'container.image.tag')).toBe('latest');
    expect(value(machine, 'container.image.digest')).toBeUndefined();
    expect(value(machine, 'container.healthcheck')).toBe('curl -f localhost');
    expect(value(machine, 'container.liveness_probe')).toBe('NONE');
    expect(value(machine, 'container.label.tier')).toBe('front');
    expect(value(machine, 'container.label[none]')).toBeUndefined();
    expect(value(machine, 'k8s.pod.name')).toBe('web-1');
    expect(value(machine, 'k8s.ns.name')).toBe('shop');
    expect(value(machine, 'k8s.rc.name')).toBeUndefined();
  });

  it('choose mounts by place and by path', () => {
    const machine = machineWith((thread, m) => {
      thread.containerId = '42b9a1bc58b0';
      m.containers.add(web());
    });
    expect(value(machine, 'container.mounts')).toBe('/data/a:/a:ro:false:rprivate,/var/log:/log::true:');
    expect(value(machine, 'container.mount[1]')).toBe('/var/log:/log::true:');
    expect(value(machine, 'container.mount[/data/*]')).toBe('/data/a:/a:ro:false:rprivate');
    expect(value(machine, 'container.mount.source[/a]')).toBe('/data/a');
    expect(value(machine, 'container.mount.dest[/var/l?g]')).toBe('/log');
    expect(value(machine, 'container.mount.rdwr[0]')).toBe('false');
    expect(value(machine, 'container.mount[2]')).toBeUndefined();
  });

  it('say host on the host', () => {
    const machine = machineWith(() => {});
    expect(['id', 'name', 'type'].map((name) => value(machine, `container.${name}`))).toEqual([
      'host',
      'host',
      'host',
    ]);
    expect(value(machine, 'container.image')).toBeUndefined();
  });

  it('do not take a container that is not known yet for the host', () => {
    const machine = machineWith((thread) => {
      thread.vtid = 1;
    });
    expect(value(machine, 'container.id')).toBe('');
    expect(value(machine, 'container.name')).toBeUndefined();
  });

  it('have the id before there is a name', () => {
    const machine = machineWith((thread, m) => {
      thread.containerId = '42b9a1bc58b0';
      m.containers.add(new ContainerInfo('42b9a1bc58b0', '', ContainerType.DOCKER));
    });
    expect(value(machine, 'container.id')).toBe('42b9a1bc58b0');
    expect(value(machine, 'container.name')).toBeUndefined();
    expect(value(machine, 'container.mounts')).toBe('');
  });
});
