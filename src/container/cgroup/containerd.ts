import { type CgroupContainer, ContainerType } from '../container.js';
import { idBetween, isFullId, type PathMatcher, shortId } from './match.js';

const FARGATE = /^[0-9a-f]{32}-\d{9,10}$/;

/**
 * containerd without Kubernetes: `nerdctl-<id>.scope`, `<slice>:nerdctl:<id>`; and the tasks of ECS on Fargate,
 * `/ecs/<task>/<32 hex>-<number>`, which containerd runs too. `ctr` gives names of the user's choice, in the
 * cgroup `/default/<name>` (the namespace is the first component).
 */
export const matchContainerd: PathMatcher = (part, above) => {
  let fullId = idBetween(part, 'nerdctl-', '.scope');
  if (fullId === '') {
    const colon = part.indexOf(':nerdctl:');
    if (colon >= 0) fullId = idBetween(part, part.slice(0, colon + 9), '');
  }
  if (fullId === '' && FARGATE.test(part) && above.at(-2) === 'ecs') fullId = part;
  if (fullId === '' && above.length === 1 && above[0] === 'default') fullId = part;
  if (fullId === '') return null;
  if (above[0] === 'default' && !isFullId(fullId)) return named(fullId);
  const id = isFullId(fullId) ? shortId(fullId) : fullId.slice(0, 12);
  return { id, fullId, type: ContainerType.CONTAINERD, engine: 'containerd' };
};

function named(id: string): CgroupContainer {
  return { id, fullId: id, type: ContainerType.CONTAINERD, engine: 'containerd' };
}
