import { EventView } from '../../src/event/view.js';
import type { MachineHooks } from '../../src/machine/machine.js';
import { Machine } from '../../src/machine/machine.js';
import type { ThreadInfo } from '../../src/machine/thread.js';
import type { ParamValue } from '../../src/scap/encode_event.js';
import { encodeEvent } from '../../src/scap/encode_event.js';
import { EVENTS, PPME, PT } from '../../src/scap/events.generated.js';
import type { CaptureHead, ProcessEntry } from '../../src/scap/head.js';
import { unknownProcess } from '../../src/scap/unknown_process.js';

/** Second that all event times count from. */
export const BASE = 1_700_000_000;

type TypeName = keyof typeof PPME;

/** A machine that is fed events one by one, a microsecond apart. */
export class Observed {
  readonly machine: Machine;
  readonly ev = new EventView();
  /** ns since the base of the last event. */
  now = 0;

  constructor(head: Partial<CaptureHead> = {}, hooks: MachineHooks = {}) {
    this.machine = new Machine(hooks);
    this.machine.load(headOf(head));
    this.ev.setBase(BASE);
  }

  /** Feeds one event; parameters not named are empty. */
  event(name: TypeName, tid: number, params: Readonly<Record<string, ParamValue>> = {}, cpu = 0): void {
    this.now += 1000;
    const type = PPME[name];
    const info = EVENTS[type];
    for (const key of Object.keys(params)) {
      if (!info.params.some((param) => param.name === key)) throw new Error(`${name} has no ${key}`);
    }
    const values = info.params.map((param) => {
      const value = params[param.name] ?? null;
      return typeof value === 'string' && param.type === PT.BYTEBUF ? Buffer.from(value, 'latin1') : value;
    });
    this.bytes(encodeEvent(type, { ts: BigInt(BASE) * 1_000_000_000n + BigInt(this.now), tid, cpu }, values));
  }

  /** Feeds one block. */
  bytes(block: Buffer): void {
    this.ev.attach(block, new DataView(block.buffer, block.byteOffset, block.length));
    if (this.ev.at(0)) this.machine.process(this.ev);
  }

  /** Enter and exit of one call. */
  call(
    name: string,
    tid: number,
    enter: Readonly<Record<string, ParamValue>>,
    exit: Readonly<Record<string, ParamValue>>,
  ): void {
    this.event(`${name}_E` as TypeName, tid, enter);
    this.event(`${name}_X` as TypeName, tid, exit);
  }

  /** openat relative to the working directory. */
  open(tid: number, fd: number, name: string, flags = 1, dirfd = -100): void {
    this.call(
      'SYSCALL_OPENAT_2',
      tid,
      { dirfd, name, flags, mode: 0 },
      { fd, dirfd, name, flags, mode: 0, dev: 0xfe00, ino: 4711 },
    );
  }

  thread(tid: number): ThreadInfo {
    const thread = this.machine.threads.get(tid);
    if (thread === undefined) throw new Error(`no thread ${tid}`);
    return thread;
  }

  /** Name of an fd as the thread has it, undefined if there is none. */
  name(tid: number, fd: number): string | undefined {
    return this.machine.fdTable(this.thread(tid))?.get(fd)?.name;
  }
}

export function headOf(head: Partial<CaptureHead>): CaptureHead {
  return { machine: null, interfaces: [], users: [], groups: [], processes: [], version: [1, 2], ...head };
}

/** A process as the list has it. */
export function processEntry(tid: number, rest: Partial<ProcessEntry> = {}): ProcessEntry {
  return {
    ...unknownProcess(tid, tid),
    ptid: 0,
    sid: tid,
    vpgid: tid,
    comm: `p${tid}`,
    exe: `p${tid}`,
    exepath: `/bin/p${tid}`,
    cwd: '/home/',
    fdLimit: 1024,
    root: '/',
    pgid: tid,
    ...rest,
  };
}

/** Exit parameters of a clone: those that tests do not care about have plain values. */
export function cloneParams(rest: Readonly<Record<string, ParamValue>>): Record<string, ParamValue> {
  return {
    exe: 'sh',
    args: '-c\0x\0',
    fdlimit: 1024,
    pgft_maj: 0,
    pgft_min: 0,
    vm_size: 100,
    vm_rss: 50,
    vm_swap: 0,
    comm: 'sh',
    cgroups: 'cpuset=/\0',
    flags: 0,
    uid: 0,
    gid: 0,
    ...rest,
  };
}

/** Exit parameters of an exec. */
export function execParams(rest: Readonly<Record<string, ParamValue>>): Record<string, ParamValue> {
  return {
    res: 0,
    exe: 'cat',
    args: '/etc/hostname\0',
    fdlimit: 1024,
    comm: 'cat',
    cgroups: 'cpuset=/\0',
    env: 'HOME=/root\0PATH=/bin\0',
    tty: 0,
    vpgid: 7,
    loginuid: 1000,
    flags: 0,
    ...rest,
  };
}

/** A PT_SOCKTUPLE of IPv4. */
export function tuple4(from: string, fromPort: number, to: string, toPort: number): Uint8Array {
  const port = (n: number): number[] => [n & 255, n >> 8];
  const ip = (text: string): number[] => text.split('.').map(Number);
  return Uint8Array.from([2, ...ip(from), ...port(fromPort), ...ip(to), ...port(toPort)]);
}

/** A PT_SOCKADDR of IPv4. */
export function address4(ip: string, port: number): Uint8Array {
  return Uint8Array.from([2, ...ip.split('.').map(Number), port & 255, port >> 8]);
}
