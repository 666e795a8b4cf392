import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AllowSets } from '../../src/capture/live.js';
import { ContainerInfo, ContainerTable, ContainerType, LookupState } from '../../src/container/container.js';
import { compileFilter } from '../../src/filter/compile.js';
import { planPushdown } from '../../src/filter/pushdown.js';
import { KernelContainers } from '../../src/session/kernel_containers.js';

const ID = 'c'.repeat(64);
const PATH = `/docker/${ID}`;

describe('verdicts on containers in the kernel', () => {
  let mount: string;
  let denied: Set<bigint>;
  let refuses: boolean;
  let table: ContainerTable;
  let kernel: KernelContainers;
  const inode = (path: string): bigint => statSync(join(mount, path), { bigint: true }).ino;

  /** The container with this name, as the resolver finds it. */
  function named(name: string): ContainerInfo {
    const info = new ContainerInfo(ID.slice(0, 12), ID, ContainerType.DOCKER);
    info.name = name;
    info.lookupState = LookupState.SUCCESSFUL;
    table.add(info);
    return info;
  }

  beforeEach(() => {
    mount = mkdtempSync(join(tmpdir(), 'tsdig-cgroup-'));
    mkdirSync(join(mount, PATH), { recursive: true });
    mkdirSync(join(mount, 'user.slice'));
    denied = new Set();
    refuses = false;
    table = new ContainerTable();
    const sets = {
      allow(given: AllowSets): void {
        if (refuses) throw new Error('no room');
        for (const id of given.cgroups ?? []) denied.add(id);
      },
      disallow(given: AllowSets): void {
        for (const id of given.cgroups ?? []) denied.delete(id);
      },
    };
    const limits = planPushdown(compileFilter('container.name=web')).containers!;
    kernel = new KernelContainers(limits, table, { hierarchy: 'memory', mount }, sets);
  });

  afterEach(() => rmSync(mount, { recursive: true, force: true }));

  it('let unknown containers pass until their name is known', () => {
    kernel.met([`memory=${PATH}`]);
    expect(denied.size).toBe(0);
    kernel.resolved(named('other'));
    expect([...denied]).toEqual([inode(PATH)]);
  });

  it('deny the host, and never what matches', () => {
    kernel.met(['memory=/user.slice']);
    expect([...denied]).toEqual([inode('user.slice')]);
    named('web');
    kernel.met([`memory=${PATH}`]);
    expect(denied.has(inode(PATH))).toBe(false);
  });

  it('change when a container is renamed', () => {
    named('other');
    kernel.met([`memory=${PATH}`]);
    expect(denied.size).toBe(1);
    kernel.resolved(named('web'));
    expect(denied.size).toBe(0);
  });

  it('of containers that are gone make room', () => {
    named('other');
    kernel.met([`memory=${PATH}`]);
    kernel.forgotten(ID.slice(0, 12));
    expect(denied.size).toBe(0);
  });

  it('decide nothing on a cgroup that host and container share, as another hierarchy tells them apart', () => {
    kernel.met(['memory=/user.slice']);
    expect(denied.size).toBe(1);
    const shared = ['memory=/user.slice', '=/machine.slice/machine-web.scope/payload'];
    kernel.met(shared);
    expect(denied.size).toBe(0);
    kernel.met(['memory=/user.slice', 'cpu=/']);
    kernel.met(shared);
    expect(denied.size).toBe(0);
  });

  it('that the kernel does not take cost time, not events or the run', () => {
    refuses = true;
    named('other');
    kernel.met([`memory=${PATH}`]);
    kernel.met(['memory=/user.slice']);
    expect(denied.size).toBe(0);
  });

  it('tell when nobody is left whom the filter may accept', () => {
    const host = ['memory=/user.slice'];
    const container = [`memory=${PATH}`];
    expect(kernel.rulesOutAll([host])).toBe(true);
    expect(kernel.rulesOutAll([host, container])).toBe(false);
    kernel.resolved(named('other'));
    expect(kernel.rulesOutAll([host, container])).toBe(true);
    expect(kernel.rulesOutAll([host, ['memory=/no/such']])).toBe(false);
  });

  it('look anew at a cgroup that two seemed to be in', () => {
    named('other');
    // Of a process that is being moved, one hierarchy after the other.
    const moving = [`cpu=${PATH}`, 'memory=/user.slice'];
    kernel.met(['memory=/user.slice']);
    kernel.met(moving);
    expect(denied.size).toBe(0);
    expect(kernel.rulesOutAll([['memory=/user.slice'], moving])).toBe(false);
    expect(denied.size).toBe(0);
    expect(kernel.rulesOutAll([['memory=/user.slice']])).toBe(true);
    expect([...denied]).toEqual([inode('user.slice')]);
  });
});
