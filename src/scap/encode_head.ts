import { Block, BYTE_ORDER_MAGIC } from './blocks.js';
import { ScapFd, storedFdType } from './fd_types.js';
import { GrowingBuffer } from './growing_buffer.js';
import {
  type FdEntry,
  type InterfaceEntry,
  isPassing,
  type MachineInfo,
  type ProcessEntry,
  type WritableHead,
} from './head.js';
import { block, HeadBytes } from './head_bytes.js';
import { StoredFds } from './stored_fds.js';

// Longer strings make readers refuse the file (sections 2.3 to 2.6).
const MAX_PATH = 1024;
const MAX_LIST = 4096;
const MAX_FD_NAME = 1023;
const MAX_USER_NAME = 255;
const MAX_INTERFACE_NAME = 1023;
const HOSTNAME_BYTES = 128;
const MACHINE_RESERVED = 16;
/** Bytes that a process takes with its fds, by all odds at most. */
const ROOM_PER_PROCESS = 1024;

/** An entry that begins with its own length, which counts itself. */
function entry(out: GrowingBuffer, fields: () => void): void {
  const start = out.length;
  out.u32(0);
  fields();
  out.setU32(start, out.length - start);
}

/** The section header, 28 bytes. Without options: sysdig up to libs 0.20 fails on them. */
export function encodeSection(out: GrowingBuffer): void {
  block(out, Block.SECTION, () => {
    out.u32(BYTE_ORDER_MAGIC);
    out.u16(1);
    out.u16(2);
    out.u64(-1);
  });
}

function encodeMachine(out: GrowingBuffer, machine: MachineInfo): void {
  block(out, Block.MACHINE, () => {
    out.u32(machine.numCpus);
    out.u64(machine.memorySize);
    out.u64(machine.maxPid);
    const host = machine.hostname.slice(0, HOSTNAME_BYTES - 1);
    out.text(host);
    out.zeros(HOSTNAME_BYTES - host.length);
    out.u64(machine.bootTime);
    out.u64(machine.flags);
    out.zeros(MACHINE_RESERVED);
  });
}

function encodeInterfaces(out: GrowingBuffer, list: readonly InterfaceEntry[]): void {
  block(out, Block.INTERFACES, () => {
    // Readers expect every IPv4 address before the first IPv6 one.
    for (const size of [4, 16])
      for (const item of list) {
        if (item.addr.length !== size) continue;
        const name = item.name.slice(0, MAX_INTERFACE_NAME);
        // Unlike everywhere else, this length does not count itself.
        out.u32(2 + 2 + 3 * size + 8 + name.length);
        out.u16(size === 4 ? 1 : 2);
        out.u16(name.length);
        out.raw(item.addr);
        out.raw(item.netmask);
        out.raw(item.broadcast);
        out.u64(item.linkSpeed);
        out.text(name);
      }
  });
}

function encodeUsers(out: GrowingBuffer, head: WritableHead): void {
  block(out, Block.USERS, () => {
    for (const user of head.users)
      entry(out, () => {
        out.u8(0);
        out.u32(user.uid);
        out.u32(user.gid);
        out.string(user.name, MAX_USER_NAME);
        out.string(user.home, MAX_USER_NAME);
        out.string(user.shell, MAX_USER_NAME);
      });
    for (const group of head.groups)
      entry(out, () => {
        out.u8(1);
        out.u32(group.gid);
        out.string(group.name, MAX_USER_NAME);
      });
  });
}

/** Pieces, each with its NUL, cut where readers would refuse more. */
function pieces(list: readonly string[]): string {
  if (list.length === 0) return '';
  const text = `${list.join('\0')}\0`;
  return text.length <= MAX_LIST ? text : `${text.slice(0, MAX_LIST - 1)}\0`;
}

function encodeProcess(out: GrowingBuffer, process: ProcessEntry): void {
  out.u64(process.tid);
  out.u64(process.pid);
  out.u64(process.ptid);
  out.u64(process.sid);
  out.u64(process.vpgid);
  out.string(process.comm, MAX_PATH);
  out.string(process.exe, MAX_PATH);
  out.string(process.exepath, MAX_PATH);
  out.string(pieces(process.args), MAX_LIST);
  out.string(process.cwd, MAX_PATH);
  out.u64(process.fdLimit);
  out.u32(process.flags);
  out.u32(process.uid);
  out.u32(process.gid);
  out.u32(process.vmsizeKb);
  out.u32(process.vmrssKb);
  out.u32(process.vmswapKb);
  out.u64(process.pfmajor);
  out.u64(process.pfminor);
  out.string(pieces(process.env), MAX_LIST);
  out.u64(process.vtid);
  out.u64(process.vpid);
  out.string(pieces(process.cgroups), MAX_LIST);
  out.string(process.root, MAX_PATH);
  // The tail as libs 0.19 and later write it.
  out.u64(process.pidnsInitStartTs);
  out.u32(process.tty);
  out.u32(process.loginuid);
  out.u8(process.exeWritable ? 1 : 0);
  out.u64(process.capInheritable);
  out.u64(process.capPermitted);
  out.u64(process.capEffective);
  out.u8(process.exeUpperLayer ? 1 : 0);
  out.u64(process.exeIno);
  out.u64(process.exeInoCtime);
  out.u64(process.exeInoMtime);
  out.u8(process.exeFromMemfd ? 1 : 0);
  out.u8(process.exeLowerLayer ? 1 : 0);
  out.u64(process.pgid);
}

const NO_IPV4 = new Uint8Array(4);
const NO_IPV6 = new Uint8Array(16);

function encodeFd(out: GrowingBuffer, item: FdEntry): void {
  const type = storedFdType(item.type);
  out.u64(item.fd);
  out.u64(item.ino);
  out.u8(type);
  switch (type) {
    case ScapFd.IPV4_SOCK:
    case ScapFd.IPV6_SOCK: {
      const none = type === ScapFd.IPV4_SOCK ? NO_IPV4 : NO_IPV6;
      out.raw(item.sip ?? none);
      out.raw(item.dip ?? none);
      out.u16(item.sport ?? 0);
      out.u16(item.dport ?? 0);
      out.u8(item.l4proto ?? 0);
      return;
    }
    case ScapFd.IPV4_SERVSOCK:
    case ScapFd.IPV6_SERVSOCK:
      out.raw(item.sip ?? (type === ScapFd.IPV4_SERVSOCK ? NO_IPV4 : NO_IPV6));
      out.u16(item.sport ?? 0);
      out.u8(item.l4proto ?? 0);
      return;
    case ScapFd.UNIX_SOCK:
      out.u64(item.source ?? 0n);
      out.u64(item.destination ?? 0n);
      out.string(item.name, MAX_FD_NAME);
      return;
    case ScapFd.FILE_V2:
      out.u32(item.openFlags);
      out.string(item.name, MAX_FD_NAME);
      out.u32(item.dev);
      return;
    default:
      out.string(item.name, MAX_FD_NAME);
  }
}

/**
 * All blocks of a section before its events: section header, machine, interfaces, users, processes, fds, in the
 * order and the versions that every reader since sysdig 0.29 takes (section 4). Strings are cut to what readers accept.
 */
export function headBytes(head: WritableHead): HeadBytes {
  // What is not written to costs no memory: growing would, while both buffers are there.
  const out = new GrowingBuffer(64 * 1024 + head.processes.length * ROOM_PER_PROCESS);
  const encoded = new HeadBytes(out);
  encodeSection(out);
  const { machine } = head;
  if (machine !== null) encodeMachine(out, machine);
  if (head.interfaces.length > 0) encodeInterfaces(out, head.interfaces);
  if (head.users.length + head.groups.length > 0) encodeUsers(out, head);
  if (head.processes.length > 0) {
    const tids: number[] = [];
    block(out, Block.PROCESSES, () => {
      for (const process of head.processes) {
        entry(out, () => encodeProcess(out, process));
        tids.push(process.tid);
      }
    });
    const fdsOf = isPassing(head) ? (i: number) => head.fdsOf(tids[i]) : (i: number) => head.processes[i].fds;
    for (let i = 0; i < tids.length; i++) {
      const fds = fdsOf(i);
      if (fds instanceof StoredFds) encoded.addFds(tids[i], fds);
      else
        block(out, Block.FDS, () => {
          out.u64(tids[i]);
          for (const item of fds) entry(out, () => encodeFd(out, item));
        });
    }
  }
  return encoded;
}

/** The same in one piece. */
export function encodeHead(head: WritableHead): Buffer {
  return headBytes(head).whole();
}
