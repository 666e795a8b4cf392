import { describe, expect, it } from 'vitest';
import { fdTableOf } from '../../src/machine/head_load.js';
import type { FdEntry } from '../../src/scap/head.js';
import { BASE, cloneParams, execParams, Observed, processEntry } from './observed.js';

/** So long after the first event the reading of /proc ends, ns. */
const SCAN = 1_000_000;
const scannedUntil = BigInt(BASE) * 1_000_000_000n + BigInt(SCAN);
const BORN = { tid: 10, pid: 10, ptid: 1, vtid: 10, vpid: 10 };

function file(fd: number, name: string): FdEntry {
  return { fd, ino: 1, type: 1, name, openFlags: 1, dev: 0 };
}

describe('processes born while /proc is being read', () => {
  it('are what was found there, though the parent’s call returns later than they have executed a program', () => {
    const o = new Observed({
      scannedUntil,
      processes: [
        processEntry(10, { comm: 'make' }),
        processEntry(11, { comm: 'cc', ptid: 10, fds: [file(3, '/src/a.c')] }),
      ],
    });
    o.event('SYSCALL_VFORK_20_E', 10);
    o.event(
      'SYSCALL_CLONE_20_X',
      11,
      cloneParams({ res: 0, tid: 11, pid: 11, ptid: 10, vtid: 11, vpid: 11 }),
    );
    o.call('SYSCALL_EXECVE_19', 11, {}, execParams({ tid: 11, pid: 11, ptid: 10, comm: 'cc', exe: 'cc' }));
    o.open(11, 4, '/src/b.h');
    o.event('SYSCALL_VFORK_20_X', 10, cloneParams({ res: 11, ...BORN, comm: 'make' }));
    expect(o.thread(11)).toMatchObject({ comm: 'cc', ptid: 10 });
    expect(o.name(11, 3)).toBe('/src/a.c');
    expect(o.name(11, 4)).toBe('/src/b.h');
  });

  it('are so too where the call began before the capture', () => {
    const o = new Observed({
      scannedUntil,
      processes: [processEntry(10, { comm: 'make' }), processEntry(11, { comm: 'cc', ptid: 1 })],
    });
    o.event('SYSCALL_VFORK_20_X', 10, cloneParams({ res: 11, ...BORN, comm: 'make' }));
    expect(o.thread(11)).toMatchObject({ comm: 'cc', ptid: 10 });
  });

  it('are so in a file too, as long as the call may have begun before it', () => {
    const processes = [processEntry(10, { comm: 'make' }), processEntry(11, { comm: 'cc', ptid: 10 })];
    const returns = (o: Observed): void => {
      o.event('SYSCALL_VFORK_20_X', 10, cloneParams({ res: 11, ...BORN, comm: 'make' }));
    };
    const early = new Observed({ processes });
    returns(early);
    expect(early.thread(11)).toMatchObject({ comm: 'cc', ptid: 10 });
    const known = new Observed({ processes });
    known.event('SYSCALL_VFORK_20_E', 10);
    returns(known);
    expect(known.thread(11)).toMatchObject({ comm: 'make', ptid: 10 });
    const late = new Observed({ processes });
    late.now = 3e9;
    returns(late);
    expect(late.thread(11)).toMatchObject({ comm: 'make', ptid: 10 });
    const stranger = new Observed({ processes: [processes[0], processEntry(11, { comm: 'cc', ptid: 1 })] });
    returns(stranger);
    expect(stranger.thread(11)).toMatchObject({ comm: 'make', ptid: 10 });
  });

  it('have what they have, where the parent had closed it before it was found', () => {
    const asked: number[] = [];
    const o = new Observed(
      { scannedUntil, processes: [processEntry(10, { fds: [file(0, '/dev/null')] })] },
      {
        presentFds: (pid) => {
          asked.push(pid);
          return fdTableOf([file(0, '/etc/hostname'), file(8, '/etc/hostname')]);
        },
      },
    );
    o.call('SYSCALL_CLONE_20', 10, {}, cloneParams({ res: 11, ...BORN }));
    expect(o.name(11, 8)).toBe('/etc/hostname');
    expect(o.name(10, 8)).toBeUndefined();
    o.event(
      'SYSCALL_CLONE_20_X',
      12,
      cloneParams({ res: 0, tid: 12, pid: 12, ptid: 10, vtid: 12, vpid: 12 }),
    );
    expect(o.name(12, 8)).toBe('/etc/hostname');
    // Of a process that was born itself before our eyes all is known.
    o.call(
      'SYSCALL_CLONE_20',
      11,
      {},
      cloneParams({ res: 13, tid: 11, pid: 11, ptid: 10, vtid: 11, vpid: 11 }),
    );
    expect(o.name(13, 8)).toBe('/etc/hostname');
    o.now = SCAN + 1;
    o.call('SYSCALL_CLONE_20', 10, {}, cloneParams({ res: 14, ...BORN }));
    expect(o.name(14, 8)).toBeUndefined();
    expect(asked).toEqual([11, 12]);
  });

  it('have in a file what they began with, where the parent gave it up before', () => {
    const o = new Observed({
      processes: [
        processEntry(10, { fds: [file(0, '/dev/null'), file(8, '/dev/null')] }),
        processEntry(11, { ptid: 10, fds: [file(8, '/etc/hostname')] }),
      ],
    });
    const born = { res: 0, tid: 11, pid: 11, ptid: 10, vtid: 11, vpid: 11 };
    o.event('SYSCALL_CLONE_20_X', 11, cloneParams(born));
    expect([o.name(11, 0), o.name(11, 8)]).toEqual(['/dev/null', '/etc/hostname']);
    // One that comes later is another one.
    o.now = 3e9;
    o.event('SYSCALL_CLONE_20_X', 11, cloneParams(born));
    expect(o.name(11, 8)).toBe('/dev/null');
  });

  it('are others later, under the same number', () => {
    const o = new Observed({
      scannedUntil,
      processes: [processEntry(10, { comm: 'sh' }), processEntry(11, { comm: 'old', ptid: 10 })],
    });
    o.now = SCAN + 1;
    o.call('SYSCALL_CLONE_20', 10, {}, cloneParams({ res: 11, ...BORN, comm: 'sh' }));
    expect(o.thread(11).comm).toBe('sh');
  });
});
