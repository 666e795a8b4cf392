import { matchBpm } from './cgroup/bpm.js';
import { matchContainerd } from './cgroup/containerd.js';
import { matchCri } from './cgroup/cri.js';
import { matchDocker } from './cgroup/docker.js';
import { matchLibvirt } from './cgroup/libvirt.js';
import { matchLxc } from './cgroup/lxc.js';
import type { PathMatcher } from './cgroup/match.js';
import { matchNspawn } from './cgroup/nspawn.js';
import { matchPodman } from './cgroup/podman.js';
import type { CgroupContainer } from './container.js';

/** In the order in which they win when the hierarchies of a process name different containers. */
const MATCHERS: readonly PathMatcher[] = [
  matchDocker,
  matchPodman,
  matchCri,
  matchContainerd,
  matchLxc,
  matchLibvirt,
  matchBpm,
  matchNspawn,
];

interface Ranked {
  readonly found: CgroupContainer;
  readonly rank: number;
}

/** Paths seen before: a process brings about ten, nearly all of them known. Emptied when full, so it stays small. */
const known = new Map<string, Ranked | null>();
const MAX_KNOWN = 16384;

/**
 * The container to which a process with these cgroups belongs; null for the host's.
 *
 * @param cgroups `subsystem=/path` as captures store them (`=/path` for cgroup v2), or lines of
 *   /proc/PID/cgroup (`4:memory:/path`, `0::/path`). Byte strings.
 */
export function containerOf(cgroups: readonly string[]): CgroupContainer | null {
  let best: Ranked | null = null;
  for (let i = 0; i < cgroups.length; i++) {
    const text = cgroups[i];
    let hit = known.get(text);
    if (hit === undefined) {
      if (known.size >= MAX_KNOWN) known.clear();
      hit = matchPath(pathOf(text));
      known.set(text, hit);
    }
    if (hit !== null && (best === null || hit.rank < best.rank)) {
      if (hit.rank === 0) return hit.found;
      best = hit;
    }
  }
  return best === null ? null : best.found;
}

/** The short id of that container; '' for the host. */
export function containerIdOf(cgroups: readonly string[]): string {
  const found = containerOf(cgroups);
  return found === null ? '' : found.id;
}

/** The path in `subsystem=/path` or in a line of /proc/PID/cgroup. */
function pathOf(text: string): string {
  const line = /^\d+:[^:]*:(?=\/)/.exec(text);
  if (line !== null) return text.slice(line[0].length);
  const equals = text.indexOf('=/');
  return equals < 0 ? '' : text.slice(equals + 1);
}

/** The innermost component that any engine recognises: containers within containers count as the inner one. */
function matchPath(path: string): Ranked | null {
  if (path.length < 2) return null;
  const parts = path.split('/').filter((part) => part !== '');
  for (let i = parts.length - 1; i >= 0; i--) {
    const above = parts.slice(0, i);
    const below = parts.slice(i + 1);
    for (let rank = 0; rank < MATCHERS.length; rank++) {
      const found = MATCHERS[rank](parts[i], above, below);
      if (found !== null) return { found, rank };
    }
  }
  return null;
}
