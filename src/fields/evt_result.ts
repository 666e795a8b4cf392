import type { EventView } from '../event/view.js';
import { HAS_RESULT } from '../machine/event_kinds.js';
import type { Machine } from '../machine/machine.js';
import { EC, PPME, PT } from '../scap/events.generated.js';
import { isFile, isNet } from './evt_io.js';
import type { Extractor, FieldDef } from './field.js';
import { errnoName } from './flag_text.js';
import { readI64 } from './number_text.js';

/** Result of the call that the event ends; undefined if it has none. */
function result(ev: EventView): number | bigint | undefined {
  if (HAS_RESULT[ev.type] !== 1 || ev.paramLen(0) !== 8) return undefined;
  return readI64(ev.dv, ev.paramOffset(0));
}

function failed(ev: EventView): boolean {
  const value = result(ev);
  return value !== undefined && value < 0;
}

/** evt.res, evt.rawres, evt.failed. */
export const EVT_RESULT_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.res',
    type: PT.CHARBUF,
    fmt: 'dec',
    description: 'Result of the call: SUCCESS, or the name of the error, such as ENOENT.',
    extract: (ev) => {
      const value = result(ev);
      if (value === undefined) return undefined;
      if (value >= 0) return 'SUCCESS';
      return errnoName(-Number(value)) || String(value);
    },
  },
  {
    name: 'evt.rawres',
    type: PT.INT64,
    fmt: 'dec',
    description: 'Result of the call as a number; negative for errors, such as -2.',
    extract: result,
  },
  {
    name: 'evt.failed',
    type: PT.BOOL,
    fmt: 'na',
    description: 'true for calls that failed.',
    extract: failed,
  },
];

/** Calls that make or open what they would have worked on, had they not failed. */
const OPENS_FILE: ReadonlySet<number> = new Set<number>([
  PPME.SYSCALL_OPEN_X,
  PPME.SYSCALL_CREAT_X,
  PPME.SYSCALL_OPENAT_X,
  PPME.SYSCALL_OPENAT_2_X,
  PPME.SYSCALL_OPENAT2_X,
]);
const MAKES_SOCKET: ReadonlySet<number> = new Set<number>([
  PPME.SOCKET_ACCEPT_X,
  PPME.SOCKET_ACCEPT_5_X,
  PPME.SOCKET_ACCEPT4_X,
  PPME.SOCKET_ACCEPT4_5_X,
  PPME.SOCKET_ACCEPT4_6_X,
  PPME.SOCKET_CONNECT_X,
]);

type ErrorKind = 'file' | 'net' | 'memory' | 'other';

function errorKind(ev: EventView, m: Machine): ErrorKind {
  const fd = m.fd;
  if (OPENS_FILE.has(ev.type) || isFile(fd)) return 'file';
  if (MAKES_SOCKET.has(ev.type) || isNet(fd)) return 'net';
  return ev.info?.category === EC.MEMORY ? 'memory' : 'other';
}

/** 1 for the events that count, no value for the others: chisels add them up. */
function counter(
  name: string,
  description: string,
  counts: (ev: EventView, m: Machine) => boolean,
  hidden = false,
): FieldDef {
  const extract: Extractor = (ev, m) => (counts(ev, m) ? 1 : undefined);
  return { name, type: PT.UINT32, fmt: 'dec', description, hidden, extract };
}

/** Main threads only: their CPU times stand for the process in tables of processes. */
function isMainProcinfo(ev: EventView, m: Machine): boolean {
  return ev.type === PPME.PROCINFO_E && m.thread?.isMain === true;
}

/** evt.count …: ones to be summed. */
export const EVT_COUNT_FIELDS: readonly FieldDef[] = [
  counter('evt.count', 'The number 1: its sum is the number of events.', () => true),
  counter('evt.count.error', '1 for calls that failed.', failed),
  counter(
    'evt.count.error.file',
    '1 for calls on files that failed.',
    (ev, m) => failed(ev) && errorKind(ev, m) === 'file',
  ),
  counter(
    'evt.count.error.net',
    '1 for calls on sockets that failed.',
    (ev, m) => failed(ev) && errorKind(ev, m) === 'net',
  ),
  counter(
    'evt.count.error.memory',
    '1 for memory calls that failed.',
    (ev, m) => failed(ev) && errorKind(ev, m) === 'memory',
  ),
  counter(
    'evt.count.error.other',
    '1 for all other calls that failed.',
    (ev, m) => failed(ev) && errorKind(ev, m) === 'other',
  ),
  counter('evt.count.exit', '1 for events that end a call.', (ev) => (ev.type & 1) === 1),
  counter('evt.count.procinfo', '1 for the CPU times of a process.', isMainProcinfo, true),
  counter(
    'evt.count.threadinfo',
    '1 for the CPU times of a thread.',
    (ev) => ev.type === PPME.PROCINFO_E,
    true,
  ),
];
