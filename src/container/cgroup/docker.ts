import { ContainerType } from '../container.js';
import { idBetween, isFullId, type PathMatcher, shortId } from './match.js';

/**
 * Docker: `/docker/<id>` (cgroupfs driver) and `docker-<id>.scope` (systemd driver, also rootless).
 * A bare id under any other parent counts as Docker's too, as in sysdig: `/ecs/<task>/<id>` of ECS,
 * `--cgroup-parent`, and `/kubepods/<class>/pod<uid>/<id>` until the runtime says otherwise.
 */
export const matchDocker: PathMatcher = (part, above) => {
  const fullId = isFullId(part) ? part : idBetween(part, 'docker-', '.scope');
  if (fullId === '') return null;
  const runtime = isFullId(part) ? runtimeOf(above) : 'docker';
  return { id: shortId(fullId), fullId, type: ContainerType.DOCKER, engine: runtime };
};

/** Whom to ask first about a bare id: its parents tell. */
function runtimeOf(above: readonly string[]): string {
  for (const name of above) {
    if (name.startsWith('kubepods') || name === 'k8s.io' || name === 'kubelet') return 'cri';
    if (name.startsWith('podman-')) return 'podman';
  }
  return above.at(-1) === 'default' ? 'containerd' : 'docker';
}
