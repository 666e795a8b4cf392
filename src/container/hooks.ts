import type { EventView } from '../event/view.js';
import { containerOf } from './cgroup.js';
import type { ContainerTable } from './container.js';
import { applyContainerEvent } from './event.js';
import { ipv4Number } from './ipv4.js';

/** What a machine asks about containers: hand these to its constructor. */
export interface ContainerHooks {
  containerIdOf(cgroups: readonly string[]): string;
  onContainerEvent(ev: EventView): void;
  /** 4 bytes as a byte string, '' if unknown. */
  containerIp(containerId: string): string;
}

/** Ties a container table to a machine: containers met in cgroups are noted, container events read into it. */
export function containerHooks(table: ContainerTable): ContainerHooks {
  return {
    containerIdOf(cgroups) {
      const found = containerOf(cgroups);
      return found === null ? '' : table.note(found).id;
    },
    onContainerEvent(ev) {
      applyContainerEvent(ev, table);
    },
    containerIp(containerId) {
      const ip = ipv4Number(table.get(containerId)?.ip ?? '');
      return ip === 0 ? '' : String.fromCharCode(ip >>> 24, (ip >>> 16) & 255, (ip >>> 8) & 255, ip & 255);
    },
  };
}
