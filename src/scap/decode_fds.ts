import type { BodyCursor } from './body_cursor.js';
import { ScapFd } from './fd_types.js';
import type { FdEntry } from './head.js';

/** The fds of one thread. */
export interface FdList {
  tid: number;
  fds: FdEntry[];
}

/** Fd list of one thread, version 1 (bare entries) or 2 (entries with their length; section 2.6). */
export function decodeFds(c: BodyCursor, version: number): FdList {
  const list: FdList = { tid: c.i64(), fds: [] };
  const blockEnd = c.end;
  while (c.left >= 4) {
    let entryEnd = blockEnd;
    if (version >= 2) {
      const len = c.u32();
      if (len < 21 || len - 4 > c.left) c.fail(`an fd entry of ${len} bytes, ${c.left + 4} left`);
      entryEnd = c.pos + len - 4;
      c.end = entryEnd;
    }
    list.fds.push(decodeFd(c, version));
    if (version >= 2) {
      c.pos = entryEnd;
      c.end = blockEnd;
    }
  }
  return list;
}

function decodeFd(c: BodyCursor, version: number): FdEntry {
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
