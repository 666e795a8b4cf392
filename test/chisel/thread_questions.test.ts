import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { mayAskForThreads } from '../../src/chisel/thread_questions.js';

const dir = mkdtempSync(join(tmpdir(), 'tsdig-questions-'));
afterAll(() => rmSync(dir, { recursive: true }));
const shipped = fileURLToPath(new URL('../../chisels/', import.meta.url));

function asks(source: string): boolean {
  const path = join(dir, 'chisel.lua');
  writeFileSync(path, source);
  return mayAskForThreads(path, [`${dir}/`, shipped]);
}

describe('whether a chisel may ask for threads', () => {
  it('is no where nothing in it or its modules can', () => {
    expect(asks('-- load what sysdig has\nlocal t = sysdig.get_filter() string.rep("x", 2)')).toBe(false);
    expect(asks('local view = require "table_view"\nlocal s = require("string")')).toBe(false);
    for (const name of ['topprocs_net', 'topfiles_bytes', 'echo_fds', 'topscalls', 'spy_users'])
      expect(mayAskForThreads(`${shipped}${name}.lua`, [shipped]), name).toBe(false);
  });

  it.each([
    'local t = sysdig.get_thread_table()',
    '--[[ x\n--]] local t = sysdig.get_thread_table_nofds()',
    'local s = sysdig; s["get_" .. "thread" .. "_table"]()',
    'sysdig["get_" .. name]()',
    '--[[ x\n--]] local s = sysdig',
    'loadstring("return sys" .. "dig")()',
    'local t = _G["sys" .. "dig"]',
    'require(name)',
    'local r = require',
    'function on_event() require "cpu_time" end',
    'function on_event() require("asking") end',
  ])('is yes for %j', (source) => {
    writeFileSync(join(dir, 'asking.lua'), 'return sysdig.get_thread_table_barebone');
    expect(asks(source)).toBe(true);
  });

  it('is yes for those that come with tsdig and do', () => {
    for (const name of ['ps', 'lsof', 'netstat', 'topprocs_cpu'])
      expect(mayAskForThreads(`${shipped}${name}.lua`, [shipped]), name).toBe(true);
  });
});
