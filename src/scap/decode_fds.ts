import type { BodyCursor } from './body_cursor.js';
import { ScapFd } from './fd_types.js';
import type { FdEntry } from './head.js';

/** Goes into the entry of an fd list at the cursor, which ends with it then. Gives where that is; version 1 does not tell. */
export function enterFd(c: BodyCursor, version: number): number {
  if (version < 2) return c.end;
  const len = c.u32();
  if (len < 21 || len - 4 > c.left) c.fail(`an fd entry of ${len} bytes, ${c.left + 4} left`);
  c.end = c.pos + len - 4;
  return c.end;
}

/** The entry that the cursor has gone into. */
export function decodeFd(c: BodyCursor, version: number): FdEntry {
  const entry: FdEntry = { fd: c.i64(), ino: c.u64(), type: c.u8(), name: '', openFlags: 0, dev: 0 };
  switch (entry.type) {
    case ScapFd.IPV4_SOCK:
    case ScapFd.IPV6_SOCK: {
      const size = entry.type === ScapFd.IPV4_SOCK ? 4 : 16;
      entry.sip = c.copy(size);
      entry.dip = c.copy(size);
      entry.sport = c.u16();
      entry.dport = c.u16();
      entry.l4proto = c.u8();
      break;
    }
    case ScapFd.IPV4_SERVSOCK:
    case ScapFd.IPV6_SERVSOCK:
      entry.sip = c.copy(entry.type === ScapFd.IPV4_SERVSOCK ? 4 : 16);
      entry.sport = c.u16();
      entry.l4proto = c.u8();
      break;
    case ScapFd.UNIX_SOCK:
      entry.source = c.big();
      entry.destination = c.big();
      entry.name = c.string();
      break;
    case ScapFd.FILE_V2:
      entry.openFlags = c.u32();
      entry.name = c.string();
      if (version >= 2 && c.left >= 4) entry.dev = c.u32();
      break;
    case ScapFd.UNKNOWN:
      break;
    default:
      if (entry.type <= ScapFd.PIDFD) {
        entry.name = c.string();
      } else if (version >= 2) {
        // Newer than this program: its length says where the next entry starts.
        entry.type = ScapFd.UNSUPPORTED;
      } else {
        c.fail(`fd entry of unknown type ${entry.type}`);
      }
  }
  return entry;
}

/** Number and inode of an fd. */
const IDS = 16;

/** Goes over an entry and fails where `decodeFd` would. Gives the port that a socket listens on, else -1. */
export function checkFd(c: BodyCursor, version: number): number {
  c.skip(IDS);
  const type = c.u8();
  switch (type) {
    case ScapFd.IPV4_SOCK:
      c.skip(2 * (4 + 2) + 1);
      return -1;
    case ScapFd.IPV6_SOCK:
      c.skip(2 * (16 + 2) + 1);
      return -1;
    case ScapFd.IPV4_SERVSOCK:
    case ScapFd.IPV6_SERVSOCK: {
      c.skip(type === ScapFd.IPV4_SERVSOCK ? 4 : 16);
      const port = c.u16();
      c.skip(1);
      return port;
    }
    case ScapFd.UNIX_SOCK:
      c.skip(8 + 8);
      break;
    case ScapFd.FILE_V2:
      c.skip(4);
      break;
    case ScapFd.UNKNOWN:
      return -1;
    default:
      if (type > ScapFd.PIDFD) {
        if (version < 2) c.fail(`fd entry of unknown type ${type}`);
        return -1;
      }
  }
  c.skip(c.u16());
  if (type === ScapFd.FILE_V2 && version >= 2 && c.left >= 4) c.skip(4);
  return -1;
}
