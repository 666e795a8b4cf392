import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerIdOf, containerOf } from '../../src/container/cgroup.js';
import { ContainerType } from '../../src/container/container.js';

const T = ContainerType;
const A = '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9';
const B = '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b';
const POD = '11111111-2222-3333-4444-555555555555';
const PODU = POD.replaceAll('-', '_');
const USER = '/user.slice/user-1000.slice/user@1000.service';

/** Path, id and type: what sysdig 0.29.3 prints for a process with that path and no container event. */
const AS_SYSDIG: [path: string, id: string, type: number][] = [
  [`/docker/${A}`, A.slice(0, 12), T.DOCKER],
  [`/docker/${A}/docker/${B}`, B.slice(0, 12), T.DOCKER],
  [`/system.slice/docker-${A}.scope`, A.slice(0, 12), T.DOCKER],
  [`/system.slice/docker-${A}.scope/sub`, A.slice(0, 12), T.DOCKER],
  [`/system.slice/docker-${A}.scope/docker/${B}`, B.slice(0, 12), T.DOCKER],
  [`/system.slice/docker-${A}.scope/docker-${B}.scope`, B.slice(0, 12), T.DOCKER],
  [`/docker-${A}.scope`, A.slice(0, 12), T.DOCKER],
  [`${USER}/app.slice/docker-${A}.scope`, A.slice(0, 12), T.DOCKER],
  [`/../../docker/${A}`, A.slice(0, 12), T.DOCKER],
  [`/system.slice/snap.docker.dockerd.service/docker/${A}`, A.slice(0, 12), T.DOCKER],
  [`/actions_job/${A}`, A.slice(0, 12), T.DOCKER],
  [`/${A}`, A.slice(0, 12), T.DOCKER],
  [`/x/${A.toUpperCase()}`, A.slice(0, 12).toUpperCase(), T.DOCKER],
  [`/kubepods/besteffort/pod${POD}/${A}`, A.slice(0, 12), T.DOCKER],
  [`/kubelet/kubepods/pod${POD}/${A}`, A.slice(0, 12), T.DOCKER],
  [`/kubepods.slice/kubepods-pod${PODU}.slice/docker-${A}.scope`, A.slice(0, 12), T.DOCKER],
  [`/kubepods.slice/kubepods-pod${PODU}.slice/cri-containerd-${A}.scope`, A.slice(0, 12), T.UNKNOWN],
  [`/kubepods.slice/kubepods-pod${PODU}.slice/cri-containerd-${A}.scope/x`, A.slice(0, 12), T.UNKNOWN],
  [`/kubepods.slice/kubepods-pod${PODU}.slice/crio-${A}.scope`, A.slice(0, 12), T.UNKNOWN],
  [`/kubepods.slice/kubepods-pod${PODU}.slice/crio-${A}.scope/container`, A.slice(0, 12), T.UNKNOWN],
  [`/kubepods/besteffort/pod${POD}/crio-${A}`, A.slice(0, 12), T.UNKNOWN],
  [`/system.slice/crio-${A}.scope`, A.slice(0, 12), T.UNKNOWN],
  [
    `/system.slice/containerd.service/kubepods-pod${POD}.slice:cri-containerd:${A}`,
    A.slice(0, 12),
    T.UNKNOWN,
  ],
  [`/docker/${A}/kubelet.slice/cri-containerd-${B}.scope`, B.slice(0, 12), T.UNKNOWN],
  [`/default/${A}`, A.slice(0, 12), T.DOCKER],
  [`/k8s.io/${A}`, A.slice(0, 12), T.DOCKER],
  [`/ecs/x/${A}`, A.slice(0, 12), T.DOCKER],
  ['/lxc/web', 'web', T.LXC],
  ['/lxc/web-1.2_3', 'web-1.2_3', T.LXC],
  ['/lxc.payload/web', 'web', T.LXC],
  ['/lxc/web/ns', 'web', T.LXC],
  ['/lxc/web/system.slice/foo.service', 'web', T.LXC],
  ['/foo/lxc/web', 'web', T.LXC],
  ['/libvirt/lxc/web', 'web', T.LXC],
  [`/docker/${A}/lxc/inner`, 'inner', T.LXC],
  [`/lxc/outer/docker/${A}`, A.slice(0, 12), T.DOCKER],
  ['/machine/web.libvirt-lxc', 'web', T.LIBVIRT_LXC],
  ['/machine.slice/machine-lxc\\x2d1\\x2dweb.scope', '1\\x2dweb', T.LIBVIRT_LXC],
  [`/bpm-${A}`, A, T.BPM],
  ['/bpm-web.scope', 'web', T.BPM],
  ['/system.slice/runc-bpm-web.scope', 'web', T.BPM],
  ['/a/bpm-web.scope/sub', 'web', T.BPM],
  ['/', '', 0],
  ['/init.scope', '', 0],
  ['/system.slice/foo.service', '', 0],
  ['/user.slice/user-0.slice/session-1.scope', '', 0],
  ['/foolxc/web', '', 0],
  ['/lxc.monitor/web', '', 0],
  ['/lxc.monitor.web', '', 0],
  ['/lxc/', '', 0],
  [`/machine.slice/libpod-conmon-${A}.scope`, '', 0],
  [`/kubepods.slice/crio-conmon-${A}.scope`, '', 0],
  ['/machine.slice/machine-qemu\\x2d1\\x2dvm.scope', '', 0],
  [`/machine.slice/machine-rkt\\x2d${POD}.scope`, '', 0],
  [`/mesos/${POD}`, '', 0],
  [`/docker/${A.slice(1)}`, '', 0],
  [`/docker/${A}0`, '', 0],
  [`/system.slice/docker-${A.slice(0, 12)}.scope`, '', 0],
  [`/x/${A}.scope`, '', 0],
  [`/x/foo-${A}.scope`, '', 0],
  [`/kubepods/pod123/${A}-x`, '', 0],
  ['/foo/25fc0e7096fc', '', 0],
  ['/docker/buildkit/abcdefghijklmnopqrstuvwxy', '', 0],
];

/** Where we see a container and sysdig 0.29.3 sees the host, or does not know the type. */
const BEYOND_SYSDIG: [path: string, id: string, type: number, engine: string][] = [
  [`/docker/${A}/init.scope`, A.slice(0, 12), T.DOCKER, 'docker'],
  [`/docker/${A}/nested/more`, A.slice(0, 12), T.DOCKER, 'docker'],
  [`/machine.slice/libpod-${A}.scope`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/machine.slice/libpod-${A}.scope/container`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`${USER}/user.slice/libpod-${A}.scope/container`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/libpod_parent/libpod-${A}`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/libpod_parent/${B.slice(0, 8)}/libpod-${A}`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/libpod-payload-${A}`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/docker/${B}/libpod-payload-${A}`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/user.slice:libpod:${A}`, A.slice(0, 12), T.PODMAN, 'podman'],
  [`/system.slice/nerdctl-${A}.scope`, A.slice(0, 12), T.CONTAINERD, 'containerd'],
  [`/kubepods.slice:crio:${A}`, A.slice(0, 12), T.UNKNOWN, 'cri-o'],
  ['/ecs/0123/0123456789abcdef0123456789abcdef-1234567890', '0123456789ab', T.CONTAINERD, 'containerd'],
  ['/lxc.payload.web', 'web', T.LXC, 'lxc'],
  ['/lxc.payload.web/system.slice/cron.service', 'web', T.LXC, 'lxc'],
  ['/lxc.payload.outer/lxc.payload.inner', 'inner', T.LXC, 'lxc'],
  ['/snap.lxd/lxc.payload.web', 'web', T.LXC, 'lxc'],
  ['/machine.slice/systemd-nspawn@web.service', 'web', T.CUSTOM, 'systemd-nspawn'],
  [
    '/machine.slice/systemd-nspawn@my\\x2dweb.service/payload/system.slice',
    'my-web',
    T.CUSTOM,
    'systemd-nspawn',
  ],
  ['/machine.slice/machine-deb12.scope', 'deb12', T.CUSTOM, 'systemd-nspawn'],
  ['/machine.slice/machine-deb12.scope/payload/init.scope', 'deb12', T.CUSTOM, 'systemd-nspawn'],
];

describe('containerOf', () => {
  it.each(AS_SYSDIG)('sees in %s what sysdig sees', (path, id, type) => {
    for (const entry of [
      'memory=',
      'name=systemd=',
      '=',
      '0::',
      '4:memory:',
      '12:cpu,cpuacct:',
      '1:name=systemd:',
    ]) {
      const found = containerOf([entry + path]);
      expect(found?.id ?? '').toBe(id);
      if (id !== '') expect(found?.type).toBe(type);
    }
  });

  it.each(BEYOND_SYSDIG)('sees the container in %s', (path, id, type, engine) => {
    expect(containerOf(['=' + path])).toMatchObject({ id, type, engine });
  });

  it('leaves the supervisor of nspawn to the host', () => {
    expect(containerIdOf(['=/machine.slice/systemd-nspawn@web.service/supervisor'])).toBe('');
  });

  it('keeps the whole id', () => {
    expect(containerOf([`=/docker/${A}`])?.fullId).toBe(A);
  });

  it('takes the hierarchy that names a container, whichever it is', () => {
    expect(containerIdOf(['cpu=/', 'pids=/', `memory=/docker/${A}`, '=/'])).toBe(A.slice(0, 12));
    // Hybrid: v1 controllers at the root, the container on the unified hierarchy only.
    expect(containerIdOf(['cpuset=/', 'name=systemd=/', `=/system.slice/docker-${A}.scope`])).toBe(
      A.slice(0, 12),
    );
    expect(containerIdOf([])).toBe('');
  });

  it('prefers the first of two, and Docker to others, as sysdig does', () => {
    expect(containerIdOf([`cpu=/docker/${A}`, `memory=/docker/${B}`])).toBe(A.slice(0, 12));
    expect(containerIdOf(['cpu=/lxc/x', `memory=/docker/${A}`])).toBe(A.slice(0, 12));
    expect(containerIdOf([`cpu=/kubepods.slice/crio-${B}.scope`, `memory=/docker/${A}`])).toBe(
      A.slice(0, 12),
    );
  });

  it('asks the right engine first about a bare id', () => {
    const engineOf = (path: string) => containerOf([`=${path}`])?.engine;
    expect(engineOf(`/kubepods/burstable/pod${POD}/${A}`)).toBe('cri');
    expect(engineOf(`/k8s.io/${A}`)).toBe('cri');
    expect(engineOf(`/default/${A}`)).toBe('containerd');
    expect(engineOf(`/docker/${A}`)).toBe('docker');
    expect(engineOf(`/system.slice/cri-containerd-${A}.scope`)).toBe('containerd');
    expect(engineOf(`/system.slice/crio-${A}.scope`)).toBe('cri-o');
  });

  it('gives the same answer twice and after its memory was emptied', () => {
    for (let i = 0; i < 40000; i++) containerIdOf([`cpu=/user.slice/session-${i}.scope`]);
    expect(containerIdOf([`cpu=/docker/${A}`])).toBe(A.slice(0, 12));
    expect(containerIdOf([`cpu=/docker/${A}`])).toBe(A.slice(0, 12));
  });

  it('finds the id in any surroundings, and never throws', () => {
    const part = fc.stringMatching(/^[a-z0-9.@_-]{1,20}$/);
    fc.assert(
      fc.property(fc.array(part), fc.array(part), fc.stringMatching(/^[0-9a-f]{64}$/), (above, below, id) => {
        fc.pre(!above.includes('lxc') && !below.includes('lxc'));
        const path = ['', ...above, `docker-${id}.scope`, ...below].join('/');
        const found = containerOf([`=${path}`]);
        const clear = below.every((name) => !/bpm-|lxc|libpod|crio|nspawn|machine/.test(name));
        if (clear) expect(found?.fullId).toBe(id);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        expect(typeof containerIdOf(lines)).toBe('string');
      }),
    );
  });
});
