import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileFilter, FilterError } from '../../src/filter/compile.js';
import { runSysdig, SYSDIG_VERSION } from '../sysdig.js';
import { ACCEPTED, type Difference, FROM_036, FROM_0293 } from './filter_differences.js';
import { replay } from './replay.js';

/** What a filter finds: how many events, and the md5 of their numbers, one per line. */
interface Found {
  readonly count: number;
  readonly md5: string;
}

/** A line of a file of expectations. */
interface Expectation {
  readonly filter: string;
  /** What sysdig found. */
  readonly count?: number;
  readonly md5?: string;
  /** sysdig refuses it. */
  readonly refused?: true;
  /** What tsdig finds where that is something else, or where sysdig was not asked. */
  ours?: Found;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const shared = (name: string): string =>
  fileURLToPath(new URL(`../../../shared/captures/${name}`, import.meta.url));
/** `TSDIG_RECORD=1` writes what tsdig finds into the files instead of comparing; look at the difference then. */
const RECORD = process.env['TSDIG_RECORD'] === '1';

const SUITES: readonly { name: string; capture: string; file: string; differences: readonly Difference[] }[] =
  [
    {
      name: 'sysdig 0.29.3',
      capture: fixture('written-by-0293.scap.gz'),
      file: 'written-by-0293.json',
      differences: FROM_0293,
    },
    {
      name: 'sysdig 0.36, containers',
      capture: shared('recorded/containers.scap.gz'),
      file: 'containers-036.json',
      differences: FROM_036,
    },
    {
      name: 'sysdig 0.36, http',
      capture: shared('recorded/http.scap.gz'),
      file: 'http-036.json',
      differences: FROM_036,
    },
    {
      name: 'extract of containers',
      capture: fixture('containers.scap.gz'),
      file: 'containers-extract.json',
      differences: [],
    },
    { name: 'extract of http', capture: fixture('http.scap.gz'), file: 'http-extract.json', differences: [] },
  ];

for (const suite of SUITES) {
  const path = fixture(`filters/${suite.file}`);
  describe.runIf(existsSync(suite.capture))(`filters find the same events as ${suite.name}`, () => {
    const expectations = JSON.parse(readFileSync(path, 'utf8')) as Expectation[];

    it('refused and accepted filters', () => {
      for (const { filter, refused, ours } of expectations) {
        const error = refusal(filter);
        if (refused && ours === undefined && !RECORD) {
          expect(error, filter).toBeInstanceOf(FilterError);
          expect(error?.render().split('\n').length).toBe(3);
        } else if (!refused) expect(error, filter).toBeUndefined();
        if (refused && error === undefined && !ACCEPTED.some((one) => one.filters.test(filter)))
          expect.fail(`${filter}: refused by sysdig, accepted here, without a reason`);
      }
    });

    it('found events', async () => {
      const found = await findAll(suite.capture, expectations);
      const wrong: string[] = [];
      for (const expectation of expectations) {
        const { filter, count, md5, ours } = expectation;
        const have = found.get(filter);
        if (have === undefined) continue;
        const same = have.md5 === md5;
        if (RECORD) {
          if (same) delete expectation.ours;
          else expectation.ours = have;
        }
        if (!same && md5 !== undefined && !suite.differences.some((one) => one.filters.test(filter)))
          wrong.push(`${filter}: ${have.count} events, sysdig ${count}: a difference without a reason`);
        else if (!RECORD && have.md5 !== (ours?.md5 ?? md5))
          wrong.push(`${filter}: ${have.count} events instead of ${ours?.count ?? count}`);
      }
      if (RECORD)
        writeFileSync(path, `[\n${expectations.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
      expect(wrong).toEqual([]);
    }, 240_000);
  });
}

/** The sysdig that the stored answers came from, if it is installed: it must still give them. */
describe.runIf(SYSDIG_VERSION.includes('0.29.3'))('the installed sysdig gives the stored answers', () => {
  it('to every twentieth filter', () => {
    const expectations = JSON.parse(
      readFileSync(fixture('filters/written-by-0293.json'), 'utf8'),
    ) as Expectation[];
    for (let i = 0; i < expectations.length; i += 20) {
      const { filter, count, md5, refused } = expectations[i];
      // -d: filters ask the state that every event left, as tsdig's do.
      const args = ['-d', '-r', fixture('written-by-0293.scap.gz'), '-p', '%evt.num', filter];
      const { stdout, status } = runSysdig(args);
      if (refused) expect(status, filter).not.toBe(0);
      else {
        expect(createHash('md5').update(stdout, 'latin1').digest('hex'), filter).toBe(md5);
        expect(stdout.split('\n').length - 1, filter).toBe(count);
      }
    }
  }, 60_000);
});

function refusal(filter: string): FilterError | undefined {
  try {
    compileFilter(filter);
    return undefined;
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

/** What all filters that compile find, in one reading. `evt.type=open` is taken literally, as sysdig does. */
async function findAll(capture: string, expectations: readonly Expectation[]): Promise<Map<string, Found>> {
  const runs = expectations
    .filter(({ filter }) => refusal(filter) === undefined)
    .map(({ filter }) => ({
      filter,
      matches: compileFilter(filter, { openFamily: false }).matches,
      found: [] as number[],
    }));
  await replay(capture, {
    onEvent: (ev, m) => {
      for (const run of runs) {
        if (run.matches(ev, m)) run.found.push(ev.num);
      }
    },
  });
  const md5 = (found: number[]): string =>
    createHash('md5')
      .update(found.map((num) => `${num}\n`).join(''))
      .digest('hex');
  return new Map(runs.map(({ filter, found }) => [filter, { count: found.length, md5: md5(found) }]));
}
