import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteString, ipText } from '../../src/machine/addresses.js';
import { FdType } from '../../src/machine/fd.js';
import { Machine } from '../../src/machine/machine.js';
import { storedOpenFlags } from '../../src/machine/proc_fds.js';
import { splitDevice, storedDevice } from '../../src/machine/proc_files.js';
import { addressBytes, readAccounts, readInterfaces } from '../../src/machine/proc_host.js';
import { readCgroups } from '../../src/machine/proc_process.js';
import {
  accountsOf,
  cgroupsInUse,
  liveHooks,
  pruneGone,
  readLiveThread,
  scanProc,
} from '../../src/machine/procfs.js';
import { ThreadInfo } from '../../src/machine/thread.js';
import type { FdEntry, ProcessEntry } from '../../src/scap/head.js';
import { Observed, processEntry } from './observed.js';

/** A program with one of everything that a scan tells, which says when it is ready. */
const SUBJECT = `
const net = require('node:net'), dgram = require('node:dgram'), fs = require('node:fs');
const { Worker } = require('node:worker_threads');
fs.openSync(process.argv[1] + '/data.txt', 'a');
fs.openSync(process.argv[1], 'r');
new Worker('setInterval(() => {}, 1000)', { eval: true });
const udp = dgram.createSocket('udp4');
const server = net.createServer((socket) => socket.resume());
const unix = net.createServer(() => {});
unix.listen(process.argv[1] + '/sock', () => udp.bind(0, '127.0.0.1', () => server.listen(0, '127.0.0.1', () => {
  const port = server.address().port;
  const client = net.connect(port, '127.0.0.1', () => setTimeout(() => {
    console.log(JSON.stringify({ port, client: client.localPort, udp: udp.address().port }));
  }, 50));
})));
`;

describe.runIf(existsSync('/proc/self/stat'))('a running machine', () => {
  let dir: string;
  let child: ChildProcess;
  let ports: { port: number; client: number; udp: number };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-scan-'));
    writeFileSync(join(dir, 'data.txt'), 'x');
    writeFileSync(join(dir, 'subject.cjs'), SUBJECT);
    child = spawn(process.execPath, ['-e', SUBJECT, dir], {
      cwd: dir,
      env: { PATH: '/bin', SCAN_TEST: 'yes' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ports = await new Promise((resolve, reject) => {
      child.stdout?.once('data', (data: Buffer) => resolve(JSON.parse(data.toString())));
      child.once('exit', (code) => reject(new Error(`the subject ended with ${code}`)));
    });
  });

  afterAll(() => {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  });

  const find = (list: readonly ProcessEntry[], tid: number): ProcessEntry => {
    const entry = list.find((process) => process.tid === tid);
    if (entry === undefined) throw new Error(`process ${tid} was not found`);
    return entry;
  };
  const having = (fds: readonly FdEntry[], test: (fd: FdEntry) => boolean): FdEntry | undefined =>
    fds.find(test);

  it('tells processes with their words, places, ids and threads', () => {
    const head = scanProc({ hostRoot: '' });
    const entry = find(head.processes, child.pid ?? -1);
    expect(entry).toMatchObject({
      pid: child.pid,
      ptid: process.pid,
      comm: expect.stringMatching(/^(node|MainThread)$/),
      cwd: `${dir}/`,
      flags: 0,
    });
    expect(entry.args.slice(-1)).toEqual([dir]);
    expect(entry.args[0]).toBe('-e');
    expect(entry.env).toContain('SCAN_TEST=yes');
    expect(entry.exepath).toMatch(/node$/);
    expect(entry.exeIno).toBeGreaterThan(0);
    expect(entry.exeInoMtime).toBeGreaterThan(10n ** 18n);
    expect(entry).toMatchObject({ uid: process.getuid?.(), gid: process.getgid?.() });
    expect(entry.vmrssKb).toBeGreaterThan(1000);
    expect(entry.fdLimit).toBeGreaterThan(0);
    const age = Number(BigInt(Date.now()) * 1_000_000n - (entry.startTs ?? 0n)) / 1e9;
    expect(age).toBeGreaterThan(-2);
    expect(age).toBeLessThan(120);
    const threads = head.processes.filter((other) => other.pid === child.pid && other.tid !== child.pid);
    expect(threads.length).toBeGreaterThan(2);
    for (const thread of threads)
      expect(thread).toMatchObject({ flags: 0x2001, fds: [], exepath: entry.exepath });
    // The scan sees the one who makes it, and pid 1.
    expect(find(head.processes, process.pid).comm).not.toBe('');
    expect(find(head.processes, 1).ptid).toBe(0);
  });

  it('tells files, directories, pipes and sockets with the local end first', () => {
    const { fds } = find(scanProc({ hostRoot: '' }).processes, child.pid ?? -1);
    const file = having(fds, (fd) => fd.name === `${dir}/data.txt`);
    expect(file).toMatchObject({ type: FdType.FILE_V2 });
    // Opened for appending: written only (2), created (4), appending (8), closed on exec (4096).
    expect((file?.openFlags ?? 0) & (1 | 2 | 8 | 4096)).toBe(2 | 8 | 4096);
    expect(file?.ino).toBeGreaterThan(0);
    expect(having(fds, (fd) => fd.name === dir)?.type).toBe(FdType.DIRECTORY);
    expect(having(fds, (fd) => fd.fd === 0)).toMatchObject({ name: '/dev/null', type: FdType.FILE_V2 });
    expect(having(fds, (fd) => fd.type === FdType.FIFO)?.name).toMatch(/^pipe:\[\d+\]$/);
    expect(having(fds, (fd) => fd.type === FdType.EVENTPOLL)).toBeDefined();
    expect(having(fds, (fd) => fd.type === FdType.EVENT)).toBeDefined();
    expect(having(fds, (fd) => fd.type === FdType.UNIX_SOCK && fd.name === `${dir}/sock`)).toBeDefined();
    const loop = (fd: FdEntry | undefined): string => ipText(byteString(fd?.sip));
    const listening = having(fds, (fd) => fd.type === FdType.IPV4_SERVSOCK && fd.sport === ports.port);
    expect(listening?.l4proto).toBe(2);
    expect(loop(listening)).toBe('127.0.0.1');
    expect(having(fds, (fd) => fd.sport === ports.udp)).toMatchObject({
      type: FdType.IPV4_SERVSOCK,
      l4proto: 3,
    });
    const client = having(fds, (fd) => fd.type === FdType.IPV4_SOCK && fd.sport === ports.client);
    expect(client).toMatchObject({ dport: ports.port, l4proto: 2 });
    const served = having(fds, (fd) => fd.type === FdType.IPV4_SOCK && fd.sport === ports.port);
    expect(served).toMatchObject({ dport: ports.client });
  });

  it('loads into a machine: both ends of a connection have one name', () => {
    const machine = new Machine();
    machine.load(scanProc({ hostRoot: '' }));
    const table = machine.threads.get(child.pid ?? -1)?.fds;
    const name = `127.0.0.1:${ports.client}->127.0.0.1:${ports.port}`;
    const roles = [...(table?.values() ?? [])].filter((fd) => fd.name === name).map((fd) => fd.role);
    // One process with both ends: by the port it listens on both sides count as server or client by their own local port.
    expect(roles.sort()).toEqual([1, 2]);
    expect(machine.threads.get(process.pid)?.comm).not.toBe('');
    expect(machine.ancestor(machine.threads.get(child.pid ?? -1)!, 1)?.tid).toBe(process.pid);
  });

  it('tells the cgroups in use, each set once', () => {
    const sets = cgroupsInUse();
    expect(new Set(sets.map(String)).size).toBe(sets.length);
    expect(sets).toContainEqual(readLiveThread(process.pid)!.cgroups);
  });

  it('looks up a single thread, also one that is not the main one', () => {
    const whole = find(scanProc({ hostRoot: '' }).processes, child.pid ?? -1);
    const main = readLiveThread(child.pid ?? -1, { hostRoot: '' });
    expect(main).toMatchObject({ tid: child.pid, args: whole.args, startTs: whole.startTs });
    expect(main?.fds.length).toBe(whole.fds.length);
    const other = scanProc({ hostRoot: '' }).processes.find(
      (t) => t.pid === child.pid && t.tid !== child.pid,
    );
    expect(readLiveThread(other?.tid ?? -1, { hostRoot: '' })).toMatchObject({
      tid: other?.tid,
      pid: child.pid,
      flags: 0x2001,
      fds: [],
    });
    expect(readLiveThread(4_194_303, { hostRoot: '' })).toBeNull();
  });

  it('fills in threads that nobody announced', () => {
    const o = new Observed({}, liveHooks({ hostRoot: '' }));
    const pid = child.pid ?? -1;
    o.event('SYSCALL_CLOSE_E', pid, { fd: 0 });
    expect(o.machine.thread).toMatchObject({
      comm: expect.stringMatching(/^(node|MainThread)$/),
      invalid: false,
    });
    expect(o.machine.fd?.name).toBe('/dev/null');
  });

  it('takes in environments above 4 KiB when asked to', () => {
    const child = spawn('/bin/sleep', ['60'], {
      env: { FIRST: 'x'.repeat(6000), LAST: 'yes' },
      stdio: 'ignore',
    });
    try {
      const pid = child.pid ?? -1;
      const whole = [`FIRST=${'x'.repeat(6000)}`, 'LAST=yes'];
      const env = (options: object) => readLiveThread(pid, { hostRoot: '', ...options })?.env;
      expect(env({})).toEqual([whole[0].slice(0, 4096)]);
      expect(env({ largeEnvironment: true })).toEqual(whole);
      const executed = (hooks: object, told: string) => {
        const o = new Observed({ processes: [processEntry(pid)] }, hooks);
        o.event('SYSCALL_EXECVE_19_X', pid, {
          res: 0,
          exe: 'sleep',
          tid: pid,
          pid,
          comm: 'sleep',
          env: Buffer.from(told),
        });
        return o.thread(pid).env;
      };
      const cut = `${whole[0].slice(0, 4095)}\0`;
      expect(executed({}, cut)).toEqual([whole[0].slice(0, 4095)]);
      const hooks = liveHooks({ hostRoot: '', largeEnvironment: true });
      expect(executed(hooks, cut)).toEqual(whole);
      // Another program's by now: what the event told stands.
      expect(executed(hooks, `OTHER=1\0${'y'.repeat(4087)}\0`)).toEqual(['OTHER=1', 'y'.repeat(4087)]);
      expect(executed(hooks, 'SHORT=1\0')).toEqual(['SHORT=1']);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('looks up a descriptor that a process was handed, unless it is a socket or closed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsdig-handed-'));
    const file = join(folder, 'handed');
    const fd = openSync(file, 'w');
    const { receivedFd } = liveHooks({ hostRoot: '' });
    const self = new ThreadInfo(process.pid, process.pid);
    try {
      expect(receivedFd?.(self, fd)).toMatchObject({ name: file, type: FdType.FILE_V2 });
      closeSync(fd);
      expect(receivedFd?.(self, fd)).toBeNull();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('knows users, groups and interfaces', () => {
    const head = scanProc({ hostRoot: '' });
    expect(head.users.find((user) => user.uid === 0)?.name).toBe('root');
    expect(head.groups.find((group) => group.gid === 0)?.name).toBe('root');
    expect(accountsOf(process.pid, { hostRoot: '' }).users).toEqual(head.users);
    const lo = head.interfaces.find((entry) => ipText(byteString(entry.addr)) === '127.0.0.1');
    expect([...(lo?.netmask ?? [])]).toEqual([255, 0, 0, 0]);
    const sizes = head.interfaces.map((entry) => entry.addr.length);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(head.machine?.numCpus).toBeGreaterThan(0);
    expect(head.machine?.bootTime).toBeGreaterThan(10n ** 18n);
    expect(readInterfaces().length).toBe(head.interfaces.length);
  });

  it('forgets processes that are gone, but not those that were active after the look', () => {
    const o = new Observed({
      processes: [processEntry(4_194_300), processEntry(4_194_301), processEntry(process.pid)],
    });
    o.event('SYSCALL_CLOSE_E', 4_194_301, { fd: 0 });
    expect(pruneGone(o.machine, o.now, { hostRoot: '' })).toBe(1);
    expect([...o.machine.threads.keys()].sort()).toEqual([process.pid, 4_194_301].sort());
    expect(pruneGone(o.machine, o.now, { hostRoot: '/nowhere' })).toBe(0);
  });

  it('leaves out whom it is told to', () => {
    const head = scanProc({ hostRoot: '', exclude: [process.pid] });
    expect(head.processes.some((entry) => entry.pid === process.pid)).toBe(false);
  });
});

describe('a host below another root', () => {
  let root: string;
  const put = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), Buffer.from(text, 'latin1'));
  };

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tsdig-root-'));
    put('proc/stat', 'cpu  1 2\ncpu0 1\ncpu1 1\nbtime 1700000000\n');
    put('etc/hostname', 'far-away\n');
    put(
      'etc/passwd',
      'root:x:0:0::/root:/bin/sh\nbroken line\nbad:x:y:z\nann:x:1000:100:A:/home/ann:/bin/zsh\n',
    );
    put('etc/group', 'root:x:0:\nusers:x:100:ann\n');
    // A name with a bracket and a blank, a kernel thread, one that has gone, one that is damaged.
    put('proc/7/stat', `7 (a) b (c) S 1 7 5 34817 7 0 11 0 22 0 ${'0 '.repeat(8)}500 0\n`);
    put(
      'proc/7/status',
      'Name:\ta) b (c\nTgid:\t7\nPid:\t7\nPPid:\t1\nUid:\t1000\t1001\t1000\t1000\nGid:\t100\t101\t100\t100\n' +
        'NStgid:\t7\t1\nNSpid:\t7\t1\nNSpgid:\t7\t1\nVmSize:\t  123 kB\nVmRSS:\t 45 kB\nCapEff:\t00000000a80425fb\n',
    );
    put('proc/7/cmdline', 'prog\0one\0\0two words\0');
    put('proc/7/environ', 'A=1\0B=\xff\0');
    put('proc/7/cgroup', '12:cpu,cpuacct:/docker/x\n1:name=systemd:/sd\n0::/unified/y\n');
    put(
      'proc/7/limits',
      'Limit  Soft Limit  Hard Limit  Units\nMax open files            2048                 4096                 files\n',
    );
    put('proc/7/loginuid', '1000');
    put('proc/7/fdinfo/4', 'pos:\t0\nflags:\t02100001\n');
    mkdirSync(join(root, 'proc/7/fd'));
    mkdirSync(join(root, 'proc/7/ns'));
    symlinkSync('net:[1]', join(root, 'proc/7/ns/net'));
    for (const [fd, target] of Object.entries({
      3: 'socket:[900]',
      4: '/gone/file',
      5: 'socket:[999]',
      6: 'anon_inode:[io_uring]',
      7: 'anon_inode:bpf-prog',
      8: '/memfd:buf (deleted)',
      9: 'net:[4026531840]',
      10: 'socket:[901]',
      11: 'socket:[902]',
      12: 'anon_inode:inotify',
    })) {
      symlinkSync(target, join(root, `proc/7/fd/${fd}`));
    }
    const title = '  sl  local_address rem_address st\n';
    put(
      'proc/7/net/tcp6',
      `${title}   0: B80D0120000000000000000001000000:01BB B80D0120000000000000000002000000:C350 01 0:0 0:0 0 0 0 900 1\n`,
    );
    put(
      'proc/7/net/unix',
      `Num RefCount Protocol Flags Type St Inode Path\nffff8881: 2 0 0 1 1 901 /run/my sock\n`,
    );
    put(
      'proc/7/net/netlink',
      'sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode\nffff 0 1 0 0 0 0 2 0 902\n',
    );
    put('proc/8/stat', `8 (kworker/0:1) I 2 0 0 0 -1 0 0 0 0 0 ${'0 '.repeat(8)}1 0\n`);
    put('proc/8/status', 'Tgid:\t8\nPPid:\t2\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n');
    mkdirSync(join(root, 'proc/9'));
    put('proc/11/stat', 'nothing to see');
    put('proc/11/status', 'Tgid:\t11\n');
    put('proc/self', 'no process');
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('tells of ended processes which container they were in, and leaves them out of what runs', () => {
    const at = mkdtempSync(join(tmpdir(), 'tsdig-root-'));
    const path = '/system.slice/docker-' + 'ab'.repeat(32) + '.scope';
    for (const [pid, text] of [
      ['5', `0::${path}\n`],
      ['6', '0::/init.scope (deleted)\n'],
    ]) {
      mkdirSync(join(at, 'proc', pid), { recursive: true });
      writeFileSync(join(at, 'proc', pid, 'cgroup'), text);
    }
    try {
      expect(readCgroups(join(at, 'proc/6'))).toContain('memory=/init.scope');
      expect(cgroupsInUse({ hostRoot: at }).map((set) => set.at(-1))).toEqual([`memory=${path}`]);
    } finally {
      rmSync(at, { recursive: true });
    }
  });

  it('is read whole, and nothing odd in it ends the scan', () => {
    const head = scanProc({ hostRoot: `${root}/` });
    expect(head.machine).toMatchObject({
      numCpus: 2,
      hostname: 'far-away',
      bootTime: 1_700_000_000n * 1_000_000_000n,
    });
    expect(head.users.map((user) => user.name)).toEqual(['root', 'ann']);
    expect(head.groups).toEqual([
      { gid: 0, name: 'root' },
      { gid: 100, name: 'users' },
    ]);
    expect(head.processes.map((entry) => entry.tid)).toEqual([7, 8]);
    const [entry, kernel] = head.processes;
    expect(entry).toMatchObject({
      comm: 'a) b (c',
      exe: 'prog',
      args: ['one', '', 'two words'],
      env: ['A=1', 'B=\xff'],
      ptid: 1,
      sid: 5,
      vpgid: 1,
      pgid: 7,
      vtid: 1,
      vpid: 1,
      uid: 1001,
      gid: 101,
      loginuid: 1000,
      fdLimit: 2048,
      vmsizeKb: 123,
      vmrssKb: 45,
      pfminor: 11,
      pfmajor: 22,
      tty: 34817,
      capEffective: 0xa80425fbn,
      startTs: 1_700_000_005n * 1_000_000_000n,
    });
    expect(entry.cgroups).toEqual([
      'cpu=/docker/x',
      'cpuacct=/docker/x',
      'name=systemd=/sd',
      'cpuset=/unified/y',
      'io=/unified/y',
      'memory=/unified/y',
    ]);
    expect(kernel).toMatchObject({ comm: 'kworker/0:1', exe: 'kworker/0:1', exepath: '', fds: [] });
  });

  it('tells fds of all kinds, also those it cannot look into', () => {
    const fds = scanProc({ hostRoot: root }).processes[0].fds;
    expect(fds.map(({ fd, type, name }) => [fd, type, name])).toEqual([
      [3, FdType.IPV6_SOCK, ''],
      [4, FdType.FILE_V2, '/gone/file'],
      [5, FdType.UNSUPPORTED, 'socket:[999]'],
      [6, FdType.IOURING, '[io_uring]'],
      [7, FdType.BPF, 'bpf-prog'],
      [8, FdType.MEMFD, 'memfd:buf (deleted)'],
      [9, FdType.UNSUPPORTED, 'net:[4026531840]'],
      [10, FdType.UNIX_SOCK, '/run/my sock'],
      [11, FdType.NETLINK, ''],
      [12, FdType.INOTIFY, 'inotify'],
    ]);
    expect(ipText(byteString(fds[0].sip))).toBe('2001:db8::1');
    expect(fds[0]).toMatchObject({ sport: 443, dport: 50000, l4proto: 2 });
    expect(fds[1].openFlags & 0xfff).toBe(2 | 2048);
    expect(fds[7].source).toBe(0xffff8881n);
  });

  it('is empty where there is nothing', () => {
    expect(scanProc({ hostRoot: join(root, 'nowhere') })).toMatchObject({
      processes: [],
      users: [],
      groups: [],
    });
    expect(readAccounts(join(root, 'nowhere'))).toEqual({ users: [], groups: [] });
  });
});

describe('encodings', () => {
  it('stores open flags in bits of its own', () => {
    expect(storedOpenFlags(0)).toBe(1);
    expect(storedOpenFlags(1 | 0o100 | 0o1000)).toBe(2 | 4 | 256);
    expect(storedOpenFlags(2 | 0o4010000)).toBe(3 | 16 | 128);
    expect(storedOpenFlags(0o10000)).toBe(1 | 16);
  });

  it('stores device numbers with the minor’s high bits on top', () => {
    expect(storedDevice(8, 1)).toBe(0x801);
    expect(storedDevice(0xfe, 0)).toBe(0xfe00);
    expect(storedDevice(1, 0x12345)).toBe(0x12300145);
    expect(splitDevice(0xfe00n)).toEqual({ major: 254, minor: 0 });
    expect(splitDevice(0x100145n)).toEqual({ major: 1, minor: 0x145 });
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('reads the address %s', (text, canonical) => {
    expect(ipText(byteString(addressBytes(text)))).toBe(canonical);
  });

  it.each(['', 'x', '1:2', '1::2::3', '12345::'])('refuses the address %j', (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });
});
