import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { blockKind } from '../../src/scap/blocks.js';
import { captureDir } from '../capture/read_all.js';
import { cleanEnv, ROOT } from './command_line.js';

const MAIN = join(ROOT, 'dist/cli/main.cjs');
const FILTER = 'proc.name=cat and evt.type=openat and evt.dir=<';
/** Many pieces of the file. */
const LONG = 48 * 1024 * 1024;
const scratch = captureDir();

/** A capture whose events are those of a fixture again and again, for so many bytes. */
function longCapture(bytes: number): Buffer {
  const once = gunzipSync(readFileSync(join(ROOT, 'test/fixtures/containers.scap.gz')));
  let head = 0;
  while (blockKind(once.readUInt32LE(head)).kind !== 'event') head += once.readUInt32LE(head + 4);
  const events = once.subarray(head);
  const parts = [once.subarray(0, head)];
  for (let size = 0; size < bytes; size += events.length) parts.push(events);
  return Buffer.concat(parts);
}

describe('the program on a long capture', () => {
  let path = '';
  let long = '';
  beforeAll(() => {
    path = join(ROOT, 'test/fixtures/containers.scap.gz');
    long = scratch.file('long.scap', Buffer.alloc(0));
    writeFileSync(long, longCapture(LONG));
  });

  const run = (node: readonly string[], capture: string, env: Record<string, string> = {}, shell = '') => {
    const words = [process.execPath, ...node, MAIN, '-r', capture, '-p', '%evt.type %fd.name', FILTER];
    return spawnSync('sh', ['-c', `${shell} exec "$@"`, 'sh', ...words], {
      encoding: 'utf8',
      env: cleanEnv(env),
      maxBuffer: 64 * 1024 * 1024,
    });
  };

  it('gives the same without WebAssembly, and where addresses are limited', () => {
    const { stdout } = run([], path);
    expect(stdout).toMatch(/^openat \//);
    const without = run(['--jitless', '--no-warnings'], path);
    expect([without.stdout, without.status]).toEqual([stdout, 0]);
    const whole = run([], long);
    expect(whole.stdout.split('\n').length).toBeGreaterThan(500);
    // Enough for Node, not for all that a memory sets aside.
    for (const limit of [4_000_000, 12_000_000]) {
      const limited = run([], long, {}, `ulimit -v ${limit};`);
      expect([limited.status, limited.stderr]).toEqual([0, '']);
      expect(limited.stdout).toBe(whole.stdout);
    }
  });
});
