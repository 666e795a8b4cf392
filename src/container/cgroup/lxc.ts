import { ContainerType } from '../container.js';
import type { PathMatcher } from './match.js';

/**
 * LXC, LXD and Incus: `/lxc/<name>`, `/lxc.payload/<name>` and, since LXC 4, `/lxc.payload.<name>`.
 * The name is the id. `lxc.monitor.<name>` is the monitor: a process of the host.
 */
export const matchLxc: PathMatcher = (part, above) => {
  let name = '';
  if (part.startsWith('lxc.payload.')) {
    name = part.slice('lxc.payload.'.length);
  } else {
    const parent = above.at(-1);
    if (parent === 'lxc' || parent === 'lxc.payload') name = part;
  }
  if (name === '') return null;
  return { id: name, fullId: name, type: ContainerType.LXC, engine: 'lxc' };
};
