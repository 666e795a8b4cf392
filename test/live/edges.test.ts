import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordFollowed } from './followed.js';
import { CAN_RECORD, compileProgram, type RecordedEvent } from './recording.js';

const EBADF = -9;
const EFAULT = -14;
const EINVAL = -22;
const ENAMETOOLONG = -36;

const text = (data: unknown) => (data as Buffer).toString('latin1');
/** `path` of an address: its family in front. */
const unix = (path: string) => `\x01${path}\0`;
/** Path of a stored tuple of unix sockets. */
const pathOf = (tuple: unknown) => text((tuple as Buffer).subarray(17));
/** An IPv6 end of a stored tuple: `ADDRESS:PORT`, the address in hexadecimal without leading zeros. */
const six = (tuple: unknown, at: number) => {
  const bytes = tuple as Buffer;
  const address = bytes
    .subarray(at, at + 16)
    .toString('hex')
    .replace(/^0+/, '');
  return { address, port: bytes.readUInt16LE(at + 16) };
};

describe.runIf(CAN_RECORD).each(['ebpf', 'ptrace'] as const)('edges of parameters, %s', (engine) => {
  const home = process.cwd();
  const folders: string[] = [];
  let exits: RecordedEvent[] = [];
  /** Parameters of the calls of one name, in order. */
  const of = (name: string) => exits.filter((e) => e.name === name).map((e) => e.params);

  beforeAll(async () => {
    const program = compileProgram('edges');
    const cwd = mkdtempSync(join(tmpdir(), 'tsdig-edges-'));
    folders.push(dirname(program), cwd);
    process.chdir(cwd);
    const { events } = await recordFollowed(engine, [program], { events: 'full' }).finally(() =>
      process.chdir(home),
    );
    const first = events.findIndex((e) => e.name === 'openat' && e.params.includes('data'));
    exits = events.slice(first).filter((e) => !e.enter);
  });
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what a program wrote, up to the end of its memory', () => {
    expect(of('write').map(([res, data, , size]) => [res, text(data), size])).toEqual([
      [EFAULT, '', 5],
      [4, 'tail', 40],
      [EFAULT, '', 3],
      [0, '', 0],
    ]);
    expect(of('writev').map(([res, data, , size]) => [res, text(data), size])).toEqual([[4, 'tail', 8]]);
    expect(of('read')[0]!.slice(0, 2)).toEqual([2, Buffer.from('ta')]);
  });

  it('has names of every kind, and <NA> where there is none', () => {
    const long = './'.repeat(2047) + '.';
    expect(of('openat').map(([res, dir, name]) => [Math.min(Number(res), 0), dir, name])).toEqual([
      [0, -100, 'data'],
      [0, -100, 'data'], // ends where its page does
      [EFAULT, -100, '<NA>'],
      [EFAULT, -100, '<NA>'],
      [EFAULT, -100, '<NA>'],
      [-2, -100, ''],
      [0, -100, 'data'],
      [0, -100, '\xff\xfe caf\xc3\xa9 \x01\n'],
      [0, -100, long],
      [ENAMETOOLONG, -100, 'n'.repeat(4095)],
      [0, -100, 'dir'],
      [0, expect.any(Number), 'inside'],
      [EBADF, -7, 'nowhere'],
      [0, -7, '/dev/null'],
      [0, expect.any(Number), '.'],
      [0, -100, 'data'],
    ]);
  });

  it('ends the names of unix sockets where their length does', () => {
    const bound = of('bind').filter(([, address]) => (address as Buffer)[0] === 1);
    expect(bound.map(([res, address]) => [res, text(address)])).toEqual([
      [0, unix('abstract')],
      [0, unix('relative')],
      [0, unix('p'.repeat(108))],
    ]);
    const [abstract, refused] = of('connect');
    expect(pathOf(abstract![1])).toBe('abstract\0');
    expect(text(abstract![3])).toBe(unix('abstract'));
    expect([refused![0], text(refused![3])]).toEqual([-111, unix('p'.repeat(108))]);
    expect(pathOf(of('accept')[0]![1])).toBe('abstract\0');
  });

  it('names the socket that an unconnected one sends to', () => {
    const sent = of('sendto').find(([, data]) => text(data) === 'to a path')!;
    expect(pathOf(sent[4])).toBe('relative\0');
    const message = of('sendmsg').find(([, data]) => text(data) === 'by message')!;
    expect(pathOf(message[4])).toBe('relative\0');
  });

  it('has the control data with which a descriptor is passed', () => {
    const [got] = of('recvmsg');
    const control = got![4] as Buffer;
    // struct cmsghdr: length, SOL_SOCKET, SCM_RIGHTS, then the new number.
    expect([control.readUInt32LE(0), control.readUInt32LE(8), control.readUInt32LE(12)]).toEqual([20, 1, 1]);
    expect(of('read')[1]![2]).toBe(control.readInt32LE(16));
  });

  it('has both ends of IPv6 sockets', () => {
    const [sent, mapped] = ['six', 'mapped'].map((said) => of('sendto').find((p) => text(p[1]) === said)!);
    const received = of('recvfrom').find(([, data]) => text(data) === 'six')!;
    expect(six(sent![4], 19)).toEqual({ address: '1', port: six(received[2], 19).port });
    expect(six(received[2], 19).address).toBe('1');
    expect(six(mapped![4], 19)).toEqual({ address: 'ffff7f000001', port: six(sent![4], 19).port });
  });

  it('follows a datagram socket that is connected and let go again', () => {
    const sent = of('sendto').filter(([, data]) => ['connected', 'none'].includes(text(data)));
    const remote = (tuple: unknown) => (tuple as Buffer).subarray(7).toString('hex');
    expect(sent.map((p) => [p[0], remote(p[4])])).toEqual([
      [9, '7f0000010900'],
      [-89, '000000000000'],
    ]);
  });

  it('has no tuple of sockets that have none, and no address of what is not one', () => {
    const binds = of('bind').map(([res, address]) => [res, text(address)]);
    expect(binds).toContainEqual([EINVAL, '']);
    expect(binds).toContainEqual([EFAULT, '']);
    // Netlink and packet sockets.
    expect(binds.slice(-2)).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const asked = of('sendto').at(-1)!;
    expect([asked[0], asked[4]]).toEqual([32, Buffer.alloc(0)]);
    expect(
      of('socket')
        .slice(-5)
        .map(([, domain, type]) => [domain, type]),
    ).toEqual([
      [16, 3 | 0o2000000],
      [17, 3],
      [2, 3],
      [0, 1],
      [0, 1],
    ]);
  });
});
