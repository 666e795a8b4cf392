/**
 * Builds captures in the block formats of past years, byte by byte from the format's description and without the
 * project's own encoders, so that the decoders are tested against something else than their mirror image.
 */

/** Little-endian bytes, one after another. */
export class Bytes {
  private readonly parts: Buffer[] = [];

  u8(...values: number[]): this {
    this.parts.push(Buffer.from(values));
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      const b = Buffer.alloc(2);
      b.writeUInt16LE(value);
      this.parts.push(b);
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const b = Buffer.alloc(4);
      b.writeUInt32LE(value);
      this.parts.push(b);
    }
    return this;
  }

  u64(...values: (number | bigint)[]): this {
    for (const value of values) {
      const b = Buffer.alloc(8);
      b.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      this.parts.push(b);
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes));
    return this;
  }

  /** `u16 length` and the text. */
  str(text: string): this {
    return this.u16(text.length).raw(Buffer.from(text, 'latin1'));
  }

  get(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export const bytes = (): Bytes => new Bytes();

/** A block: type, length, body, padding, length. */
export function block(type: number, body: Buffer | Bytes): Buffer {
  const content = body instanceof Bytes ? body.get() : body;
  const total = Math.ceil((content.length + 12) / 4) * 4;
  return bytes()
    .u32(type, total)
    .raw(content)
    .raw(Buffer.alloc(total - 12 - content.length))
    .u32(total)
    .get();
}

export function section(minor: number, major = 1, magic = 0x1a2b3c4d): Buffer {
  return block(0x0a0d0d0a, bytes().u32(magic).u16(major, minor).u64(-1));
}

export function machine(type: number, hostname: string, cpus: number): Buffer {
  const host = Buffer.alloc(128);
  host.write(hostname);
  return block(
    type,
    bytes()
      .u32(cpus)
      .u64(1 << 30, 0)
      .raw(host)
      .u64(0, 0, 0, 0),
  );
}

export interface OldProcess {
  tid: number;
  pid: number;
  comm: string;
  args: string[];
}

/** One process list entry in version 1 to 8; from 4 on vtid is tid + 1000. */
function processEntry(version: number, p: OldProcess): Bytes {
  const b = bytes().u64(p.tid, p.pid, 1);
  if (version >= 6) b.u64(p.pid);
  if (version >= 8) b.u64(p.pid);
  b.str(p.comm).str(`/bin/${p.comm}`);
  if (version >= 7) b.str(`/usr/bin/${p.comm}`);
  b.str(p.args.map((arg) => `${arg}\0`).join(''))
    .str('/tmp/')
    .u64(1024)
    .u32(0, 1000, 1001);
  if (version >= 2) b.u32(5000, 400, 3).u64(11, 222);
  if (version >= 3) b.str('HOME=/root\0LANG=C\0');
  if (version >= 4) b.u64(p.tid + 1000, p.pid + 1000).str('cpu=/\0memory=/x\0');
  if (version >= 5) b.str('/');
  return b;
}

export function processes(type: number, version: number, list: OldProcess[]): Buffer {
  return block(type, Buffer.concat(list.map((p) => processEntry(version, p).get())));
}

/** An event in a block of the first format: no parameter count. `surplus` is what some writers counted too many. */
export function oldEvent(
  type: number,
  event: {
    ts: bigint;
    tid: number;
    type: number;
    params: Uint8Array[];
    cpu?: number;
    flags?: number;
    surplus?: number;
  },
): Buffer {
  const lens = bytes()
    .u16(...event.params.map((p) => p.length))
    .get();
  const data = Buffer.concat(event.params);
  const len = 22 + lens.length + data.length + (event.surplus ?? 0);
  const b = bytes().u16(event.cpu ?? 0);
  if (event.flags !== undefined) b.u32(event.flags);
  b.u64(event.ts, event.tid)
    .u32(len)
    .u16(event.type)
    .raw(lens)
    .raw(data)
    .raw(Buffer.alloc(event.surplus ?? 0));
  return block(type, b);
}

const text = (s: string): Buffer => Buffer.from(`${s}\0`, 'latin1');
const i64 = (n: number): Buffer => bytes().u64(n).get();
const u32 = (n: number): Buffer => bytes().u32(n).get();

const OPEN_E = 2;
const OPEN_X = 3;
const CLOSE_E = 4;
const CLOSE_X = 5;
const READ_E = 6;
const READ_X = 7;
const NOTIFICATION = 280;
const T0 = 1_400_000_000_123_456_789n;

/** Some calls of thread 42, as the events of one recording. */
function calls(plain: number, flagged: number | null): Buffer {
  const ev = (n: number, type: number, params: Uint8Array[], surplus?: number): Buffer =>
    oldEvent(plain, { ts: T0 + BigInt(n) * 1000n, tid: 42, type, params, cpu: 1, surplus });
  return Buffer.concat([
    ev(0, OPEN_E, []),
    ev(1, OPEN_X, [i64(3), text('/etc/passwd'), u32(1), u32(0)]),
    ev(2, READ_E, [i64(3), u32(100)]),
    ev(3, READ_X, [i64(5), Buffer.from('root:')]),
    flagged === null
      ? ev(4, NOTIFICATION, [text('id'), text('hello')], 3)
      : oldEvent(flagged, { ts: T0 + 4000n, tid: 42, type: CLOSE_E, params: [i64(7)], flags: 1 }),
    ev(5, CLOSE_E, [i64(3)]),
    ev(6, CLOSE_X, [i64(0)]),
  ]);
}

const PROCESSES: OldProcess[] = [
  { tid: 1, pid: 1, comm: 'init', args: [] },
  { tid: 42, pid: 42, comm: 'cat', args: ['-n', '/etc/passwd'] },
];

/** Interface list version 1, with the very old entries that lack the link speed. */
function interfaces(type: number): Buffer {
  return block(
    type,
    bytes()
      .u16(1, 4)
      .u8(10, 0, 0, 1, 255, 0, 0, 0, 10, 255, 255, 255)
      .u64(1000)
      .raw(Buffer.from('eth0'))
      .u16(3, 2)
      .u8(127, 0, 0, 1, 255, 0, 0, 0, 127, 255, 255, 255)
      .raw(Buffer.from('lo'))
      .u16(4, 2)
      .raw(Buffer.from(`${'00'.repeat(15)}01${'ff'.repeat(16)}${'00'.repeat(16)}`, 'hex'))
      .raw(Buffer.from('lo')),
  );
}

function users(type: number): Buffer {
  return block(
    type,
    bytes().u8(0).u32(1000, 1001).str('ann').str('/home/ann').str('/bin/sh').u8(1).u32(1001).str('staff'),
  );
}

/** Fd list version 1: every type that version knows. */
function fds(type: number, tid: number): Buffer {
  const b = bytes().u64(tid);
  b.u64(0, 11).u8(1).str('/dev/null');
  b.u64(4, 12).u8(3).u8(10, 0, 0, 1, 10, 0, 0, 2).u16(40000, 80).u8(2);
  b.u64(5, 13).u8(5).u8(0, 0, 0, 0).u16(22).u8(2);
  b.u64(6, 14).u8(8).u64(0xffff8800_00000001n, 0xffff8800_00000002n).str('/run/x.sock');
  b.u64(7, 15).u8(7).str('pipe:[15]');
  return block(type, b);
}

/** Block numbers from before the first release. */
export function prereleaseCapture(): Buffer {
  return Buffer.concat([
    section(0),
    machine(0x8002abcd, 'ancient', 2),
    interfaces(0x8011abcd),
    users(0x8012abcd),
    processes(0x8000abcd, 1, PROCESSES),
    fds(0x8001abcd, 1),
    fds(0x8001abcd, 42),
    calls(0x8010abcd, null),
  ]);
}

/** Process list version 4, events with and without flags. */
export function capture2014(): Buffer {
  return Buffer.concat([
    section(0),
    machine(0x201, 'old', 4),
    interfaces(0x205),
    users(0x206),
    processes(0x210, 4, PROCESSES),
    fds(0x203, 1),
    fds(0x203, 42),
    calls(0x204, 0x208),
  ]);
}

/** Process list version 6, minor version 1. */
export function capture2016(): Buffer {
  return Buffer.concat([
    section(1),
    machine(0x201, 'less-old', 8),
    interfaces(0x205),
    users(0x206),
    processes(0x212, 6, PROCESSES),
    fds(0x203, 1),
    fds(0x203, 42),
    calls(0x204, 0x208),
  ]);
}

export const OLD_PROCESSES = PROCESSES;
export const OLD_T0 = T0;
