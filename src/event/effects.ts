import { PPME } from '../scap/events.generated.js';
import { BY_CODE, Leave, verdictOn, type WantedEvents } from './wanted.js';

/**
 * What a listed event does to what is known of its process, as far as its bytes and those of its enter event tell. It
 * helps where nobody asks about the event itself. Odd numbers from ENTER on are those of exit events.
 */
export const Effect = {
  /** Not said: it has to be looked at. */
  LOOK: 0,
  /** None. */
  NOTHING: 1,
  /** A call begins or has ended: nothing else. */
  ENTER: 2,
  EXIT: 3,
  /** Begin or end of a message with an address, over an fd: it tells something of sockets whose ends are not known yet. */
  MESSAGE: 4,
  MESSAGE_END: 5,
  /** A call has ended that opened a file by its absolute path, or closed an fd: `EventEffects.fds` says which. */
  OPEN: 7,
  CLOSE: 9,
  /** A call has ended that made an fd of another one: `fds` holds the new number and BESIDE times the old one. */
  DUP: 11,
  /** As OPEN, by a relative path: `fds` holds the fd and BESIDE times that of the directory, counted from 1; 0 is the working directory. */
  OPEN_AT: 13,
} as const;

/** Fds from here on are looked at. */
const MOST_FDS = 32767;
export const BESIDE = 32768;

/** Exit events of calls that open a file: index of the path. In the enter event it is one less. */
export const PATH_AT = new Uint8Array(1024);
PATH_AT[PPME.SYSCALL_OPEN_X] = 1;
PATH_AT[PPME.SYSCALL_CREAT_X] = 1;
PATH_AT[PPME.SYSCALL_OPENAT_2_X] = 2;
PATH_AT[PPME.SYSCALL_OPENAT2_X] = 2;

/** Events with an address of a message: its index. Of exit events of sending that of the enter event counts first. */
export const ADDRESS_AT = new Uint8Array(1024);
ADDRESS_AT[PPME.SOCKET_SENDTO_E] = 2;
ADDRESS_AT[PPME.SOCKET_SENDMSG_E] = 2;
ADDRESS_AT[PPME.SOCKET_SENDTO_X] = 4;
ADDRESS_AT[PPME.SOCKET_SENDMSG_X] = 4;
ADDRESS_AT[PPME.SOCKET_SEND_X] = 4;
ADDRESS_AT[PPME.SOCKET_RECVFROM_X] = 2;
ADDRESS_AT[PPME.SOCKET_RECVMSG_X] = 3;
ADDRESS_AT[PPME.SOCKET_RECV_X] = 4;
/** An enter event of sending with so many parameters tells the address. */
const SEND_ADDRESS = 2;

/** Exit events of calls that make another fd of the one they are about. */
export const DUPLICATES = new Uint8Array(1024);
for (const type of [
  PPME.SYSCALL_DUP_X,
  PPME.SYSCALL_DUP_1_X,
  PPME.SYSCALL_DUP2_X,
  PPME.SYSCALL_DUP3_X,
  PPME.SYSCALL_FCNTL_X,
])
  DUPLICATES[type] = 1;

/** Bits of an `Effect` number. */
export const EFFECT_BITS = 15;

const F_DUPFD = 1;
const F_DUPFD_CLOEXEC = 26;
const SLASH = 47;
const AT_FDCWD = -100;

/** How a type's events are dealt with. */
const Class = {
  LOOK: 0,
  ASIDE: 1,
  PLAIN_ENTER: 2,
  PLAIN_EXIT: 3,
  BY_CODE: 4,
  CLOSE_ENTER: 5,
  MESSAGE_ENTER: 6,
  DUPLICATE: 7,
  OPEN: 8,
  CLOSE: 9,
  MESSAGE_EXIT: 10,
} as const;

/** Types beyond these are looked at. */
const TYPES = ADDRESS_AT.length;

/** `verdict`: what the table of wanted events says of the type. */
function classOf(type: number, verdict: number): number {
  if (verdict === Leave.ASIDE) return Class.ASIDE;
  if (verdict === BY_CODE) return Class.BY_CODE;
  const changes = verdict === Leave.CHANGING;
  if ((type & 1) === 0) {
    if (verdict === Leave.PLAIN) return Class.PLAIN_ENTER;
    if (type === PPME.SYSCALL_CLOSE_E) return Class.CLOSE_ENTER;
    return changes && ADDRESS_AT[type] > 0 ? Class.MESSAGE_ENTER : Class.LOOK;
  }
  if (verdict === Leave.PLAIN) return Class.PLAIN_EXIT;
  if (DUPLICATES[type] === 1) return Class.DUPLICATE;
  if (!changes) return Class.LOOK;
  if (PATH_AT[type] > 0) return Class.OPEN;
  if (type === PPME.SYSCALL_CLOSE_X) return Class.CLOSE;
  return ADDRESS_AT[type] > 0 ? Class.MESSAGE_EXIT : Class.LOOK;
}

/** Tells the effects of the listed events of one chunk after the other. */
export class EffectReader {
  private readonly wanted: WantedEvents;
  /** `Class` by type. */
  private readonly classes = new Uint8Array(65536);
  /** By thread of the chunk: its last enter event, -1: none in this chunk. */
  private enters = new Int32Array(0);
  // Closing calls under way: thread, fd, and where in the list their enter event is.
  private readonly closingThreads: number[] = [];
  private readonly closingFds: number[] = [];
  private readonly closingAt: number[] = [];
  private effects: Int32Array = new Int32Array(0);
  private fds: Int32Array = new Int32Array(0);

  /** @param wanted the table by which the events were listed. */
  constructor(wanted: WantedEvents) {
    this.wanted = wanted;
    for (let type = 0; type < TYPES; type++) this.classes[type] = classOf(type, wanted[type]);
  }

  /** @param threads the most that a chunk can have, and one more. */
  makeRoom(threads: number): void {
    this.enters = new Int32Array(threads);
  }

  /**
   * A chunk begins. In `effects`, by place in the list, those that turn out to be something else are taken back (EFFECT_BITS); into `fds` goes the
   * fd of those that have one.
   */
  begin(effects: Int32Array, fds: Int32Array): void {
    this.enters.fill(-1);
    this.closingThreads.length = 0;
    this.closingFds.length = 0;
    this.closingAt.length = 0;
    this.effects = effects;
    this.fds = fds;
  }

  /**
   * Effect of the event block at `at`, one of type 0x216.
   * @param thread its thread's number within the chunk.
   * @param index its place in the list.
   */
  of(dv: DataView, at: number, thread: number, index: number): number {
    switch (this.classes[dv.getUint16(at + 30, true)]) {
      case Class.PLAIN_ENTER:
        this.entered(at, thread);
        return Effect.ENTER;
      case Class.PLAIN_EXIT:
        return Effect.EXIT;
      case Class.ASIDE:
        return Effect.NOTHING;
      default:
        return this.ofOther(dv, at, thread, index);
    }
  }

  /** An event is looked at that may make fds, whichever. */
  look(): void {
    this.makes(-1);
  }

  private entered(at: number, thread: number): void {
    this.enters[thread] = at;
    // The end of a call was lost: what closing it began goes on.
    if (this.closingAt.length > 0) this.disturbThread(thread);
  }

  private ofOther(dv: DataView, at: number, thread: number, index: number): number {
    const type = dv.getUint16(at + 30, true);
    const which = this.classes[type];
    if (which === Class.BY_CODE) {
      const plain = verdictOn(this.wanted, dv, at) === Leave.PLAIN;
      if ((type & 1) === 0) this.entered(at, thread);
      if (plain) return Effect.ENTER | (type & 1);
      this.look();
      return Effect.LOOK;
    }
    if ((type & 1) === 0) {
      this.entered(at, thread);
      if (which === Class.CLOSE_ENTER) {
        const fd = firstParam(dv, at);
        // Two threads that close the same: whose end counts, their order tells.
        this.makes(fd);
        this.closingThreads.push(thread);
        this.closingFds.push(fd);
        this.closingAt.push(index);
        return Effect.ENTER;
      }
      if (which === Class.MESSAGE_ENTER) return this.message(dv, at, type, at, index);
      this.look();
      return Effect.LOOK;
    }
    const before = this.enters[thread];
    const own = before >= 0 && dv.getUint16(before + 30, true) === type - 1 ? before : -1;
    this.enters[thread] = -1;
    const effect = this.ofExit(dv, at, which, own, thread, index);
    if (effect === Effect.LOOK) this.look();
    return effect;
  }

  /** `enter`: the enter event of the call, -1 if it is not in this chunk. */
  private ofExit(
    dv: DataView,
    at: number,
    which: number,
    enter: number,
    thread: number,
    index: number,
  ): number {
    const type = dv.getUint16(at + 30, true);
    if (which === Class.DUPLICATE) return this.duplicate(dv, at, type, enter, index);
    if (enter < 0) return Effect.LOOK;
    switch (which) {
      case Class.OPEN:
        return this.open(dv, at, type, enter, index);
      case Class.CLOSE:
        return this.close(dv, at, thread, index);
      case Class.MESSAGE_EXIT:
        return result(dv, at) < 0 ? Effect.EXIT : this.message(dv, at, type, enter, index);
      default:
        return Effect.LOOK;
    }
  }

  private duplicate(dv: DataView, at: number, type: number, enter: number, index: number): number {
    const fd = result(dv, at);
    if (enter >= 0 && (fd < 0 || (type === PPME.SYSCALL_FCNTL_X && !duplicates(dv, at, enter))))
      return Effect.EXIT;
    if (enter < 0) return Effect.LOOK;
    const from = firstParam(dv, enter);
    if (from < 0 || from >= MOST_FDS || fd >= MOST_FDS) return Effect.LOOK;
    this.makes(fd);
    this.fds[index] = from * BESIDE + fd;
    return Effect.DUP;
  }

  private open(dv: DataView, at: number, type: number, enter: number, index: number): number {
    const fd = result(dv, at);
    if (fd < 0) return Effect.EXIT;
    this.makes(fd);
    if (fd >= MOST_FDS) return Effect.LOOK;
    const n = PATH_AT[type];
    const path = param(dv, at, n);
    const length = paramLength(dv, at, n);
    if (length === 0) return Effect.LOOK;
    let effect: number = Effect.OPEN;
    this.fds[index] = fd;
    if (dv.getUint8(path) !== SLASH) effect = this.relative(dv, at, n, fd, index);
    // The enter event says what was asked for: it wins where the two differ.
    if (effect === Effect.LOOK || dv.getUint32(enter + 32, true) < n) return effect;
    if (paramLength(dv, enter, n - 1) !== length) return Effect.LOOK;
    const asked = param(dv, enter, n - 1);
    let i = 0;
    for (; i + 4 <= length; i += 4)
      if (dv.getInt32(path + i, true) !== dv.getInt32(asked + i, true)) return Effect.LOOK;
    for (; i < length; i++) if (dv.getUint8(path + i) !== dv.getUint8(asked + i)) return Effect.LOOK;
    return effect;
  }

  /** `path`: index of the path; before it stands the fd of the directory, if the call has one. */
  private relative(dv: DataView, at: number, path: number, fd: number, index: number): number {
    let dirfd = AT_FDCWD;
    if (path > 1) {
      if (paramLength(dv, at, 1) !== 8) return Effect.LOOK;
      const from = param(dv, at, 1);
      dirfd = dv.getInt32(from, true);
      if (dv.getInt32(from + 4, true) !== dirfd >> 31) return Effect.LOOK;
    }
    if (dirfd !== AT_FDCWD && (dirfd < 0 || dirfd >= MOST_FDS)) return Effect.LOOK;
    this.fds[index] = fd + BESIDE * (dirfd === AT_FDCWD ? 0 : dirfd + 1);
    return Effect.OPEN_AT;
  }

  private close(dv: DataView, at: number, thread: number, index: number): number {
    const { closingThreads, closingFds, closingAt } = this;
    const i = closingThreads.lastIndexOf(thread);
    if (i < 0) return Effect.LOOK;
    const fd = closingFds[i];
    if (result(dv, at) !== 0 || fd < 0 || fd >= MOST_FDS) {
      this.disturbThread(thread);
      return Effect.LOOK;
    }
    const last = closingAt.length - 1;
    closingThreads[i] = closingThreads[last];
    closingFds[i] = closingFds[last];
    closingAt[i] = closingAt[last];
    closingThreads.pop();
    closingFds.pop();
    closingAt.pop();
    this.fds[index] = fd;
    return Effect.CLOSE;
  }

  /**
   * The fd (-1: whichever) has been made. Where its number is given out again before a call that closes it has returned, both
   * events of that call have to be looked at.
   */
  private makes(fd: number): void {
    const { closingFds } = this;
    for (let i = closingFds.length - 1; i >= 0; i--) if (fd < 0 || closingFds[i] === fd) this.disturb(i);
  }

  private disturbThread(thread: number): void {
    const { closingThreads } = this;
    for (let i = closingThreads.length - 1; i >= 0; i--) if (closingThreads[i] === thread) this.disturb(i);
  }

  /** The i-th closing call has to be looked at. */
  private disturb(i: number): void {
    const { closingThreads, closingFds, closingAt } = this;
    this.effects[closingAt[i]] &= ~EFFECT_BITS;
    for (const list of [closingThreads, closingFds, closingAt]) list.splice(i, 1);
  }

  /** `enter`: the enter event of the call, maybe this one. */
  private message(dv: DataView, at: number, type: number, enter: number, index: number): number {
    const sends = ADDRESS_AT[type - (type & 1)] > 0;
    const inEnter = sends && dv.getUint32(enter + 32, true) > SEND_ADDRESS;
    const length = inEnter
      ? paramLength(dv, enter, SEND_ADDRESS)
      : enter === at
        ? 0
        : paramLength(dv, at, ADDRESS_AT[type]);
    const fd = firstParam(dv, enter);
    if (fd < 0) {
      this.look();
      return Effect.LOOK;
    }
    const begins = enter === at;
    if (length === 0) return begins ? Effect.ENTER : Effect.EXIT;
    this.look();
    this.fds[index] = fd;
    return begins ? Effect.MESSAGE : Effect.MESSAGE_END;
  }
}

function paramLength(dv: DataView, at: number, i: number): number {
  return i < dv.getUint32(at + 32, true) ? dv.getUint16(at + 36 + 2 * i, true) : 0;
}

/** Where parameter `i` begins. */
function param(dv: DataView, at: number, i: number): number {
  let from = at + 36 + 2 * dv.getUint32(at + 32, true);
  for (let k = 0; k < i; k++) from += dv.getUint16(at + 36 + 2 * k, true);
  return from;
}

/** The first parameter, 64 bits, where 32 are enough; -1 otherwise. */
function firstParam(dv: DataView, at: number): number {
  const n = dv.getUint32(at + 32, true);
  if (n === 0 || dv.getUint16(at + 36, true) !== 8) return -1;
  const value = dv.getInt32(at + 36 + 2 * n, true);
  return dv.getInt32(at + 40 + 2 * n, true) === value >> 31 ? value : -1;
}

/** The result of a call, -1 where there is none or it failed. */
function result(dv: DataView, at: number): number {
  const value = firstParam(dv, at);
  return value < 0 ? -1 : value;
}

/** Whether an fcntl with this command (as events hold it) makes a new fd. */
export function makesFd(command: number): boolean {
  return command === F_DUPFD || command === F_DUPFD_CLOEXEC;
}

/** Whether an fcntl makes a new fd; `enter`: its enter event. */
function duplicates(dv: DataView, at: number, enter: number): boolean {
  const command =
    paramLength(dv, at, 2) === 1
      ? dv.getUint8(param(dv, at, 2))
      : paramLength(dv, enter, 1) >= 1
        ? dv.getUint8(param(dv, enter, 1))
        : 0;
  return makesFd(command);
}
