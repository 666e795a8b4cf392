import { describe, expect, it } from 'vitest';
import { Call, LOOSE, rowAt } from '../../src/machine/call_table.js';
import { FdInfo, FdType } from '../../src/machine/fd.js';
import { FdTable } from '../../src/machine/fd_table.js';
import { ThreadInfo, ThreadTable } from '../../src/machine/thread.js';

function tableOf(...tids: number[]): ThreadTable {
  const table = new ThreadTable();
  for (const tid of tids) table.set(tid, new ThreadInfo(tid, tid));
  return table;
}

describe('the rows of threads', () => {
  it('keep what they hold while the table grows', () => {
    const table = tableOf(7);
    const thread = table.get(7) as ThreadInfo;
    thread.lastFd = 3;
    for (let tid = 1000; tid < 6000; tid++) table.set(tid, new ThreadInfo(tid, tid));
    expect(table.get(7)).toBe(thread);
    expect(thread.lastFd).toBe(3);
    expect(new Set([...table.values()].map((t) => t.row)).size).toBe(5001);
  });

  it('are given out again, empty', () => {
    const table = tableOf(7);
    const first = table.get(7) as ThreadInfo;
    const { row } = first;
    first.lastFd = 3;
    table.delete(7);
    expect(first.calls).toBe(LOOSE);
    expect(table.calls.row(7)).toBe(0);
    table.set(8, new ThreadInfo(8, 8));
    expect(table.get(8)).toMatchObject({ row, lastFd: -1, lastEnterTs: 0, lastLatency: 0 });
  });

  it('belong to the thread that has the number now', () => {
    const table = tableOf(7);
    const first = table.get(7) as ThreadInfo;
    const second = new ThreadInfo(7, 7);
    table.set(7, second);
    expect(table.get(7)).toBe(second);
    expect(first.row).toBe(0);
    expect(table.calls.thread(table.calls.row(7))).toBe(second);
  });

  it('are found for any number that a file may hold', () => {
    const table = tableOf(4194304, 2 ** 40, -1);
    for (const tid of [4194304, 2 ** 40, -1]) expect(table.get(tid)?.tid).toBe(tid);
    expect(table.calls.row(4194305)).toBe(0);
    expect(table.calls.row(-1)).toBe(0);
    expect(table.get(-2)).toBeUndefined();
  });
});

describe('which fds a row says to be ruled out', () => {
  const file = () => new FdInfo(FdType.FILE, '/x');
  const bits = (thread: ThreadInfo) => thread.calls.words[rowAt(thread.row) + Call.FDS_LOW];

  it('ends with the entry of the fd', () => {
    const thread = tableOf(7).get(7) as ThreadInfo;
    const table = thread.ownFds();
    table.set(3, file()).set(4, file()).set(5, file());
    const at = rowAt(thread.row);
    thread.calls.words[at + Call.FDS_LOW] = 0b111000;
    table.set(3, file());
    table.delete(5);
    expect(bits(thread)).toBe(0b010000);
  });

  it('ends so for large numbers too', () => {
    const table = (tableOf(7).get(7) as ThreadInfo).ownFds();
    for (let fd = 0; fd < 300; fd++) table.set(fd, file());
    for (const fd of [100, 101, 299]) table.noteRuled(fd, 5);
    table.set(100, file());
    table.delete(101);
    expect([100, 101, 102, 299].map((fd) => table.isNoted(fd, 5))).toEqual([false, false, false, true]);
    expect(table.isNoted(299, 6)).toBe(false);
    for (let fd = 300; fd < 2000; fd++) table.set(fd, file());
    table.noteRuled(1999, 5);
    expect([299, 1999].map((fd) => table.isNoted(fd, 5))).toEqual([true, true]);
  });

  it('is not said of a table that two processes share', () => {
    const threads = tableOf(7, 8);
    const [first, second] = [...threads.values()];
    const table = new FdTable();
    first.takeFds(table);
    expect(table.isOf(first)).toBe(true);
    first.calls.words[rowAt(first.row) + Call.FDS_RULED] = 5;
    second.takeFds(table);
    expect(table.isOf(first) || table.isOf(second)).toBe(false);
    expect(first.calls.words[rowAt(first.row) + Call.FDS_RULED]).toBe(-1);
  });
});
