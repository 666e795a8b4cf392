import type { BodyCursor } from './body_cursor.js';
import type { ProcessEntry } from './head.js';

/** A tail of at most this many bytes is the layout before pidns_init_start_ts and tty were put in front. */
const OLD_TAIL_BYTES = 29;
const UNSET_ID = 0xffffffff;

/**
 * Process list, versions 1 to 9 (section 2.5). From version 9 every entry has its length, and what was
 * added later stands at its end: a field is there if it still fits.
 */
export function decodeProcesses(c: BodyCursor, version: number, into: ProcessEntry[]): void {
  const blockEnd = c.end;
  while (c.left >= 4) {
    let entryEnd = blockEnd;
    if (version >= 9) {
      const len = c.u32();
      if (len < 4 || len - 4 > c.left) c.fail(`a process entry of ${len} bytes, ${c.left + 4} left`);
      entryEnd = c.pos + len - 4;
      c.end = entryEnd;
    }
    const process = decodeProcess(c, version);
    if (version >= 9) {
      decodeTail(c, process);
      c.pos = entryEnd;
      c.end = blockEnd;
    }
    into.push(process);
  }
}

function decodeProcess(c: BodyCursor, version: number): ProcessEntry {
  const process = emptyProcess(c.i64(), c.i64());
  process.ptid = c.i64();
  if (version >= 6) process.sid = c.i64();
  if (version >= 8) process.vpgid = c.i64();
  process.comm = c.string();
  process.exe = c.string();
  if (version >= 7) process.exepath = c.string();
  process.args = c.strings();
  process.cwd = c.string();
  process.fdLimit = c.i64();
  process.flags = c.u32();
  process.uid = c.u32();
  process.gid = c.u32();
  if (version >= 2) {
    process.vmsizeKb = c.u32();
    process.vmrssKb = c.u32();
    process.vmswapKb = c.u32();
    process.pfmajor = c.u64();
    process.pfminor = c.u64();
  }
  if (version >= 3) process.env = c.strings();
  if (version >= 4) {
    process.vtid = c.i64();
    process.vpid = c.i64();
    process.cgroups = c.strings();
  }
  if (version >= 5) process.root = c.string();
  return process;
}

function decodeTail(c: BodyCursor, process: ProcessEntry): void {
  if (c.left > OLD_TAIL_BYTES) {
    process.pidnsInitStartTs = c.big();
    process.tty = c.u32();
  }
  if (c.left >= 4) process.loginuid = c.u32();
  if (c.left >= 1) process.exeWritable = c.u8() !== 0;
  if (c.left >= 8) process.capInheritable = c.big();
  if (c.left >= 8) process.capPermitted = c.big();
  if (c.left >= 8) process.capEffective = c.big();
  if (c.left >= 1) process.exeUpperLayer = c.u8() !== 0;
  if (c.left >= 8) process.exeIno = c.u64();
  if (c.left >= 8) process.exeInoCtime = c.big();
  if (c.left >= 8) process.exeInoMtime = c.big();
  if (c.left >= 1) process.exeFromMemfd = c.u8() !== 0;
  if (c.left >= 1) process.exeLowerLayer = c.u8() !== 0;
  if (c.left >= 8) process.pgid = c.i64();
}

/** A thread of which nothing is known but its ids. */
export function emptyProcess(tid: number, pid: number): ProcessEntry {
  return {
    tid,
    pid,
    ptid: -1,
    sid: 0,
    vpgid: 0,
    comm: '',
    exe: '',
    exepath: '',
    args: [],
    cwd: '',
    fdLimit: -1,
    flags: 0,
    uid: 0,
    gid: 0,
    vmsizeKb: 0,
    vmrssKb: 0,
    vmswapKb: 0,
    pfmajor: 0,
    pfminor: 0,
    env: [],
    vtid: tid,
    vpid: pid,
    cgroups: [],
    root: '',
    pidnsInitStartTs: 0n,
    tty: 0,
    loginuid: UNSET_ID,
    exeWritable: false,
    capInheritable: 0n,
    capPermitted: 0n,
    capEffective: 0n,
    exeUpperLayer: false,
    exeLowerLayer: false,
    exeFromMemfd: false,
    exeIno: 0,
    exeInoCtime: 0n,
    exeInoMtime: 0n,
    pgid: 0,
    fds: [],
  };
}
