import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnv, EXAMPLE, ROOT, tsdig } from './command_line.js';

const MAIN = join(ROOT, 'dist/cli/main.cjs');
/** Each event gives so much text that no pipe takes it all. */
const LUA = `description = "x"; short_description = "x"; category = "x"; args = {}
function on_event() pcall(print, string.rep("x", 5000)) return true end
`;
const JS = `import { defineChisel } from 'tsdig';
export default defineChisel({ description: 'x', category: 'x',
  onEvent(c) { try { c.print('x'.repeat(5000)); } finally { this.seen = true; } } });
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tsdig-pipe-'));
  writeFileSync(join(dir, 'much.lua'), LUA);
  writeFileSync(join(dir, 'much.mjs'), JS);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs the command, takes one piece of its output and goes away. */
function leave(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ status: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, '-r', EXAMPLE, ...args], { env: cleanEnv(env) });
    let stderr = '';
    child.stdout.once('data', () => child.stdout.destroy());
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stderr }));
  });
}

describe('who reads the output goes away', () => {
  it.each([
    ['events', [], {}],
    ['JSON', ['-j'], {}],
    ['a chisel', ['-c', 'DIR/much.lua'], { TSDIG_LUA: 'compiled' }],
    ['a chisel on fengari', ['-c', 'DIR/much.lua'], { TSDIG_LUA: 'fengari' }],
    ['a chisel in JavaScript', ['-c', 'DIR/much.mjs'], {}],
  ])('%s: the run ends quietly', async (_title, args, env) => {
    const words = args.map((word) => word.replace('DIR', dir));
    expect(await leave(words, env as Record<string, string>)).toEqual({ status: 0, stderr: '' });
  });

  it.each([[[]], [['-w', '-']]])('without having read anything, from a socket: %s', async (args) => {
    const child = spawn(process.execPath, [MAIN, '-r', EXAMPLE, ...args], { env: cleanEnv({}) });
    let stderr = '';
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString();
    });
    const status = new Promise((resolve) => child.on('close', resolve));
    // By then it waits for somebody to read. Node's pipes to its children are sockets.
    setTimeout(() => child.stdout.destroy(), 700);
    expect({ status: await status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is not mixed up with a full disk', () => {
    const full = openSync('/dev/full', 'w');
    for (const engine of ['compiled', 'fengari']) {
      const { status, stderr } = tsdig(
        ['-r', EXAMPLE, '-c', join(dir, 'much.lua')],
        { TSDIG_LUA: engine },
        full,
      );
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'tsdig: no space left on the device (ENOSPC)\n',
      });
    }
  });
});
