import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { byEvent, type Case, casesOf, expectedOutput, planOf, printsEvents, run, SHARED } from './cases.js';
import { DIFFERENCE_KEYS, explanation } from './differences.js';

process.env.TZ = 'UTC';

const EXPECTED = join(SHARED, 'expected');
/** Enough of what does not agree to see why. */
const SHOWN = 5;

/** Lines that differ and that no entry of docs/differences.md explains. */
function unexplained(want: string, have: string, fields: readonly string[]): string[] {
  const wanted = byEvent(want);
  const had = byEvent(have);
  const wrong: string[] = [];
  for (const num of new Set([...wanted.keys(), ...had.keys()])) {
    const a = wanted.get(num) ?? '';
    const b = had.get(num) ?? '';
    if (a !== b && explanation(a, b, fields) === undefined) wrong.push(`want ${a}\nhave ${b}`);
  }
  return wrong;
}

/** Rows of -S by count: among equal counts the order is nobody's promise, so the last count may be cut anywhere. */
function summaryRows(text: string): string[] {
  const rows = text.trimEnd().split('\n');
  const last = rows[rows.length - 1].split(/ +/)[2];
  return rows.filter((row) => row.split(/ +/)[2] !== last).sort();
}

describe.runIf(existsSync(EXPECTED))('what sysdig 0.36 prints', () => {
  for (const capture of ['containers', 'http']) {
    const path = join(SHARED, 'recorded', `${capture}.scap.gz`);
    for (const one of casesOf(EXPECTED, capture).filter(printsEvents)) {
      it(`${capture}: ${one.args.join(' ')}`, () => check(path, one), 60_000);
    }
  }
});

async function check(path: string, one: Case): Promise<void> {
  const plan = planOf(one.args);
  if (one.exit !== 0) {
    await expect(run(path, plan)).rejects.toThrow();
    return;
  }
  const have = await run(path, plan);
  const want = expectedOutput(EXPECTED, one);
  if (plan.summary) {
    expect(summaryRows(have)).toEqual(summaryRows(want));
    return;
  }
  const fields = plan.template.replace(/^\*/, '').replaceAll('%', '').split('|');
  const wrong = unexplained(want, have, fields);
  expect(wrong.slice(0, SHOWN).join('\n'), `${wrong.length} lines differ`).toBe('');
}

describe('docs/differences.md', () => {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs/differences.md'), 'utf8');
  const anchors = new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\w\s-]/g, ' ')
        .trim()
        .replace(/\s+/g, '-'),
    ),
  );

  it('has a section for each difference that the suite lets pass', () => {
    expect([...DIFFERENCE_KEYS].filter((key) => !anchors.has(key))).toEqual([]);
  });
});
