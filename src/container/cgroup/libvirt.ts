import { ContainerType } from '../container.js';
import type { PathMatcher } from './match.js';

/**
 * libvirt's LXC driver: `<name>.libvirt-lxc`, and `machine-lxc\x2d<number>\x2d<name>.scope` under systemd.
 * The escaped text is kept as the id, as sysdig does: replayed files then agree.
 */
export const matchLibvirt: PathMatcher = (part) => {
  let name = '';
  if (part.endsWith('.libvirt-lxc')) name = part.slice(0, -'.libvirt-lxc'.length);
  else if (part.startsWith('machine-lxc\\x2d') && part.endsWith('.scope')) {
    name = part.slice('machine-lxc\\x2d'.length, -'.scope'.length);
  }
  if (name === '') return null;
  return { id: name, fullId: name, type: ContainerType.LIBVIRT_LXC, engine: 'libvirt-lxc' };
};
