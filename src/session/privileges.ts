import { statSync } from 'node:fs';
import { LiveError } from '../capture/live_error.js';
import type { UserIds } from './file_owner.js';

/**
 * Goes on as an ordinary user, for good: what needed more (loading and attaching eBPF programs, reading all of /proc, opening
 * the file) is done by then. `sockets` are those of container engines that the run goes on asking: the groups that may
 * use them are kept, as without them new containers have no names.
 *
 * What works no more afterwards: fds, folders and environments of other users' processes whose start was not recorded; the
 * user tables of new containers; new files (-C, -G, -e) in folders that the user may not write.
 *
 * @throws LiveError when this process is not root
 */
export function dropPrivileges(user: UserIds, sockets: readonly string[] = []): void {
  const { setgroups, initgroups, getgroups, setgid, setuid, getuid } = process as InitGroups;
  if (!setgroups || !initgroups || !getgroups || !setgid || !setuid || !getuid) return;
  if (getuid() === user.uid) return;
  if (getuid() !== 0) throw new LiveError(`--drop-to ${user.name} needs root: run with sudo`);
  if (user.uid === 0) return;
  const kept = sockets.map(groupThatMayUse).filter((gid): gid is number => gid !== undefined);
  setgid(user.gid);
  initgroups(user.name, user.gid);
  if (kept.length > 0) setgroups([...new Set([...getgroups(), ...kept])]);
  setuid(user.uid);
  let stillRoot = true;
  try {
    setuid(0);
  } catch {
    stillRoot = false;
  }
  if (stillRoot) throw new LiveError(`--drop-to ${user.name} did not take effect: root could be regained`);
}

/** `initgroups` is there since Node 0.9 but not in its types. */
type InitGroups = NodeJS.Process & { readonly initgroups?: (user: string, extraGroup: number) => void };

/** The group that a socket lets in, unless it is root's. */
function groupThatMayUse(path: string): number | undefined {
  try {
    const { gid, mode } = statSync(path);
    return gid !== 0 && (mode & 0o060) === 0o060 ? gid : undefined;
  } catch {
    return undefined;
  }
}
