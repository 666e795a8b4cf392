import { encodeEvent, type ParamValue } from '../../src/scap/encode_event.js';
import { EVENTS, PPME, PT } from '../../src/scap/events.generated.js';
import { PPM_SC_NAMES } from '../../src/scap/syscalls.generated.js';
import { BASE, cloneParams, execParams } from '../machine/observed.js';

type Params = Readonly<Record<string, ParamValue>>;

/** One step of a thread: it enters a call, or comes back from it. */
export interface Step {
  readonly thread: number;
  readonly what: number;
  readonly fd: number;
  readonly name: number;
}

/** `sh` with two threads, `cat` and `nginx`; children get the tids from 100 on. */
const TIDS = [10, 11, 20, 30];
const NAMES = [
  ...['/etc/passwd', '/var/log/syslog', 'notes.txt', '/usr/lib/libc.so.6'],
  ...['../up', '/', '/tmp/a/../b', '/opt/data'],
];
/** A call without an event type of its own. */
export const CALL = 'sysinfo';
const CODE = PPM_SC_NAMES.indexOf(CALL);
const COMMS = ['sh', 'cat', 'nginx', 'ls'];

/** What a call does is decided as it is entered. */
interface UnderWay {
  readonly name: string;
  readonly exit: Params;
}

/** Ends of a TCP connection as events carry them: family, client, server. */
function ends(n: number): Buffer {
  return Buffer.from([2, 10, 0, 0, n, 1, n, 10, 0, 0, 99, 80, 0]);
}

/** The events of threads that go on step by step, in any order. */
export class Story {
  readonly blocks: Buffer[] = [];
  private readonly under = new Map<number, UnderWay>();
  private readonly tids = [...TIDS];
  private now = 0;
  private children = 100;

  step({ thread, what, fd, name }: Step): this {
    const tid = this.tids[thread % this.tids.length];
    const call = this.under.get(tid);
    if (call === undefined) {
      this.enter(tid, what, fd, name);
      return this;
    }
    // Its other thread ends with it: not in the middle of a call here, as then nobody would know what becomes of the fd.
    if (call.name === 'SYSCALL_EXECVE_19' && tid <= 11) this.leave(21 - tid);
    this.leave(tid);
    return this;
  }

  private leave(tid: number): void {
    const call = this.under.get(tid);
    if (call === undefined) return;
    this.under.delete(tid);
    this.event(`${call.name}_X`, tid, call.exit);
  }

  private enter(tid: number, what: number, fd: number, n: number): void {
    const name = NAMES[n % NAMES.length];
    const failed = n === 7 ? -2 : undefined;
    switch (what) {
      case 0:
      case 1: {
        // Relative to what has the number already, to another fd, or to the working directory.
        const directory = n === 10 || n === 12 ? (fd + 1) % 4 : -100;
        const dirfd = n % 5 === 4 ? fd : directory;
        const asked = { dirfd, name, flags: n % 4 === 3 ? 1024 : 1, mode: 0 };
        // Now and then the kernel's side could not read the path, on the way in or out; or it was changed between the two.
        const told =
          n === 5 ? { ...asked, name: '<NA>' } : n === 9 ? { ...asked, name: '/var/asked' } : asked;
        const read = n === 6 ? { ...asked, name: '<NA>' } : asked;
        this.call(tid, 'SYSCALL_OPENAT_2', told, { ...read, fd: failed ?? fd, dev: 3, ino: n + 40 });
        break;
      }
      case 2:
        this.call(
          tid,
          'SYSCALL_OPEN',
          { name, flags: 1, mode: 0 },
          { fd: failed ?? fd, name, flags: 1, mode: 0, dev: 2, ino: n },
        );
        break;
      case 3:
      case 4:
        this.call(tid, 'SYSCALL_CLOSE', { fd }, { res: failed ?? 0 });
        break;
      case 5:
        this.call(tid, 'SYSCALL_FCNTL', { fd, cmd: n % 2 === 0 ? 1 : 3 }, { res: failed ?? n + 1 });
        break;
      case 6:
        this.call(tid, 'SYSCALL_DUP2', { fd }, { res: n, oldfd: fd, newfd: n });
        break;
      case 7:
        this.call(tid, 'SYSCALL_READ', { fd, size: 10 }, { res: 4, data: 'abcd' });
        break;
      case 8:
        this.call(tid, 'SYSCALL_PIPE', {}, { res: 0, fd1: fd, fd2: n, ino: 77 });
        break;
      case 9:
        this.call(tid, 'SOCKET_CONNECT', { fd }, { res: 0, tuple: ends(n), fd });
        break;
      case 10:
        this.call(tid, 'SOCKET_SOCKET', { domain: 2, type: 1, proto: 0 }, { fd });
        break;
      case 11:
        this.call(
          tid,
          'SOCKET_SENDTO',
          { fd, size: 3, tuple: n % 2 === 0 ? ends(n) : null },
          { res: failed ?? 3, data: 'xyz' },
        );
        break;
      case 12:
        this.call(
          tid,
          'SOCKET_RECVFROM',
          { fd, size: 3 },
          { res: failed ?? 3, data: 'xyz', tuple: n % 3 === 0 ? null : ends(n) },
        );
        break;
      case 13:
        this.call(tid, 'SYSCALL_CHDIR', {}, { res: 0, path: n % 2 === 0 ? '/srv' : '/home' });
        break;
      case 14:
        this.call(tid, 'SYSCALL_EXECVE_19', { filename: name }, this.exec(tid, COMMS[n % COMMS.length]));
        break;
      case 15:
        this.fork(tid);
        break;
      case 16:
        this.call(tid, 'GENERIC', { ID: CODE, nativeID: 0 }, { ID: CODE });
        break;
      case 17:
        this.event('SIGNALDELIVER_E', tid, { spid: 1, dpid: tid, sig: 10 });
        break;
      case 19:
        // Which fd it is about, it says as it ends.
        this.call(tid, 'SYSCALL_FCHMOD', {}, { res: 0, fd, mode: 0o600 });
        break;
      case 20:
        this.call(tid, 'SYSCALL_SPLICE', { fd_in: (fd + 1) % 4, fd_out: fd, size: 1, flags: 0 }, { res: 1 });
        break;
      case 21:
        if (n % 2 === 0) this.event('SCHEDSWITCH_6_E', tid, { next: tid, pgft_maj: 0 });
        else this.event('PAGE_FAULT_E', tid, { addr: 1n, ip: 2n, error: 4 });
        break;
      case 22: {
        // Its beginning stands in a block of the other kind.
        const dup = n % 2 === 0;
        this.event(dup ? 'SYSCALL_DUP2_E' : 'SYSCALL_READ_E', tid, { fd, size: 10 }, 2);
        this.under.set(tid, {
          name: dup ? 'SYSCALL_DUP2' : 'SYSCALL_READ',
          exit: { res: n, oldfd: fd, newfd: n, data: 'abcd' },
        });
        break;
      }
      case 23:
        if (n % 2 === 0) this.event('SYSCALL_READ_E', tid, { fd, size: 10 });
        else this.event('SYSCALL_READ_X', tid, { res: 4, data: 'abcd' });
        break;
      default:
        // A call whose end is lost, or one whose beginning was.
        if (n % 2 === 0) this.event('SYSCALL_CLOSE_E', tid, { fd });
        else this.event('SYSCALL_CLOSE_X', tid, { res: 0 });
    }
  }

  private exec(tid: number, comm: string): Params {
    return execParams({ res: 0, exe: comm, args: 'x\0', tid, pid: tid === 11 ? 10 : tid, ptid: 1, comm });
  }

  private fork(tid: number): void {
    const child = this.children++;
    const pid = tid === 11 ? 10 : tid;
    this.event('SYSCALL_CLONE_20_E', tid);
    this.event(
      'SYSCALL_CLONE_20_X',
      tid,
      cloneParams({ res: child, tid, pid, ptid: 1, vtid: tid, vpid: pid }),
    );
    if (this.tids.length < 7) this.tids.push(child);
    else {
      this.event('PROCEXIT_1_E', child, { status: 0, ret: 0, sig: 0, core: 0, reaper_tid: 0 });
    }
  }

  private call(tid: number, name: string, enter: Params, exit: Params): void {
    this.event(`${name}_E`, tid, enter);
    this.under.set(tid, { name, exit });
  }

  private event(name: string, tid: number, params: Params = {}, flags = 0): void {
    this.now += 1000;
    const type = PPME[name as keyof typeof PPME];
    const values = EVENTS[type].params.map((param) => {
      const value = params[param.name] ?? null;
      return typeof value === 'string' && param.type === PT.BYTEBUF ? Buffer.from(value, 'latin1') : value;
    });
    const ts = BigInt(BASE) * 1_000_000_000n + BigInt(this.now);
    this.blocks.push(encodeEvent(type, { ts, tid, flags }, values));
  }
}
