import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerOf } from '../../src/container/cgroup.js';
import { ContainerInfo, ContainerTable, ContainerType, LookupState } from '../../src/container/container.js';
import { encodeContainers } from '../../src/container/event.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { encodeHead } from '../../src/scap/encode_head.js';
import { PPME } from '../../src/scap/events.generated.js';
import type { CaptureHead, ProcessEntry } from '../../src/scap/head.js';
import { unknownProcess } from '../../src/scap/unknown_process.js';

function installed(): boolean {
  try {
    return execFileSync('sysdig', ['--version'], { encoding: 'latin1' }).includes('0.29.3');
  } catch {
    return false;
  }
}

function process(tid: number, path: string): ProcessEntry {
  return {
    ...unknownProcess(tid, tid),
    ptid: 1,
    comm: `p${tid}`,
    exe: 'p',
    exepath: '/p',
    cwd: '/',
    cgroups: [`cpuset=${path}`, `memory=${path}`, `=${path}`],
    root: '/',
  };
}

/** What sysdig prints with `format` for one event of each process, in order. */
function sysdig(paths: readonly string[], containers: ContainerTable, format: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-sysdig-'));
  try {
    const head: CaptureHead = {
      machine: { numCpus: 1, memorySize: 1 << 30, maxPid: 0, hostname: 'h', bootTime: 0n, flags: 0n },
      interfaces: [],
      users: [],
      groups: [],
      version: [1, 2],
      processes: paths.map((path, i) => process(100 + i, path)),
    };
    const file = join(folder, 'x.scap');
    const events = paths.map((_, i) =>
      encodeEvent(PPME.SYSCALL_CLOSE_E, { ts: BigInt(2e9 + i), tid: 100 + i }, [3]),
    );
    writeFileSync(
      file,
      Buffer.concat([encodeHead(head), encodeContainers(containers, 1_000_000_000n), ...events]),
    );
    return execFileSync('sysdig', ['-r', file, '-p', `*${format}`], { encoding: 'latin1' })
      .trim()
      .split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const id = (n: number) => n.toString(16).padStart(4, '0').repeat(16);

describe.runIf(installed())('sysdig 0.29.3', () => {
  it('finds the same containers in the same cgroups', () => {
    // Paths in which both see the same; cgroup.test.ts has those where we see more.
    const shapes = [
      '/',
      '/docker/ID',
      '/system.slice/docker-ID.scope',
      '/kubepods/besteffort/pod1/ID',
      '/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope',
      '/kubepods.slice/kubepods-pod1.slice/crio-ID.scope',
      '/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:ID',
      '/kubepods.slice/crio-conmon-ID.scope',
      '/kubepods/burstable/pod1/crio-ID',
      '/ecs/task/ID',
      '/default/ID',
      '/lxc/cNN',
      '/lxc.payload/cNN',
      '/lxc/cNN/init.scope',
      '/lxc.monitor.cNN',
      '/machine/cNN.libvirt-lxc',
      '/machine.slice/machine-lxc\\x2d1\\x2dcNN.scope',
      '/bpm-cNN',
      '/docker/ID/lxc/cNN',
      '/system.slice/docker-ID.scope/docker/ID',
      '/machine.slice/libpod-ID.scope',
      '/machine.slice/machine-qemu\\x2d1\\x2dvm.scope',
      '/machine.slice/libpod-conmon-ID.scope',
      '/system.slice/x.service',
    ];
    const paths = shapes.map((shape, i) => shape.replaceAll('ID', id(i + 1)).replace('NN', String(i)));
    const theirs = sysdig(paths, new ContainerTable(), '%container.id');
    expect(theirs).toEqual(paths.map((path) => containerOf([`=${path}`])?.id ?? 'host'));
  });

  it('understands the containers that we write', () => {
    const table = new ContainerTable();
    const engines: [number, string][] = [
      [ContainerType.DOCKER, 'docker'],
      [ContainerType.LXC, 'lxc'],
      [ContainerType.CRI, 'cri'],
      [ContainerType.CONTAINERD, 'containerd'],
      [ContainerType.CRIO, 'cri-o'],
    ];
    const mount = { source: '/a', dest: '/b', mode: 'ro', rw: false, propagation: 'rprivate' };
    for (const [i, [type]] of engines.entries()) {
      const info = new ContainerInfo(id(i + 1).slice(0, 12), id(i + 1), type);
      Object.assign(info, {
        name: `c${i}`,
        image: 'reg:5000/shop/web:2',
        imageId: 'ff00',
        imageRepo: 'reg:5000/shop/web',
        imageTag: '2',
        imageDigest: 'sha256:abcd',
        privileged: true,
        mounts: [mount],
        lookupState: LookupState.SUCCESSFUL,
        ip: '172.17.0.2',
        healthcheck: { exe: 'curl', args: ['-f', 'http://x'] },
        livenessProbe: { exe: 'live', args: [] },
        readinessProbe: { exe: 'ready', args: ['1'] },
        hostNetwork: true,
        createdTime: 5,
        user: 'tester',
        portMappings: [{ hostIp: 0, hostPort: 80, containerPort: 8080 }],
        cniJson: '{"x":[1]}',
        engine: '',
        labels: new Map([
          ['io.kubernetes.pod.name', 'web-0'],
          ['io.kubernetes.pod.namespace', 'shop'],
          ['k', 'größe'],
        ]),
        podSandboxId: id(99),
        podSandboxLabels: new Map([['app', 'shop']]),
        env: ['MESOS_X=1'],
      });
      table.add(info);
    }
    const lines = sysdig(
      engines.map((_, i) => `/docker/${id(i + 1)}`),
      table,
      '%container.name|%container.type|%container.image|%container.image.id|%container.image.repository|%container.image.tag' +
        '|%container.image.digest|%container.mounts|%container.mount.dest[/a]|%container.healthcheck' +
        '|%container.liveness_probe|%container.readiness_probe|%k8s.pod.name|%k8s.ns.name',
    );
    const rest =
      'ff00|reg:5000/shop/web|2|sha256:abcd|/a:/b:ro:false:rprivate|/b|curl -f http://x|live|ready 1|web-0|shop';
    expect(lines).toEqual(engines.map(([, name], i) => `c${i}|${name}|reg:5000/shop/web:2|${rest}`));
  });

  it('takes containers of engines that it does not know', () => {
    const table = new ContainerTable();
    const nspawn = table.note(containerOf(['=/machine.slice/systemd-nspawn@deb.service'])!);
    expect(nspawn).toMatchObject({ typeName: 'systemd-nspawn', known: true });
    const podman = table.note(containerOf([`=/machine.slice/libpod-${id(7)}.scope`])!);
    podman.name = 'pod';
    podman.lookupState = LookupState.SUCCESSFUL;
    const lines = sysdig([`/machine.slice/libpod-${id(7)}.scope`], table, '%container.id %container.name');
    expect(lines).toEqual([`${podman.id} pod`]);
  });
});
