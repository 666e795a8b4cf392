import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chiselDirs, findChisel } from '../../src/chisel/search.js';

let dir = '';
const start = process.cwd();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tsdig-search-'));
  process.chdir(dir);
  mkdirSync('chisels');
  writeFileSync('chisels/mine.lua', 'args = {}');
});

afterEach(() => {
  process.chdir(start);
  delete process.env['TSDIG_CHISEL_DIR'];
  rmSync(dir, { recursive: true });
});

test('./chisels is searched when it is ours', () => {
  expect(findChisel('mine')).toBe('chisels/mine.lua');
});

test("somebody else's ./chisels is not searched", () => {
  if (process.getuid?.() === 0) chownSync('chisels', 12345, 12345);
  else chmodSync('chisels', 0o777);
  expect(chiselDirs()).not.toContain('chisels');
  expect(() => findChisel('mine')).toThrow('no chisel named mine');
});

test('a folder that everybody may write to is not searched either', () => {
  chmodSync('chisels', 0o777);
  expect(() => findChisel('mine')).toThrow('no chisel named mine');
});

test.runIf(process.getuid?.() === 0)('a folder that another group may write to is not searched', () => {
  chmodSync('chisels', 0o775);
  expect(findChisel('mine')).toBe('chisels/mine.lua');
  chownSync('chisels', 0, 12345);
  expect(() => findChisel('mine')).toThrow('no chisel named mine');
});

test('a bare name is never a file of the working directory, a path is', () => {
  writeFileSync('here.lua', 'args = {}');
  expect(() => findChisel('here.lua')).toThrow('type ./here.lua');
  expect(findChisel('./here.lua')).toBe('./here.lua');
  expect(findChisel('./here')).toBe('./here.lua');
  expect(() => findChisel('./nowhere.lua')).toThrow('no chisel at ./nowhere.lua');
});

test('the last directory of the environment comes first', () => {
  for (const d of ['one', 'two']) {
    mkdirSync(d);
    writeFileSync(`${d}/both.lua`, '');
  }
  process.env['TSDIG_CHISEL_DIR'] = `${dir}/one;${dir}/two`;
  expect(findChisel('both')).toBe(`${dir}/two/both.lua`);
});

test('a near miss is suggested', () => {
  expect(() => findChisel('mina')).toThrow('did you mean mine?');
});
