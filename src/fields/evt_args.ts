import type { EventView } from '../event/view.js';
import type { Machine } from '../machine/machine.js';
import { joinPath } from '../machine/paths.js';
import { EVENTS, PPME, PT } from '../scap/events.generated.js';
import { bufferWriter } from './buffer_text.js';
import { ArgsPrinter, ParamPrinter, paramPlaces, paramType, placeFinder } from './event_args.js';
import { type Extractor, type FieldDef, FieldError, type FieldOptions, type FieldWriter } from './field.js';
import { LineBuffer } from './line_buffer.js';
import { rawParam } from './raw_param.js';
import { suggest } from './suggest.js';

const scratch = new LineBuffer(4096);

/** What a writer writes, as a byte string. */
export function textOf(write: FieldWriter): Extractor {
  return (ev, m) => {
    scratch.pos = 0;
    return write(scratch, ev, m) ? scratch.since(0) : undefined;
  };
}

/** Most buffers are smaller than this; the scratch of a larger one is let go. */
function allArgs(options: FieldOptions): { extract: Extractor; write: FieldWriter } {
  const printer = new ArgsPrinter(options);
  const write: FieldWriter = (out, ev, m) => {
    printer.write(out, ev, m);
    return true;
  };
  return { extract: textOf(write), write };
}

const PARAM_NAMES: ReadonlySet<string> = new Set(
  EVENTS.flatMap((info) => info.params.map((param) => param.name)),
);

/** Where the parameter that an argument names stands in each event type: -1 where there is none. */
function placesOf(field: string, arg: string | undefined): (ev: EventView) => number {
  if (arg === undefined || arg === '')
    throw new FieldError(`${field} needs an argument: ${field}.name or ${field}[0]`);
  if (/^\d+$/.test(arg)) {
    const index = Number(arg);
    return () => index;
  }
  if (!PARAM_NAMES.has(arg))
    throw new FieldError(`unknown event argument ${arg}`, 0, suggest(arg, PARAM_NAMES));
  return placeFinder(arg);
}

/** The type of a named parameter if it is the same in all events, otherwise one that can hold them all. */
function commonType(arg: string): number {
  const types = new Set<number>();
  for (const info of EVENTS) {
    const param = info.params.find((candidate) => candidate.name === arg);
    if (param !== undefined) types.add(param.type);
  }
  if (types.size === 1) return [...types][0];
  for (const text of TEXT_TYPES) if (types.has(text)) return types.has(PT.BYTEBUF) ? PT.BYTEBUF : PT.CHARBUF;
  return types.size === 0 ? PT.CHARBUF : PT.INT64;
}

const TEXT_TYPES: readonly number[] = [
  PT.CHARBUF,
  PT.BYTEBUF,
  PT.FSPATH,
  PT.FSRELPATH,
  PT.SOCKADDR,
  PT.SOCKTUPLE,
  PT.FDLIST,
];

/** Buffer parameter of the event, -1 if it has none. */
const BUFFER_PLACES = (() => {
  const places = paramPlaces('data');
  EVENTS.forEach((_, type) => {
    if (places[type] >= 0 && paramType(type, places[type]) !== PT.BYTEBUF) places[type] = -1;
  });
  return places;
})();

/** The index of the event's data buffer, -1 if it has none. */
export function bufferPlace(ev: EventView): number {
  const place = BUFFER_PLACES[ev.type] ?? -1;
  return place >= ev.nparams ? -1 : place;
}

const AT_FDCWD = -100;

/** For evt.abspath, by exit event type: [dirfd, path] of the first and of the second path. */
const PATH_PAIRS: ReadonlyMap<number, readonly [number, number, number, number]> = new Map(
  [
    PPME.SYSCALL_OPENAT_2_X,
    PPME.SYSCALL_OPENAT2_X,
    PPME.SYSCALL_MKDIRAT_X,
    PPME.SYSCALL_UNLINKAT_2_X,
    PPME.SYSCALL_FCHMODAT_X,
    PPME.SYSCALL_RENAMEAT_X,
    PPME.SYSCALL_RENAMEAT2_X,
    PPME.SYSCALL_LINKAT_2_X,
    PPME.SYSCALL_SYMLINKAT_X,
  ].map((type) => {
    const pairs: number[] = [];
    EVENTS[type].params.forEach((param, index) => {
      if (param.type === PT.FSRELPATH) pairs.push(param.dirfdParam ?? -1, index);
    });
    if (pairs.length === 2) pairs.push(...pairs);
    return [type, pairs as unknown as readonly [number, number, number, number]] as const;
  }),
);

function absolutePath(ev: EventView, m: Machine, second: boolean): string | undefined {
  const pairs = PATH_PAIRS.get(ev.type);
  const thread = m.thread;
  if (pairs === undefined || thread === null) return undefined;
  const dirfdParam = second ? pairs[2] : pairs[0];
  const pathParam = second ? pairs[3] : pairs[1];
  if (pathParam >= ev.nparams || ev.paramLen(pathParam) === 0) return undefined;
  const path = ev.str(pathParam);
  const dirfd = dirfdParam >= 0 && ev.paramLen(dirfdParam) === 8 ? ev.i64(dirfdParam) : AT_FDCWD;
  if (dirfd === AT_FDCWD || path.charCodeAt(0) === 47) return joinPath(m.cwdOf(thread), path);
  const dir = m.fdTable(thread)?.get(dirfd);
  return dir === undefined ? `<UNKNOWN>${path}` : joinPath(dir.name, path);
}

/** evt.args … evt.buffer: what the event carries. */
export const EVT_ARGS_FIELDS: readonly FieldDef[] = [
  {
    name: 'evt.args',
    type: PT.CHARBUF,
    fmt: 'na',
    description: 'All arguments of the event as name=value, each with a blank behind it.',
    bind: (_arg, options) => allArgs(options),
  },
  {
    name: 'evt.arg',
    type: PT.CHARBUF,
    fmt: 'na',
    argument: 'required',
    description:
      'One argument by its name or place, as evt.arg.fd or evt.arg[0]: what it means (the name of an fd, the errno of a result) where that is known, otherwise its value.',
    bind: (arg, options) => {
      const place = placesOf('evt.arg', arg);
      const printer = new ParamPrinter('meaning', options);
      const write: FieldWriter = (out, ev, m) => printer.write(out, ev, m, place(ev));
      return { extract: textOf(write), write };
    },
  },
  {
    name: 'evt.rawarg',
    type: PT.DYN,
    fmt: 'na',
    argument: 'required',
    noRhsField: true,
    noTransformer: true,
    description:
      'One argument by its name or place, as evt.rawarg.res: its plain value, a number for numbers.',
    bind: (arg) => {
      const place = placesOf('evt.rawarg', arg);
      return {
        type: commonType(arg ?? ''),
        fmt: 'dec',
        extract: (ev) => rawParam(ev, place(ev)),
      };
    },
  },
  {
    name: 'evt.info',
    type: PT.CHARBUF,
    fmt: 'na',
    description: 'What the default line shows of the arguments: the same as evt.args.',
    bind: (_arg, options) => allArgs(options),
  },
  {
    name: 'evt.buffer',
    type: PT.BYTEBUF,
    fmt: 'na',
    description: 'The data that a read, write, send or receive moved, as far as it was captured.',
    bind: (_arg, options) => {
      const write = bufferWriter(options);
      return {
        extract: (ev) => {
          const place = bufferPlace(ev);
          return place < 0 ? undefined : ev.raw(place);
        },
        write: (out, ev) => {
          const place = bufferPlace(ev);
          if (place < 0) return false;
          const len = ev.paramLen(place);
          if (len > 0) {
            const off = ev.paramOffset(place);
            write(out, ev.bytes, off, off + len);
          } else out.text('NULL');
          return true;
        },
      };
    },
  },
];

/** evt.abspath. */
export const EVT_ABSPATH: FieldDef = {
  name: 'evt.abspath',
  type: PT.CHARBUF,
  fmt: 'na',
  argument: 'optional',
  description:
    'Absolute path of a call that takes a directory fd and a name, such as openat. Of calls with two paths evt.abspath.src and evt.abspath.dst choose one.',
  bind: (arg) => {
    if (arg !== undefined && arg !== '' && arg !== 'src' && arg !== 'dst') {
      throw new FieldError(`evt.abspath takes src or dst as argument, not ${arg}`);
    }
    const second = arg === 'dst';
    return { extract: (ev, m) => absolutePath(ev, m, second) };
  },
};
