import type { EventView } from '../event/view.js';
import { ipText } from '../machine/addresses.js';
import type { FdInfo } from '../machine/fd.js';
import { FdType, Role } from '../machine/fd.js';
import { openedPath } from '../machine/files.js';
import type { Machine } from '../machine/machine.js';
import { directoryOf, fileNameOf } from '../machine/paths.js';
import { PPME, PT } from '../scap/events.generated.js';
import { fdTypeChar, inetName } from './fd_text.js';
import type { Extractor, FieldDef, FieldValue } from './field.js';
import { FieldError } from './field.js';
import { hashOrder } from './hash_order.js';
import { compareHosts } from './host_name.js';
import { portName } from './port_names.js';
import type { FieldClass } from './registry.js';

/** fd.type by FdType number. */
export const FD_TYPE_NAMES: readonly string[] = [
  'unknown',
  'file',
  'directory',
  'ipv4',
  'ipv6',
  'ipv4',
  'ipv6',
  'pipe',
  'unix',
  'event',
  'unsupported',
  'signalfd',
  'eventpoll',
  'inotify',
  'timerfd',
  'netlink',
  'file',
  'bpf',
  'userfaultfd',
  'io_uring',
  'memfd',
  'pidfd',
];

const L4_NAMES: readonly (string | undefined)[] = [undefined, undefined, 'tcp', 'udp', 'icmp', 'raw'];

/** fd.type of a table entry. */
export function fdTypeName(info: FdInfo): string {
  return FD_TYPE_NAMES[info.type] ?? 'unknown';
}

/** Field of an fd: no value without one. */
function ofFd(read: (fd: FdInfo, machine: Machine, ev: EventView) => FieldValue): Extractor {
  return (ev, machine) => {
    const fd = machine.fd;
    return fd === null ? undefined : read(fd, machine, ev);
  };
}

/** Field of an internet connection or listening socket. */
function ofInet(read: (fd: FdInfo, machine: Machine) => FieldValue): Extractor {
  return (_ev, machine) => {
    const fd = machine.fd;
    return fd?.isInet ? read(fd, machine) : undefined;
  };
}

const isConnection = (fd: FdInfo): boolean => fd.type === FdType.IPV4_SOCK || fd.type === FdType.IPV6_SOCK;

/** Address as text, no value where none is known. */
function address(addr: string): FieldValue {
  return addr === '' ? undefined : ipText(addr);
}

/** What fd an event that makes one would have made, by its type. */
const MADE_TYPE_CHARS = new Map<number, string>(
  (
    [
      ['f', [2, 58, 102, 306, 326, 336]],
      ['4', [18, 26, 56, 246, 248, 388]],
      ['p', [60, 392]],
      ['e', [62, 396]],
      ['s', [126, 398]],
      ['t', [136]],
      ['i', [138, 394]],
    ] as const
  ).flatMap(([char, types]) => types.flatMap((type) => [[type, char] as const, [type + 1, char] as const])),
);

/** Types that are a call naming a path to open. */
const OPEN_EXITS = new Uint8Array(1024);
for (const type of [
  PPME.SYSCALL_OPEN_X,
  PPME.SYSCALL_CREAT_X,
  PPME.SYSCALL_OPENAT_X,
  PPME.SYSCALL_OPENAT_2_X,
  PPME.SYSCALL_OPENAT2_X,
  PPME.SYSCALL_OPEN_BY_HANDLE_AT_X,
]) {
  OPEN_EXITS[type] = 1;
}

/** Name of the event's fd; of a failed open the path that it wanted; of other calls on an unknown fd nothing, said when they return. */
function fdName(ev: EventView, machine: Machine): string | undefined {
  const fd = machine.fd;
  if (fd !== null) return fd.name;
  if (!machine.hasFd || ev.info?.enter !== false) return undefined;
  return OPEN_EXITS[ev.type] === 1 ? openedPath(machine, ev)?.path : '';
}

/** The same with service names for the ports of sockets (-R). */
function fdNameWithServices(ev: EventView, machine: Machine): string | undefined {
  const fd = machine.fd;
  return fd?.isInet ? inetName(fd, portName) : fdName(ev, machine);
}

function hasPath(fd: FdInfo): boolean {
  return fd.type === FdType.FILE || fd.type === FdType.FILE_V2 || fd.type === FdType.DIRECTORY;
}

function directory(ev: EventView, machine: Machine): string | undefined {
  const fd = machine.fd;
  if (fd !== null && !hasPath(fd)) return undefined;
  // A directory is its own.
  if (fd?.type === FdType.DIRECTORY) return fd.name;
  const path = fdName(ev, machine);
  if (path === undefined) return undefined;
  return path.includes('/') ? directoryOf(path) : '/';
}

function fileName(fd: FdInfo): string | undefined {
  if (!hasPath(fd) || fd.type === FdType.DIRECTORY) return undefined;
  return fd.name === '/' ? fd.name : fileNameOf(fd.name);
}

const withContainer = (machine: Machine, text: string): string =>
  `${machine.thread?.containerId ?? ''}:${text}`;

/** Whether an address belongs to this machine, or to the container that the thread runs in. */
function isLocal(addr: string, machine: Machine): boolean {
  if (machine.interfaces.isLocal(addr)) return true;
  const container = machine.thread?.containerId ?? '';
  if (container === '') return false;
  // A container whose address is not known counts as having the unspecified one.
  return (machine.hooks.containerIp?.(container) || UNSPECIFIED) === addr;
}

const clientIsLocal = (fd: FdInfo, machine: Machine): boolean => isLocal(fd.cip, machine);
const localIp = (fd: FdInfo, machine: Machine): string => (clientIsLocal(fd, machine) ? fd.cip : fd.sip);
const remoteIp = (fd: FdInfo, machine: Machine): string => (clientIsLocal(fd, machine) ? fd.sip : fd.cip);
const localPort = (fd: FdInfo, machine: Machine): number =>
  clientIsLocal(fd, machine) ? fd.cport : fd.sport;
const remotePort = (fd: FdInfo, machine: Machine): number =>
  clientIsLocal(fd, machine) ? fd.sport : fd.cport;

/** Field of a connection with two ends. */
function ofConnection(read: (fd: FdInfo, machine: Machine) => FieldValue): Extractor {
  return (_ev, machine) => {
    const fd = machine.fd;
    return fd !== null && isConnection(fd) && fd.sip !== '' ? read(fd, machine) : undefined;
  };
}

const clientIp = ofConnection((fd) => address(fd.cip));
const serverIp = ofInet((fd) => address(fd.sip));
const clientPort = ofConnection((fd) => fd.cport);
const serverPort = ofInet((fd) => (isConnection(fd) && fd.sip === '' ? undefined : fd.sport));
const lip = ofConnection((fd, machine) => address(localIp(fd, machine)));
const rip = ofConnection((fd, machine) => address(remoteIp(fd, machine)));
const lport = ofConnection((fd, machine) => localPort(fd, machine));
const rport = ofConnection((fd, machine) => remotePort(fd, machine));

/** Both ends of a connection, or the one end of a listening socket. */
function ends(first: Extractor, second: Extractor): Extractor {
  return (ev, machine) => {
    const a = first(ev, machine);
    const b = second(ev, machine);
    const both = [a, b].filter((value): value is NonNullable<FieldValue> => value !== undefined);
    return both.length === 0 ? undefined : both;
  };
}

const bothIps = ends(clientIp, serverIp);
const bothPorts = ends(clientPort, serverPort);

const devField = (read: (dev: number) => number): Extractor => ofFd((fd) => read(fd.dev));

const MAJOR_SHIFT = 256;
const majorOf = (dev: number): number => Math.floor(dev / MAJOR_SHIFT) & 0xfff;
/** Minor numbers have their low byte at the bottom, the rest above the major number. */
const minorOf = (dev: number): number => (dev & 0xff) | ((dev >>> 12) & 0xfff00);

function typesOfProcess(machine: Machine): string[] | undefined {
  const thread = machine.thread;
  const table = thread === null || !machine.hasFd ? null : machine.fdTable(thread);
  if (table === null) return undefined;
  const types = new Set<string>();
  for (const num of hashOrder(table.oldestFirst())) {
    const info = table.get(num);
    if (info !== undefined) types.add(fdTypeName(info));
  }
  return [...types];
}

const text = (
  name: string,
  description: string,
  extract: Extractor,
  rest: Partial<FieldDef> = {},
): FieldDef => ({
  name,
  type: PT.CHARBUF,
  description,
  fmt: 'na',
  needs: 'fd',
  extract,
  ...rest,
});

const field = (
  name: string,
  type: number,
  description: string,
  extract: Extractor,
  rest: Partial<FieldDef> = {},
): FieldDef => ({ name, type, description, needs: 'fd', extract, ...rest });

/**
 * Service of a port. Service names are looked up where a filter is written; as a value the number stands for the service, unless
 * -R asks for the name.
 * @param listening what a listening socket gives.
 */
function service(name: string, description: string, read: Extractor, listening?: ''): FieldDef {
  return text(name, description, () => undefined, {
    bind: (_arg, { portNames }) => ({
      extract: (ev, machine) => {
        const fd = machine.fd;
        if (fd?.isInet === true && !isConnection(fd)) return listening;
        const port = read(ev, machine);
        if (typeof port !== 'number') return undefined;
        if (port === 0) return '';
        return (portNames === true ? portName(port) : undefined) ?? String(port);
      },
    }),
  });
}

/**
 * Host name of one end. Filters resolve the name that they are given; addresses that were captured are never looked up: that
 * would tell the network what is being looked at, and hang without one.
 */
const hostName = (name: string, description: string, addressOfEnd: Extractor): FieldDef =>
  text(name, description, () => undefined, {
    noRhsField: true,
    noTransformer: true,
    bind: () => ({ extract: () => undefined, compare: compareHosts(addressOfEnd, name) }),
  });

const FILTER_ONLY: Partial<FieldDef> = { filterOnly: true, noRhsField: true, noTransformer: true };

const FIELDS: readonly FieldDef[] = [
  field('fd.num', PT.INT64, 'Number of the file descriptor.', (_ev, m) => fdNumber(m), { fmt: 'id' }),
  text(
    'fd.type',
    'Kind of the descriptor: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify, timerfd, netlink, bpf, userfaultfd, io_uring, memfd, pidfd.',
    ofFd(fdTypeName),
    { fmt: 'dec' },
  ),
  text(
    'fd.typechar',
    'Kind of the descriptor as one letter: f file, d directory, 4 IPv4, 6 IPv6, u unix, p pipe, e event, s signalfd, l eventpoll, i inotify, t timerfd, n netlink, b bpf, r io_uring, m memfd, P pidfd, o other.',
    typeChar,
    { fmt: 'dec' },
  ),
  text(
    'fd.name',
    'Whole name: the path of a file, both ends of a connection, the address of a listening socket.',
    fdName,
    {
      bind: (_arg, { portNames }) => ({ extract: portNames === true ? fdNameWithServices : fdName }),
    },
  ),
  text('fd.directory', 'Directory of the file.', directory),
  text('fd.filename', 'Name of the file without its directory.', ofFd(fileName)),
  field('fd.ip', PT.IPADDR, 'Address of either end of the connection.', bothIps, {
    fmt: 'na',
    multi: 'ends',
    ...FILTER_ONLY,
  }),
  field('fd.cip', PT.IPADDR, 'Address of the client.', clientIp, { fmt: 'na' }),
  field('fd.sip', PT.IPADDR, 'Address of the server.', serverIp, { fmt: 'na' }),
  field('fd.lip', PT.IPADDR, 'Address of the end on this machine.', lip, { fmt: 'na' }),
  field('fd.rip', PT.IPADDR, 'Address of the end on the other machine.', rip, { fmt: 'na' }),
  field('fd.port', PT.PORT, 'Port of either end of the connection.', bothPorts, {
    multi: 'ends',
    ...FILTER_ONLY,
  }),
  field('fd.cport', PT.PORT, 'Port of the client.', clientPort),
  field('fd.sport', PT.PORT, 'Port of the server.', serverPort),
  field('fd.lport', PT.PORT, 'Port of the end on this machine.', lport),
  field('fd.rport', PT.PORT, 'Port of the end on the other machine.', rport),
  text(
    'fd.l4proto',
    'Transport protocol: tcp, udp, icmp or raw.',
    ofInet((fd) => (fd.role === Role.NONE ? undefined : L4_NAMES[fd.l4proto])),
  ),
  text('fd.sockfamily', 'Family of the socket: ip or unix.', ofFd(socketFamily)),
  field(
    'fd.is_server',
    PT.BOOL,
    'true for a listening socket and for a connection whose server end is this machine.',
    ofFd(isServer),
    { fmt: 'na' },
  ),
  text('fd.uid', 'Thread id and descriptor number in one: unique within a capture.', (_ev, m) => {
    const num = fdNumber(m);
    return num === undefined ? undefined : `${m.thread?.tid}${num}`;
  }),
  text('fd.containername', 'Container id and descriptor name, with a colon between.', fdName, {
    bind: (_arg, { portNames }) => ({
      extract: (ev, m) => {
        const name = portNames === true ? fdNameWithServices(ev, m) : fdName(ev, m);
        return name === undefined ? undefined : withContainer(m, name);
      },
    }),
  }),
  text('fd.containerdirectory', 'Container id and directory, with a colon between.', (ev, m) => {
    const name = directory(ev, m);
    return name === undefined ? undefined : withContainer(m, name);
  }),
  field('fd.proto', PT.PORT, 'Service of either end, by the port.', bothPorts, {
    fmt: 'na',
    multi: 'ends',
    ...FILTER_ONLY,
  }),
  service('fd.cproto', 'Service of the client’s port.', clientPort, ''),
  service('fd.sproto', 'Service of the server’s port.', serverPort, ''),
  service('fd.lproto', 'Service of the port on this machine.', lport),
  service('fd.rproto', 'Service of the port on the other machine.', rport),
  field('fd.net', PT.IPNET, 'Network that either end is in.', bothIps, {
    fmt: 'na',
    multi: 'ends',
    ...FILTER_ONLY,
  }),
  field('fd.cnet', PT.IPNET, 'Network that the client is in.', clientIp, { fmt: 'na', ...FILTER_ONLY }),
  field('fd.snet', PT.IPNET, 'Network that the server is in.', serverIp, { fmt: 'na', ...FILTER_ONLY }),
  field('fd.lnet', PT.IPNET, 'Network that the end on this machine is in.', lip, {
    fmt: 'na',
    ...FILTER_ONLY,
  }),
  field('fd.rnet', PT.IPNET, 'Network that the end on the other machine is in.', rip, {
    fmt: 'na',
    ...FILTER_ONLY,
  }),
  field(
    'fd.connected',
    PT.BOOL,
    'true for a socket whose connection stands.',
    ofFd((fd) => fd.connected),
    { fmt: 'na' },
  ),
  field(
    'fd.name_changed',
    PT.BOOL,
    'true if this event gave the descriptor another name, as traffic of an unconnected socket does.',
    ofFd((_fd, m) => m.fdNameChanged),
    { fmt: 'na' },
  ),
  hostName('fd.cip.name', 'Host name of the client.', clientIp),
  hostName('fd.sip.name', 'Host name of the server.', serverIp),
  hostName('fd.lip.name', 'Host name of the end on this machine.', lip),
  hostName('fd.rip.name', 'Host name of the end on the other machine.', rip),
  field(
    'fd.dev',
    PT.INT32,
    'Device that the file lies on.',
    devField((dev) => dev),
    { fmt: 'hex' },
  ),
  field('fd.dev.major', PT.INT32, 'Major number of the device that the file lies on.', devField(majorOf)),
  field('fd.dev.minor', PT.INT32, 'Minor number of the device that the file lies on.', devField(minorOf)),
  field(
    'fd.ino',
    PT.INT64,
    'Inode number.',
    ofFd((fd) => fd.ino),
  ),
  text('fd.nameraw', 'Name as the call gave it, not made absolute.', (ev, m) => {
    const fd = m.fd;
    if (fd !== null) return fd.nameRaw;
    if (!m.hasFd || ev.info?.enter !== false) return undefined;
    return OPEN_EXITS[ev.type] === 1 ? openedPath(m, ev)?.raw : '';
  }),
  {
    name: 'fd.types',
    type: PT.CHARBUF,
    description: 'Kinds of all descriptors of the process; with a number, the kind of that descriptor.',
    argument: 'optional',
    isList: true,
    multi: 'list',
    needs: 'thread',
    noRhsField: true,
    bind: bindTypes,
  },
  field(
    'fd.is_upper_layer',
    PT.BOOL,
    'true if the file lies in the upper layer of an overlay file system.',
    ofFd((fd) => (fd.openFlags & UPPER_LAYER) !== 0),
    { fmt: 'na' },
  ),
  field(
    'fd.is_lower_layer',
    PT.BOOL,
    'true if the file lies in a lower layer of an overlay file system.',
    ofFd((fd) => (fd.openFlags & LOWER_LAYER) !== 0),
    { fmt: 'na' },
  ),
];

const UPPER_LAYER = 32768;
const LOWER_LAYER = 65536;

function fdNumber(machine: Machine): number | undefined {
  return machine.hasFd ? machine.fdNum : undefined;
}

function typeChar(ev: EventView, machine: Machine): FieldValue {
  if (!machine.hasFd) return undefined;
  const fd = machine.fd;
  return fd === null ? (MADE_TYPE_CHARS.get(ev.type) ?? 'o') : fdTypeChar(fd.type);
}

function isServer(fd: FdInfo, machine: Machine): boolean {
  if (!fd.isInet) return false;
  // A socket that is not connected yet has the unspecified address at either end.
  return !isConnection(fd) || isLocal(fd.sip === '' ? UNSPECIFIED : fd.sip, machine);
}

const UNSPECIFIED = '\0\0\0\0';

function socketFamily(fd: FdInfo): FieldValue {
  if (fd.isInet) return 'ip';
  return fd.type === FdType.UNIX_SOCK ? 'unix' : undefined;
}

function bindTypes(arg: string | undefined): { extract: Extractor; multi?: 'list' } {
  if (arg === undefined) return { extract: (_ev, m) => typesOfProcess(m), multi: 'list' };
  if (!/^\d+$/.test(arg)) throw new FieldError(`fd.types: ${arg} is not the number of a descriptor`);
  const num = Number(arg);
  return {
    multi: 'list',
    extract: (_ev, machine) => {
      const thread = machine.thread;
      const info = thread === null ? undefined : machine.fdTable(thread)?.get(num);
      return info === undefined ? undefined : [fdTypeName(info)];
    },
  };
}

/** Fields about the file descriptor that an event uses, makes or closes. */
export const FD_FIELDS: FieldClass = {
  name: 'fd',
  description: 'The file descriptor that the event uses, makes or closes: file, socket, pipe or other.',
  fields: FIELDS,
};
