import type { ContainerInfo, ContainerProbe } from '../container.js';
import { listAt, objectAt, textAt, textsAt } from './json_value.js';

/** Where kubectl keeps what the user applied; Docker's Kubernetes shim stores annotations as labels with a prefix. */
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Sets the probes that run a command, from the pod's applied configuration, if it is in these annotations. */
export function addPodProbes(info: ContainerInfo, annotations: ReadonlyMap<string, string>): void {
  const applied = annotations.get(APPLIED) ?? annotations.get('annotation.' + APPLIED);
  if (applied === undefined) return;
  let pod: unknown;
  try {
    pod = JSON.parse(Buffer.from(applied, 'latin1').toString('utf8'));
  } catch {
    return;
  }
  const wanted = info.labels.get('io.kubernetes.container.name') ?? info.name;
  for (const item of listAt(objectAt(pod, 'spec'), 'containers')) {
    const container = objectAt(item);
    if (textAt(container, 'name') !== wanted) continue;
    info.livenessProbe ??= execProbe(container['livenessProbe']);
    info.readinessProbe ??= execProbe(container['readinessProbe']);
  }
}

function execProbe(probe: unknown): ContainerProbe | null {
  const [exe, ...args] = textsAt(objectAt(probe, 'exec'), 'command');
  return exe === undefined ? null : { exe, args };
}
