import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyHead, HeadBuilder } from '../../src/scap/decode_head.js';
import { encodeHead } from '../../src/scap/encode_head.js';
import type { CaptureHead, FdEntry, ProcessEntry } from '../../src/scap/head.js';
import { unknownProcess } from '../../src/scap/unknown_process.js';
import { block, bytes, section } from './old_capture.js';

/** Decodes all blocks of a section without the file reader. */
function decode(capture: Buffer): CaptureHead {
  const builder = new HeadBuilder();
  for (let off = 0; off < capture.length; off += capture.readUInt32LE(off + 4)) {
    const total = capture.readUInt32LE(off + 4);
    expect(total % 4).toBe(0);
    expect(capture.readUInt32LE(off + total - 4)).toBe(total);
    expect(builder.add(capture, off, 0)).toBe(true);
  }
  return builder.head;
}

const byteText = (max: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength: max }).map((b) => Buffer.from(b.map((c) => c || 1)).toString('latin1'));
const safe = fc.maxSafeNat();
const signed = fc.integer();
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const big = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const ip = (n: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: n, maxLength: n });

const fd: fc.Arbitrary<FdEntry> = fc
  .record({
    fd: safe,
    ino: safe,
    type: fc.constantFrom(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
    name: byteText(60),
    openFlags: u32,
    dev: u32,
    v4: ip(4),
    v6: ip(16),
    port: fc.integer({ min: 0, max: 65535 }),
    l4proto: fc.integer({ min: 0, max: 5 }),
    source: big,
  })
  .map(({ fd: number, ino, type, name, openFlags, dev, v4, v6, port, l4proto, source }) => {
    const base = { fd: number, ino, type, name: '', openFlags: 0, dev: 0 };
    if (type === 3 || type === 4) {
      const addr = type === 3 ? v4 : v6;
      return { ...base, sip: addr, dip: addr.slice().reverse(), sport: port, dport: 65535 - port, l4proto };
    }
    if (type === 5 || type === 6) return { ...base, sip: type === 5 ? v4 : v6, sport: port, l4proto };
    if (type === 8) return { ...base, source, destination: source >> 1n, name };
    if (type === 16) return { ...base, openFlags, dev, name };
    return { ...base, name };
  });

const nonEmptyPieces = fc.array(byteText(30), { maxLength: 5 });

const processOf = (tid: number): fc.Arbitrary<ProcessEntry> =>
  fc
    .record({
      pid: signed,
      ptid: signed,
      sid: signed,
      vpgid: signed,
      comm: byteText(20),
      exe: byteText(50),
      exepath: byteText(50),
      args: nonEmptyPieces,
      cwd: byteText(50),
      fdLimit: signed,
      flags: u32,
      uid: u32,
      gid: u32,
      vmsizeKb: u32,
      pfmajor: safe,
      env: nonEmptyPieces,
      vtid: signed,
      vpid: signed,
      cgroups: nonEmptyPieces,
      root: byteText(30),
      pidnsInitStartTs: big,
      tty: u32,
      loginuid: u32,
      exeWritable: fc.boolean(),
      capEffective: big,
      exeLowerLayer: fc.boolean(),
      exeIno: safe,
      exeInoMtime: big,
      pgid: signed,
      fds: fc.array(fd, { maxLength: 4 }),
    })
    .map((fields) => ({ ...unknownProcess(tid, fields.pid), ...fields }));

const head: fc.Arbitrary<CaptureHead> = fc
  .record({
    machine: fc.option(
      fc.record({
        numCpus: u32,
        memorySize: safe,
        maxPid: safe,
        hostname: byteText(127),
        bootTime: big,
        flags: big,
      }),
    ),
    v4: fc.array(
      fc.record({ addr: ip(4), netmask: ip(4), broadcast: ip(4), linkSpeed: big, name: byteText(15) }),
      {
        maxLength: 3,
      },
    ),
    v6: fc.array(
      fc.record({ addr: ip(16), netmask: ip(16), broadcast: ip(16), linkSpeed: big, name: byteText(15) }),
      { maxLength: 3 },
    ),
    users: fc.array(
      fc.record({ uid: u32, gid: u32, name: byteText(30), home: byteText(30), shell: byteText(30) }),
      { maxLength: 3 },
    ),
    groups: fc.array(fc.record({ gid: u32, name: byteText(30) }), { maxLength: 3 }),
    tids: fc.uniqueArray(safe, { maxLength: 4 }),
  })
  .chain(({ machine, v4, v6, users, groups, tids }) =>
    fc.tuple(...tids.map(processOf)).map((processes) => ({
      machine,
      interfaces: [...v4, ...v6],
      users,
      groups,
      processes,
      version: [1, 2] as [number, number],
    })),
  );

describe('the head of a capture', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(head, (original) => {
        // A list of one empty piece and no list are stored differently: "\0" and "".
        expect(decode(encodeHead(original))).toEqual(original);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same bytes when it is read and written again', () => {
    fc.assert(
      fc.property(head, (original) => {
        const first = encodeHead(original);
        expect(encodeHead(decode(first)).equals(first)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('has the sizes that readers insist on', () => {
    const machine = { numCpus: 2, memorySize: 1, maxPid: 0, hostname: 'h', bootTime: 0n, flags: 0n };
    const out = encodeHead({ ...emptyHead(), machine });
    expect(out.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(out.readUInt32LE(4)).toBe(28);
    expect(out.readUInt32LE(28)).toBe(0x201);
    expect(out.readUInt32LE(32)).toBe(192);
    expect(out.length).toBe(28 + 192);
  });

  it('cuts strings to what readers accept', () => {
    const long = 'x'.repeat(9000);
    const process: ProcessEntry = {
      ...unknownProcess(1, 1),
      comm: long,
      exe: long,
      exepath: long,
      cwd: long,
      root: long,
      args: [long, 'b'],
      env: new Array(1000).fill('A=12345678'),
      cgroups: [long],
      fds: [
        { fd: 1, ino: 1, type: 16, name: long, openFlags: 0, dev: 0 },
        { fd: 2, ino: 1, type: 7, name: long, openFlags: 0, dev: 0 },
      ],
    };
    const user = { uid: 1, gid: 1, name: long, home: long, shell: long };
    const back = decode(encodeHead({ ...emptyHead(), processes: [process], users: [user] }));
    const [p] = back.processes;
    expect([p.comm, p.exe, p.exepath, p.cwd, p.root].map((s) => s.length)).toEqual([
      1024, 1024, 1024, 1024, 1024,
    ]);
    expect(p.args).toEqual(['x'.repeat(4095)]);
    expect(p.env.join('\0').length).toBe(4095);
    expect(p.fds.map((f) => f.name.length)).toEqual([1023, 1023]);
    expect(back.users[0]).toEqual({
      uid: 1,
      gid: 1,
      name: 'x'.repeat(255),
      home: 'x'.repeat(255),
      shell: 'x'.repeat(255),
    });
  });

  it('stores fd types that sysdig 0.29.3 refuses as unsupported ones', () => {
    const fds = [17, 18, 19, 20, 21, 0].map((type) => ({
      fd: type,
      ino: 5,
      type,
      name: 'n',
      openFlags: 0,
      dev: 0,
    }));
    const out = decode(encodeHead({ ...emptyHead(), processes: [{ ...unknownProcess(1, 1), fds }] }));
    expect(out.processes[0].fds.map((f) => f.type)).toEqual([10, 10, 10, 10, 10, 10]);
  });
});

/** A process list entry of version 9 with the tail given. */
function version9(tail: Buffer): Buffer {
  const fields = bytes()
    .u64(7, 7, 1, 7, 7)
    .str('c')
    .str('e')
    .str('p')
    .str('')
    .str('/')
    .u64(1)
    .u32(0, 1, 2, 3, 4, 5)
    .u64(6, 7)
    .str('')
    .u64(7, 7)
    .str('')
    .str('/')
    .get();
  const entry = bytes()
    .u32(4 + fields.length + tail.length)
    .raw(fields)
    .raw(tail)
    .get();
  return Buffer.concat([section(2), block(0x215, Buffer.concat([entry, entry]))]);
}

describe('the tail of a process', () => {
  const loginuid = bytes().u32(500).u8(1).get();
  const caps = bytes().u64(1, 2, 3).get();

  it('may be absent', () => {
    const { processes } = decode(version9(Buffer.alloc(0)));
    expect(processes).toHaveLength(2);
    expect(processes[1]).toMatchObject({ loginuid: 0xffffffff, exeWritable: false, root: '/' });
  });

  it('of up to 29 bytes is the old layout', () => {
    expect(decode(version9(loginuid)).processes[1]).toMatchObject({
      loginuid: 500,
      exeWritable: true,
      tty: 0,
    });
    expect(decode(version9(Buffer.concat([loginuid, caps]))).processes[1]).toMatchObject({
      loginuid: 500,
      exeWritable: true,
      capInheritable: 1n,
      capEffective: 3n,
      pidnsInitStartTs: 0n,
    });
  });

  it('that is longer has the two inserted fields, and ends anywhere', () => {
    const full = Buffer.concat([
      bytes().u64(99).u32(34816).get(),
      loginuid,
      caps,
      bytes().u8(1).u64(10, 11, 12).u8(1).u8(1).u64(77).get(),
    ]);
    expect(decode(version9(full)).processes[1]).toMatchObject({
      pidnsInitStartTs: 99n,
      tty: 34816,
      loginuid: 500,
      exeWritable: true,
      capPermitted: 2n,
      exeUpperLayer: true,
      exeIno: 10,
      exeInoMtime: 12n,
      exeFromMemfd: true,
      exeLowerLayer: true,
      pgid: 77,
    });
    for (let cut = 30; cut < full.length; cut++) {
      const { processes } = decode(version9(full.subarray(0, cut)));
      expect(processes).toHaveLength(2);
      expect(processes[0]).toMatchObject({ pidnsInitStartTs: 99n, loginuid: 500, pgid: 0 });
    }
  });

  it('may be longer than is known', () => {
    const { processes } = decode(version9(Buffer.alloc(200, 1)));
    expect(processes).toHaveLength(2);
  });
});

describe('fd lists', () => {
  it('map types of the future to unsupported and go on behind them', () => {
    const entry = (type: number, info: Buffer): Buffer =>
      bytes()
        .u32(21 + info.length)
        .u64(type, 1)
        .u8(type)
        .raw(info)
        .get();
    const list = block(
      0x218,
      bytes()
        .u64(7)
        .raw(entry(99, Buffer.alloc(13, 1)))
        .raw(entry(7, bytes().str('pipe:[1]').get())),
    );
    const { processes } = decode(Buffer.concat([version9(Buffer.alloc(0)), list]));
    expect(processes[1].fds.map((f) => [f.fd, f.type, f.name])).toEqual([
      [99, 10, ''],
      [7, 7, 'pipe:[1]'],
    ]);
  });

  it('of unknown threads are passed over', () => {
    const list = block(0x218, bytes().u64(12345));
    expect(decode(Buffer.concat([version9(Buffer.alloc(0)), list])).processes[0].fds).toEqual([]);
  });
});
