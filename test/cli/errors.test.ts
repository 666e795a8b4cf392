import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE, tsdig } from './command_line.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tsdig-errors-'));
  writeFileSync(join(dir, 'text.scap'), 'this is no capture at all, only words\n'.repeat(10));
  writeFileSync(join(dir, 'broken.lua'), 'function on_event( return end\n');
  mkdirSync(join(dir, 'config/tsdig'), { recursive: true });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What is said, with what changes between machines taken out. */
function complaint(...args: string[]): { status: number | null; text: string } {
  const { status, stderr, stdout } = tsdig(
    args.map((arg) => arg.replace('DIR', dir).replace('EXAMPLE', EXAMPLE)),
  );
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/\n {4}at |internal error/);
  return { status, text: stderr.replaceAll(dir, 'DIR').replaceAll(EXAMPLE, 'EXAMPLE') };
}

describe('every error is one line that says what to do', () => {
  it.each([
    ['an unknown option', ['--nonsense']],
    ['an option without its value', ['-r']],
    ['a number that is none', ['-n', 'many']],
    ['an option of sysdig without a place here', ['-k', 'http://x']],
    ['a falco plugin', ['-H', 'x']],
    ['one without the value that it takes there', ['-K']],
    ['a misspelt command', ['doctr']],
    ['a misspelt command with words', ['completions', 'bash']],
    ['a misspelt topic', ['help', 'filtres']],
    ['two looks of buffers', ['-x', '-A']],
    ['-z without -w', ['-r', 'EXAMPLE', '-z']],
    ['-W without a rotation', ['-r', 'EXAMPLE', '-w', 'DIR/out', '-W', '3']],
    ['a command with -r', ['-r', 'EXAMPLE', '--', 'true']],
    ['a file that is not there', ['-r', 'DIR/missing.scap']],
    ['a folder', ['-r', 'DIR']],
    ['a file that is no capture', ['-r', 'DIR/text.scap']],
    ['a folder to write to that is not there', ['-r', 'EXAMPLE', '-w', 'DIR/no/out.scap']],
    ['a misspelt field', ['-r', 'EXAMPLE', 'proc.nam=cat']],
    ['an unfinished filter', ['-r', 'EXAMPLE', 'proc.name=cat and']],
    ['a misspelt field in -p', ['-r', 'EXAMPLE', '-p', '%evt.nu %proc.nam']],
    ['a chisel that is not there', ['-r', 'EXAMPLE', '-c', 'topproc_cpu']],
    ['a chisel that is no Lua', ['-r', 'EXAMPLE', '-c', 'DIR/broken.lua']],
    ['a chisel without its argument', ['-r', 'EXAMPLE', '-c', 'fdbytes_by']],
    ['an unknown topic', ['help', 'everything']],
    ['an unknown shell', ['completion', 'tcsh']],
    ['a bad name for a chisel', ['--new-chisel', '../x']],
  ])('%s', (_title, args) => {
    const { status, text } = complaint(...args);
    expect(text).toMatch(/^tsdig: /);
    expect(status).toBeGreaterThan(0);
    expect({ status, text }).toMatchSnapshot();
  });

  it.each([
    ['no TOML', 'snaplen = = 3'],
    ['an unknown setting', 'colour = "red"'],
    ['a wrong value', 'snaplen = "long"'],
  ])('configuration: %s', (_title, toml) => {
    writeFileSync(join(dir, 'config/tsdig/config.toml'), toml);
    const { status, stderr } = tsdig(['config'], { XDG_CONFIG_HOME: join(dir, 'config') });
    expect(status).toBe(1);
    expect(stderr.replaceAll(dir, 'DIR')).toMatchSnapshot();
  });
});
