import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FdInfo } from '../../src/machine/fd.js';
import { FdTable } from '../../src/machine/fd_table.js';
import { Machine } from '../../src/machine/machine.js';
import { BodyCursor } from '../../src/scap/body_cursor.js';
import { emptyHead, HeadBuilder } from '../../src/scap/decode_head.js';
import { encodeHead } from '../../src/scap/encode_head.js';
import { ScapFd } from '../../src/scap/fd_types.js';
import type { CaptureHead, FdEntry } from '../../src/scap/head.js';
import { StoredFds } from '../../src/scap/stored_fds.js';
import { unknownProcess } from '../../src/scap/unknown_process.js';

/** A list with these numbers, as a capture stores it. */
function stored(numbers: readonly number[]): StoredFds {
  const body = Buffer.alloc(8 + numbers.length * 30);
  let at = 8;
  for (const [i, fd] of numbers.entries()) {
    body.writeUInt32LE(30, at);
    body.writeBigInt64LE(BigInt(fd), at + 4);
    body.writeUInt8(7, at + 20);
    body.writeUInt16LE(7, at + 21);
    body.write(`p${String(i).padStart(6, '0')}`, at + 23);
    at += 30;
  }
  return new StoredFds(new BodyCursor(body, 0, body.length, 0, 'fd list'), 2);
}

const make = (entry: FdEntry): FdInfo => new FdInfo(entry.type, entry.name);

const number = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(-100, 4095, 4096, 4097, 5000, 1_000_000),
);
const step = fc.record({
  what: fc.constantFrom('get', 'has', 'set', 'copy', 'delete', 'walk', 'glance'),
  fd: number,
});

const byNumber = (a: readonly unknown[], b: readonly unknown[]) => Number(a[0]) - Number(b[0]);

function shown(table: FdTable): unknown {
  return {
    size: table.size,
    entries: [...table].map(([fd, info]) => [fd, info.name, info.age]),
    oldest: table.oldestFirst(),
    copied: [...table.copy()].map(([fd, info]) => [fd, info.name, info.age]),
  };
}

describe('a table of fds that a capture lists', () => {
  it('is as one that was filled with them, whatever happens to it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(number, { maxLength: 30 }), fc.uniqueArray(number, { maxLength: 30 })),
        fc.array(step, { maxLength: 30 }),
        (numbers, steps) => {
          const list = stored(numbers);
          const lazy = FdTable.ofStored(list, make);
          const filled = FdTable.of(list.entries(), make);
          expect(lazy.size).toBe(filled.size);
          for (const { what, fd } of steps) {
            const results = [lazy, filled].map((table) => {
              if (what === 'get') return table.get(fd)?.name;
              if (what === 'has') return table.has(fd);
              if (what === 'copy') return table.duplicate(fd, Math.abs(fd * 7) % 41);
              if (what === 'delete') return table.delete(fd);
              if (what === 'set') return table.set(fd, new FdInfo(16, 'new')).size;
              return [...(what === 'walk' ? table : table.glance())].map(([n, info]) => [n, info.name]);
            });
            expect(results[0]).toEqual(results[1]);
          }
          const unasked = lazy.unasked;
          if (unasked !== null) {
            const entries = unasked.entries().map(({ fd, name }) => [fd, name]);
            expect(entries.sort(byNumber)).toEqual([...filled].map(([fd, { name }]) => [fd, name]));
          }
          expect(shown(lazy)).toEqual(shown(filled));
        },
      ),
    );
  });

  it('tells what is above all numbers, where none comes twice', () => {
    expect(stored([0, 1, 2, 7]).bound).toBe(8);
    expect(stored([7, 2, 0]).bound).toBe(8);
    expect(stored([7, 2, 7]).bound).toBe(0);
    expect(stored([3, 4096]).bound).toBe(0);
    expect(stored([3, -1]).bound).toBe(0);
    expect(stored([]).bound).toBe(0);
    expect(stored([3, 4095]).bound).toBe(4096);
  });

  it('makes an entry when it is asked for, once', () => {
    const made: string[] = [];
    const table = FdTable.ofStored(stored([0, 1, 2, 7]), (entry) => {
      made.push(entry.name);
      return make(entry);
    });
    expect(table.size).toBe(4);
    expect(made).toEqual([]);
    expect(table.get(3)).toBeUndefined();
    const second = table.get(2);
    expect(second?.name).toBe('p000002');
    expect(table.get(2)).toBe(second);
    expect(made).toEqual(['p000002']);
    expect([...table.glance()].length).toBe(4);
    const first = table.get(0);
    expect(first).toBe(table.get(0));
    expect(made.filter((name) => name === 'p000002').length).toBe(1);
  });
});

describe('fds that nobody has asked for', () => {
  /** One entry as a capture stores it. */
  const of = (type: number, name: string, fd = 3): StoredFds => {
    const body = Buffer.alloc(8 + 4 + 17 + (type === ScapFd.FILE_V2 ? 4 : 0) + 2 + name.length);
    let at = body.writeUInt32LE(body.length - 8, 8);
    at = body.writeBigInt64LE(BigInt(fd), at) + 8;
    at = body.writeUInt8(type, at) + (type === ScapFd.FILE_V2 ? 4 : 0);
    body.write(name, body.writeUInt16LE(name.length, at));
    return new StoredFds(new BodyCursor(body, 0, body.length, 0, 'fd list'), 2);
  };

  it('are written as they are stored, unless readers refuse that', () => {
    expect(of(ScapFd.FILE_V2, '/etc/passwd').writable).toBe(true);
    expect(of(ScapFd.FIFO, 'pipe:[7]').writable).toBe(true);
    expect(of(ScapFd.FIFO, '').writable).toBe(false);
    expect(of(ScapFd.FILE_V2, '/'.repeat(1024)).writable).toBe(false);
    expect(of(ScapFd.MEMFD, 'memfd').writable).toBe(false);
    expect(of(ScapFd.FILE_V2, '/etc/passwd', -7).writable).toBe(false);
  });
});

describe('a head that is written down at once', () => {
  const head: CaptureHead = {
    ...emptyHead(),
    processes: [1, 2, 3].map((tid) => ({
      ...unknownProcess(tid, tid === 3 ? 2 : tid),
      comm: `c${tid}`,
      fds:
        tid === 3
          ? []
          : [
              { fd: 0, ino: 6, type: 7, name: tid === 1 ? '' : 'pipe:[6]', openFlags: 0, dev: 0 },
              { fd: 4, ino: 5, type: 16, name: `/etc/f${tid}`, openFlags: 1, dev: 9 },
              {
                fd: 5,
                ino: 7,
                type: 5,
                name: '',
                openFlags: 0,
                dev: 0,
                sip: Uint8Array.of(0, 0, 0, 0),
                sport: 80,
                l4proto: 2,
              },
              {
                ...{ fd: 6, ino: 8, type: 3, name: '', openFlags: 0, dev: 0, l4proto: 2 },
                ...{
                  sip: Uint8Array.of(10, 0, 0, 1),
                  sport: 80,
                  dip: Uint8Array.of(10, 0, 0, 2),
                  dport: 999,
                },
              },
              { fd: 7, ino: 9, type: 8, name: '/run/s', openFlags: 0, dev: 0, source: 1n, destination: 2n },
            ],
    })),
  };

  function loaded(): Machine {
    const bytes = encodeHead(head);
    const builder = new HeadBuilder();
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) builder.add(bytes, at, 0);
    const machine = new Machine();
    machine.load(builder.head);
    return machine;
  }

  it('has the bytes of one that was gathered, and of the one that was read', () => {
    const machine = loaded();
    const passing = Buffer.from(encodeHead(machine.passingHead()));
    expect(passing.equals(encodeHead(machine.snapshot()))).toBe(true);
    const plain = new Machine();
    plain.load(head);
    expect(passing.equals(encodeHead(plain.snapshot()))).toBe(true);
    expect(machine.snapshot().processes[0].fds.length).toBe(5);
  });

  it('shows what has happened to fds, looked at or not', () => {
    const machine = loaded();
    const table = machine.threads.get(1)?.fds;
    table?.delete(4);
    const file = table?.get(5);
    if (file !== undefined) file.sport = 81;
    const again = encodeHead(machine.passingHead());
    expect(again.equals(encodeHead(machine.snapshot()))).toBe(true);
    expect(again.includes('/etc/f1')).toBe(false);
    expect(again.includes('/etc/f2')).toBe(true);
    expect(machine.snapshot().processes[0].fds.map(({ fd, sport }) => [fd, sport])).toContainEqual([5, 81]);
  });
});
