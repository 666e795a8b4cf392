import type { EventView } from '../event/view.js';
import { PPME } from '../scap/events.generated.js';
import { connectionName, isAny, isMapped, serverName, unixName } from './addresses.js';
import { FdInfo, FdType, L4, Link, Role } from './fd.js';
import type { FdTable } from './fd_table.js';
import type { HandlerRow } from './handler.js';
import type { Machine } from './machine.js';
import type { ThreadInfo } from './thread.js';

const Family = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const;
const SocketKind = { STREAM: 1, DGRAM: 2, RAW: 3 } as const;
const Protocol = { IP: 0, ICMP: 1, TCP: 6, UDP: 17, RAW: 255 } as const;
const EINPROGRESS = 115;

function l4Of(type: number, protocol: number): number {
  const kind = type & 0xf;
  switch (protocol) {
    case Protocol.TCP:
      return kind === SocketKind.RAW ? L4.RAW : L4.TCP;
    case Protocol.UDP:
      return kind === SocketKind.RAW ? L4.RAW : L4.UDP;
    case Protocol.IP:
      return kind === SocketKind.STREAM ? L4.TCP : kind === SocketKind.DGRAM ? L4.UDP : L4.UNKNOWN;
    case Protocol.ICMP:
      return kind === SocketKind.RAW ? L4.RAW : L4.ICMP;
    case Protocol.RAW:
      return L4.RAW;
    default:
      return L4.UNKNOWN;
  }
}

function newSocket(domain: number, type: number, protocol: number): FdInfo {
  switch (domain) {
    case Family.UNIX:
      return new FdInfo(FdType.UNIX_SOCK, '');
    case Family.INET:
    case Family.INET6: {
      const info = new FdInfo(domain === Family.INET ? FdType.IPV4_SOCK : FdType.IPV6_SOCK, '');
      info.socketL4 = l4Of(type, protocol);
      if (info.socketL4 === L4.RAW) info.l4proto = L4.RAW;
      return info;
    }
    case Family.NETLINK:
      return new FdInfo(FdType.NETLINK, '');
    default:
      return new FdInfo(FdType.UNKNOWN, '');
  }
}

function socketExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const fd = ev.paramLen(0) === 8 ? ev.i64(0) : -1;
  if (fd < 0) return;
  const enter = machine.enterEvent();
  if (enter !== null && enter.nparams >= 3) {
    machine.addFd(thread, fd, newSocket(enter.u32(0), enter.u32(1), enter.u32(2)));
  } else if (ev.nparams >= 4 && ev.paramLen(3) === 4) {
    machine.addFd(thread, fd, newSocket(ev.u32(1), ev.u32(2), ev.u32(3)));
  }
}

function socketpairExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.nparams < 5 || ev.i64(0) < 0) return;
  const first = ev.big(3);
  const second = ev.big(4);
  for (let i = 0; i < 2; i++) {
    const info = new FdInfo(FdType.UNIX_SOCK, '');
    info.source = i === 0 ? first : second;
    info.destination = i === 0 ? second : first;
    machine.addFd(thread, ev.i64(1 + i), info);
  }
}

function bindExit(machine: Machine, ev: EventView): void {
  const fd = machine.fd;
  if (fd === null || ev.paramLen(0) !== 8 || ev.i64(0) < 0 || ev.paramLen(1) < 1) return;
  const off = ev.paramOffset(1);
  const len = ev.paramLen(1);
  const bytes = ev.bytes;
  const family = bytes[off];
  const before = fd.name;
  if (family === Family.INET && len >= 7) {
    listening(fd, bytes.latin1Slice(off + 1, off + 5), ev.dv.getUint16(off + 5, true));
  } else if (family === Family.INET6 && len >= 19) {
    const addr = bytes.latin1Slice(off + 1, off + 17);
    const port = ev.dv.getUint16(off + 17, true);
    // Listening on all addresses takes IPv4 connections too: sysdig counts it as IPv4, under its IPv6 name.
    listening(fd, isMapped(addr) || isAny(addr) ? addr.slice(12) : addr, port);
    if (isAny(addr)) fd.name = serverName(addr, port);
  } else if (family === Family.UNIX) {
    fd.name = textAt(bytes, off + 1, off + len);
  }
  machine.fdNameChanged = fd.name !== before;
}

function listening(fd: FdInfo, addr: string, port: number): void {
  if (port > 0) {
    fd.type = addr.length === 4 ? FdType.IPV4_SERVSOCK : FdType.IPV6_SERVSOCK;
    fd.cip = '';
    fd.cport = 0;
    fd.sip = addr;
    fd.sport = port;
    fd.takeRole(Role.SERVER);
    fd.tuple = '';
  }
  fd.name = serverName(addr, port);
}

function textAt(bytes: Buffer, from: number, to: number): string {
  let end = from;
  while (end < to && bytes[end] !== 0) end++;
  return bytes.latin1Slice(from, end);
}

/** Whether the bytes at `off` are those of `text`. */
function sameBytes(bytes: Buffer, off: number, len: number, text: string): boolean {
  if (text.length !== len) return false;
  for (let i = 0; i < len; i++) if (bytes[off + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether parameter `at`, a tuple, is another than the one that the fd's ends were last taken from. */
export function tellsNewEnds(fd: FdInfo, ev: EventView, at: number): boolean {
  const len = ev.paramLen(at);
  return len > 0 && !sameBytes(ev.bytes, ev.paramOffset(at), len, fd.tuple);
}

/**
 * Takes both ends from parameter `at`, a tuple, into `fd`, without touching its name.
 * @returns whether anything changed.
 */
function takeTuple(fd: FdInfo, ev: EventView, at: number): boolean {
  if (!tellsNewEnds(fd, ev, at)) return false;
  const len = ev.paramLen(at);
  const off = ev.paramOffset(at);
  const bytes = ev.bytes;
  const family = bytes[off];
  if (family === Family.INET && len >= 13) {
    setEnds(
      fd,
      bytes.latin1Slice(off + 1, off + 5),
      ev.dv.getUint16(off + 5, true),
      bytes.latin1Slice(off + 7, off + 11),
      ev.dv.getUint16(off + 11, true),
    );
  } else if (family === Family.INET6 && len >= 37) {
    const from = bytes.latin1Slice(off + 1, off + 17);
    const to = bytes.latin1Slice(off + 19, off + 35);
    const mapped = isMapped(from) && isMapped(to);
    setEnds(
      fd,
      mapped ? from.slice(12) : from,
      ev.dv.getUint16(off + 17, true),
      mapped ? to.slice(12) : to,
      ev.dv.getUint16(off + 35, true),
    );
  } else if (family === Family.UNIX && len >= 17) {
    fd.type = FdType.UNIX_SOCK;
    fd.source = ev.dv.getBigUint64(off + 1, true);
    fd.destination = ev.dv.getBigUint64(off + 9, true);
    fd.nameRaw = textAt(bytes, off + 17, off + len);
  } else return false;
  fd.tuple = bytes.latin1Slice(off, off + len);
  return true;
}

function setEnds(fd: FdInfo, cip: string, cport: number, sip: string, sport: number): void {
  fd.type = cip.length === 4 ? FdType.IPV4_SOCK : FdType.IPV6_SOCK;
  fd.cip = cip;
  fd.cport = cport;
  fd.sip = sip;
  fd.sport = sport;
}

/** The name as both ends give it. */
function nameByEnds(fd: FdInfo): void {
  if (fd.type === FdType.UNIX_SOCK) fd.name = unixName(fd.source, fd.destination, fd.nameRaw);
  else fd.name = connectionName(fd.cip, fd.cport, fd.sip, fd.sport);
}

/** The path of a unix socket is known before the call returns. */
function connectEnter(machine: Machine, ev: EventView): void {
  const fd = machine.fd;
  if (fd === null) return;
  if (fd.link !== Link.CONNECTED) fd.link = Link.PENDING;
  const len = ev.paramLen(1);
  if (len < 1) return;
  const off = ev.paramOffset(1);
  if (ev.bytes[off] !== Family.UNIX) return;
  const before = fd.name;
  fd.name = textAt(ev.bytes, off + 1, off + len);
  machine.fdNameChanged = fd.name !== before;
}

function connectExit(machine: Machine, ev: EventView): void {
  const fd = machine.fd;
  if (fd === null || ev.paramLen(0) !== 8) return;
  const result = ev.i64(0);
  if (result < 0 && result !== -EINPROGRESS) {
    fd.link = Link.FAILED;
    return;
  }
  // A connection under way counts as standing, as with sysdig: how it ends is known only if somebody asks.
  fd.link = Link.CONNECTED;
  if (takeTuple(fd, ev, 1)) {
    if (fd.role === Role.NONE) fd.takeRole(Role.CLIENT);
    const before = fd.name;
    nameByEnds(fd);
    machine.fdNameChanged = fd.name !== before;
  }
}

function acceptExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  const num = ev.paramLen(0) === 8 ? ev.i64(0) : -1;
  if (num < 0) return;
  const fd = new FdInfo(FdType.UNKNOWN, '');
  if (!takeTuple(fd, ev, 1)) return;
  if (fd.type !== FdType.UNIX_SOCK) fd.socketL4 = L4.TCP;
  fd.takeRole(Role.SERVER);
  fd.link = Link.CONNECTED;
  nameByEnds(fd);
  machine.addFd(thread, num, fd);
  machine.fdNameChanged = true;
}

/** Whether the process has a socket whose server end is this port. */
function isBoundTo(table: FdTable, port: number): boolean {
  for (const fd of table.values()) {
    if (fd.sport !== port) continue;
    if (fd.type === FdType.IPV4_SERVSOCK || fd.type === FdType.IPV4_SOCK) return true;
  }
  return false;
}

function usesClientPort(table: FdTable, port: number): boolean {
  for (const fd of table.values()) if (fd.type === FdType.IPV4_SOCK && fd.cport === port) return true;
  return false;
}

/** Which end this process is, when neither connect nor accept told: by ports, else whoever speaks first is the client. */
function guessRole(machine: Machine, thread: ThreadInfo, fd: FdInfo, incoming: boolean): void {
  if (fd.role !== Role.NONE) return;
  const table = machine.fdTable(thread);
  if (table === null) return;
  if (!isBoundTo(table, fd.sport)) fd.takeRole(Role.CLIENT);
  else if (!usesClientPort(table, fd.cport)) fd.takeRole(Role.SERVER);
  else fd.takeRole(incoming ? Role.SERVER : Role.CLIENT);
}

/** A connected TCP socket: traffic can tell nothing new of its ends. */
export function areEndsKnown(fd: FdInfo): boolean {
  return fd.name !== '' && fd.socketL4 === L4.TCP && fd.isInet;
}

/** Traffic tells the ends of sockets that are not connected TCP ones. */
function traffic(machine: Machine, thread: ThreadInfo, ev: EventView, at: number, incoming: boolean): void {
  const fd = machine.fd;
  if (fd === null || areEndsKnown(fd)) return;
  if (!takeTuple(fd, ev, at)) return;
  const before = fd.name;
  if (fd.type !== FdType.UNIX_SOCK) guessRole(machine, thread, fd, incoming);
  machine.interfaces.complete(fd);
  nameByEnds(fd);
  machine.fdNameChanged = fd.name !== before;
}

/** `control`: index of the control data, -1 if the event has none. */
function receiveExit(
  at: number,
  control = -1,
): (machine: Machine, ev: EventView, thread: ThreadInfo) => void {
  return (machine, ev, thread) => {
    if (ev.paramLen(0) !== 8 || ev.i64(0) < 0) return;
    traffic(machine, thread, ev, at, true);
    if (control >= 0 && machine.hooks.receivedFd !== undefined && ev.paramLen(control) >= CONTROL_HEAD)
      takeReceivedFds(machine, thread, ev, control);
  };
}

/** struct cmsghdr of 64-bit programs: length with the head (8 bytes), level, type. */
const CONTROL_HEAD = 16;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

/** Fds that came with a message: which files they are only the machine itself can tell. */
function takeReceivedFds(machine: Machine, thread: ThreadInfo, ev: EventView, control: number): void {
  const table = machine.fdTable(thread);
  const end = ev.paramOffset(control) + ev.paramLen(control);
  let at = ev.paramOffset(control);
  while (table !== null && at + CONTROL_HEAD <= end) {
    const length = ev.dv.getUint32(at, true);
    if (length < CONTROL_HEAD) return;
    // What was recorded of it may be less than its length.
    const stop = Math.min(at + length, end);
    if (ev.dv.getUint32(at + 8, true) === SOL_SOCKET && ev.dv.getUint32(at + 12, true) === SCM_RIGHTS)
      for (let fd = at + CONTROL_HEAD; fd + 4 <= stop; fd += 4) {
        const number = ev.dv.getInt32(fd, true);
        const info = machine.hooks.receivedFd?.(thread, number) ?? null;
        if (info !== null) table.set(number, info);
        else table.delete(number);
      }
    at += (length + 7) & ~7;
  }
}

/** Who sends with an address over an fd that is not known has an internet socket whose making was missed, by all odds of UDP. */
function sendEnter(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  learnSender(machine, ev, thread, 2);
}

/** `at`: the parameter with both ends. */
function learnSender(machine: Machine, ev: EventView, thread: ThreadInfo, at: number): void {
  if (thread.lastFd < 0 || machine.fd !== null || ev.paramLen(at) < 1) return;
  const family = ev.u8(at);
  if (family !== Family.INET && family !== Family.INET6) return;
  machine.addFd(thread, thread.lastFd, newSocket(family, SocketKind.DGRAM, Protocol.UDP));
}

/** Where a sending call tells both ends: in its enter event or, nowadays, in its exit event; null: nowhere. */
export function sentTuple(ev: EventView, enter: EventView | null): { ev: EventView; at: number } | null {
  if (enter !== null && enter.nparams > 2) return { ev: enter, at: 2 };
  return ev.paramLen(4) > 0 ? { ev, at: 4 } : null;
}

function sendExit(machine: Machine, ev: EventView, thread: ThreadInfo): void {
  if (ev.paramLen(0) !== 8 || ev.i64(0) < 0) return;
  const sent = sentTuple(ev, machine.enterEvent());
  if (sent === null) return;
  learnSender(machine, sent.ev, thread, sent.at);
  traffic(machine, thread, sent.ev, sent.at, false);
}

/** Sockets: making, naming, connecting them, and what their traffic tells. */
export const SOCKET_HANDLERS: readonly HandlerRow[] = [
  [[PPME.SOCKET_SOCKET_X], socketExit],
  [[PPME.SOCKET_SOCKETPAIR_X], socketpairExit],
  [[PPME.SOCKET_BIND_X], bindExit],
  [[PPME.SOCKET_CONNECT_E], connectEnter],
  [[PPME.SOCKET_CONNECT_X], connectExit],
  [
    [
      PPME.SOCKET_ACCEPT_X,
      PPME.SOCKET_ACCEPT_5_X,
      PPME.SOCKET_ACCEPT4_X,
      PPME.SOCKET_ACCEPT4_5_X,
      PPME.SOCKET_ACCEPT4_6_X,
    ],
    acceptExit,
  ],
  [[PPME.SOCKET_SENDTO_E, PPME.SOCKET_SENDMSG_E], sendEnter],
  [[PPME.SOCKET_SENDTO_X, PPME.SOCKET_SENDMSG_X, PPME.SOCKET_SEND_X, PPME.SOCKET_SENDMMSG_X], sendExit],
  [[PPME.SOCKET_RECVFROM_X], receiveExit(2)],
  [[PPME.SOCKET_RECVMSG_X], receiveExit(3, 4)],
  [[PPME.SOCKET_RECVMMSG_X], receiveExit(4, 5)],
  [[PPME.SOCKET_RECV_X], receiveExit(4)],
];
