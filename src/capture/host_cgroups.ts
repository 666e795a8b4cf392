import { closeSync, openSync, readlinkSync } from 'node:fs';
import { setCgroupNamespace } from './native.js';

/** How this thread sees the host's cgroups from now on. */
export interface CgroupView {
  /** By paths that begin in the cgroup of this process's own container, as it may not leave its namespace. */
  readonly confined: boolean;
  /** Goes back to what was before. Only the first call counts. */
  leave(): void;
}

/** Which namespace it is; '' where that may not be seen. */
function nameOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const STAYS: CgroupView = { confined: false, leave() {} };

/**
 * With version 2, engines give containers a cgroup namespace: in one /proc/PID/cgroup tells paths from the container's own
 * cgroup on (`/../ssh.service`), while events carry those of the host. So this thread goes into the first process's.
 *
 * @param hostRoot folder under which the host's /proc is mounted
 * @throws NativeMissingError when it has to go and the native helper is not there
 */
export function seeHostCgroups(hostRoot = ''): CgroupView {
  const own = '/proc/thread-self/ns/cgroup';
  // A kernel thread's is the host's for sure, and may be looked at where the first process is protected.
  const host = [1, 2].map((pid) => `${hostRoot}/proc/${pid}/ns/cgroup`).find((path) => nameOf(path) !== '');
  if (host === undefined || nameOf(host) === nameOf(own)) return STAYS;
  let before = openSync(own, 'r');
  const other = openSync(host, 'r');
  const confined = !setCgroupNamespace(other);
  closeSync(other);
  return {
    confined,
    leave() {
      if (before < 0) return;
      if (!confined) setCgroupNamespace(before);
      closeSync(before);
      before = -1;
    },
  };
}
