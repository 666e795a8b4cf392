import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printed } from './engines.js';
import { randomPrograms } from './random_program.js';

/*
 * Programs made from seeds, and what LuaJIT printed for them. `TSDIG_RECORD=1` asks the installed luajit again and
 * stores its answers.
 */

const EXPECTED = join(import.meta.dirname, 'lua', 'random.expected.txt');

/** Seeds on which LuaJIT differs in a way that docs/lua.md names, and others that found mistakes once. */
const DIFFERENT: ReadonlySet<number> = new Set([27]);
const FOUND_SOMETHING = [446, 751, 767];
const SEEDS = [
  ...Array.from({ length: 80 }, (_, i) => i + 1).filter((s) => !DIFFERENT.has(s)),
  ...FOUND_SOMETHING,
];

/** Addresses, the sign of NaN and the words about wrong arguments are nobody's business. */
function normal(text: string): string[] {
  return text
    .replaceAll('-nan', 'nan')
    .replaceAll(/(table|function|builtin): (0x[0-9a-f]+|builtin#\d+)/g, '$1')
    .replaceAll(/bad argument #-?\d+ to '[^']*' \([^)]*\)/g, 'bad argument')
    .split('\n');
}

/** Lines of output by the number of the program. */
function outputs(lines: readonly string[]): Map<string, string[]> {
  const all = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of lines) {
    const m = /^== (\d+)$/.exec(line);
    if (m === null) {
      current.push(line);
    } else {
      current = [];
      all.set(m[1], current);
    }
  }
  return all;
}

describe('programs made from seeds', () => {
  const source = (seed: number): string => randomPrograms([seed]);
  if (process.env['TSDIG_RECORD'] === '1') {
    const answers = SEEDS.flatMap((seed) => {
      // The chunk is called as the engines call it in these tests.
      const run = spawnSync('luajit', ['-e', 'assert(loadstring(io.read("*a"), "@test.lua"))()'], {
        input: Buffer.from(source(seed), 'latin1'),
      });
      return normal(run.stdout.latin1Slice().trimEnd());
    });
    writeFileSync(EXPECTED, `${answers.join('\n')}\n`, 'latin1');
  }
  const expected = outputs(readFileSync(EXPECTED).latin1Slice().trimEnd().split('\n'));

  test.each(SEEDS)('%i: the compiling engine prints what LuaJIT prints', (seed) => {
    const got = outputs(normal(printed('compiled', source(seed)).trimEnd()));
    expect(got.get(String(seed))).toEqual(expected.get(String(seed)));
  });

  test('most of them do something', () => {
    expect([...expected.values()].flat().length).toBeGreaterThan(1000);
  });
});
