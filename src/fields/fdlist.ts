import type { EventView } from '../event/view.js';
import { ipText } from '../machine/addresses.js';
import type { FdInfo } from '../machine/fd.js';
import { FdType } from '../machine/fd.js';
import type { Machine } from '../machine/machine.js';
import { PPME, PT } from '../scap/events.generated.js';
import type { FieldDef, FieldValue } from './field.js';
import type { FieldClass } from './registry.js';

/** Parameter with the list of polled fds, -1 for all other types. */
function listParam(type: number): number {
  if (type === PPME.SYSCALL_POLL_E || type === PPME.SYSCALL_PPOLL_E) return 0;
  if (type === PPME.SYSCALL_POLL_X || type === PPME.SYSCALL_PPOLL_X) return 1;
  return -1;
}

/** Bytes of one entry: the fd and the events asked for or found. */
const ENTRY = 10;

/** What each fd of the list gives, with commas between; fds that give nothing are left out. */
function ofEach(
  read: (fd: number, info: FdInfo | undefined) => string | undefined,
): (ev: EventView, machine: Machine) => FieldValue {
  return (ev, machine) => {
    const at = listParam(ev.type);
    const thread = machine.thread;
    if (at < 0 || thread === null || ev.paramLen(at) < 2) return undefined;
    const off = ev.paramOffset(at);
    const room = Math.floor((ev.paramLen(at) - 2) / ENTRY);
    const count = Math.min(ev.dv.getUint16(off, true), room);
    const table = machine.fdTable(thread);
    const texts: string[] = [];
    for (let i = 0; i < count; i++) {
      const fd = Number(ev.dv.getBigInt64(off + 2 + i * ENTRY, true));
      const text = read(fd, table?.get(fd));
      if (text !== undefined) texts.push(text);
    }
    return texts.length === 0 ? undefined : texts.join(',');
  };
}

const isConnection = (info: FdInfo | undefined): info is FdInfo =>
  info !== undefined && info.sip !== '' && (info.type === FdType.IPV4_SOCK || info.type === FdType.IPV6_SOCK);

const hasServer = (info: FdInfo | undefined): info is FdInfo => info?.isInet === true && info.sip !== '';

const listField = (
  name: string,
  description: string,
  extract: FieldDef['extract'],
  fmt = 'na',
): FieldDef => ({
  name,
  type: PT.CHARBUF,
  description,
  fmt,
  needs: 'event',
  extract,
});

/** Fields about the descriptors that a poll waits for. */
export const FDLIST_FIELDS: FieldClass = {
  name: 'fdlist',
  description: 'The file descriptors that a poll or ppoll waits for.',
  fields: [
    listField(
      'fdlist.nums',
      'Numbers of the descriptors.',
      ofEach((fd) => String(fd)),
      'id',
    ),
    listField(
      'fdlist.names',
      'Names of the descriptors.',
      ofEach((_fd, info) => (info === undefined || info.name === '' ? '<NA>' : info.name)),
    ),
    listField(
      'fdlist.cips',
      'Client addresses of the connections among them.',
      ofEach((_fd, info) => (isConnection(info) ? ipText(info.cip) : undefined)),
    ),
    listField(
      'fdlist.sips',
      'Server addresses of the sockets among them.',
      ofEach((_fd, info) => (hasServer(info) ? ipText(info.sip) : undefined)),
    ),
    listField(
      'fdlist.cports',
      'Client ports of the connections among them.',
      ofEach((_fd, info) => (isConnection(info) ? String(info.cport) : undefined)),
      'dec',
    ),
    listField(
      'fdlist.sports',
      'Server ports of the sockets among them.',
      ofEach((_fd, info) => (hasServer(info) ? String(info.sport) : undefined)),
      'dec',
    ),
  ],
};
