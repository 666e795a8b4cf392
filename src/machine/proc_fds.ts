import type { BigIntStats } from 'node:fs';
import { statSync } from 'node:fs';
import type { FdEntry } from '../scap/head.js';
import { FdType } from './fd.js';
import { lineValue, readLink, readNumbers, readText, splitDevice, storedDevice } from './proc_files.js';
import type { NetworkNamespaces } from './proc_sockets.js';

/** Open fds of the process in `dir` (`/proc/<pid>`). */
export function readFds(dir: string, networks: NetworkNamespaces): FdEntry[] {
  const entries: FdEntry[] = [];
  let network: string | undefined;
  for (const fd of readNumbers(`${dir}/fd`)) {
    const target = readLink(`${dir}/fd/${fd}`);
    if (target === '') continue;
    if (target.startsWith('socket:[')) {
      const ino = inodeIn(target);
      network ??= readLink(`${dir}/ns/net`);
      const socket = networks.sockets(network, dir).get(ino);
      // Families without a table of their own, or made since the table was read.
      entries.push(socket === undefined ? plain(fd, FdType.UNSUPPORTED, target, ino) : { ...socket, fd });
    } else if (target.startsWith('/')) {
      entries.push(file(dir, fd, target));
    } else {
      entries.push(special(fd, target));
    }
  }
  return entries;
}

/** One open fd, no socket, of the process in `dir`; null if it is none, or is not open any more. */
export function readFd(dir: string, fd: number): FdEntry | null {
  const target = readLink(`${dir}/fd/${fd}`);
  if (target === '' || target.startsWith('socket:[')) return null;
  return target.startsWith('/') ? file(dir, fd, target) : special(fd, target);
}

function plain(fd: number, type: number, name: string, ino: number): FdEntry {
  return { fd, ino, type, name, openFlags: 0, dev: 0 };
}

/** Inode in `pipe:[123]`, 0 if there is none. */
function inodeIn(target: string): number {
  const open = target.indexOf('[');
  return open < 0 ? 0 : Number(target.slice(open + 1, -1)) || 0;
}

const ANONYMOUS: Readonly<Record<string, number>> = {
  '[eventfd]': FdType.EVENT,
  '[eventpoll]': FdType.EVENTPOLL,
  '[signalfd]': FdType.SIGNALFD,
  '[timerfd]': FdType.TIMERFD,
  inotify: FdType.INOTIFY,
  '[inotify]': FdType.INOTIFY,
  '[userfaultfd]': FdType.USERFAULTFD,
  '[io_uring]': FdType.IOURING,
  '[pidfd]': FdType.PIDFD,
};

const ANON_INODE = 'anon_inode:';

function special(fd: number, target: string): FdEntry {
  if (target.startsWith('pipe:[')) return plain(fd, FdType.FIFO, target, inodeIn(target));
  if (target.startsWith(ANON_INODE)) {
    const name = target.slice(ANON_INODE.length);
    const type = ANONYMOUS[name] ?? (name.startsWith('bpf') ? FdType.BPF : FdType.UNSUPPORTED);
    return plain(fd, type, name, 0);
  }
  if (target.startsWith('pidfd:')) return plain(fd, FdType.PIDFD, target, inodeIn(target));
  return plain(fd, FdType.UNSUPPORTED, target, inodeIn(target));
}

function file(dir: string, fd: number, target: string): FdEntry {
  if (target.startsWith('/memfd:')) return plain(fd, FdType.MEMFD, target.slice(1), 0);
  let stats: BigIntStats | undefined;
  try {
    stats = statSync(`${dir}/fd/${fd}`, { bigint: true });
  } catch {
    // Gone, or on a file system that does not answer us.
  }
  const entry = plain(fd, FdType.FILE_V2, target, 0);
  if (stats !== undefined) {
    entry.ino = Number(stats.ino);
    const { major, minor } = splitDevice(stats.dev);
    entry.dev = storedDevice(major, minor);
    if (stats.isDirectory()) entry.type = FdType.DIRECTORY;
  }
  if (entry.type === FdType.FILE_V2) {
    const flags = Number.parseInt(lineValue(readText(`${dir}/fdinfo/${fd}`), 'flags'), 8);
    entry.openFlags = Number.isNaN(flags) ? 0 : storedOpenFlags(flags);
  }
  return entry;
}

/** Kernel open flags (octal) that differ between architectures. */
const ARM = process.arch === 'arm64' || process.arch === 'arm';
const O_DIRECTORY = ARM ? 0o40000 : 0o200000;
const O_DIRECT = ARM ? 0o200000 : 0o40000;
const O_LARGEFILE = ARM ? 0o400000 : 0o100000;

/** Kernel flag and the bit that files store for it. Flags made of several bits need all of them. */
const OPEN_FLAGS: readonly (readonly [number, number])[] = [
  [0o100, 4],
  [0o2000, 8],
  [0o10000, 16],
  [0o200, 32],
  [0o4000, 64],
  [0o4010000, 128],
  [0o1000, 256],
  [O_DIRECT, 512],
  [O_DIRECTORY, 1024],
  [O_LARGEFILE, 2048],
  [0o2000000, 4096],
  [0o20000000 | O_DIRECTORY, 8192],
];

/** Open flags as the kernel has them to those that files store. */
export function storedOpenFlags(flags: number): number {
  // Read, write, both: 0, 1, 2 for the kernel, 1, 2, 3 in files.
  let stored = (flags & 3) === 3 ? 3 : (flags & 3) + 1;
  for (const [kernel, bit] of OPEN_FLAGS) if ((flags & kernel) === kernel) stored |= bit;
  return stored;
}
