import { readFileSync, statSync } from 'node:fs';
import type { AllowSets, CgroupHierarchy } from '../capture/live.js';
import { containerOf } from '../container/cgroup.js';
import type { ContainerInfo, ContainerTable } from '../container/container.js';
import type { ContainerLimit } from '../filter/container_limit.js';

/** What takes the verdicts: the live source. */
export interface CgroupSets {
  allow(sets: AllowSets): void;
  disallow(sets: AllowSets): void;
}

/** Controllers whose paths clone and execve events carry, in the order of preference. */
const CONTROLLERS: readonly CgroupHierarchy[] = ['memory', 'cpu', 'cpuset', 'cpuacct', 'io'];

/** The hierarchy in which containers can be told apart on this machine, and where it is mounted. */
export interface MountedHierarchy {
  readonly hierarchy: CgroupHierarchy;
  readonly mount: string;
}

/** A controller of v1 where there is one, as the second hierarchy is empty then; else v2. */
export function findHierarchy(hostRoot = ''): MountedHierarchy | null {
  // Of the first process: in a container our own mounts are not the host's.
  const text = readText(`${hostRoot}/proc/1/mounts`) ?? readText(`${hostRoot}/proc/mounts`);
  if (text === undefined) return null;
  const mounts = text.split('\n').map((line) => line.split(' '));
  const mounted = (hierarchy: CgroupHierarchy, path: string): MountedHierarchy => {
    // Where they are the first process's mounts but not ours, or ours show a container's part alone.
    const places = [hostRoot + path, `${hostRoot}/proc/1/root${path}`];
    // Neither: what cannot be found there is not ruled out.
    return { hierarchy, mount: places.find(isRootCgroup) ?? places[0] };
  };
  const v1 = mounts.filter((mount) => mount[2] === 'cgroup');
  for (const hierarchy of CONTROLLERS) {
    const controller = hierarchy === 'io' ? 'blkio' : hierarchy;
    const found = v1.find((mount) => (mount[3] ?? '').split(',').includes(controller));
    if (found) return mounted(hierarchy, found[1]);
  }
  const v2 = mounts.find((mount) => mount[2] === 'cgroup2');
  return v2 ? mounted('unified', v2[1]) : null;
}

/** Inode number of the root of each hierarchy. */
const ROOT_INODE = 1n;

function isRootCgroup(path: string): boolean {
  try {
    return statSync(path, { bigint: true }).ino === ROOT_INODE;
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * Tells the kernel which cgroups a filter on containers cannot match: host processes and containers known to be
 * others. What is unknown passes, so that a new container is recorded from its first event; user space decides then.
 */
export class KernelContainers {
  private readonly limits: ContainerLimit;
  private readonly table: ContainerTable;
  private readonly mounted: MountedHierarchy;
  private readonly sets: CgroupSets;
  private readonly hostPasses: boolean;
  /** Cgroup ids of containers whose name is not known yet, by container id. */
  private readonly undecided = new Map<string, Set<bigint>>();
  /** Cgroup ids that the kernel was told of, by container id: one may be renamed, and what is gone needs no room. */
  private readonly denied = new Map<string, Set<bigint>>();
  /** All ids that the kernel was told of. */
  private readonly ruledOut = new Set<bigint>();
  /** Whose cgroup each id is: a container's id, '' for the host; SHARED where several are in it. */
  private readonly owners = new Map<bigint, string | typeof SHARED>();
  /** The kernel takes no more of them, or this process may not tell it any more: then user space decides alone. */
  private full = false;

  constructor(limits: ContainerLimit, table: ContainerTable, mounted: MountedHierarchy, sets: CgroupSets) {
    this.limits = limits;
    this.table = table;
    this.mounted = mounted;
    this.sets = sets;
    this.hostPasses = limits.passes(null);
  }

  /** A set of cgroups was met (`subsys=/path`). A look at the file system: not to be called for every process. */
  met(cgroups: readonly string[]): void {
    const id = cgroupInode(this.mounted, cgroups);
    if (id !== undefined) this.metInode(id, cgroups);
  }

  /** Whether processes of this container (short id) were met. */
  hasMet(id: string): boolean {
    return [...this.owners.values()].includes(id);
  }

  /**
   * Meets all sets of cgroups that are in use; whether the kernel records nothing of anybody in them. What seemed to be
   * shared before, as a process was just moving or ending, is looked at anew.
   */
  rulesOutAll(inUse: readonly (readonly string[])[]): boolean {
    const inodes = inUse.map((cgroups) => cgroupInode(this.mounted, cgroups));
    for (const id of inodes) if (id !== undefined && this.owners.get(id) === SHARED) this.owners.delete(id);
    for (const [i, id] of inodes.entries()) if (id !== undefined) this.metInode(id, inUse[i]);
    return inodes.every((id) => id !== undefined && this.ruledOut.has(id));
  }

  private metInode(id: bigint, cgroups: readonly string[]): void {
    const found = containerOf(cgroups);
    if (this.isShared(id, found?.id ?? '')) return;
    if (found === null) {
      if (!this.hostPasses) this.deny([id]);
      return;
    }
    const info = this.table.get(found.id);
    if (info?.known) {
      this.decide(info, [id]);
      return;
    }
    let ids = this.undecided.get(found.id);
    if (ids === undefined) {
      ids = new Set();
      this.undecided.set(found.id, ids);
    }
    ids.add(id);
  }

  /**
   * Whether host and container, or two containers, are in this cgroup: containers that another hierarchy tells apart.
   * Then the cgroup decides nothing.
   */
  private isShared(id: bigint, owner: string): boolean {
    const before = this.owners.get(id);
    if (before === undefined) this.owners.set(id, owner);
    if (before === undefined || before === owner) return false;
    if (before === SHARED) return true;
    this.owners.set(id, SHARED);
    this.undecided.get(before)?.delete(id);
    this.denied.get(before)?.delete(id);
    this.permit([id]);
    return true;
  }

  /** The metadata of a container was found, or has changed. */
  resolved(info: ContainerInfo): void {
    const ids = this.undecided.get(info.id);
    if (ids !== undefined) {
      this.undecided.delete(info.id);
      this.decide(info, ids);
    } else if (this.denied.has(info.id) && this.limits.passes(info)) {
      this.release(info.id);
    }
  }

  /** A container has gone. */
  forgotten(id: string): void {
    this.undecided.delete(id);
    this.release(id);
    for (const [cgroup, owner] of this.owners) if (owner === id) this.owners.delete(cgroup);
  }

  private decide(info: ContainerInfo, ids: Iterable<bigint>): void {
    if (this.limits.passes(info)) return;
    const denied = this.denied.get(info.id) ?? new Set();
    for (const id of ids) denied.add(id);
    this.denied.set(info.id, denied);
    this.deny(ids);
  }

  private deny(ids: Iterable<bigint>): void {
    if (this.full) return;
    try {
      this.sets.allow({ cgroups: ids });
      for (const id of ids) this.ruledOut.add(id);
    } catch {
      // What is not denied is recorded, and the filter rejects it afterwards: slower, but nothing is missing.
      this.full = true;
    }
  }

  private release(id: string): void {
    const ids = this.denied.get(id);
    if (ids === undefined) return;
    this.denied.delete(id);
    this.permit(ids);
  }

  private permit(ids: Iterable<bigint>): void {
    for (const id of ids) this.ruledOut.delete(id);
    try {
      this.sets.disallow({ cgroups: ids });
      this.full = false;
    } catch {
      this.full = true;
    }
  }
}

const SHARED = Symbol('shared');

/** The kernel's id of the cgroup: the inode number of its folder. undefined when it is gone. */
function cgroupInode(mounted: MountedHierarchy, cgroups: readonly string[]): bigint | undefined {
  for (const entry of cgroups) {
    const equals = entry.indexOf('=');
    const names = entry.slice(0, equals).split(',');
    if (
      mounted.hierarchy !== 'unified' &&
      !names.includes(mounted.hierarchy) &&
      !(mounted.hierarchy === 'io' && names.includes('blkio'))
    )
      continue;
    const path = entry.slice(equals + 1);
    // From within a cgroup namespace, of one that is outside.
    if (path.startsWith('/../')) return undefined;
    try {
      return statSync(mounted.mount + path, { bigint: true }).ino;
    } catch {
      return undefined;
    }
  }
  return undefined;
}
