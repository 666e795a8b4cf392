import { describe, expect, it } from 'vitest';
import { ContainerInfo, ContainerTable, ContainerType } from '../../src/container/container.js';
import { compileFilter } from '../../src/filter/compile.js';
import { planPushdown } from '../../src/filter/pushdown.js';
import { absentContainers } from '../../src/session/absent_containers.js';

function told(filter: string, running: readonly string[], inUse: readonly string[] = []): string[] {
  const table = new ContainerTable();
  for (const [i, name] of running.entries()) {
    const id = String(i).repeat(12);
    const info = new ContainerInfo(id, id.repeat(5), ContainerType.DOCKER);
    info.name = name;
    table.add(info);
  }
  const limit = planPushdown(compileFilter(filter)).containers;
  return limit === null ? [] : absentContainers(limit, table, (id) => inUse.includes(id));
}

describe('containers that a filter names and that do not run', () => {
  it('are told, with the name that may be meant and those that run', () => {
    expect(told('container.name=wbe', ['web', 'db'])).toEqual([
      'no container named wbe runs now: did you mean web? (running: db, web); waiting for one',
    ]);
    expect(told('container.name=job', [])).toEqual([
      'no container named job runs now (running: none that is known); waiting for one',
    ]);
    expect(told('container.id=abcdefabcdef and proc.name=cat', ['web'])).toEqual([
      'no container with id abcdefabcdef runs now (running: web); waiting for one',
    ]);
  });

  it('are not told when they run, or when others may match', () => {
    expect(told('container.name=web', ['web'])).toEqual([]);
    expect(told('container.id=host', ['web'])).toEqual([]);
    // No engine has told of it.
    expect(told('container.id=abcdefabcdef', ['web'], ['abcdefabcdef'])).toEqual([]);
    expect(told('container.name=wbe or proc.name=cat', ['web'])).toEqual([]);
    expect(told('container.name contains we', ['web'])).toEqual([]);
  });
});
