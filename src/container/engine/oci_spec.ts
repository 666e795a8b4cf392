import type { ContainerInfo } from '../container.js';
import { listAt, numberAt, objectAt, textAt, textsAt } from './json_value.js';

/** Takes from an OCI runtime specification (config.json) what the engine itself did not tell. */
export function addOciSpec(info: ContainerInfo, spec: unknown): void {
  const process = objectAt(spec, 'process');
  const user = objectAt(process, 'user');
  if (info.user === '' && numberAt(user, 'uid') !== 0)
    info.user = `${numberAt(user, 'uid')}:${numberAt(user, 'gid')}`;
  info.env = textsAt(process, 'env').filter((text) => /^(MESOS|MARATHON|mesos|marathon)/.test(text));
  if (info.mounts.length === 0) addBindMounts(info, spec);
  const resources = objectAt(spec, 'linux', 'resources');
  info.memoryLimit ||= positive(numberAt(objectAt(resources, 'memory'), 'limit'));
  info.swapLimit ||= positive(numberAt(objectAt(resources, 'memory'), 'swap'));
  const cpu = objectAt(resources, 'cpu');
  info.cpuShares = numberAt(cpu, 'shares') || info.cpuShares;
  info.cpuQuota = positive(numberAt(cpu, 'quota')) || info.cpuQuota;
  info.cpuPeriod = numberAt(cpu, 'period') || info.cpuPeriod;
  // A namespace that the specification does not ask for is the host's.
  const namespaces = new Set(
    listAt(objectAt(spec, 'linux'), 'namespaces').map((item) => textAt(objectAt(item), 'type')),
  );
  if (namespaces.size > 0) {
    info.hostPid = !namespaces.has('pid');
    info.hostNetwork = !namespaces.has('network');
    info.hostIpc = !namespaces.has('ipc');
  }
}

function positive(value: number): number {
  return Math.max(value, 0);
}

function addBindMounts(info: ContainerInfo, spec: unknown): void {
  for (const item of listAt(objectAt(spec), 'mounts')) {
    const mount = objectAt(item);
    const options = textsAt(mount, 'options');
    if (
      textAt(mount, 'type') !== 'bind' &&
      !options.some((option) => option === 'bind' || option === 'rbind')
    )
      continue;
    info.mounts.push({
      source: textAt(mount, 'source'),
      dest: textAt(mount, 'destination'),
      mode: '',
      rw: !options.includes('ro'),
      propagation: options.find((option) => /^r?(private|shared|slave)$/.test(option)) ?? '',
    });
  }
}
