import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isInstalled } from '../installed.js';
import { until } from './docker_fixture.js';
import { tsdig } from './tsdig_process.js';

/** What a walk over the blocks of a capture file found. */
export interface CaptureFacts {
  readonly events: number;
  /** Events of threads that are earlier than one before them. */
  readonly disordered: number;
  /** Bytes behind the last whole block. */
  readonly surplus: number;
}

const EVENT_BLOCKS = new Map([
  [0x216, 10],
  [0x221, 10],
  [0x217, 14],
  [0x222, 14],
]);

/** Walks over the blocks of a capture, checking that each ends with its own length. */
export function walkCapture(path: string): CaptureFacts {
  let bytes = readFileSync(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes);
  let off = 0;
  let events = 0;
  let disordered = 0;
  let last = 0n;
  while (off + 12 <= bytes.length) {
    const length = bytes.readUInt32LE(off + 4);
    if (length < 12 || off + length > bytes.length) break;
    if (bytes.readUInt32LE(off + length - 4) !== length)
      throw new Error(`${path}: the block at ${off} does not end with its length`);
    const stamp = EVENT_BLOCKS.get(bytes.readUInt32LE(off));
    off += length;
    if (stamp === undefined) continue;
    const at = off - length + stamp;
    events++;
    const ts = bytes.readBigUInt64LE(at);
    // Events without a thread tell of containers: of one whose name was waited for, with the time of its first event.
    if (bytes.readBigInt64LE(at + 8) === -1n) continue;
    if (ts < last) disordered++;
    else last = ts;
  }
  return { events, disordered, surplus: bytes.length - off };
}

/** Throws unless the file is whole, and tsdig and (where installed) sysdig read it without complaint. Gives what it holds. */
export async function checkWhole(path: string): Promise<CaptureFacts> {
  const facts = walkCapture(path);
  if (facts.surplus !== 0) throw new Error(`${path}: ${facts.surplus} bytes of a half block at the end`);
  const own = await tsdig('-r', path, '-q');
  if (own.code !== 0 || own.stderr !== '')
    throw new Error(`tsdig -r ${path}: exit code ${own.code}: ${own.stderr}`);
  if (isInstalled('sysdig'))
    execFileSync('sysdig', ['-r', path, '-q'], { stdio: ['ignore', 'ignore', 'pipe'] });
  return facts;
}

/** Waits until a recording into a file that did not exist has begun: the file is made once the tracepoints are attached. */
export async function begun(path: string): Promise<void> {
  await until(() => existsSync(path), 40_000, `${path}: the recording does not begin`);
}
