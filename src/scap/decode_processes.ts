import type { BodyCursor } from './body_cursor.js';
import type { ProcessEntry } from './head.js';
import type { ListedTexts } from './listed_texts.js';
import { unknownProcess } from './unknown_process.js';

/** A tail of at most this many bytes is the layout before pidns_init_start_ts and tty were put in front. */
const OLD_TAIL_BYTES = 29;

/**
 * Goes into the entry of a process list at the cursor, which ends with it then; gives where that is. Versions 1 to 9 (section
 * 2.5): from version 9 on every entry has its length, before nobody knows where it ends.
 */
export function enterProcess(c: BodyCursor, version: number): number {
  if (version < 9) return c.end;
  const len = c.u32();
  if (len < 4 || len - 4 > c.left) c.fail(`a process entry of ${len} bytes, ${c.left + 4} left`);
  c.end = c.pos + len - 4;
  return c.end;
}

/** Goes over an entry and fails where `decodeProcess` would. */
export function checkProcess(c: BodyCursor, version: number): void {
  c.skip(3 * 8 + (version >= 6 ? 8 : 0) + (version >= 8 ? 8 : 0));
  // Names, arguments, directory.
  for (let left = version >= 7 ? 5 : 4; left > 0; left--) c.skip(c.u16());
  c.skip(8 + 3 * 4 + (version >= 2 ? 3 * 4 + 2 * 8 : 0));
  if (version >= 3) c.skip(c.u16());
  if (version >= 4) {
    c.skip(2 * 8);
    c.skip(c.u16());
  }
  if (version >= 5) c.skip(c.u16());
}

/** The entry that the cursor has gone into. What later versions added stands at its end: a field is there if it still fits. */
export function decodeProcess(c: BodyCursor, version: number, texts: ListedTexts): ProcessEntry {
  const process = decodeFixed(c, version, texts);
  if (version >= 9) decodeTail(c, process);
  return process;
}

function decodeFixed(c: BodyCursor, version: number, texts: ListedTexts): ProcessEntry {
  const process = unknownProcess(c.i64(), c.i64());
  process.ptid = c.i64();
  if (version >= 6) process.sid = c.i64();
  if (version >= 8) process.vpgid = c.i64();
  process.comm = texts.text(c);
  process.exe = texts.text(c);
  if (version >= 7) process.exepath = texts.text(c);
  process.args = texts.list(c);
  process.cwd = texts.text(c);
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
  if (version >= 3) process.env = texts.list(c);
  if (version >= 4) {
    process.vtid = c.i64();
    process.vpid = c.i64();
    process.cgroups = texts.list(c);
  }
  if (version >= 5) process.root = texts.text(c);
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
