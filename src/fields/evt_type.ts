import { FdType } from '../machine/fd.js';
import type { Machine } from '../machine/machine.js';
import { EC, EVENTS, PT } from '../scap/events.generated.js';
import { categoryName, EVENT_NAMES, eventName, syscallName } from './event_name.js';
import { type FieldDef, FieldError } from './field.js';
import { Literal } from './line_buffer.js';
import { suggest } from './suggest.js';

/** Categories of the calls that work on whatever their fd is: the fd decides. */
function ioCategory(m: Machine): string {
  const type = m.fd?.type;
  if (type === undefined) return 'unknown';
  switch (type) {
    case FdType.FILE:
    case FdType.FILE_V2:
    case FdType.DIRECTORY:
      return 'file';
    case FdType.IPV4_SOCK:
    case FdType.IPV6_SOCK:
    case FdType.IPV4_SERVSOCK:
    case FdType.IPV6_SERVSOCK:
      return 'net';
    case FdType.FIFO:
    case FdType.UNIX_SOCK:
    case FdType.EVENT:
    case FdType.SIGNALFD:
    case FdType.INOTIFY:
    case FdType.NETLINK:
      return 'ipc';
    case FdType.UNSUPPORTED:
    case FdType.EVENTPOLL:
    case FdType.TIMERFD:
      return 'other';
    default:
      return 'unknown';
  }
}

function isIoCategory(category: number): boolean {
  return category === EC.IO_READ || category === EC.IO_WRITE || category === EC.IO_OTHER;
}

/** 1 for the event types that evt.type.is.X counts as X. */
function typesNamed(name: string): Uint8Array {
  const types = new Uint8Array(EVENTS.length);
  EVENTS.forEach((info, type) => {
    if (info.evtName === name) types[type] = 1;
  });
  return types;
}

const UNKNOWN = new Literal('<unknown>');
/** What evt.type shows, by event type: each made when it is first shown. */
const names: (Literal | undefined)[] = new Array(EVENTS.length);

function nameOf(type: number): Literal {
  const name = names[type];
  if (name !== undefined) return name;
  const info = EVENTS[type];
  if (info === undefined) return UNKNOWN;
  const made = new Literal(info.evtName);
  names[type] = made;
  return made;
}

/** evt.dir … evt.cpu: what kind of event it is. */
export const EVT_TYPE_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.dir',
    type: PT.CHARBUF,
    plain: true,
    fmt: 'dir',
    description: "'>' where a call begins, '<' where it returns.",
    extract: (ev) => ((ev.type & 1) === 0 ? '>' : '<'),
    write: (out, ev) => {
      out.byte((ev.type & 1) === 0 ? 62 : 60);
      return true;
    },
  },
  {
    name: 'evt.type',
    type: PT.CHARBUF,
    plain: true,
    fmt: 'na',
    description:
      'Name of the event, such as open; that of the system call for events without a type of their own. In filters open means openat and openat2 too.',
    extract: eventName,
    write: (out, ev) => {
      const { type } = ev;
      if (type <= 1) out.text(eventName(ev));
      else out.literal(nameOf(type));
      return true;
    },
  },
  {
    name: 'evt.type.is',
    type: PT.UINT32,
    fmt: 'na',
    argument: 'required',
    description: '1 for events of the type in the argument, such as evt.type.is.open, otherwise 0.',
    bind: (arg) => {
      const name = arg ?? '';
      if (!EVENT_NAMES.has(name))
        throw new FieldError(`unknown event type ${name}`, 0, suggest(name, EVENT_NAMES));
      const types = typesNamed(name);
      return { extract: (ev) => (ev.type <= 1 ? (eventName(ev) === name ? 1 : 0) : (types[ev.type] ?? 0)) };
    },
  },
  {
    name: 'syscall.type',
    type: PT.CHARBUF,
    fmt: 'na',
    description: 'Name of the system call; no value for events that are none.',
    extract: syscallName,
  },
  {
    name: 'evt.category',
    type: PT.CHARBUF,
    fmt: 'na',
    description:
      'What the event is about: file, net, IPC, memory, process, sleep, system, signal, user, time, wait, scheduler, internal, other. Reads, writes and the like count by what their fd is.',
    extract: (ev, m) => {
      const info = ev.info;
      if (info === undefined) return undefined;
      return isIoCategory(info.category) ? ioCategory(m) : categoryName(info.category);
    },
  },
  {
    name: 'evt.cpu',
    type: PT.INT16,
    fmt: 'id',
    description: 'Number of the CPU on which it happened.',
    extract: (ev) => ev.cpu,
    write: (out, ev) => {
      out.dec(ev.cpu);
      return true;
    },
  },
];
