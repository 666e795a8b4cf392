import { describe, expect, it } from 'vitest';
import { cloneParams, execParams, Observed, processEntry } from './observed.js';

const THREAD = 8192 | 1 | 2;
const IN_PIDNS = 0x20000000;

describe('clone', () => {
  it('makes the child from the parent’s event, with what the parent has', () => {
    const o = new Observed({
      processes: [processEntry(10, { env: ['A=1'], sid: 5, exepath: '/bin/sh', loginuid: 1000, tty: 34816 })],
    });
    o.open(10, 3, 'notes.txt');
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    const child = o.thread(11);
    expect(child).toMatchObject({ pid: 11, ptid: 10, vtid: 11, vpid: 11, sid: 5, comm: 'sh', cwd: '/home/' });
    expect(child).toMatchObject({
      exepath: '/bin/sh',
      loginuid: 1000,
      tty: 34816,
      env: ['A=1'],
      args: ['-c', 'x'],
    });
    expect(child.cloneTs).toBe(o.ev.absTs);
    expect(o.name(11, 3)).toBe('/home/notes.txt');
    o.open(11, 3, '/other');
    expect(o.name(10, 3)).toBe('/home/notes.txt');
  });

  it('does not make the child again when its own event follows', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    const made = o.thread(11);
    o.event(
      'SYSCALL_CLONE_20_X',
      11,
      cloneParams({ res: 0, tid: 11, pid: 11, ptid: 10, vtid: 11, vpid: 11 }),
    );
    expect(o.thread(11)).toBe(made);
    expect(o.machine.thread).toBe(made);
  });

  it('does not bring back a child that has ended where it was not seen when the call began', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    const ids = { tid: 11, pid: 11, ptid: 10, vtid: 11, vpid: 11 };
    o.event('SYSCALL_VFORK_20_X', 11, cloneParams({ res: 0, ...ids }));
    o.event('PROCEXIT_1_E', 11, { status: 0, ret: 0, sig: 0, core: 0, reaper_tid: 0 });
    o.event(
      'SYSCALL_VFORK_20_X',
      10,
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    o.event('SYSCALL_CHDIR_E', 10);
    expect(o.machine.threads.has(11)).toBe(false);
  });

  it('takes the child’s event first when it comes first', () => {
    const o = new Observed({ processes: [processEntry(10, { env: ['A=1'] })] });
    o.event('SYSCALL_CLONE_20_E', 10);
    o.event(
      'SYSCALL_CLONE_20_X',
      11,
      cloneParams({ res: 0, tid: 11, pid: 11, ptid: 10, vtid: 11, vpid: 11 }),
    );
    const made = o.thread(11);
    expect(made).toMatchObject({ ptid: 10, env: ['A=1'] });
    o.event(
      'SYSCALL_CLONE_20_X',
      10,
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    expect(o.thread(11)).toBe(made);
  });

  it('does not make a child that ended before the call returned, but the next one of that number', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    const born = (tid: number, res: number) =>
      o.event(
        'SYSCALL_VFORK_20_X',
        tid,
        cloneParams({ res, tid, pid: tid, ptid: tid === 10 ? 0 : 10, vtid: tid, vpid: tid }),
      );
    o.event('SYSCALL_VFORK_20_E', 10);
    born(11, 0);
    o.event('PROCEXIT_1_E', 11, { status: 0, ret: 0, sig: 0, core: 0, reaper_tid: 0 });
    born(10, 11);
    expect(o.machine.threads.has(11)).toBe(false);
    o.event('SYSCALL_VFORK_20_E', 10);
    born(10, 11);
    expect(o.thread(11).ptid).toBe(10);
  });

  it('leaves it to the child in another pid namespace', () => {
    const o = new Observed({ processes: [processEntry(10, { vtid: 1, vpid: 1 })] });
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 5, tid: 10, pid: 10, ptid: 0, flags: IN_PIDNS, vtid: 1, vpid: 1 }),
    );
    expect(o.machine.threads.has(5)).toBe(false);
    o.event(
      'SYSCALL_CLONE_20_X',
      77,
      cloneParams({ res: 0, tid: 77, pid: 77, ptid: 10, flags: IN_PIDNS, vtid: 5, vpid: 5 }),
    );
    expect(o.thread(77)).toMatchObject({ pid: 77, ptid: 10, vtid: 5, vpid: 5 });
  });

  it('lets threads share fds and directory, and counts them', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 12, tid: 10, pid: 10, ptid: 0, flags: THREAD, vtid: 10, vpid: 10 }),
    );
    expect(o.thread(12)).toMatchObject({ pid: 10, isMain: false });
    expect(o.thread(10).nthreads).toBe(2);
    o.open(12, 3, 'a');
    expect(o.name(10, 3)).toBe('/home/a');
    o.call('SYSCALL_CHDIR', 12, {}, { res: 0, path: 'sub' });
    expect(o.machine.cwdOf(o.thread(10))).toBe('/home/sub/');
  });

  it('knows a thread by its pid where clone3 does not say its flags in the child', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('SYSCALL_CLONE3_X', 12, cloneParams({ res: 0, tid: 12, pid: 10, ptid: 1, vtid: 12, vpid: 10 }));
    expect(o.thread(12).isMain).toBe(false);
    o.open(12, 9, '/x');
    expect(o.name(10, 9)).toBe('/x');
  });

  it('replaces a stale thread of the same number', () => {
    const o = new Observed({ processes: [processEntry(10), processEntry(11, { comm: 'old' })] });
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    expect(o.thread(11).comm).toBe('sh');
  });

  it('reads the first versions of the event, which have fewer parameters in other places', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call(
      'SYSCALL_CLONE_11',
      10,
      {},
      {
        res: 11,
        exe: '/bin/ls',
        args: '-l\0',
        tid: 10,
        pid: 10,
        ptid: 0,
        fdlimit: 64,
        flags: 0,
        uid: 7,
        gid: 8,
      },
    );
    expect(o.thread(11)).toMatchObject({ comm: 'ls', uid: 7, gid: 8, fdLimit: 64, args: ['-l'] });
  });

  it('changes nothing when the call fails', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call(
      'SYSCALL_FORK_20',
      10,
      {},
      cloneParams({ res: -11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    expect(o.machine.threads.size).toBe(1);
    expect(o.machine.errorCode).toBe(11);
  });

  it('takes the parent from the event when nobody announced it', () => {
    const o = new Observed();
    o.event(
      'SYSCALL_CLONE_20_X',
      10,
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 1, comm: 'make', vtid: 10, vpid: 10 }),
    );
    expect(o.thread(10).comm).toBe('make');
    expect(o.thread(11).ptid).toBe(10);
  });
});

describe('execve', () => {
  it('changes the program and keeps the rest', () => {
    const o = new Observed({ processes: [processEntry(10, { ptid: 1 }), processEntry(1)] });
    o.open(10, 3, '/kept');
    o.call(
      'SYSCALL_EXECVE_19',
      10,
      { filename: 'bin/cat' },
      execParams({
        tid: 10,
        pid: 10,
        ptid: 1,
        flags: 1 | 2 | 4,
        cap_effective: 3n,
        exe_ino: 99,
        uid: 1000,
        trusted_exepath: '/usr/bin/cat',
        gid: 1001,
      }),
    );
    const thread = o.thread(10);
    expect(thread).toMatchObject({
      comm: 'cat',
      exe: 'cat',
      args: ['/etc/hostname'],
      exepath: '/usr/bin/cat',
    });
    expect(thread).toMatchObject({
      exeWritable: true,
      exeUpperLayer: true,
      exeFromMemfd: true,
      exeLowerLayer: false,
    });
    expect(thread).toMatchObject({
      uid: 1000,
      gid: 1001,
      loginuid: 1000,
      vpgid: 7,
      exeIno: 99,
      capEffective: 3n,
    });
    expect(thread.env).toEqual(['HOME=/root', 'PATH=/bin']);
    expect(o.name(10, 3)).toBe('/kept');
  });

  it('builds the path from the call where the kernel does not say it', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('SYSCALL_EXECVE_18_E', 10, { filename: '../bin/./cat' });
    o.event('SYSCALL_EXECVE_18_X', 10, {
      res: 0,
      exe: 'cat',
      args: '',
      tid: 10,
      pid: 10,
      ptid: 1,
      fdlimit: 1,
      comm: 'cat',
    });
    expect(o.thread(10).exepath).toBe('/bin/cat');
  });

  it('follows execveat, relative to its directory fd and by the fd itself', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, 5, '/opt/tools', 1 | 1024);
    const exit = { res: 0, exe: 'x', args: '', tid: 10, pid: 10, ptid: 0, fdlimit: 1, comm: 'x' };
    o.call('SYSCALL_EXECVEAT', 10, { dirfd: 5, pathname: 'run', flags: 0 }, exit);
    expect(o.thread(10).exepath).toBe('/opt/tools/run');
    o.call('SYSCALL_EXECVEAT', 10, { dirfd: 5, pathname: '', flags: 1 }, exit);
    expect(o.thread(10).exepath).toBe('/opt/tools');
  });

  it('changes nothing when it fails', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call(
      'SYSCALL_EXECVE_19',
      10,
      { filename: '/nowhere' },
      execParams({ res: -2, tid: 10, pid: 10, ptid: 1 }),
    );
    expect(o.thread(10)).toMatchObject({ comm: 'p10', exepath: '/bin/p10' });
    expect(o.machine.errorCode).toBe(2);
  });

  it('ends the other threads of the process', () => {
    const o = new Observed({ processes: [processEntry(10), processEntry(12, { pid: 10, flags: 0x2001 })] });
    expect(o.thread(10).nthreads).toBe(2);
    o.event('SYSCALL_EXECVE_19_X', 10, execParams({ tid: 10, pid: 10, ptid: 1 }));
    expect(o.machine.threads.has(12)).toBe(false);
    expect(o.thread(10).nthreads).toBe(1);
  });

  it('keeps the process when a thread calls that is not the first one', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, 3, 'notes.txt');
    for (const tid of [11, 12])
      o.call(
        'SYSCALL_CLONE_20',
        10,
        {},
        cloneParams({ res: tid, tid: 10, pid: 10, ptid: 0, flags: THREAD, vtid: 10, vpid: 10 }),
      );
    // Thread 12 calls. The kernel ends the others, the first one among them, and gives its number to the caller.
    o.event('SYSCALL_EXECVE_19_E', 10, { filename: '/bin/true' });
    for (const tid of [11, 10]) o.event('PROCEXIT_1_E', tid, { status: 0 });
    o.event('SYSCALL_EXECVE_19_X', 10, execParams({ tid: 10, pid: 10, comm: 'true' }));
    o.event('SYSCALL_GETUID_E', 10);
    expect([...o.machine.threads.keys()].filter((tid) => tid > 0)).toEqual([10]);
    expect(o.thread(10)).toMatchObject({ comm: 'true', nthreads: 1, dead: false, cwd: '/home/' });
    expect(o.name(10, 3)).toBe('/home/notes.txt');
    o.event('PROCEXIT_1_E', 10, { status: 0 });
    o.event('SYSCALL_GETUID_E', 1);
    expect(o.machine.threads.has(10)).toBe(false);
  });

  it('asks for the container of new cgroups once for each set of them', () => {
    const asked: string[][] = [];
    const o = new Observed(
      { processes: [processEntry(10)] },
      {
        containerIdOf: (cgroups) => {
          asked.push([...cgroups]);
          return cgroups.some((c) => c.includes('docker')) ? 'c1' : '';
        },
      },
    );
    asked.length = 0;
    for (let i = 0; i < 3; i++) {
      o.event(
        'SYSCALL_EXECVE_19_X',
        10,
        execParams({ tid: 10, pid: 10, ptid: 1, cgroups: 'io=/docker/c1\0' }),
      );
    }
    expect(asked).toEqual([['blkio=/docker/c1']]);
    expect(o.thread(10).containerId).toBe('c1');
  });
});

describe('procexit', () => {
  it('removes the thread after its event', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('PROCEXIT_1_E', 10, { status: 0, ret: 0, sig: 0, core: 0, reaper_tid: 0 });
    expect(o.machine.thread?.tid).toBe(10);
    o.event('SCHEDSWITCH_6_E', 99, { next: 1 });
    expect(o.machine.threads.has(10)).toBe(false);
  });

  it('keeps a process alive while other threads of it are', () => {
    const o = new Observed({ processes: [processEntry(10), processEntry(12, { pid: 10, flags: 0x2001 })] });
    o.open(10, 3, '/shared');
    o.event('PROCEXIT_1_E', 10, { status: 0 });
    o.event('SYSCALL_CLOSE_E', 12, { fd: 3 });
    expect(o.machine.fd?.name).toBe('/shared');
    expect(o.thread(10).nthreads).toBe(1);
    o.event('PROCEXIT_1_E', 12, { status: 0 });
    o.event('SCHEDSWITCH_6_E', 99, { next: 1 });
    expect(o.machine.threads.size).toBe(0);
  });

  it('gives the children to the reaper that the event names', () => {
    const o = new Observed({
      processes: [processEntry(1), processEntry(10, { ptid: 1 }), processEntry(11, { ptid: 10 })],
    });
    o.event('PROCEXIT_1_E', 10, { status: 0, ret: 0, sig: 0, core: 0, reaper_tid: 1 });
    expect(o.thread(11).ptid).toBe(1);
  });

  it('finds the reaper itself where the event does not: the nearest that asked for it', () => {
    const o = new Observed({
      processes: [
        processEntry(1),
        processEntry(5, { ptid: 1 }),
        processEntry(10, { ptid: 5 }),
        processEntry(11, { ptid: 10 }),
      ],
    });
    o.call('SYSCALL_PRCTL', 5, {}, { res: 0, option: 36, arg2_str: null, arg2_int: 1 });
    o.event('PROCEXIT_1_E', 10, { status: 0, ret: 0, sig: 0, core: 0 });
    expect(o.thread(11).ptid).toBe(5);
  });
});

describe('identity', () => {
  it('follows uid, gid, session, limits and directory', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call('SYSCALL_SETUID', 10, { uid: 33 }, { res: 0 });
    o.call('SYSCALL_SETGID', 10, { gid: 34 }, { res: 0 });
    expect(o.thread(10)).toMatchObject({ uid: 33, gid: 34 });
    o.call('SYSCALL_SETRESUID', 10, { ruid: 1, euid: 2, suid: 3 }, { res: 0 });
    o.call('SYSCALL_SETRESGID', 10, { rgid: 1, egid: 0xffffffff, sgid: 3 }, { res: 0 });
    expect(o.thread(10)).toMatchObject({ uid: 2, gid: 34 });
    o.call('SYSCALL_SETUID', 10, { uid: 0 }, { res: -1 });
    expect(o.thread(10).uid).toBe(2);
    o.call('SYSCALL_SETSID', 10, {}, { res: 10 });
    expect(o.thread(10).sid).toBe(10);
    o.call(
      'SYSCALL_PRLIMIT',
      10,
      { pid: 0, resource: 7 },
      { res: 0, newcur: 99, newmax: 99, oldcur: 1, oldmax: 1 },
    );
    expect(o.thread(10).fdLimit).toBe(99);
    o.call('SYSCALL_SETRLIMIT', 10, { resource: 3 }, { res: 0, cur: 5, max: 5 });
    expect(o.thread(10).fdLimit).toBe(99);
    o.call('SYSCALL_CHDIR', 10, {}, { res: 0, path: '../srv/./www' });
    expect(o.thread(10).cwd).toBe('/srv/www/');
    o.open(10, 4, '/etc', 1 | 1024);
    o.call('SYSCALL_FCHDIR', 10, { fd: 4 }, { res: 0 });
    expect(o.thread(10).cwd).toBe('/etc/');
  });

  it('keeps users of the host and of containers apart', () => {
    const o = new Observed({ users: [{ uid: 5, gid: 5, name: 'host', home: '/h', shell: '/s' }] });
    expect(o.machine.users.user('c1', 5)?.name).toBe('host');
    o.event('USER_ADDED_E', -1, { uid: 6, gid: 5, name: 'inner', home: '/', shell: '', container_id: 'c1' });
    expect(o.machine.users.user('c1', 6)?.name).toBe('inner');
    expect(o.machine.users.user('c1', 5)).toBeUndefined();
    expect(o.machine.users.user('', 5)?.name).toBe('host');
    o.event('USER_DELETED_E', -1, {
      uid: 6,
      gid: 5,
      name: 'inner',
      home: '/',
      shell: '',
      container_id: 'c1',
    });
    expect(o.machine.users.user('c1', 6)).toBeUndefined();
    o.event('GROUP_ADDED_E', -1, { gid: 8, name: 'staff', container_id: 'c1' });
    expect(o.machine.users.group('c1', 8)?.name).toBe('staff');
  });
});

describe('scheduler', () => {
  it('counts the time between switches of a CPU for the thread that is switched out', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('SCHEDSWITCH_6_E', 10, { next: 0 }, 1);
    expect(o.machine.execTime).toBe(0);
    o.event('SCHEDSWITCH_6_E', 0, { next: 10 }, 1);
    o.event('SYSCALL_CLOSE_E', 10, { fd: 1 }, 1);
    o.event('SCHEDSWITCH_6_E', 10, { next: 0 }, 1);
    expect(o.machine.execTime).toBe(2000);
    expect(o.thread(10).totalExecTime).toBe(2000);
    o.event('SYSCALL_CLOSE_X', 10, { res: 0 }, 1);
    expect(o.machine.execTime).toBe(0);
    // A switch between enter and exit leaves the call as it was.
    expect(o.machine.paired).toBe(true);
    expect(o.machine.latency).toBe(2000);
  });

  it('gives CPU use from the kernel’s count once a second', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('PROCINFO_E', 10, { cpu_usr: 1000, cpu_sys: 500 });
    o.event('PROCINFO_E', 10, { cpu_usr: 1030, cpu_sys: 520 });
    expect(o.thread(10)).toMatchObject({ cpuUserPercent: 30, cpuSystemPercent: 20 });
  });

  it('tells memory and page faults with each switch, in whatever lengths they stand', () => {
    const o = new Observed({ processes: [processEntry(10), processEntry(11, { pid: 10 })] });
    const memory = { vm_size: 4_000_000_000, vm_rss: 300, vm_swap: 7 };
    o.event('SCHEDSWITCH_6_E', 11, { next: 5_000_000_000, pgft_maj: 6_000_000_000, pgft_min: 21, ...memory });
    expect(o.machine.lastNext[0]).toBe(5_000_000_000);
    expect(o.thread(11)).toMatchObject({ pfmajor: 6_000_000_000, pfminor: 21 });
    expect(o.thread(10)).toMatchObject({ vmsizeKb: 4_000_000_000, vmrssKb: 300, vmswapKb: 7 });
    o.event('SCHEDSWITCH_6_E', 11, { next: -1, pgft_maj: 1, pgft_min: 2, vm_size: 3, vm_rss: 4, vm_swap: 5 });
    expect(o.machine.lastNext[0]).toBe(-1);
    expect(o.thread(11)).toMatchObject({ pfmajor: 1, pfminor: 2 });
    // One parameter is missing: the others stand elsewhere.
    o.event('SCHEDSWITCH_6_E', 11, { next: 10, pgft_min: 8, vm_size: 30, vm_rss: 40, vm_swap: 50 });
    expect(o.machine.lastNext[0]).toBe(10);
    expect(o.thread(11)).toMatchObject({ pfmajor: 0, pfminor: 8 });
    expect(o.thread(10)).toMatchObject({ vmsizeKb: 30, vmrssKb: 40, vmswapKb: 50 });
  });
});
