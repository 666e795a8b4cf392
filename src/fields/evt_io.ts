import type { EventView } from '../event/view.js';
import { type FdInfo, FdType } from '../machine/fd.js';
import type { Machine } from '../machine/machine.js';
import { EC, EF, EVENTS, PPME, PT } from '../scap/events.generated.js';
import type { Extractor, FieldDef } from './field.js';

const READS = EF.READS_FROM_FD;
const WRITES = EF.WRITES_TO_FD;
const MOVES = READS | WRITES;

function flagsOf(ev: EventView): number {
  return ev.info?.flags ?? 0;
}

/** Input, output, or whatever else is done with an fd. */
function isIo(category: number): boolean {
  return category === EC.IO_READ || category === EC.IO_WRITE || category === EC.IO_OTHER;
}

/**
 * Bytes that an input or output call moved, from its exit event: the result, if it is no error and the fd is known.
 * As in sysdig calls such as close and fcntl count too, with their result.
 */
function bytesMoved(ev: EventView, m: Machine, category: number): number | undefined {
  const own = ev.info?.category ?? EC.UNKNOWN;
  if ((ev.type & 1) === 0 || ev.paramLen(0) !== 8 || m.fd === null) return undefined;
  if (category === ANY_IO ? !isIo(own) : own !== category) return undefined;
  const result = ev.i64(0);
  return result < 0 ? undefined : result;
}

const ANY_IO = -1;

/** The fd is a file or directory. */
export function isFile(fd: FdInfo | null): boolean {
  return (
    fd !== null && (fd.type === FdType.FILE || fd.type === FdType.FILE_V2 || fd.type === FdType.DIRECTORY)
  );
}

/** The fd is a socket of the internet or a unix socket. */
export function isNet(fd: FdInfo | null): boolean {
  return fd !== null && (fd.isInet || fd.type === FdType.UNIX_SOCK);
}

function isInet(fd: FdInfo | null): boolean {
  return fd?.isInet === true;
}

function lengthField(
  name: string,
  description: string,
  category: number,
  of?: (fd: FdInfo | null) => boolean,
): FieldDef {
  return {
    name,
    type: PT.UINT64,
    fmt: 'dec',
    hidden: name !== 'evt.buflen',
    description,
    extract: (ev, m) => {
      const bytes = bytesMoved(ev, m, category);
      return bytes === undefined || (of !== undefined && !of(m.fd)) ? undefined : bytes;
    },
  };
}

/** evt.buflen. */
export const EVT_BUFLEN: FieldDef = lengthField(
  'evt.buflen',
  'Bytes that a read, write, send or receive moved, by its result.',
  ANY_IO,
);

/** evt.buflen.in …: for sums by chisels. */
export const EVT_BUFLEN_FIELDS: readonly FieldDef[] = [
  lengthField('evt.buflen.in', 'Bytes read.', EC.IO_READ),
  lengthField('evt.buflen.out', 'Bytes written.', EC.IO_WRITE),
  lengthField('evt.buflen.file', 'Bytes read from and written to files.', ANY_IO, isFile),
  lengthField('evt.buflen.file.in', 'Bytes read from files.', EC.IO_READ, isFile),
  lengthField('evt.buflen.file.out', 'Bytes written to files.', EC.IO_WRITE, isFile),
  lengthField('evt.buflen.net', 'Bytes received from and sent to internet sockets.', ANY_IO, isInet),
  lengthField('evt.buflen.net.in', 'Bytes received from internet sockets.', EC.IO_READ, isInet),
  lengthField('evt.buflen.net.out', 'Bytes sent to internet sockets.', EC.IO_WRITE, isInet),
];

function flagField(name: string, description: string, bits: number): FieldDef {
  return { name, type: PT.BOOL, fmt: 'na', description, extract: (ev) => (flagsOf(ev) & bits) !== 0 };
}

/** A write to the system log's socket. */
export function isSyslog(ev: EventView, m: Machine): boolean {
  return (
    (flagsOf(ev) & WRITES) !== 0 &&
    m.fd !== null &&
    m.fd.type === FdType.UNIX_SOCK &&
    m.fd.name.includes('/dev/log')
  );
}

/** evt.is_io … evt.is_syslog. */
export const EVT_IO_FIELDS: readonly FieldDef[] = [
  flagField('evt.is_io', 'true for calls that read from or write to an fd.', MOVES),
  flagField('evt.is_io_read', 'true for calls that read from an fd.', READS),
  flagField('evt.is_io_write', 'true for calls that write to an fd.', WRITES),
  {
    name: 'evt.io_dir',
    type: PT.CHARBUF,
    fmt: 'na',
    description: "'read' or 'write' for calls that move data; no value for the others.",
    extract: (ev) => {
      const flags = flagsOf(ev);
      if ((flags & WRITES) !== 0) return 'write';
      return (flags & READS) !== 0 ? 'read' : undefined;
    },
  },
  flagField('evt.is_wait', 'true for calls that wait, such as nanosleep, select and poll.', EF.WAITS),
  {
    name: 'evt.wait_latency',
    type: PT.RELTIME,
    fmt: 'dec',
    description: 'Nanoseconds that a call that waits has waited.',
    extract: (ev, m) =>
      (ev.type & 1) === 1 && (flagsOf(ev) & EF.WAITS) !== 0 && m.thread !== null ? m.latency : undefined,
  },
  {
    name: 'evt.is_syslog',
    type: PT.BOOL,
    fmt: 'na',
    description: 'true for writes to the socket of the system log, /dev/log.',
    extract: isSyslog,
  },
];

const O_RDONLY = 1;
const O_WRONLY = 2;
const O_CREAT = 4;
const O_F_CREATED = 1 << 14;
const O_TMPFILE = 1 << 15;
const ANY_EXEC = 0o111;

interface OpenParams {
  readonly flags: number;
  readonly mode: number;
}

/** Where exit events of the open family keep flags and mode (-1: nowhere). */
const OPEN_PARAMS: ReadonlyMap<number, OpenParams> = new Map(
  [
    PPME.SYSCALL_OPEN_X,
    PPME.SYSCALL_OPENAT_2_X,
    PPME.SYSCALL_OPENAT2_X,
    PPME.SYSCALL_OPEN_BY_HANDLE_AT_X,
  ].map((type) => {
    const names = EVENTS[type].params.map((param) => param.name);
    return [type, { flags: names.indexOf('flags'), mode: names.indexOf('mode') }] as const;
  }),
);
const CREAT_MODE = EVENTS[PPME.SYSCALL_CREAT_X].params.findIndex((param) => param.name === 'mode');

function openFlag(test: (flags: number) => boolean): Extractor {
  return (ev) => {
    const at = OPEN_PARAMS.get(ev.type);
    if (at === undefined || at.flags < 0 || ev.paramLen(at.flags) < 4) return false;
    return test(ev.u32(at.flags));
  };
}

/** A file that may be executed comes into being. */
const opensExecutable: Extractor = (ev) => {
  if (ev.type === PPME.SYSCALL_CREAT_X)
    return ev.paramLen(CREAT_MODE) >= 4 && (ev.u32(CREAT_MODE) & ANY_EXEC) !== 0;
  const at = OPEN_PARAMS.get(ev.type);
  if (
    at === undefined ||
    at.flags < 0 ||
    at.mode < 0 ||
    ev.paramLen(at.flags) < 4 ||
    ev.paramLen(at.mode) < 4
  )
    return false;
  return (ev.u32(at.flags) & (O_CREAT | O_TMPFILE)) !== 0 && (ev.u32(at.mode) & ANY_EXEC) !== 0;
};

/** evt.is_open_read and evt.is_open_write. */
export const EVT_OPEN_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.is_open_read',
    type: PT.BOOL,
    fmt: 'na',
    description: 'true where a file is opened for reading.',
    extract: openFlag((flags) => (flags & O_RDONLY) !== 0),
  },
  {
    name: 'evt.is_open_write',
    type: PT.BOOL,
    fmt: 'na',
    description: 'true where a file is opened for writing.',
    extract: openFlag((flags) => (flags & O_WRONLY) !== 0),
  },
];

/** evt.is_open_exec. */
export const EVT_OPEN_EXEC: FieldDef = {
  name: 'evt.is_open_exec',
  type: PT.BOOL,
  fmt: 'na',
  description: 'true where a file that may be executed is created by opening it.',
  extract: opensExecutable,
};

/** evt.is_open_create. */
export const EVT_OPEN_CREATE: FieldDef = {
  name: 'evt.is_open_create',
  type: PT.BOOL,
  fmt: 'na',
  description: 'true where opening created the file.',
  extract: openFlag((flags) => (flags & O_F_CREATED) !== 0),
};
