import { ContainerType } from '../container.js';
import { idBetween, type PathMatcher, shortId } from './match.js';

/**
 * Podman: `libpod-<id>.scope` under machine.slice (root) or the user's slices (rootless),
 * `/libpod_parent/libpod-<id>` with the cgroupfs driver, `libpod-payload-<id>` where Podman itself runs in
 * a container. Below it the container may have a cgroup `container` of its own.
 * `libpod-conmon-<id>` is the monitor: a process of the host.
 */
export const matchPodman: PathMatcher = (part) => {
  if (!part.includes('libpod')) return null;
  const colon = part.lastIndexOf(':');
  const fullId =
    idBetween(part, 'libpod-', '.scope') ||
    idBetween(part, 'libpod-', '') ||
    idBetween(part, 'libpod-payload-', '') ||
    (colon > 0 ? idBetween(part, part.slice(0, colon) + ':', '') : '');
  if (fullId === '') return null;
  return { id: shortId(fullId), fullId, type: ContainerType.PODMAN, engine: 'podman' };
};
