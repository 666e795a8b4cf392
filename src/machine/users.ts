import type { GroupEntry, UserEntry } from '../scap/head.js';

/** Users and groups of the host and of containers. Key '' is the host. */
export class UserTable {
  private readonly userTables = new Map<string, Map<number, UserEntry>>();
  private tellsContainers = false;
  /** Nothing is taken in: users have numbers only (-E). Set before anything is loaded. */
  ignored = false;
  private readonly groupTables = new Map<string, Map<number, GroupEntry>>();

  /**
   * User with this id. A container has users of its own, which have nothing to do with the host's; only a capture
   * that tells of no container's users at all (sysdig before 2022) names them by the host's.
   */
  user(containerId: string, uid: number): UserEntry | undefined {
    return this.userTables.get(this.tellsContainers ? containerId : '')?.get(uid);
  }

  /** Group with this id, looked up as `user` does. */
  group(containerId: string, gid: number): GroupEntry | undefined {
    return this.groupTables.get(this.tellsContainers ? containerId : '')?.get(gid);
  }

  /** Whether the users of a container are known. */
  knows(containerId: string): boolean {
    return this.userTables.has(containerId);
  }

  addUser(containerId: string, user: UserEntry): void {
    if (this.ignored) return;
    if (containerId !== '') this.tellsContainers = true;
    tableOf(this.userTables, containerId).set(user.uid, user);
  }

  addGroup(containerId: string, group: GroupEntry): void {
    if (this.ignored) return;
    if (containerId !== '') this.tellsContainers = true;
    tableOf(this.groupTables, containerId).set(group.gid, group);
  }

  deleteUser(containerId: string, uid: number): void {
    this.userTables.get(containerId)?.delete(uid);
  }

  deleteGroup(containerId: string, gid: number): void {
    this.groupTables.get(containerId)?.delete(gid);
  }

  /** Forgets the users and groups of a container that is gone. */
  deleteContainer(containerId: string): void {
    this.userTables.delete(containerId);
    this.groupTables.delete(containerId);
  }

  hostUsers(): UserEntry[] {
    return [...(this.userTables.get('')?.values() ?? [])];
  }

  hostGroups(): GroupEntry[] {
    return [...(this.groupTables.get('')?.values() ?? [])];
  }

  clear(): void {
    this.tellsContainers = false;
    this.userTables.clear();
    this.groupTables.clear();
  }
}

function tableOf<T>(tables: Map<string, Map<number, T>>, containerId: string): Map<number, T> {
  let table = tables.get(containerId);
  if (table === undefined) {
    table = new Map();
    tables.set(containerId, table);
  }
  return table;
}
