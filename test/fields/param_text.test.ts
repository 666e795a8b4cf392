import { beforeEach, describe, expect, it } from 'vitest';
import type { EventView } from '../../src/event/view.js';
import type { FieldOptions } from '../../src/fields/field.js';
import { portName } from '../../src/fields/port_names.js';
import { planField } from '../../src/fields/registry.js';
import { FdInfo, FdType } from '../../src/machine/fd.js';
import { Machine } from '../../src/machine/machine.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from './built_event.js';

const { u8, u16, u32, i64, text, raw, none } = bytes;

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
  const thread = new ThreadInfo(100, 100);
  thread.comm = 'cat';
  thread.cwd = '/home/bob/';
  machine.addThread(thread);
  machine.users.addUser('', { uid: 1000, gid: 1000, name: 'bob', home: '/home/bob', shell: '/bin/sh' });
  const file = new FdInfo(FdType.FILE_V2, '/etc/passwd');
  const dir = new FdInfo(FdType.DIRECTORY, '/srv');
  const socket = new FdInfo(FdType.IPV4_SOCK, '10.0.0.1:40000->10.0.0.2:443');
  socket.l4proto = 2;
  const fds = thread.ownFds();
  fds.set(3, file);
  fds.set(4, dir);
  fds.set(5, socket);
});

function args(ev: EventView, options: FieldOptions = {}): unknown {
  machine.process(ev);
  return planField('evt.args', options).extract(ev, machine);
}

function arg(name: string, ev: EventView): unknown {
  machine.process(ev);
  return planField(`evt.arg.${name}`).extract(ev, machine);
}

describe('evt.args', () => {
  it('shows fds with their kind and name, errors and AT_FDCWD by name', () => {
    const read = (fd: number) => builtEvent(PPME.SYSCALL_READ_E, [i64(fd), u32(10)]);
    expect(args(read(3))).toBe('fd=3(<f>/etc/passwd) size=10 ');
    expect(args(read(5))).toBe('fd=5(<4t>10.0.0.1:40000->10.0.0.2:443) size=10 ');
    expect(args(read(99))).toBe('fd=99 size=10 ');
    expect(args(read(-9))).toBe('fd=-9(EBADF) size=10 ');
    expect(args(read(-100))).toBe('fd=-100(AT_FDCWD) size=10 ');
    expect(args(read(-9999))).toBe('fd=-9999 size=10 ');
  });

  it('shows unsigned 32-bit numbers as sysdig does', () => {
    expect(args(builtEvent(PPME.SYSCALL_READ_E, [i64(99), u32(0xffffffff)]))).toBe('fd=99 size=-1 ');
  });

  it('shows 64-bit numbers with all their digits', () => {
    const ev = builtEvent(PPME.SYSCALL_MMAP_E, [
      i64(0x7fffffffffffn),
      i64(9223372036854775807n),
      u32(3),
      u32(2),
      i64(-1),
      i64(0),
    ]);
    expect(args(ev)).toBe(
      'addr=7FFFFFFFFFFF length=9223372036854775807 prot=3(PROT_READ|PROT_WRITE) flags=2(MAP_PRIVATE) fd=-1(EPERM) offset=0 ',
    );
  });

  it('resolves relative paths against the working directory and the directory fd', () => {
    const open = (name: Buffer) => builtEvent(PPME.SYSCALL_OPEN_E, [name, u32(1), u32(0)]);
    expect(args(open(text('a.txt')))).toBe('name=a.txt(/home/bob/a.txt) flags=1(O_RDONLY) mode=0 ');
    expect(args(open(text('../x/./y')))).toBe('name=../x/./y(/home/x/y) flags=1(O_RDONLY) mode=0 ');
    expect(args(open(text('/abs')))).toBe('name=/abs flags=1(O_RDONLY) mode=0 ');
    expect(args(open(text('<NA>')))).toBe('name=<NA> flags=1(O_RDONLY) mode=0 ');
    expect(args(open(none()))).toBe('name=<NA> flags=1(O_RDONLY) mode=0 ');
    const openat = (fd: number) => builtEvent(PPME.SYSCALL_OPENAT_2_E, [i64(fd), text('q'), u32(1), u32(0)]);
    expect(args(openat(4))).toBe('dirfd=4(<d>/srv) name=q(/srv/q) flags=1(O_RDONLY) mode=0 ');
    expect(args(openat(-100))).toBe('dirfd=-100(AT_FDCWD) name=q(/home/bob/q) flags=1(O_RDONLY) mode=0 ');
  });

  it('leaves control bytes out of paths, never letters', () => {
    const ev = builtEvent(PPME.SYSCALL_OPEN_E, [text('/a\x1b[31m\xc5\x91\n'), u32(1), u32(0o644)]);
    expect(args(ev)).toBe('name=/a[31m\xc5\x91 flags=1(O_RDONLY) mode=0644 ');
  });

  it('shows modes in octal and flags by name', () => {
    const ev = builtEvent(PPME.SYSCALL_FCHMOD_X, [i64(0), i64(3), u32(0o644)]);
    expect(args(ev)).toBe('res=0 fd=3(<f>/etc/passwd) mode=0644(S_IROTH|S_IRGRP|S_IWUSR|S_IRUSR) ');
  });

  it('shows times in seconds, and for ever as none', () => {
    const sleep = (ns: bigint) => args(builtEvent(PPME.SYSCALL_NANOSLEEP_E, [i64(ns)]));
    expect(sleep(3000n)).toBe('interval=3000(3e-06s) ');
    expect(sleep(1500000000n)).toBe('interval=1500000000(1.5s) ');
    expect(sleep(0n)).toBe('interval=0(0s) ');
    expect(sleep(-1n)).toBe('interval=none ');
  });

  it('names processes, users, groups and signals', () => {
    expect(args(builtEvent(PPME.SYSCALL_KILL_E, [i64(100), u8(9)]))).toBe('pid=100(cat) sig=9(SIGKILL) ');
    expect(args(builtEvent(PPME.SYSCALL_KILL_E, [i64(7), u8(64)]))).toBe('pid=7 sig=64 ');
    expect(args(builtEvent(PPME.SYSCALL_SETUID_E, [u32(1000)]))).toBe('uid=1000(bob) ');
    expect(args(builtEvent(PPME.SYSCALL_SETUID_E, [u32(0xffffffff)]))).toBe('uid=-1(<NONE>) ');
    expect(args(builtEvent(PPME.SYSCALL_SETGID_E, [u32(4242)]))).toBe('gid=4242(<NA>) ');
  });

  it('lists polled fds', () => {
    const list = (entries: [number, number][]) =>
      Buffer.concat([u16(entries.length), ...entries.flatMap(([fd, flags]) => [i64(fd), u16(flags)])]);
    const ev = builtEvent(PPME.SYSCALL_POLL_E, [
      list([
        [3, 1],
        [5, 0x41],
        [77, 0xffff],
      ]),
      i64(-1),
    ]);
    expect(args(ev)).toBe('fds=3:f1 5:441 77:?ffffffff timeout=-1 ');
  });

  it('shows addresses and tuples', () => {
    const addr = (param: Buffer) => args(builtEvent(PPME.SOCKET_BIND_X, [i64(0), param]));
    expect(addr(Buffer.concat([raw('\x02\x7f\0\0\x01'), u16(443)]))).toBe('res=0 addr=127.0.0.1:443 ');
    expect(addr(Buffer.concat([raw('\x0a'), Buffer.alloc(15), raw('\x01'), u16(80)]))).toBe(
      'res=0 addr=::1:80 ',
    );
    expect(addr(raw('\x01/tmp/s\x01ck\0'))).toBe('res=0 addr=/tmp/sck ');
    expect(addr(none())).toBe('res=0 addr=NULL ');
    const mapped = (last: number) => Buffer.concat([Buffer.alloc(10), raw('\xff\xff\x0a\0\0'), u8(last)]);
    const tuple = Buffer.concat([raw('\x0a'), mapped(1), u16(1234), mapped(2), u16(443)]);
    expect(args(builtEvent(PPME.SOCKET_CONNECT_X, [i64(0), tuple]))).toContain(
      'tuple=10.0.0.1:1234->10.0.0.2:443 ',
    );
    const unix = Buffer.concat([raw('\x01'), i64(0xffff888100000001n), i64(0), text('/x')]);
    expect(args(builtEvent(PPME.SOCKET_CONNECT_X, [i64(-111), unix]))).toContain(
      'res=-111(ECONNREFUSED) tuple=ffff888100000001->0 /x ',
    );
  });

  it('shows values of several possible types by their tag', () => {
    const get = (value: Buffer) =>
      args(builtEvent(PPME.SOCKET_GETSOCKOPT_X, [i64(0), i64(99), u8(1), u8(4), value, u32(4)]));
    expect(get(Buffer.concat([u8(1), i64(-111)]))).toContain('val=-111(ECONNREFUSED) ');
    expect(get(Buffer.concat([u8(2), u32(7)]))).toContain('val=7 ');
    expect(get(Buffer.concat([u8(0), raw('ab\0')]))).toContain('val=ab. ');
    expect(get(Buffer.concat([u8(200), raw('ab')]))).toContain('val=ab ');
  });

  it('shows nothing of generic events but their name', () => {
    const ev = builtEvent(PPME.GENERIC_E, [u16(0), u16(39)]);
    expect(args(ev)).toBe('');
    expect(planField('evt.type').extract(ev, machine)).toBe('getpid');
  });

  it('ends where the file ends: fewer parameters than the table, short ones, empty ones', () => {
    expect(args(builtEvent(PPME.SYSCALL_READ_X, [i64(0)]))).toBe('res=0 ');
    expect(args(builtEvent(PPME.SYSCALL_READ_X, [i64(0), none()]))).toBe('res=0 data=NULL ');
    expect(args(builtEvent(PPME.SYSCALL_READ_X, [raw('\x01\x02'), none()]))).toBe('res=0102 data=NULL ');
  });

  it('calls vpgid pgid in files that have no pgid of their own', () => {
    const params = (n: number) => [i64(0), ...Array.from({ length: n - 1 }, none)];
    const names = (n: number) =>
      String(args(builtEvent(PPME.SYSCALL_EXECVE_19_X, params(n)))).match(/\bv?pgid=/g);
    expect(names(28)).toEqual(['pgid=']);
    expect(names(30)).toEqual(['vpgid=', 'pgid=']);
  });
});

describe('buffers', () => {
  const data = 'a\tb\nc\rd\xc5\x91\x1b[0m\x7f\x80z\0\0q';
  const read = () => builtEvent(PPME.SYSCALL_READ_X, [i64(19), raw(data)]);

  it('print dots for what is no text', () => {
    expect(args(read())).toBe('res=19 data=a.b.c.d...[0m..z..q ');
  });

  it('are cut to 80 characters unless they are wanted whole', () => {
    const long = builtEvent(PPME.SYSCALL_READ_X, [i64(100), raw('x'.repeat(100))]);
    expect(args(long)).toBe(`res=100 data=${'x'.repeat(77)}... `);
    expect(args(long, { whole: true })).toBe(`res=100 data=${'x'.repeat(100)} `);
    const just = builtEvent(PPME.SYSCALL_READ_X, [i64(80), raw('x'.repeat(80))]);
    expect(args(just)).toBe(`res=80 data=${'x'.repeat(80)} `);
  });

  it('print as hex, as hex and text, as text, as base64', () => {
    expect(args(read(), { buffers: 'hex' })).toBe(
      'res=19 data=\n\t0x0000: 6109 620a 630d 64c5 911b 5b30 6d7f 807a\n\t0x0010: 0000 71\n ',
    );
    expect(args(read(), { buffers: 'hexascii' })).toBe(
      `res=19 data=\n\t0x0000: 6109 620a 630d 64c5 911b 5b30 6d7f 807a  a.b.c.d...[0m..z\n\t0x0010: 0000 71${' '.repeat(32)}..q\n `,
    );
    expect(args(read(), { buffers: 'ascii' })).toBe('res=19 data=\nab\nc\nd[0mzq ');
    expect(args(read(), { buffers: 'base64' })).toBe(
      `res=19 data=${Buffer.from(data, 'latin1').toString('base64')} `,
    );
  });
});

describe('evt.arg', () => {
  it('is the meaning where there is one, otherwise the value', () => {
    const ev = () =>
      builtEvent(PPME.SYSCALL_OPENAT_2_X, [i64(-2), i64(4), text('q'), u32(1), u32(0), u32(5), i64(7)]);
    expect(arg('fd', ev())).toBe('ENOENT');
    expect(arg('dirfd', ev())).toBe('<d>/srv');
    expect(arg('name', ev())).toBe('/srv/q');
    expect(arg('flags', ev())).toBe('O_RDONLY');
    expect(arg('ino', ev())).toBe('7');
    expect(arg('size', ev())).toBeUndefined();
  });

  it('can be asked for by place', () => {
    const ev = builtEvent(PPME.SYSCALL_READ_E, [i64(3), u32(10)]);
    machine.process(ev);
    expect(planField('evt.arg[1]').extract(ev, machine)).toBe('10');
    expect(planField('evt.arg[2]').extract(ev, machine)).toBeUndefined();
  });

  it('raw is a number for numbers and text for text', () => {
    const ev = builtEvent(PPME.SYSCALL_OPEN_X, [i64(-2), text('q'), u32(1), u32(0o644), u32(5), i64(-1)]);
    const rawArg = (name: string) => planField(`evt.rawarg.${name}`).extract(ev, machine);
    expect(rawArg('fd')).toBe(-2);
    expect(rawArg('name')).toBe('q');
    expect(rawArg('mode')).toBe(0o644);
    expect(rawArg('ino')).toBe(18446744073709551615n);
    expect(rawArg('res')).toBeUndefined();
  });
});

describe('port names', () => {
  it('stand for ports where that is asked for', () => {
    const socket = new FdInfo(FdType.IPV4_SOCK, '10.0.0.1:40000->10.0.0.2:443');
    socket.cip = '\x0a\0\0\x01';
    socket.cport = 40000;
    socket.sip = '\x0a\0\0\x02';
    socket.sport = 443;
    socket.l4proto = 2;
    machine.threads.get(100)?.ownFds().set(6, socket);
    const name = portName(443) ?? '443';
    expect(args(builtEvent(PPME.SYSCALL_READ_E, [i64(6), u32(10)]), { portNames: true })).toBe(
      `fd=6(<4t>10.0.0.1:40000->10.0.0.2:${name}) size=10 `,
    );
    const addr = Buffer.concat([raw('\x02\x7f\0\0\x01'), u16(443)]);
    expect(args(builtEvent(PPME.SOCKET_BIND_X, [i64(0), addr]), { portNames: true })).toBe(
      `res=0 addr=127.0.0.1:${name} `,
    );
  });
});

describe('what stands where a value is not whole', () => {
  const bound = (addr: Buffer) => args(builtEvent(PPME.SOCKET_BIND_X, [i64(0), addr]));
  const accepted = (tuple: Buffer) =>
    args(builtEvent(PPME.SOCKET_ACCEPT_5_X, [i64(-1), tuple, u8(0), u32(0), u32(0)]));

  it('names the family of an address that it does not know', () => {
    expect(bound(Buffer.concat([u8(99), raw('abc')]))).toBe('res=0 addr=family 99 ');
    expect(accepted(u8(17))).toContain('tuple=family 17 ');
  });

  it('says so of an address that is too short', () => {
    expect(bound(Buffer.concat([u8(2), raw('ab')]))).toBe('res=0 addr=INVALID IPv4 ');
    expect(bound(Buffer.concat([u8(10), raw('ab')]))).toBe('res=0 addr=INVALID IPv6 ');
    expect(accepted(Buffer.concat([u8(2), raw('ab')]))).toContain('tuple=INVALID IPv4 ');
    expect(accepted(Buffer.concat([u8(10), raw('ab')]))).toContain('tuple=INVALID IPv6 ');
  });

  it('shows a relative path as it is where its directory is not known', () => {
    const openat = (dirfd: number, name: string, fd = -2) =>
      builtEvent(PPME.SYSCALL_OPENAT_2_X, [i64(fd), i64(dirfd), text(name), u32(1), u32(0), u32(0), i64(0)]);
    expect(args(openat(-100, 'x'))).toContain('name=x(/home/bob/x) ');
    expect(args(openat(4, 'x'))).toContain('name=x(/srv/x) ');
    expect(args(openat(77, 'x'))).toContain('name=x(x) ');
    expect(args(openat(77, 'x', 9))).toContain('fd=9(<f><UNKNOWN>x) ');
  });
});

describe('thread.tid', () => {
  it('is that of the event, also where the thread is not known', () => {
    const ev = builtEvent(PPME.SCHEDSWITCH_6_E, [i64(1), i64(0), i64(0), u32(0), u32(0), u32(0)], {
      tid: 778,
    });
    machine.process(ev);
    expect(planField('thread.tid').extract(ev, machine)).toBe(778);
  });

  it('is that of a known thread in events that are no calls', () => {
    const ev = builtEvent(PPME.NOTIFICATION_E, [text('id'), text('words')]);
    machine.process(ev);
    expect(planField('proc.name').extract(ev, machine)).toBe('cat');
  });
});
