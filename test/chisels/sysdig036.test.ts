import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runChisel, SHARED } from './run_chisel.js';
import { compareOutput } from './same_output.js';

interface Case {
  readonly args: readonly string[];
  readonly exit: number;
  readonly stdout: string;
}

const EXPECTED = join(SHARED, 'expected');

/** Lines without those that `drop` names. */
const without = (text: string, drop: RegExp): string =>
  text
    .split('\n')
    .filter((line) => !drop.test(line))
    .join('\n');

/**
 * Where our chisel differs from sysdig's on purpose (the reasons are in docs/chisels.md, "Differences"): what to do to
 * both outputs before they are compared; null where nothing is left to compare.
 */
const DIFFERENCES: Readonly<Record<string, ((want: string, have: string) => [string, string]) | null>> = {
  flame: null,
  list_login_shells: null,
  // sysdig ends with an error where a log is written and shows nothing.
  spy_logs: (want, have) => [want, want === '' ? '' : have],
  // sysdig calls writes reads and gives many of them the size of the event before.
  spy_ip: (want, have) => [without(want, / (Read|Write) \d/), without(have, / (Read|Write) \d/)],
  // Where there is no data, sysdig prints NULL or nil.
  spy_file: (want, have) => [want.replace(/^(\d\d:\d\d:\S+ .* [RW] \S+B \S+ )(NULL|nil)$/gm, '$1'), have],
  // sysdig stops showing new sessions after a script has changed its directory.
  spy_users: (want, have) => {
    const shown = want.split('\n').slice(0, -2);
    return [shown.join('\n'), have.split('\n').slice(0, shown.length).join('\n')];
  },
  scallslower: (want, have) => [without(want, / switch$/), have],
  topscalls_time: (want, have) => {
    const rows = without(want, / switch( |$)/).split('\n');
    return [
      rows.join('\n'),
      have
        .split('\n')
        .slice(0, rows.length - 1)
        .join('\n') + '\n',
    ];
  },
};

/** With -pc sysdig takes the thread's id for Container_pid, so that threads get rows of their own. */
const PER_THREAD: ReadonlySet<string> = new Set(['topprocs_net', 'topprocs_file', 'topprocs_errors']);

/** Machine state that tsdig knows better, as docs/differences.md says: sums over descriptors' names move a little. */
const BY_STATE: ReadonlySet<string> = new Set(['fdcount_by']);

for (const capture of ['containers', 'http']) {
  const list = join(EXPECTED, `${capture}.cases.json`);
  const cases = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as Case[]).filter((one) => one.args.includes('-c'))
    : [];
  describe.runIf(cases.length > 0)(`chisels on ${capture} as sysdig 0.36 prints them`, () => {
    for (const one of cases) {
      const name = one.args[one.args.indexOf('-c') + 1];
      const difference = DIFFERENCES[name];
      if (difference === null || BY_STATE.has(name)) continue;
      if (PER_THREAD.has(name) && one.args.includes('-pc')) continue;
      test(one.args.join(' '), async () => {
        const want = gunzipSync(readFileSync(join(EXPECTED, one.stdout))).latin1Slice();
        let have = '';
        try {
          have = (await runChisel(join(SHARED, 'recorded', `${capture}.scap.gz`), one.args)).text;
        } catch (error) {
          if (one.exit === 0) throw error;
          // What was printed before the refusal is not kept by the error: its message is checked elsewhere.
          return;
        }
        const [a, b] = difference === undefined ? [want, have] : difference(want, have);
        expect(['same', 'ties']).toContain(compareOutput(a, b));
      });
    }
  });
}
