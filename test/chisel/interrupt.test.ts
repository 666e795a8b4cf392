import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cleanEnv, ROOT } from '../cli/command_line.js';
import { ENGINES } from './engines.js';

const dir = mkdtempSync(join(tmpdir(), 'tsdig-interrupt-'));
afterAll(() => rmSync(dir, { recursive: true }));

const LOOP = `
args = {}
description, short_description = "loops", "loops"
function on_init() return true end
function on_event() io.stderr:write("looping\\n") while true do pcall(function() end) end end
function on_capture_end() print("the end ran") end`;

test.each(ENGINES)('SIGINT ends a callback that loops for ever (%s)', async (engine) => {
  const chisel = join(dir, 'loop.lua');
  writeFileSync(chisel, LOOP);
  const capture = join(ROOT, 'test/fixtures/containers-compat.scap.gz');
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.cjs'), '-r', capture, '-c', chisel], {
    env: cleanEnv({ TSDIG_LUA: engine }),
  });
  let out = '';
  let err = '';
  const looping = new Promise<void>((resolve) => {
    child.stderr.on('data', (d: Buffer) => {
      err += d.toString();
      if (err.includes('looping')) resolve();
    });
  });
  child.stdout.on('data', (d: Buffer) => {
    out += d.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  await looping;
  // The signal may come before the watcher stands: a user presses the keys again, too.
  const again = setInterval(() => child.kill('SIGINT'), 500);
  const code = await ended;
  clearInterval(again);
  expect(out).toBe('the end ran\n');
  expect(err).toContain('on_event of chisel');
  expect(err).toContain('was interrupted');
  expect(code).toBe(0);
});
