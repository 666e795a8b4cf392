import type { BodyCursor } from './body_cursor.js';
import type { GroupEntry, InterfaceEntry, MachineInfo, UserEntry } from './head.js';

const HOSTNAME_BYTES = 128;

/** Machine info: number of CPUs, memory, host name, boot time (format, section 2.2). */
export function decodeMachine(c: BodyCursor): MachineInfo {
  const numCpus = c.u32();
  const memorySize = c.u64();
  const maxPid = c.u64();
  const host = c.text(HOSTNAME_BYTES);
  const nul = host.indexOf('\0');
  return {
    numCpus,
    memorySize,
    maxPid,
    hostname: nul < 0 ? host : host.slice(0, nul),
    bootTime: c.left >= 8 ? c.big() : 0n,
    flags: c.left >= 8 ? c.big() : 0n,
  };
}

/** Interface list, version 1 (bare entries) or 2 (entries with their length; section 2.3). */
export function decodeInterfaces(c: BodyCursor, version: number, into: InterfaceEntry[]): void {
  const blockEnd = c.end;
  // What is left may be padding, which is shorter than 4 bytes.
  while (c.left >= 4) {
    let entryEnd = blockEnd;
    if (version >= 2) {
      const len = c.u32();
      if (len > c.left) c.fail(`an interface entry of ${len} bytes, ${c.left} left`);
      entryEnd = c.pos + len;
      c.end = entryEnd;
    }
    const type = c.u16();
    const nameLen = c.u16();
    if (type >= 1 && type <= 4) {
      const size = type === 1 || type === 3 ? 4 : 16;
      const addr = c.copy(size);
      const netmask = c.copy(size);
      const broadcast = c.copy(size);
      const linkSpeed = type <= 2 ? c.big() : 0n;
      into.push({ addr, netmask, broadcast, linkSpeed, name: c.text(nameLen) });
    } else if (version < 2) {
      c.fail(`interface entry of unknown type ${type}`);
    }
    if (version >= 2) {
      c.pos = entryEnd;
      c.end = blockEnd;
    }
  }
}

const USER = 0;
const GROUP = 1;

/** User and group list, version 1 (bare entries) or 2 (section 2.4; there the length counts itself). */
export function decodeUsers(c: BodyCursor, version: number, users: UserEntry[], groups: GroupEntry[]): void {
  const blockEnd = c.end;
  while (c.left >= 4) {
    let entryEnd = blockEnd;
    if (version >= 2) {
      const len = c.u32();
      if (len < 5 || len - 4 > c.left) c.fail(`a user entry of ${len} bytes, ${c.left + 4} left`);
      entryEnd = c.pos + len - 4;
      c.end = entryEnd;
    }
    const kind = c.u8();
    if (kind === USER) {
      const uid = c.u32();
      const gid = c.u32();
      users.push({ uid, gid, name: c.string(), home: c.string(), shell: c.string() });
    } else if (kind === GROUP) {
      groups.push({ gid: c.u32(), name: c.string() });
    } else if (version < 2) {
      c.fail(`user entry of unknown kind ${kind}`);
    }
    if (version >= 2) {
      c.pos = entryEnd;
      c.end = blockEnd;
    }
  }
}
