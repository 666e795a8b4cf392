import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import '../scap/buffer_methods.js';

/**
 * Reading of /proc and friends. Nothing here throws: processes go away while they are looked at, and some
 * entries may not be read even by root. What cannot be read is empty.
 */

let buffer = Buffer.alloc(65536);

/** Whole content of a file as a byte string, at most `limit` bytes; '' if it cannot be read. */
export function readText(path: string, limit = 64 * 1024 * 1024): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  let length = 0;
  try {
    for (;;) {
      if (length === buffer.length) {
        if (length >= limit) break;
        const larger = Buffer.alloc(buffer.length * 2);
        buffer.copy(larger);
        buffer = larger;
      }
      const n = readSync(fd, buffer, length, Math.min(buffer.length, limit) - length, null);
      if (n === 0) break;
      length += n;
    }
  } catch {
    // Vanished in between: what came so far is of no use.
    length = 0;
  } finally {
    closeSync(fd);
  }
  return buffer.latin1Slice(0, length);
}

/** Target of a link as a byte string, '' if it cannot be read. */
export function readLink(path: string): string {
  try {
    return readlinkSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Names in a directory that are numbers, smallest first; none if it cannot be read. */
export function readNumbers(path: string): number[] {
  let names: string[];
  try {
    names = readdirSync(path);
  } catch {
    return [];
  }
  const numbers: number[] = [];
  for (const name of names) {
    const c = name.charCodeAt(0);
    if (c >= 48 && c <= 57) numbers.push(Number(name));
  }
  return numbers.sort((a, b) => a - b);
}

/** What follows `key` and a colon in a text of `Key:\tvalue` lines; '' if it is not there. */
export function lineValue(text: string, key: string): string {
  const start = text.startsWith(`${key}:`) ? 0 : text.indexOf(`\n${key}:`) + 1;
  if (start === 0 && !text.startsWith(`${key}:`)) return '';
  const from = start + key.length + 1;
  const end = text.indexOf('\n', from);
  return text.slice(from, end < 0 ? text.length : end).trim();
}

/** Device number as the format has it: low 8 bits of the minor, then the major, then the rest of the minor. */
export function storedDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** Major and minor number of `st_dev` as Node gives it (glibc's encoding). */
export function splitDevice(dev: bigint): { major: number; minor: number } {
  return {
    major: Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)),
    minor: Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)),
  };
}
