import { hostname, networkInterfaces, totalmem } from 'node:os';
import type { GroupEntry, InterfaceEntry, MachineInfo, UserEntry } from '../scap/head.js';
import { readText } from './proc_files.js';

/** Users and groups in `<root>/etc/passwd` and `<root>/etc/group`; none where these cannot be read. */
export function readAccounts(root: string): { users: UserEntry[]; groups: GroupEntry[] } {
  const users: UserEntry[] = [];
  const groups: GroupEntry[] = [];
  for (const line of readText(`${root}/etc/passwd`, MAX_ACCOUNTS).split('\n')) {
    // name:password:uid:gid:comment:home:shell
    const [name, , uid, gid, , home = '', shell = ''] = line.split(':');
    if (!isId(uid) || !isId(gid)) continue;
    users.push({ uid: Number(uid), gid: Number(gid), name, home, shell });
  }
  for (const line of readText(`${root}/etc/group`, MAX_ACCOUNTS).split('\n')) {
    const [name, , gid] = line.split(':');
    if (isId(gid)) groups.push({ gid: Number(gid), name });
  }
  return { users, groups };
}

/** A container may put anything there: not more than this is read. */
const MAX_ACCOUNTS = 4 * 1024 * 1024;

function isId(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

/** The machine itself. */
export function readMachine(hostRoot: string): MachineInfo {
  const stat = readText(`${hostRoot}/proc/stat`);
  const name = hostRoot === '' ? hostname() : readText(`${hostRoot}/etc/hostname`).trim() || hostname();
  return {
    numCpus: (stat.match(/^cpu\d+ /gm) ?? []).length,
    memorySize: totalmem(),
    maxPid: 0,
    hostname: name,
    bootTime: BigInt(/^btime (\d+)/m.exec(stat)?.[1] ?? 0) * 1_000_000_000n,
    flags: 0n,
  };
}

/** Addresses of the network interfaces that are up, IPv4 first. */
export function readInterfaces(): InterfaceEntry[] {
  const entries: InterfaceEntry[] = [];
  let interfaces: ReturnType<typeof networkInterfaces>;
  try {
    interfaces = networkInterfaces();
  } catch {
    return entries;
  }
  for (const [name, addresses] of Object.entries(interfaces)) {
    for (const address of addresses ?? []) {
      const addr = addressBytes(address.address);
      const netmask = addressBytes(address.netmask);
      if (addr === undefined || netmask === undefined || addr.length !== netmask.length) continue;
      // IPv6 has no broadcast.
      const broadcast = addr.map((byte, i) => (addr.length === 4 ? byte | (~netmask[i] & 0xff) : 0));
      entries.push({ addr, netmask, broadcast, linkSpeed: linkSpeed(name), name });
    }
  }
  return entries.sort((a, b) => a.addr.length - b.addr.length);
}

/** Bytes of a textual address, undefined if it is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return Uint8Array.from(text.split('.').map(Number));
  const plain = text.replace(/%.*/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) => {
    return `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`;
  });
  const [head, tail, more] = plain.split('::');
  if (more !== undefined) return undefined;
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const front = groups(head);
  const back = groups(tail);
  const gap = tail === undefined ? 0 : 8 - front.length - back.length;
  if (gap < 0) return undefined;
  const all = [...front, ...new Array<string>(gap).fill('0'), ...back];
  if (all.length !== 8 || !all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

/** Mbit/s of an interface, 0 if unknown. */
function linkSpeed(name: string): bigint {
  const text = readText(`/sys/class/net/${name}/speed`).trim();
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
