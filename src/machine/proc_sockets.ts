import type { FdEntry } from '../scap/head.js';
import { FdType, L4 } from './fd.js';
import { readText } from './proc_files.js';

/** A socket as the kernel's tables tell it: an fd without its number. */
export type SocketEntry = Omit<FdEntry, 'fd'>;

/** All sockets of a network namespace by inode, read through one of its processes (`/proc/<pid>/net`). */
export function readSockets(netDir: string): Map<number, SocketEntry> {
  const sockets = new Map<number, SocketEntry>();
  for (const [file, l4, size] of INTERNET) addInternet(sockets, readText(`${netDir}/${file}`), l4, size);
  addUnix(sockets, readText(`${netDir}/unix`));
  addPlain(sockets, readText(`${netDir}/netlink`), FdType.NETLINK);
  addPlain(sockets, readText(`${netDir}/packet`), FdType.UNSUPPORTED);
  return sockets;
}

const INTERNET = [
  ['tcp', L4.TCP, 4],
  ['tcp6', L4.TCP, 16],
  ['udp', L4.UDP, 4],
  ['udp6', L4.UDP, 16],
  ['raw', L4.RAW, 4],
  ['raw6', L4.RAW, 16],
] as const;

function* rows(text: string): Generator<string[]> {
  let at = text.indexOf('\n') + 1;
  while (at > 0 && at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    yield text.slice(at, end).trim().split(/ +/);
    at = end + 1;
  }
}

/** Lines `sl local remote state queues timer retransmits uid timeout inode …`. */
function addInternet(sockets: Map<number, SocketEntry>, text: string, l4: number, size: number): void {
  for (const row of rows(text)) {
    const ino = Number(row[9]);
    const local = endOf(row[1], size);
    const remote = endOf(row[2], size);
    if (local === undefined || remote === undefined || !(ino > 0)) continue;
    const listening = remote.port === 0 && remote.addr.every((byte) => byte === 0);
    const type = listening
      ? size === 4
        ? FdType.IPV4_SERVSOCK
        : FdType.IPV6_SERVSOCK
      : size === 4
        ? FdType.IPV4_SOCK
        : FdType.IPV6_SOCK;
    sockets.set(ino, {
      ino,
      type,
      name: '',
      openFlags: 0,
      dev: 0,
      sip: local.addr,
      sport: local.port,
      dip: listening ? undefined : remote.addr,
      dport: listening ? undefined : remote.port,
      l4proto: l4,
    });
  }
}

/** `0100007F:1F90`: words of the address in the machine's byte order, then the port. */
function endOf(text: string | undefined, size: number): { addr: Uint8Array; port: number } | undefined {
  if (text === undefined || text.length !== size * 2 + 5) return undefined;
  const addr = new Uint8Array(size);
  for (let word = 0; word < size; word += 4) {
    for (let i = 0; i < 4; i++) {
      const at = (word + (LITTLE_ENDIAN ? 3 - i : i)) * 2;
      addr[word + i] = Number.parseInt(text.slice(at, at + 2), 16);
    }
  }
  return { addr, port: Number.parseInt(text.slice(size * 2 + 1), 16) };
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Lines `pointer: references protocol flags type state inode [path]`. */
function addUnix(sockets: Map<number, SocketEntry>, text: string): void {
  for (const row of rows(text)) {
    const ino = Number(row[6]);
    if (!(ino > 0)) continue;
    const source = /^[0-9a-f]+:$/i.test(row[0]) ? BigInt(`0x${row[0].slice(0, -1)}`) : 0n;
    const name = row.slice(7).join(' ');
    sockets.set(ino, { ino, type: FdType.UNIX_SOCK, name, openFlags: 0, dev: 0, source, destination: 0n });
  }
}

/** Tables whose last column is the inode. */
function addPlain(sockets: Map<number, SocketEntry>, text: string, type: number): void {
  for (const row of rows(text)) {
    const ino = Number(row[row.length - 1]);
    if (ino > 0) sockets.set(ino, { ino, type, name: '', openFlags: 0, dev: 0 });
  }
}

/** Network namespaces met during a scan: their tables are read once each. */
export class NetworkNamespaces {
  private readonly known = new Map<string, Map<number, SocketEntry>>();

  /** Sockets of the namespace `link` (target of `/proc/<pid>/ns/net`), seen through the process in `processDir`. */
  sockets(link: string, processDir: string): Map<number, SocketEntry> {
    let found = this.known.get(link);
    if (found === undefined) {
      found = readSockets(`${processDir}/net`);
      this.known.set(link, found);
    }
    return found;
  }
}
