import { describe, expect, it } from 'vitest';
import { FdInfo } from '../../src/machine/fd.js';
import { FdTable } from '../../src/machine/fd_table.js';

const named = (name: string): FdInfo => new FdInfo(16, name);

describe('an fd table', () => {
  it('keeps a stray number when the array grows over it', () => {
    const table = new FdTable();
    table.set(5000, named('stray'));
    table.set(1_000_000, named('far'));
    for (let fd = 0; fd < 6000; fd++) if (fd !== 5000) table.set(fd, named(`f${fd}`));
    expect(table.size).toBe(6001);
    expect(table.get(5000)?.name).toBe('stray');
    expect(table.get(5999)?.name).toBe('f5999');
    expect(table.get(1_000_000)?.name).toBe('far');
    expect([...table.keys()].filter((fd) => fd === 5000)).toEqual([5000]);
    expect(table.delete(5000)).toBe(true);
    expect(table.get(5000)).toBeUndefined();
    expect(table.size).toBe(6000);
    expect(table.oldestFirst()[0]).toBe(1_000_000);
  });

  it('has no numbers below zero or with a fraction by mistake', () => {
    const table = new FdTable();
    table.set(-100, named('cwd'));
    expect(table.get(-100)?.name).toBe('cwd');
    expect(table.get(-1)).toBeUndefined();
    expect(table.get(0)).toBeUndefined();
    expect(table.delete(-100)).toBe(true);
    expect(table.size).toBe(0);
  });
});
