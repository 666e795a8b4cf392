import { createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { CaptureError } from '../scap/capture_error.js';
import { memberSizes } from '../scap/gzip_member.js';
import { type ByteFeed, type FeedOptions, isGzip, reason } from './byte_feed.js';
import { COMPRESSED_SIZE, GzipFeed } from './gzip_feed.js';
import { MemberFeed } from './member_feed.js';
import { PipedFeed } from './piped_feed.js';
import { PlainFeed, STDIN } from './plain_feed.js';

// Measured on a 360 MB capture: pieces of half a megabyte stay in the processor's cache from the copy out of
// the page cache to the walk; smaller ones pay for calls, larger ones for memory.
const READ_SIZE = 512 * 1024;

/** Opens a path, or standard input for '-'. Throws CaptureError at once if that fails. */
export function openFeed(path: string, options: FeedOptions = {}): ByteFeed {
  const fd = path === '-' ? STDIN : open(path);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new CaptureError('io', `${path} is a directory: give a capture file`);
  if (!stat.isFile()) return new PipedFeed(pipeOf(path, fd), path, options);
  // Standard input may stand anywhere in its file: it is read from where it stands.
  const buffer = Buffer.allocUnsafeSlow(options.readSize ?? READ_SIZE);
  const first = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, path === '-' ? null : 0));
  if (!isGzip(first)) return new PlainFeed(fd, stat.size, path, buffer, first);
  if (path !== '-')
    return memberSizes(first, 0) === undefined
      ? new GzipFeed(fd, stat.size, path, options)
      : new MemberFeed(fd, stat.size, path, options);
  const input = createReadStream('', { fd, autoClose: false, highWaterMark: COMPRESSED_SIZE });
  input.unshift(Buffer.from(first));
  return new PipedFeed(input, path, options);
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new CaptureError('io', `cannot open ${path}: ${reason(error)}`);
  }
}

/** A pipe, socket or device as a stream. */
function pipeOf(path: string, fd: number): Readable {
  if (path !== '-') {
    try {
      return new Socket({ fd, readable: true, writable: false });
    } catch {
      // A device that is no stream, such as /dev/null.
      return createReadStream('', { fd });
    }
  }
  if (process.stdin.isTTY)
    throw new CaptureError('io', 'standard input is a terminal: give a capture by a pipe or with < file');
  return process.stdin;
}
