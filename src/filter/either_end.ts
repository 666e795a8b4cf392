import type { EventView } from '../event/view.js';
import type { FieldValue } from '../fields/field.js';
import { ipText } from '../machine/addresses.js';
import { FdType } from '../machine/fd.js';
import type { Machine } from '../machine/machine.js';
import { PPME } from '../scap/events.generated.js';
import type { Extract } from './plan.js';

const INET = 2;
const INET6 = 10;
const NO_V4 = '\0'.repeat(4);
const NO_V6 = '\0'.repeat(16);

/**
 * The event that says where a connect goes: itself, or its enter event when it failed. null for all others.
 */
function connecting(ev: EventView, m: Machine): EventView | null {
  if (ev.type === PPME.SOCKET_CONNECT_E) return ev;
  return ev.type === PPME.SOCKET_CONNECT_X && m.errorCode !== 0 && m.fd?.sip === '' ? m.enterEvent() : null;
}

/** Offset of the inet address that a connect is given (parameter 1: family, address, port), -1 if there is none. */
function destination(ev: EventView): number {
  const len = ev.paramLen(1);
  if (len < 7) return -1;
  const off = ev.paramOffset(1);
  const family = ev.bytes[off];
  return (family === INET && len >= 7) || (family === INET6 && len >= 19) ? off : -1;
}

/**
 * The addresses that fd.ip and fd.net are compared with. As in sysdig a socket has both ends from the start, all zero
 * as long as nothing is known, and a connect gives it the far one before it returns.
 */
function addresses(ev: EventView, m: Machine): FieldValue {
  const { fd } = m;
  if (fd === null || !fd.isInet) return undefined;
  const none = fd.type === FdType.IPV6_SOCK || fd.type === FdType.IPV6_SERVSOCK ? NO_V6 : NO_V4;
  const server = ipText(fd.sip === '' ? none : fd.sip);
  if (fd.type === FdType.IPV4_SERVSOCK || fd.type === FdType.IPV6_SERVSOCK) return [server];
  const client = ipText(fd.cip === '' ? none : fd.cip);
  const enter = connecting(ev, m);
  const off = enter === null ? -1 : destination(enter);
  if (enter === null || off < 0) return [client, server];
  return [client, ipText(enter.bytes.latin1Slice(off + 1, off + (enter.bytes[off] === INET ? 5 : 17)))];
}

/** The same for fd.port and fd.proto. */
function ports(ev: EventView, m: Machine): FieldValue {
  const { fd } = m;
  if (fd === null || !fd.isInet) return undefined;
  if (fd.type === FdType.IPV4_SERVSOCK || fd.type === FdType.IPV6_SERVSOCK) return [fd.sport];
  const enter = connecting(ev, m);
  const off = enter === null ? -1 : destination(enter);
  if (enter === null || off < 0) return [fd.cport, fd.sport];
  return [fd.cport, enter.dv.getUint16(off + (enter.bytes[off] === INET ? 5 : 17), true)];
}

/** How the fields that stand for either end of a connection are read for comparisons: they exist in filters only. */
export const EITHER_END: Readonly<Record<string, Extract>> = {
  'fd.ip': addresses,
  'fd.net': addresses,
  'fd.port': ports,
  'fd.proto': ports,
};
