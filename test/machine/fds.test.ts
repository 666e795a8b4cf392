import { describe, expect, it } from 'vitest';
import { FdInfo, FdType, Role } from '../../src/machine/fd.js';
import { joinPath } from '../../src/machine/paths.js';
import { address4, Observed, processEntry, tuple4 } from './observed.js';

const P = 10;
const start = (): Observed =>
  new Observed({
    processes: [processEntry(P)],
    interfaces: [
      {
        addr: Uint8Array.from([127, 0, 0, 1]),
        netmask: Uint8Array.from([255, 0, 0, 0]),
        broadcast: Uint8Array.from([127, 255, 255, 255]),
        linkSpeed: 0n,
        name: 'lo',
      },
      {
        addr: Uint8Array.from([10, 1, 2, 3]),
        netmask: Uint8Array.from([255, 255, 255, 0]),
        broadcast: Uint8Array.from([10, 1, 2, 255]),
        linkSpeed: 0n,
        name: 'eth0',
      },
    ],
  });

describe('files', () => {
  it('resolves names from the directory and from directory fds', () => {
    const o = start();
    o.open(P, 3, 'sub/../notes.txt');
    expect(o.machine.fd).toMatchObject({
      name: '/home/notes.txt',
      type: FdType.FILE_V2,
      dev: 0xfe00,
      ino: 4711,
    });
    expect(o.machine.fd?.nameRaw).toBe('sub/../notes.txt');
    expect(o.machine.fdNum).toBe(3);
    o.open(P, 4, '/etc', 1 | 1024);
    expect(o.machine.fd?.type).toBe(FdType.DIRECTORY);
    o.open(P, 5, 'passwd', 1, 4);
    expect(o.name(P, 5)).toBe('/etc/passwd');
    o.open(P, 6, 'x', 1, 77);
    expect(o.name(P, 6)).toBe('<UNKNOWN>x');
  });

  it('takes the working directory from getcwd, unless that lies outside of the root', () => {
    const o = start();
    o.call('SYSCALL_GETCWD', P, {}, { res: 5, path: '/srv/x' });
    o.call('SYSCALL_GETCWD', P, {}, { res: 5, path: '(unreachable)/y' });
    o.call('SYSCALL_GETCWD', P, {}, { res: -34, path: '/z' });
    o.open(P, 5, 'a');
    expect(o.name(P, 5)).toBe('/srv/x/a');
  });

  it('believes the enter event about the name, the exit event about what the kernel added', () => {
    const o = start();
    o.event('SYSCALL_OPEN_E', P, { name: '/asked', flags: 1, mode: 0 });
    o.event('SYSCALL_OPEN_X', P, { fd: 3, name: '/swapped', flags: 2 | 16384, mode: 0, dev: 0 });
    expect(o.machine.fd).toMatchObject({ name: '/asked', openFlags: 1 | 16384 });
    o.event('SYSCALL_OPEN_E', P, { name: '<NA>', flags: 1, mode: 0 });
    o.event('SYSCALL_OPEN_X', P, { fd: 4, name: '/paged-in', flags: 1, mode: 0, dev: 0 });
    expect(o.name(P, 4)).toBe('/paged-in');
  });

  it('opens without an enter event, as newer captures have it', () => {
    const o = start();
    o.event('SYSCALL_OPENAT_2_X', P, { fd: 3, dirfd: -100, name: 'a', flags: 1, mode: 0, dev: 0, ino: 1 });
    expect(o.name(P, 3)).toBe('/home/a');
    o.event('SYSCALL_READ_X', P, { res: 1, data: 'x', fd: 3, size: 1 });
    expect(o.machine.fd?.name).toBe('/home/a');
    expect(o.machine.paired).toBe(false);
    expect(o.machine.latency).toBe(0);
  });

  it('opens nothing when the call fails', () => {
    const o = start();
    o.open(P, -2, '/missing');
    expect(o.machine.fd).toBeNull();
    expect(o.machine.errorCode).toBe(2);
    expect(o.machine.fdTable(o.thread(P))?.size).toBe(0);
  });

  it('opens with every version of open', () => {
    const o = start();
    o.call('SYSCALL_CREAT', P, { name: 'c', mode: 0 }, { fd: 3, name: 'c', mode: 0, dev: 1, ino: 2 });
    o.call('SYSCALL_OPENAT', P, { dirfd: -100, name: 'old', flags: 1, mode: 0 }, { fd: 4 });
    o.call(
      'SYSCALL_OPENAT2',
      P,
      { dirfd: -100, name: 'two', flags: 1, mode: 0, resolve: 0 },
      { fd: 5, dirfd: -100, name: 'two', flags: 1, mode: 0, resolve: 0, dev: 7, ino: 8 },
    );
    o.call(
      'SYSCALL_OPEN_BY_HANDLE_AT',
      P,
      {},
      { fd: 6, mountfd: -100, flags: 1, path: '/by/handle', dev: 9, ino: 3 },
    );
    expect([3, 4, 5, 6].map((fd) => o.name(P, fd))).toEqual([
      '/home/c',
      '/home/old',
      '/home/two',
      '/by/handle',
    ]);
    expect(o.machine.fdTable(o.thread(P))?.get(5)).toMatchObject({ dev: 7, ino: 8 });
  });

  it('keeps an fd until the exit of its close has been seen', () => {
    const o = start();
    o.open(P, 3, '/a');
    o.call('SYSCALL_CLOSE', P, { fd: 3 }, { res: 0 });
    expect(o.machine.fd?.name).toBe('/a');
    o.event('SYSCALL_READ_E', P, { fd: 3, size: 1 });
    expect(o.machine.fd).toBeNull();
    expect(o.machine.fdNum).toBe(3);
  });

  it('keeps an fd whose close failed', () => {
    const o = start();
    o.open(P, 3, '/a');
    o.call('SYSCALL_CLOSE', P, { fd: 3 }, { res: -5 });
    o.event('SYSCALL_READ_E', P, { fd: 3, size: 1 });
    expect(o.machine.fd?.name).toBe('/a');
  });

  it('spares an fd that another thread got between enter and exit of a close', () => {
    const o = new Observed({ processes: [processEntry(P), processEntry(11, { pid: P, flags: 0x2001 })] });
    o.open(P, 3, '/old');
    o.event('SYSCALL_CLOSE_E', P, { fd: 3 });
    o.open(11, 3, '/new');
    o.event('SYSCALL_CLOSE_X', P, { res: 0 });
    expect(o.machine.fd?.name).toBe('/old');
    o.event('SYSCALL_READ_E', 11, { fd: 3, size: 1 });
    expect(o.machine.fd?.name).toBe('/new');
  });

  it('copies with dup, dup2, dup3 and fcntl', () => {
    const o = start();
    o.open(P, 3, '/a');
    o.call('SYSCALL_DUP', P, { fd: 3 }, { res: 4 });
    o.call('SYSCALL_DUP_1', P, { fd: 3 }, { res: 5, oldfd: 3 });
    o.call('SYSCALL_DUP2', P, { fd: 3 }, { res: 6, oldfd: 3, newfd: 6 });
    o.call('SYSCALL_DUP3', P, { fd: 3 }, { res: 7, oldfd: 3, newfd: 7, flags: 0 });
    o.call('SYSCALL_FCNTL', P, { fd: 3, cmd: 26 }, { res: 8, fd: 3, cmd: 26 });
    expect([4, 5, 6, 7, 8].map((fd) => o.name(P, fd))).toEqual(['/a', '/a', '/a', '/a', '/a']);
    o.call('SYSCALL_FCNTL', P, { fd: 3, cmd: 4 }, { res: 2, fd: 3, cmd: 4 });
    expect(o.name(P, 2)).toBeUndefined();
    o.call('SYSCALL_CLOSE', P, { fd: 3 }, { res: 0 });
    o.event('SCHEDSWITCH_6_E', 0, { next: P });
    expect(o.name(P, 3)).toBeUndefined();
    expect(o.name(P, 4)).toBe('/a');
  });

  it('closes ranges', () => {
    const o = start();
    for (let fd = 3; fd < 8; fd++) o.open(P, fd, `/f${fd}`);
    o.event('SYSCALL_CLOSE_RANGE_X', P, { res: 0, first: 4, last: 0xffffffff, flags: 4 });
    expect(o.machine.fdTable(o.thread(P))?.size).toBe(5);
    o.event('SYSCALL_CLOSE_RANGE_X', P, { res: 0, first: 4, last: 0xffffffff, flags: 0 });
    expect([...(o.machine.fdTable(o.thread(P))?.keys() ?? [])]).toEqual([3]);
  });

  it('finds fds of large numbers too', () => {
    const o = start();
    for (const fd of [1023, 1024, 100_000]) o.open(P, fd, `/n${fd}`);
    for (const fd of [1023, 1024, 100_000]) expect(o.name(P, fd)).toBe(`/n${fd}`);
    o.call('SYSCALL_CLOSE', P, { fd: 100_000 }, { res: 0 });
    o.event('SYSCALL_READ_E', P, { fd: 100_000, size: 1 });
    expect(o.machine.fd).toBeNull();
  });
});

describe('paths', () => {
  it.each([
    ['/a/b/', 'c', '/a/b/c'],
    ['/a/b', 'c', '/a/b/c'],
    ['/a/b/', '/x//y/', '/x/y'],
    ['/a/b/', '../../../..', '/'],
    ['/a/', './.hidden/..x', '/a/.hidden/..x'],
    ['/', '', '/'],
    ['', 'relative/./x', 'relative/x'],
    ['/a/', 'new\nline', '/a/new.line'],
  ])('%j and %j make %j', (dir, name, whole) => {
    expect(joinPath(dir, name)).toBe(whole);
  });
});

describe('sockets', () => {
  it('names a client by both ends and knows its role', () => {
    const o = start();
    o.call('SOCKET_SOCKET', P, { domain: 2, type: 1, proto: 0 }, { fd: 3 });
    expect(o.machine.fd).toMatchObject({ type: FdType.IPV4_SOCK, name: '', role: Role.NONE, l4proto: 0 });
    o.call(
      'SOCKET_CONNECT',
      P,
      { fd: 3, addr: address4('10.0.0.9', 443) },
      { res: -115, tuple: tuple4('10.1.2.3', 40000, '10.0.0.9', 443), fd: 3 },
    );
    expect(o.machine.fd).toMatchObject({
      name: '10.1.2.3:40000->10.0.0.9:443',
      role: Role.CLIENT,
      cport: 40000,
      sport: 443,
      l4proto: 2,
      connected: true,
    });
    expect(o.machine.fdNameChanged).toBe(true);
  });

  it('leaves a socket alone whose connect failed', () => {
    const o = start();
    o.call('SOCKET_SOCKET', P, { domain: 2, type: 1, proto: 0 }, { fd: 3 });
    o.call(
      'SOCKET_CONNECT',
      P,
      { fd: 3, addr: address4('10.0.0.9', 443) },
      { res: -111, tuple: null, fd: 3 },
    );
    expect(o.machine.fd).toMatchObject({ name: '', connected: false });
  });

  it('knows servers from bind and accept, by every version of accept', () => {
    const o = start();
    o.call('SOCKET_SOCKET', P, { domain: 2, type: 1, proto: 6 }, { fd: 3 });
    o.call('SOCKET_BIND', P, { fd: 3 }, { res: 0, addr: address4('0.0.0.0', 80) });
    expect(o.machine.fd).toMatchObject({
      type: FdType.IPV4_SERVSOCK,
      name: '0.0.0.0:80',
      sport: 80,
      l4proto: 2,
    });
    let fd = 4;
    for (const name of ['ACCEPT', 'ACCEPT4', 'ACCEPT_5', 'ACCEPT4_5', 'ACCEPT4_6']) {
      o.call(`SOCKET_${name}`, P, {}, { fd, tuple: tuple4('10.0.0.7', 5000 + fd, '10.1.2.3', 80) });
      expect(o.machine.fd).toMatchObject({
        role: Role.SERVER,
        cport: 5000 + fd,
        connected: true,
        l4proto: 2,
      });
      expect(o.name(P, fd)).toBe(`10.0.0.7:${5000 + fd}->10.1.2.3:80`);
      fd++;
    }
  });

  it('knows a socket by the address that is sent to, when its making was missed', () => {
    const o = start();
    const to = tuple4('10.1.2.3', 40000, '10.1.2.9', 53);
    o.call('SOCKET_SENDTO', P, { fd: 33, size: 5, tuple: to }, { res: 5, data: 'hello' });
    expect(o.machine.fd).toMatchObject({ name: '10.1.2.3:40000->10.1.2.9:53', l4proto: 3 });
    expect(o.name(P, 33)).toBe('10.1.2.3:40000->10.1.2.9:53');
    // Without an address nothing is known.
    o.call('SOCKET_SENDTO', P, { fd: 34, size: 5 }, { res: 5, data: 'hello' });
    expect(o.machine.fd).toBeNull();
  });

  it('takes the ends of datagrams from traffic and tells when the name changes', () => {
    const o = start();
    o.call('SOCKET_SOCKET', P, { domain: 2, type: 2, proto: 0 }, { fd: 3 });
    const to = tuple4('0.0.0.0', 40000, '10.1.2.9', 53);
    o.call('SOCKET_SENDTO', P, { fd: 3, size: 5, tuple: to }, { res: 5, data: 'hello' });
    // The own address is the one in the network of the other.
    expect(o.machine.fd).toMatchObject({ name: '10.1.2.3:40000->10.1.2.9:53', l4proto: 3 });
    expect(o.machine.fdNameChanged).toBe(true);
    o.call('SOCKET_SENDTO', P, { fd: 3, size: 5, tuple: to }, { res: 5, data: 'again' });
    expect(o.machine.fdNameChanged).toBe(false);
    o.call(
      'SOCKET_RECVFROM',
      P,
      { fd: 3, size: 9 },
      { res: 2, data: 'hi', tuple: tuple4('8.8.8.8', 53, '10.1.2.3', 40000) },
    );
    expect(o.machine.fd?.name).toBe('8.8.8.8:53->10.1.2.3:40000');
  });

  it('reads mapped addresses as IPv4 and shortens IPv6 ones', () => {
    const o = start();
    const six = (from: number[], to: number[]): Uint8Array =>
      Uint8Array.from([10, ...from, 1, 0, ...to, 2, 0]);
    const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];
    o.call('SOCKET_SOCKET', P, { domain: 10, type: 1, proto: 0 }, { fd: 3 });
    o.call(
      'SOCKET_CONNECT',
      P,
      { fd: 3, addr: null },
      { res: 0, tuple: six([...mapped, 1, 2, 3, 4], [...mapped, 5, 6, 7, 8]), fd: 3 },
    );
    expect(o.machine.fd).toMatchObject({ type: FdType.IPV4_SOCK, name: '1.2.3.4:1->5.6.7.8:2' });
    const loop = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const global = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    o.call('SOCKET_SOCKET', P, { domain: 10, type: 1, proto: 0 }, { fd: 4 });
    o.call('SOCKET_CONNECT', P, { fd: 4, addr: null }, { res: 0, tuple: six(loop, global), fd: 4 });
    expect(o.machine.fd).toMatchObject({ type: FdType.IPV6_SOCK, name: '::1:1->2001:db8::1:0:0:1:2' });
  });

  it('names unix sockets by pointers and path', () => {
    const o = start();
    const tuple = Buffer.alloc(17 + 6);
    tuple[0] = 1;
    tuple.writeBigUInt64LE(0xffff888000000001n, 1);
    tuple.writeBigUInt64LE(0xffff888000000002n, 9);
    tuple.write('/sock\0', 17, 'latin1');
    o.call('SOCKET_SOCKET', P, { domain: 1, type: 1, proto: 0 }, { fd: 3 });
    o.event('SOCKET_CONNECT_E', P, { fd: 3, addr: Buffer.from('\x01/sock\0', 'latin1') });
    expect(o.machine.fd?.name).toBe('/sock');
    o.event('SOCKET_CONNECT_X', P, { res: 0, tuple, fd: 3 });
    expect(o.machine.fd?.name).toBe('ffff888000000001->ffff888000000002 /sock');
    o.call(
      'SOCKET_SOCKETPAIR',
      P,
      { domain: 1, type: 1, proto: 0 },
      { res: 0, fd1: 5, fd2: 6, source: 7n, peer: 8n },
    );
    const table = o.machine.fdTable(o.thread(P));
    expect(table?.get(5)).toMatchObject({ source: 7n, destination: 8n });
    expect(table?.get(6)).toMatchObject({ source: 8n, destination: 7n });
  });
});

describe('fds that are neither files nor sockets', () => {
  it('knows each kind', () => {
    const o = start();
    o.call('SYSCALL_PIPE', P, {}, { res: 0, fd1: 3, fd2: 4, ino: 555 });
    const made: [string, Record<string, number | string>, number][] = [
      ['SYSCALL_EVENTFD', { res: 10 }, FdType.EVENT],
      ['SYSCALL_EVENTFD2', { res: 11 }, FdType.EVENT],
      ['SYSCALL_SIGNALFD', { res: 12 }, FdType.SIGNALFD],
      ['SYSCALL_SIGNALFD4', { res: 13 }, FdType.SIGNALFD],
      ['SYSCALL_TIMERFD_CREATE', { res: 14 }, FdType.TIMERFD],
      ['SYSCALL_INOTIFY_INIT', { res: 15 }, FdType.INOTIFY],
      ['SYSCALL_INOTIFY_INIT1', { res: 16 }, FdType.INOTIFY],
      ['SYSCALL_EPOLL_CREATE', { res: 17 }, FdType.EVENTPOLL],
      ['SYSCALL_EPOLL_CREATE1', { res: 18 }, FdType.EVENTPOLL],
      ['SYSCALL_USERFAULTFD', { res: 19 }, FdType.USERFAULTFD],
      ['SYSCALL_IO_URING_SETUP', { res: 20 }, FdType.IOURING],
      ['SYSCALL_MEMFD_CREATE', { fd: 21, name: 'shm' }, FdType.MEMFD],
      ['SYSCALL_PIDFD_OPEN', { fd: 22, pid: 11 }, FdType.PIDFD],
      ['SYSCALL_BPF_2', { fd: 23, cmd: 5 }, FdType.BPF],
    ];
    const table = o.machine.fdTable(o.thread(P));
    for (const [name, exit, type] of made) {
      o.call(name, P, {}, exit);
      const fd = Number(exit['res'] ?? exit['fd']);
      expect(table?.get(fd)?.type, name).toBe(type);
      expect(o.machine.fdNum, name).toBe(fd);
    }
    expect(table?.get(3)).toMatchObject({ type: FdType.FIFO, ino: 555, openFlags: 1 });
    expect(table?.get(4)).toMatchObject({ type: FdType.FIFO, ino: 555, openFlags: 2 });
    expect(table?.get(21)?.name).toBe('shm');
    o.call('SYSCALL_BPF_2', P, {}, { fd: 30, cmd: 1 });
    expect(table?.has(30)).toBe(false);
  });

  it('fetches the fd of another process through its pidfd', () => {
    const o = new Observed({ processes: [processEntry(P), processEntry(20)] });
    o.open(20, 7, '/theirs');
    o.call('SYSCALL_PIDFD_OPEN', P, {}, { fd: 3, pid: 20, flags: 0 });
    o.call('SYSCALL_PIDFD_GETFD', P, {}, { fd: 4, pid_fd: 3, target_fd: 7, flags: 0 });
    expect(o.name(P, 4)).toBe('/theirs');
  });
});

describe('descriptors in messages', () => {
  /** Control data as recvmsg leaves it: struct cmsghdr with its fds, padded to 8 bytes. */
  function control(level: number, type: number, ...fds: number[]): Buffer {
    const bytes = Buffer.alloc((16 + 4 * fds.length + 7) & ~7);
    bytes.writeUInt32LE(16 + 4 * fds.length, 0);
    bytes.writeUInt32LE(level, 8);
    bytes.writeUInt32LE(type, 12);
    for (const [i, fd] of fds.entries()) bytes.writeInt32LE(fd, 16 + 4 * i);
    return bytes;
  }
  const asked: number[] = [];
  const received = (data: Buffer): Observed => {
    asked.length = 0;
    const o = new Observed(
      { processes: [processEntry(P)] },
      {
        receivedFd(_thread, fd) {
          asked.push(fd);
          return fd === 7 ? new FdInfo(FdType.FILE_V2, '/passed') : null;
        },
      },
    );
    for (const fd of [7, 8, 9]) o.open(P, fd, '/stale');
    o.call('SOCKET_RECVMSG', P, { fd: 3 }, { res: 1, size: 1, msgcontrol: data, fd: 3 });
    return o;
  };

  it('take the place of what had their numbers, known or not', () => {
    // Credentials stand in front (SCM_CREDENTIALS).
    const o = received(Buffer.concat([control(1, 2, 1, 2, 3), control(1, 1, 7, 8)]));
    expect(asked).toEqual([7, 8]);
    expect([7, 8, 9].map((fd) => o.name(P, fd))).toEqual(['/passed', undefined, '/stale']);
  });

  it('are taken as far as they were recorded, and never from what is no message', () => {
    received(control(1, 1, 7, 8, 9).subarray(0, 26));
    expect(asked).toEqual([7, 8]);
    received(Buffer.alloc(40));
    received(Buffer.from('nonsense'.repeat(9)));
    expect(asked).toEqual([]);
  });
});
