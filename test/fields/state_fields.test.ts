import { describe, expect, it } from 'vitest';
import { FD_FIELDS } from '../../src/fields/fd.js';
import { FDLIST_FIELDS } from '../../src/fields/fdlist.js';
import type { FieldValue } from '../../src/fields/field.js';
import { FieldError } from '../../src/fields/field.js';
import { FS_PATH_FIELDS } from '../../src/fields/fs_path.js';
import { GROUP_FIELDS } from '../../src/fields/group.js';
import { hashOrder } from '../../src/fields/hash_order.js';
import { PROCESS_FIELDS } from '../../src/fields/process.js';
import { planField } from '../../src/fields/registry.js';
import { USER_FIELDS } from '../../src/fields/user.js';
import { ProbeKind } from '../../src/machine/thread.js';
import { address4, cloneParams, execParams, Observed, processEntry, tuple4 } from '../machine/observed.js';

const get = (o: Observed, text: string): FieldValue => planField(text).extract(o.ev, o.machine);
const getAll = (o: Observed, ...texts: string[]): FieldValue[] => texts.map((text) => get(o, text));

/** init 1 → login 2 → bash 10 → cat 11 */
function family(): Observed {
  const o = new Observed({
    processes: [
      processEntry(1, { comm: 'init', exepath: '/sbin/init' }),
      processEntry(2, { ptid: 1, comm: 'login', sid: 2 }),
      processEntry(10, {
        ptid: 2,
        comm: 'bash',
        exe: '-bash',
        exepath: '/bin/bash',
        args: ['-l'],
        env: ['HOME=/h', 'X='],
        sid: 10,
      }),
    ],
    users: [{ uid: 1000, gid: 100, name: 'ann', home: '/home/ann', shell: '/bin/zsh' }],
    groups: [{ gid: 100, name: 'users' }],
  });
  o.call('SYSCALL_CLONE_20', 10, {}, cloneParams({ res: 11, tid: 10, pid: 10, ptid: 2, vtid: 10, vpid: 10 }));
  o.event('SYSCALL_EXECVE_19_X', 11, {
    ...execParams({ tid: 11, pid: 11, ptid: 10, uid: 1000, gid: 100, trusted_exepath: '/usr/bin/cat' }),
    exe_ino: 42,
    exe_ino_ctime: 5n,
    exe_ino_mtime: 6n,
    cap_permitted: 0x400000001n,
  });
  return o;
}

describe('classes', () => {
  it('have fields with names of their own, texts of their own and a way to a value', () => {
    const names = new Set<string>();
    for (const list of [
      FD_FIELDS,
      PROCESS_FIELDS,
      USER_FIELDS,
      GROUP_FIELDS,
      FDLIST_FIELDS,
      FS_PATH_FIELDS,
    ]) {
      for (const field of list.fields) {
        expect(names.has(field.name), field.name).toBe(false);
        names.add(field.name);
        expect(field.description, field.name).toMatch(/^.{10,}\.$/);
        expect(field.extract !== undefined || field.bind !== undefined, field.name).toBe(true);
      }
    }
    expect(names.size).toBe(46 + 93 + 6 + 2 + 6 + 6);
  });

  it('give values or none, but never throw, on a machine that knows nothing', () => {
    const o = new Observed();
    const fields = [
      FD_FIELDS,
      PROCESS_FIELDS,
      USER_FIELDS,
      GROUP_FIELDS,
      FDLIST_FIELDS,
      FS_PATH_FIELDS,
    ].flatMap((list) => list.fields);
    for (const name of [
      'SYSCALL_READ_E',
      'SYSCALL_POLL_X',
      'SYSCALL_OPENAT_2_X',
      'SYSCALL_RENAMEAT_X',
    ] as const) {
      o.event(name, 3);
      for (const field of fields) {
        const plan = planField(field.argument === 'required' ? `${field.name}.cpu` : field.name);
        plan.extract(o.ev, o.machine);
      }
    }
    o.event('NOTIFICATION_E', -1, { id: 'x', desc: 'y' });
    for (const field of fields) {
      const plan = planField(field.argument === 'required' ? `${field.name}.cpu` : field.name);
      // The id of the thread stands in the event.
      if (field.name === 'thread.tid') continue;
      expect(plan.extract(o.ev, o.machine), field.name).toBeUndefined();
    }
  });
});

describe('proc.*', () => {
  it('tells the process and its program', () => {
    const o = family();
    expect(
      getAll(o, 'proc.pid', 'proc.name', 'proc.exe', 'proc.args', 'proc.cmdline', 'proc.exeline'),
    ).toEqual([11, 'cat', 'cat', '/etc/hostname', 'cat /etc/hostname', 'cat /etc/hostname']);
    expect(getAll(o, 'proc.exepath', 'proc.cwd', 'proc.cmdnargs', 'proc.cmdlenargs', 'proc.args[0]')).toEqual(
      ['/usr/bin/cat', '/home/', 1, 13, '/etc/hostname'],
    );
    expect(getAll(o, 'proc.exe_ino', 'proc.exe_ino.ctime', 'proc.exe_ino.mtime')).toEqual([42, 5n, 6n]);
    expect(get(o, 'proc.exe_ino.ctime_duration_proc_start')).toBe(o.thread(11).cloneTs - 5n);
    expect(get(o, 'proc.exe_ino.ctime_duration_pidns_start')).toBeUndefined();
    expect(getAll(o, 'proc.env[HOME]', 'proc.env[NONE]', 'proc.env')).toEqual([
      '/root',
      '',
      'HOME=/root PATH=/bin',
    ]);
    expect(get(o, 'thread.cap_permitted')).toBe('CAP_CHOWN CAP_SYSLOG');
  });

  it('tells parents and ancestors, by number and all', () => {
    const o = family();
    expect(
      getAll(o, 'proc.ppid', 'proc.pname', 'proc.pcmdline', 'proc.pexe', 'proc.pexepath', 'proc.pvpid'),
    ).toEqual([10, 'bash', 'bash -l', '-bash', '/bin/bash', 10]);
    expect(getAll(o, 'proc.aname[0]', 'proc.aname[2]', 'proc.apid[3]', 'proc.aname[4]')).toEqual([
      'cat',
      'login',
      1,
      undefined,
    ]);
    expect(get(o, 'proc.aname')).toEqual(['bash', 'login', 'init']);
    expect(planField('proc.aname').multi).toBe('ancestors');
    expect(planField('proc.aname[1]').multi).toBeUndefined();
    expect(getAll(o, 'proc.acmdline[1]', 'proc.aexepath[3]', 'proc.aargs[1]', 'proc.aenv[1]')).toEqual([
      'bash -l',
      '/sbin/init',
      '-l',
      'HOME=/h X=',
    ]);
    expect(get(o, 'proc.aenv[HOME]')).toEqual(['/h']);
    expect(() => planField('proc.aname[x]')).toThrow(FieldError);
  });

  it('tells sessions, groups and login shells', () => {
    const o = family();
    expect(
      getAll(o, 'proc.sid', 'proc.sname', 'proc.sid.exe', 'proc.sid.exepath', 'proc.is_sid_leader'),
    ).toEqual([10, 'bash', '-bash', '/bin/bash', false]);
    expect(getAll(o, 'proc.vpgid', 'proc.is_vpgid_leader', 'proc.loginshellid')).toEqual([7, false, 10]);
    // The group's leader is unknown: the process itself stands for it.
    expect(get(o, 'proc.vpgid.name')).toBe('cat');
    o.thread(10).sid = 99;
    o.thread(11).sid = 99;
    // The leader has gone: the highest ancestor that is still in the session.
    expect(get(o, 'proc.sname')).toBe('bash');
  });

  it('tells users, threads, times and use of fds', () => {
    const o = family();
    expect(
      getAll(o, 'user.uid', 'user.name', 'user.homedir', 'user.shell', 'group.gid', 'group.name'),
    ).toEqual([1000, 'ann', '/home/ann', '/bin/zsh', 100, 'users']);
    expect(getAll(o, 'user.loginuid', 'user.loginname')).toEqual([1000, 'ann']);
    o.thread(11).loginuid = 0xffffffff;
    expect(getAll(o, 'user.loginuid', 'user.loginname')).toEqual([-1, '<NA>']);
    o.thread(11).uid = 77;
    expect(getAll(o, 'user.uid', 'user.name')).toEqual([77, undefined]);
    expect(get(o, 'proc.duration')).toBe(1000);
    expect(getAll(o, 'proc.ppid.duration', 'proc.ppid.ts')).toEqual([undefined, 0n]);
    for (let fd = 0; fd < 256; fd++) o.open(11, fd, `/f${fd}`);
    expect(getAll(o, 'proc.fdopencount', 'proc.fdlimit', 'proc.fdusage')).toEqual([256, 1024, 25]);
    expect(getAll(o, 'proc.stdin.type', 'proc.stdout.name')).toEqual(['file', '/f1']);
    expect(
      getAll(o, 'proc.nthreads', 'proc.nchilds', 'thread.ismain', 'thread.vmsize', 'thread.vmsize.b'),
    ).toEqual([1, 0, true, 100, 102400]);
    expect(getAll(o, 'thread.cgroups', 'thread.cgroup.cpuset', 'thread.cgroup[cpu]')).toEqual([
      'cpuset=/',
      '/',
      undefined,
    ]);
    expect(() => planField('thread.cgroup')).toThrow(FieldError);
  });

  it('tells probes of containers, which children of one are too', () => {
    const o = new Observed(
      { processes: [processEntry(10)] },
      {
        containerIdOf: () => 'c1',
        probeOf: (thread) => (thread.exepath === '/usr/bin/cat' ? ProbeKind.HEALTHCHECK : ProbeKind.NONE),
      },
    );
    o.event(
      'SYSCALL_EXECVE_19_X',
      10,
      execParams({ tid: 10, pid: 10, ptid: 1, trusted_exepath: '/usr/bin/cat' }),
    );
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 1, vtid: 10, vpid: 10 }),
    );
    o.event('SYSCALL_CLOSE_E', 11, { fd: 1 });
    expect(getAll(o, 'proc.is_container_healthcheck', 'proc.is_container_liveness_probe')).toEqual([
      true,
      false,
    ]);
  });

  it('gives CPU use with the events that count it only', () => {
    const o = family();
    o.event('PROCINFO_E', 11, { cpu_usr: 10, cpu_sys: 0 });
    // The first count has nothing to be compared with.
    expect(get(o, 'thread.cpu')).toBe(0);
    o.event('PROCINFO_E', 11, { cpu_usr: 60, cpu_sys: 25 });
    expect(getAll(o, 'thread.cpu', 'thread.cpu.user', 'thread.cpu.system')).toEqual([75, 50, 25]);
    o.event('SYSCALL_CLOSE_E', 11, { fd: 1 });
    expect(get(o, 'thread.cpu')).toBeUndefined();
  });
});

describe('fd.*', () => {
  it('tells files', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, 3, 'dir/notes.txt', 1 | 32768);
    expect(getAll(o, 'fd.num', 'fd.type', 'fd.typechar', 'fd.name', 'fd.directory', 'fd.filename')).toEqual([
      3,
      'file',
      'f',
      '/home/dir/notes.txt',
      '/home/dir',
      'notes.txt',
    ]);
    expect(getAll(o, 'fd.nameraw', 'fd.dev', 'fd.dev.major', 'fd.dev.minor', 'fd.ino', 'fd.uid')).toEqual([
      'dir/notes.txt',
      0xfe00,
      254,
      0,
      4711,
      '103',
    ]);
    expect(getAll(o, 'fd.is_upper_layer', 'fd.is_lower_layer', 'fd.name_changed', 'fd.connected')).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(getAll(o, 'fd.sip', 'fd.l4proto', 'fd.sockfamily', 'fd.containername')).toEqual([
      undefined,
      undefined,
      undefined,
      ':/home/dir/notes.txt',
    ]);
    o.open(10, 4, '/etc', 1 | 1024);
    expect(getAll(o, 'fd.type', 'fd.directory', 'fd.filename')).toEqual(['directory', '/etc', undefined]);
    expect(getAll(o, 'fd.types', 'fd.types[3]', 'fd.types[9]')).toEqual([
      ['directory', 'file'],
      ['file'],
      undefined,
    ]);
    expect(() => planField('fd.types[x]')).toThrow(FieldError);
  });

  it('tells what a failed open wanted', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, -13, '../secret/key');
    expect(getAll(o, 'fd.num', 'fd.name', 'fd.directory', 'fd.filename', 'fd.typechar', 'fd.type')).toEqual([
      -1,
      '/secret/key',
      '/secret',
      undefined,
      'f',
      undefined,
    ]);
    expect(get(o, 'fd.nameraw')).toBe('../secret/key');
  });

  it('tells both ends of connections, and which is here', () => {
    const o = new Observed({
      processes: [processEntry(10)],
      interfaces: [
        {
          addr: Uint8Array.from([10, 1, 2, 3]),
          netmask: Uint8Array.from([255, 255, 255, 0]),
          broadcast: Uint8Array.from([10, 1, 2, 255]),
          linkSpeed: 0n,
          name: 'eth0',
        },
      ],
    });
    o.call('SOCKET_SOCKET', 10, { domain: 2, type: 1, proto: 0 }, { fd: 3 });
    expect(getAll(o, 'fd.type', 'fd.name', 'fd.cip', 'fd.l4proto', 'fd.sockfamily', 'fd.sport')).toEqual([
      'ipv4',
      '',
      undefined,
      undefined,
      'ip',
      undefined,
    ]);
    o.call(
      'SOCKET_CONNECT',
      10,
      { fd: 3, addr: null },
      { res: 0, tuple: tuple4('10.1.2.3', 40000, '9.9.9.9', 443), fd: 3 },
    );
    expect(getAll(o, 'fd.cip', 'fd.cport', 'fd.sip', 'fd.sport', 'fd.l4proto', 'fd.is_server')).toEqual([
      '10.1.2.3',
      40000,
      '9.9.9.9',
      443,
      'tcp',
      false,
    ]);
    expect(getAll(o, 'fd.lip', 'fd.lport', 'fd.rip', 'fd.rport', 'fd.sproto', 'fd.rproto')).toEqual([
      '10.1.2.3',
      40000,
      '9.9.9.9',
      443,
      '443',
      '443',
    ]);
    expect(getAll(o, 'fd.ip', 'fd.port')).toEqual([
      ['10.1.2.3', '9.9.9.9'],
      [40000, 443],
    ]);
    expect(planField('fd.ip').multi).toBe('ends');
    o.call('SOCKET_SOCKET', 10, { domain: 2, type: 1, proto: 0 }, { fd: 4 });
    o.call('SOCKET_BIND', 10, { fd: 4 }, { res: 0, addr: address4('0.0.0.0', 80) });
    expect(
      getAll(o, 'fd.name', 'fd.sip', 'fd.sport', 'fd.cip', 'fd.is_server', 'fd.ip', 'fd.sproto'),
    ).toEqual(['0.0.0.0:80', '0.0.0.0', 80, undefined, true, ['0.0.0.0'], '']);
  });

  it('has nothing to tell for calls that are not about fds', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, 3, '/a');
    o.event('SYSCALL_GETUID_E', 10);
    for (const field of FD_FIELDS.fields) expect(get(o, field.name), field.name).toBeUndefined();
  });
});

describe('fdlist.*', () => {
  it('tells what a poll waits for', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call('SOCKET_SOCKET', 10, { domain: 2, type: 1, proto: 0 }, { fd: 3 });
    o.call(
      'SOCKET_CONNECT',
      10,
      { fd: 3, addr: null },
      { res: 0, tuple: tuple4('10.1.2.3', 40000, '9.9.9.9', 443), fd: 3 },
    );
    const list = Buffer.alloc(2 + 2 * 10);
    list.writeUInt16LE(2, 0);
    list.writeBigInt64LE(3n, 2);
    list.writeBigInt64LE(8n, 12);
    o.event('SYSCALL_POLL_E', 10, { fds: list, timeout: 0 });
    expect(FDLIST_FIELDS.fields.map((field) => get(o, field.name))).toEqual([
      '3,8',
      '10.1.2.3:40000->9.9.9.9:443,<NA>',
      '10.1.2.3',
      '9.9.9.9',
      '40000',
      '443',
    ]);
    // A count that the bytes do not hold is not believed.
    list.writeUInt16LE(60000, 0);
    o.event('SYSCALL_POLL_X', 10, { res: 0, fds: list });
    expect(get(o, 'fdlist.nums')).toBe('3,8');
  });
});

describe('fs.path.*', () => {
  const paths = (o: Observed): FieldValue[] => FS_PATH_FIELDS.fields.map((field) => get(o, field.name));
  const none = undefined;

  it('tells the path of calls with one', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.call('SYSCALL_MKDIR_2', 10, { mode: 0 }, { res: 0, path: 'new' });
    expect(paths(o)).toEqual(['/home/new', 'new', none, none, none, none]);
    o.open(10, 4, '/srv', 1 | 1024);
    expect(paths(o)).toEqual(['/srv', '/srv', none, none, none, none]);
    o.call('SYSCALL_UNLINKAT_2', 10, {}, { res: 0, dirfd: 4, name: 'old', flags: 0 });
    expect(paths(o)).toEqual(['/srv/old', 'old', none, none, none, none]);
    // The first version has it in the enter event.
    o.call('SYSCALL_RMDIR', 10, { path: 'gone' }, { res: 0 });
    expect(paths(o)).toEqual(['/home/gone', 'gone', none, none, none, none]);
    o.call('SYSCALL_RMDIR_2', 10, {}, { res: -2, path: 'gone' });
    expect(paths(o)).toEqual([none, none, none, none, none, none]);
  });

  it('tells source and target of calls with two', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, 4, '/srv', 1 | 1024);
    o.call(
      'SYSCALL_RENAMEAT2',
      10,
      {},
      { res: 0, olddirfd: 4, oldpath: 'a', newdirfd: -100, newpath: '../b', flags: 0 },
    );
    expect(paths(o)).toEqual([none, none, '/srv/a', 'a', '/b', '../b']);
    o.call('SYSCALL_SYMLINK', 10, {}, { res: 0, target: '/there', linkpath: 'here' });
    expect(paths(o)).toEqual([none, none, '/home/here', 'here', '/there', '/there']);
  });
});

describe('the order of a chained hash table', () => {
  it('is the latest first, until the table grows', () => {
    expect(hashOrder([])).toEqual([]);
    expect(hashOrder([0, 1, 2, 3])).toEqual([3, 2, 1, 0]);
    // 0 and 13 fall into one bucket of 13.
    expect(hashOrder([0, 1, 13])).toEqual([1, 13, 0]);
    const many = hashOrder(Array.from({ length: 14 }, (_, i) => i));
    // Growing walks the old order and turns it round; the fourteenth comes in front.
    expect(many).toEqual([13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});
