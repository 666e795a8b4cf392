import { describe, expect, it } from 'vitest';
import {
  containerEvent,
  dropEvent,
  encodeEvent,
  groupEvent,
  notificationEvent,
  userEvent,
} from '../../src/scap/encode_event.js';
import { PPME } from '../../src/scap/events.generated.js';
import { cutBuffer, fateOfRejected, toStateOnly } from '../../src/scap/rewrite_event.js';
import { fixture, readFileAll, viewOf } from '../capture/read_all.js';

describe('events of our own', () => {
  it('carry users, groups, losses and messages', () => {
    const user = viewOf(userEvent(5n, { uid: 7, gid: 8, name: 'n', home: '/h', shell: '/s' }, 'c0ffee'));
    expect([user.type, user.tid, user.u32(0), user.u32(1)]).toEqual([PPME.USER_ADDED_E, -1, 7, 8]);
    expect([2, 3, 4, 5].map((i) => user.str(i))).toEqual(['n', '/h', '/s', 'c0ffee']);
    const group = viewOf(groupEvent(5n, { gid: 9, name: 'g' }, '', true));
    expect([group.type, group.u32(0), group.str(1), group.paramLen(2)]).toEqual([
      PPME.GROUP_DELETED_E,
      9,
      'g',
      1,
    ]);
    expect(viewOf(dropEvent(1n, 64)).u32(0)).toBe(64);
    expect(viewOf(dropEvent(1n, 64, true)).type).toBe(PPME.DROP_X);
    expect(viewOf(notificationEvent(1n, 'id', 'text')).str(1)).toBe('text');
  });
});

describe('events changed on their way', () => {
  const read = encodeEvent(PPME.SYSCALL_READ_X, { ts: 5n, tid: 3, cpu: 2 }, [
    100,
    Buffer.from('0123456789abc'),
  ]);
  const dvOf = (b: Buffer): DataView => new DataView(b.buffer, b.byteOffset, b.length);

  it('get the state-only flag and stay the same otherwise', async () => {
    const { blocks } = await readFileAll(fixture('containers-compat.scap.gz'));
    const old = await readFileAll(fixture('old-2014.scap'));
    const flagged = encodeEvent(PPME.SYSCALL_CLOSE_X, { ts: 5n, tid: 3, flags: 4 }, [1]);
    for (const before of [...blocks.slice(0, 500), ...old.blocks, flagged]) {
      const a = viewOf(before);
      const after = toStateOnly(before, 0);
      const b = viewOf(after);
      expect(b.next).toBe(after.length);
      expect(after.length % 4).toBe(0);
      expect(after.readUInt32LE(after.length - 4)).toBe(after.length);
      expect(b.blockFlags).toBe(a.blockFlags | 1);
      expect([b.cpu, b.tid, b.type, b.nparams, b.absTs]).toEqual([a.cpu, a.tid, a.type, a.nparams, a.absTs]);
      expect(after.subarray(b.hdr, b.hdr + b.len).equals(before.subarray(a.hdr, a.hdr + a.len))).toBe(true);
    }
  });

  it('are kept or dropped in a fat file by what they do', () => {
    expect(fateOfRejected(PPME.SYSCALL_CLOSE_X)).toBe('state-only');
    expect(fateOfRejected(PPME.SYSCALL_GETCWD_X)).toBe('drop');
    expect(fateOfRejected(PPME.PROCINFO_E)).toBe('keep');
    expect(fateOfRejected(60000)).toBe('drop');
  });

  it('have their I/O buffer cut to the snaplen', () => {
    for (const off of [0, 100]) {
      const bytes = Buffer.concat([Buffer.alloc(off), read, Buffer.alloc(16)]);
      expect(cutBuffer(bytes, dvOf(bytes), off, 13)).toBeNull();
      for (let snaplen = 0; snaplen < 13; snaplen++) {
        const view = viewOf(cutBuffer(bytes, dvOf(bytes), off, snaplen)!);
        expect(view.raw(1).toString()).toBe('0123456789abc'.slice(0, snaplen));
        expect([view.i64(0), view.tid, view.cpu, view.absTs]).toEqual([100, 3, 2, 5n]);
        expect(view.len).toBe(view.next - 14 - ((view.next - 14 - view.len) % 4));
      }
    }
  });

  it('keep the parameters behind the buffer', () => {
    const recvmsg = encodeEvent(PPME.SOCKET_RECVMSG_X, { ts: 1n, tid: 1 }, [
      20,
      20,
      Buffer.from('x'.repeat(20)),
      Buffer.from('tuple'),
      Buffer.from('control'),
    ]);
    const padded = Buffer.concat([recvmsg, Buffer.alloc(16)]);
    const view = viewOf(cutBuffer(padded, dvOf(padded), 0, 4)!);
    expect([2, 3, 4].map((i) => view.raw(i).toString())).toEqual(['xxxx', 'tuple', 'control']);
  });

  it('of old blocks are cut as well, others never', async () => {
    const { blocks } = await readFileAll(fixture('old-2014.scap'));
    const cut = blocks.map((b) =>
      cutBuffer(Buffer.concat([b, Buffer.alloc(16)]), dvOf(Buffer.concat([b, Buffer.alloc(16)])), 0, 2),
    );
    expect(cut.map((c) => c !== null)).toEqual([false, false, false, true, false, false, false]);
    const view = viewOf(cut[3]!);
    expect([view.i64(0), view.raw(1).toString()]).toEqual([5, 'ro']);
    const json = containerEvent(1n, 'long json');
    expect(cutBuffer(json, dvOf(json), 0, 1)).toBeNull();
  });
});
