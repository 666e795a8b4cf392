import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIELD_CLASSES } from '../../src/fields/registry.js';
import { planOf, run } from './cases.js';

process.env.TZ = 'UTC';

/**
 * The recordings in test/fixtures with checksums of what tsdig printed for them when it agreed with sysdig on the whole
 * recordings: a clean clone tests the same as one beside them. `UPDATE_EXPECTED=1 npx vitest run test/conformance` makes
 * them anew; look at why before.
 */
const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const EXPECTED = resolve(FIXTURES, 'expected/printed.json');
const UPDATE = process.env.UPDATE_EXPECTED === '1';
const CAPTURES = ['containers', 'containers-compat', 'http'];

/** Lines per checksum: what differs is found to this many lines. */
const BLOCK = 2000;

interface Printed {
  readonly lines: number;
  readonly blocks: readonly string[];
}

/** By capture and arguments. */
type Expectations = Record<string, Record<string, Printed>>;

const EXAMPLES: Readonly<Record<string, string>> = {
  'evt.arg': '.res',
  'evt.rawarg': '.res',
  'evt.type.is': '.openat',
  'thread.cgroup': '.cpu',
  'proc.env': '[PATH]',
  'proc.aname': '[1]',
  'proc.apid': '[1]',
  'proc.aexe': '[1]',
  'proc.aexepath': '[1]',
  'proc.acmdline': '[1]',
  'proc.aenv': '[PATH]',
};

function fieldCases(): string[][] {
  const names = FIELD_CLASSES.flatMap((group) => group.fields)
    .filter((def) => !def.filterOnly && !def.deprecated && def.name !== 'evt.hostname')
    .map((def) => def.name + (EXAMPLES[def.name] ?? (def.argument === 'required' ? '[0]' : '')));
  const cases: string[][] = [];
  for (let i = 0; i < names.length; i += 20) {
    cases.push([
      '-p',
      `*%evt.num|${names
        .slice(i, i + 20)
        .map((name) => `%${name}`)
        .join('|')}`,
    ]);
  }
  return cases;
}

const CASES: readonly (readonly string[])[] = [
  [],
  ['-pc'],
  ['-pk'],
  ['-pp'],
  ...['a', 'h', 'r', 'd', 'D'].map((mode) => ['-t', mode]),
  ...['-x', '-X', '-A', '-b', '-v', '-j', '-S'].map((option) => [option]),
  ['-j', '-pc'],
  ['-p', '%evt.num %fd.name'],
  ['-p', '%20proc.name|%8evt.type|%evt.args'],
  ...fieldCases(),
];

function checksums(text: string): Printed {
  const lines = text.split('\n');
  const blocks: string[] = [];
  for (let i = 0; i < lines.length; i += BLOCK) {
    blocks.push(
      createHash('md5')
        .update(lines.slice(i, i + BLOCK).join('\n'), 'latin1')
        .digest('hex')
        .slice(0, 12),
    );
  }
  return { lines: lines.length, blocks };
}

const expectations: Expectations = existsSync(EXPECTED)
  ? (JSON.parse(readFileSync(EXPECTED, 'utf8')) as Expectations)
  : {};

describe.each(CAPTURES)('what is printed of %s', (capture) => {
  const known = expectations[capture] ?? {};
  if (UPDATE) expectations[capture] = {};

  it.each(CASES.map((args) => [args.join(' '), args] as const))('%s', async (key, args) => {
    const printed = checksums(await run(resolve(FIXTURES, `${capture}.scap.gz`), planOf(args)));
    if (UPDATE) {
      expectations[capture][key] = printed;
      writeFileSync(EXPECTED, `${JSON.stringify(expectations, null, 1)}\n`);
      return;
    }
    expect(printed).toEqual(known[key]);
  });
});
