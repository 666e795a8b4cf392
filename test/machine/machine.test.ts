import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventView } from '../../src/event/view.js';
import { Machine } from '../../src/machine/machine.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { EVENTS, PPME } from '../../src/scap/events.generated.js';
import { address4, BASE, cloneParams, Observed, processEntry, tuple4 } from './observed.js';

describe('context of an event', () => {
  it('pairs an exit with its enter event and gives the latency between', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('SYSCALL_READ_E', 10, { fd: 0, size: 1 });
    expect(o.machine).toMatchObject({ paired: false, latency: 0, errorCode: 0 });
    o.event('SYSCALL_READ_X', 10, { res: -11, data: null });
    expect(o.machine).toMatchObject({ paired: true, latency: 1000, errorCode: 11, fdNum: 0 });
  });

  it('does not pair calls of different threads or kinds', () => {
    const o = new Observed({ processes: [processEntry(10), processEntry(11)] });
    o.open(10, 3, '/a');
    o.event('SYSCALL_READ_E', 10, { fd: 3, size: 1 });
    o.event('SYSCALL_READ_X', 11, { res: 0, data: null });
    expect(o.machine.paired).toBe(false);
    expect(o.machine.fd).toBeNull();
    o.event('SYSCALL_WRITE_X', 10, { res: 0, data: null });
    expect(o.machine).toMatchObject({ paired: false, fdNum: -1 });
  });

  it('has no fd for events that are not about one', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.open(10, 3, '/a');
    o.event('SYSCALL_GETUID_E', 10);
    expect(o.machine).toMatchObject({ hasFd: false, fd: null, fdNum: -1 });
    o.event('SYSCALL_MMAP_E', 10, { addr: 0, length: 1, prot: 0, flags: 0, fd: 3, offset: 0 });
    expect(o.machine).toMatchObject({ hasFd: false, fd: null });
  });

  it('keeps the enter event of calls whose exit needs it', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('SOCKET_CONNECT_E', 10, { fd: 3, addr: address4('1.2.3.4', 5) });
    expect(o.machine.enterEvent()).toBeNull();
    o.event('SOCKET_CONNECT_X', 10, { res: -111, tuple: null, fd: 3 });
    expect(o.machine.enterEvent()?.i64(0)).toBe(3);
    o.event('SYSCALL_READ_E', 10, { fd: 1, size: 1 });
    o.event('SOCKET_CONNECT_X', 10, { res: 0, tuple: null, fd: 3 });
    expect(o.machine.enterEvent()).toBeNull();
  });

  it('takes no call of one thread for that of another where there are too many to remember', () => {
    const o = new Observed();
    o.machine.maxThreads = 0;
    o.event('SYSCALL_CLOSE_E', 500, { fd: 3 });
    o.event('SYSCALL_CLOSE_X', 501, { res: 0 });
    expect(o.machine).toMatchObject({ paired: false, latency: 0, fdNum: -1 });
    expect(o.machine.threads.size).toBe(0);
  });

  it('gives an enter event to one exit only', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.event('SOCKET_CONNECT_E', 10, { fd: 3, addr: address4('1.2.3.4', 5) });
    o.event('SOCKET_CONNECT_X', 10, { res: -111, tuple: null, fd: 3 });
    o.event('SOCKET_CONNECT_X', 10, { res: 0, tuple: null, fd: 3 });
    expect(o.machine.enterEvent()).toBeNull();
  });

  it('makes up threads that nobody announced, and asks for them', () => {
    const asked: number[] = [];
    const o = new Observed({}, { onUnknownThread: (thread) => asked.push(thread.tid) });
    o.event('SYSCALL_CLOSE_E', 500, { fd: 3 });
    o.event('SYSCALL_CLOSE_X', 500, { res: 0 });
    expect(asked).toEqual([500]);
    expect(o.thread(500)).toMatchObject({ comm: '<NA>', pid: 500, invalid: true });
    expect(o.machine.snapshot().processes).toEqual([]);
  });

  it('gives container events a thread that stands for the container', () => {
    const seen: number[] = [];
    const o = new Observed({}, { onContainerEvent: (ev) => seen.push(ev.type) });
    o.event('CONTAINER_JSON_2_E', -1, { json: '{"container":{"id":"abc123","name":"web"}}' });
    expect(seen).toEqual([PPME.CONTAINER_JSON_2_E]);
    expect(o.machine.thread).toMatchObject({ tid: -1, comm: 'container:abc123', containerId: 'abc123' });
    expect(o.machine.threads.size).toBe(0);
  });

  it('tells when threads come and go', () => {
    const log: string[] = [];
    const o = new Observed(
      {},
      {
        onThreadAdded: (thread) => log.push(`+${thread.tid}`),
        onThreadRemoved: (thread) => log.push(`-${thread.tid}`),
      },
    );
    o.event('SYSCALL_CLONE_20_X', 7, cloneParams({ res: 0, tid: 7, pid: 7, ptid: 0, vtid: 7, vpid: 7 }));
    o.event('PROCEXIT_1_E', 7, { status: 0 });
    o.event('PROCINFO_E', 8, { cpu_usr: 0, cpu_sys: 0 });
    expect(log).toEqual(['+7', '-7']);
  });

  it('meets each container once, unless its users are known already', () => {
    const met: string[] = [];
    const o = new Observed(
      {},
      {
        containerIdOf: (cgroups) => cgroups[0].slice(4),
        onContainerMet: (thread) => met.push(thread.containerId),
      },
    );
    o.event('USER_ADDED_E', -1, { uid: 1, gid: 1, name: 'u', home: '', shell: '', container_id: 'known' });
    for (const [tid, id] of [
      [1, 'c1'],
      [2, 'c1'],
      [3, 'c2'],
      [4, 'known'],
    ] as const) {
      o.event(
        'SYSCALL_CLONE_20_X',
        tid,
        cloneParams({ res: 0, tid, pid: tid, ptid: 0, vtid: 1, vpid: 1, cgroups: `cpu=${id}\0` }),
      );
    }
    expect(met).toEqual(['c1', 'c2']);
    o.machine.forgetContainer('c1');
    o.event(
      'SYSCALL_CLONE_20_X',
      5,
      cloneParams({ res: 0, tid: 5, pid: 5, ptid: 0, vtid: 1, vpid: 1, cgroups: 'cpu=c1\0' }),
    );
    expect(met).toEqual(['c1', 'c2', 'c1']);
  });
});

describe('plan', () => {
  it('leaves out fds, then threads, when nothing needs them', () => {
    const machine = new Machine();
    machine.plan({});
    expect(machine.interest[PPME.SYSCALL_OPENAT_2_X]).toBe(1);
    const types = new Uint8Array(1024);
    types[PPME.SYSCALL_READ_X] = 1;
    machine.plan({ fds: false, types });
    expect(machine.interest[PPME.SYSCALL_OPENAT_2_X]).toBe(0);
    expect(machine.interest[PPME.SYSCALL_EXECVE_19_X]).toBe(1);
    // The other half of a call that is looked at tells its latency.
    expect(machine.interest[PPME.SYSCALL_READ_E]).toBe(1);
    machine.plan({ fds: false, threads: false, types });
    expect(machine.interest[PPME.SYSCALL_EXECVE_19_X]).toBe(0);
    expect(machine.interest[PPME.CONTAINER_JSON_2_E]).toBe(1);
    expect(machine.interest[PPME.SYSCALL_READ_X]).toBe(1);
  });

  it('keeps threads but no fds without fds', () => {
    const o = new Observed({ processes: [processEntry(10)] });
    o.machine.plan({ fds: false });
    o.open(10, 3, '/a');
    expect(o.name(10, 3)).toBeUndefined();
    o.call(
      'SYSCALL_CLONE_20',
      10,
      {},
      cloneParams({ res: 11, tid: 10, pid: 10, ptid: 0, vtid: 10, vpid: 10 }),
    );
    expect(o.machine.threads.has(11)).toBe(true);
  });
});

describe('snapshot', () => {
  it('is the state that was loaded, and loads again', () => {
    const o = new Observed({
      processes: [processEntry(10, { args: ['a', 'b'], env: ['X=1'], cgroups: ['cpu=/c'] }), processEntry(1)],
      users: [{ uid: 0, gid: 0, name: 'root', home: '/root', shell: '/bin/sh' }],
      groups: [{ gid: 0, name: 'root' }],
    });
    o.open(10, 3, '/a');
    o.call('SYSCALL_PIPE', 10, {}, { res: 0, fd1: 4, fd2: 5, ino: 77 });
    o.call('SOCKET_SOCKET', 10, { domain: 2, type: 1, proto: 0 }, { fd: 6 });
    o.call('SOCKET_BIND', 10, { fd: 6 }, { res: 0, addr: address4('0.0.0.0', 80) });
    o.call('SOCKET_ACCEPT_5', 10, {}, { fd: 7, tuple: tuple4('10.0.0.7', 5000, '10.1.2.3', 80) });
    o.call('SOCKET_SOCKET', 10, { domain: 2, type: 1, proto: 0 }, { fd: 8 });
    o.call(
      'SOCKET_CONNECT',
      10,
      { fd: 8, addr: null },
      { res: 0, tuple: tuple4('10.1.2.3', 9, '1.1.1.1', 443), fd: 8 },
    );
    const head = o.machine.snapshot();
    const again = new Machine();
    again.load(head);
    expect(again.snapshot()).toEqual(head);
    const table = again.threads.get(10)?.fds;
    const names = [3, 4, 6, 7, 8].map((fd) => table?.get(fd)?.name);
    expect(names).toEqual([
      '/a',
      'pipe:[77]',
      '0.0.0.0:80',
      '10.0.0.7:5000->10.1.2.3:80',
      '10.1.2.3:9->1.1.1.1:443',
    ]);
    // The local end comes first in the list, whoever is the client.
    const accepted = head.processes.find((p) => p.tid === 10)?.fds.find((fd) => fd.fd === 7);
    expect(accepted).toMatchObject({ sport: 80, dport: 5000 });
    expect(table?.get(7)?.role).toBe(2);
    expect(table?.get(8)?.role).toBe(1);
  });
});

describe('damaged events', () => {
  const blocks = fc
    .tuple(
      fc.constantFrom(...EVENTS.filter((info) => info.params.length > 0).map((info) => info.id)),
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 31 }),
      fc.integer({ min: -1, max: 5 }),
    )
    .map(([type, params, tid]) =>
      encodeEvent(
        type,
        { ts: BigInt(BASE) * 1_000_000_000n, tid },
        params.slice(0, EVENTS[type].params.length),
      ),
    );

  it('never stop the machine, whatever their parameters hold', () => {
    fc.assert(
      fc.property(fc.array(blocks, { maxLength: 60 }), (list) => {
        const machine = new Machine();
        const ev = new EventView();
        ev.setBase(BASE);
        for (const block of list) {
          ev.attach(block, new DataView(block.buffer, block.byteOffset, block.length));
          ev.at(0);
          machine.process(ev);
          void machine.fd;
          void machine.errorCode;
        }
        expect(machine.snapshot().processes.length).toBeLessThanOrEqual(machine.threads.size);
      }),
      { numRuns: 300 },
    );
  });
});
