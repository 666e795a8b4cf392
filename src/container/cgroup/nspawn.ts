import { ContainerType } from '../container.js';
import type { PathMatcher } from './match.js';

/** Machines of these managers are no containers (virtual machines), or another matcher's. */
const OTHER_MACHINES = /^(qemu|kvm|xen|vbox|lxc|rkt)(\\x2d|-)/;

/**
 * systemd-nspawn and whatever registers a container with systemd-machined:
 * `systemd-nspawn@<name>.service` and `machine-<name>.scope` under machine.slice. The name is the id.
 * nspawn's own process sits in the cgroup `supervisor` below: that one is the host's.
 */
export const matchNspawn: PathMatcher = (part, above, below) => {
  let name = '';
  if (part.startsWith('systemd-nspawn@') && part.endsWith('.service')) name = part.slice(15, -8);
  else if (part.startsWith('machine-') && part.endsWith('.scope') && above.at(-1) === 'machine.slice') {
    name = part.slice(8, -6);
    if (OTHER_MACHINES.test(name)) return null;
  }
  if (name === '' || below[0] === 'supervisor') return null;
  name = unescapeUnit(name);
  return { id: name, fullId: name, type: ContainerType.CUSTOM, engine: 'systemd-nspawn' };
};

/** Undoes systemd's unit-name escaping: `\x2d` → `-`. */
function unescapeUnit(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
