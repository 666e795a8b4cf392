#!/usr/bin/env node
// Writes docs/chisel-compatibility.md: each of sysdig's own chisels, run by path and unmodified, under the installed
// sysdig and under tsdig (dist/ must be built) on one capture: does it work, does it print the same, and the time.
//
//   node scripts/chisel-table.mjs CAPTURE [SMALL_CAPTURE] > docs/chisel-compatibility.md
//
// Times and outputs are of CAPTURE; SMALL_CAPTURE, if given, is what outputs are compared on instead.

import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHISELS = '/usr/share/sysdig/chisels';
const main =
  process.env.TSDIG_MAIN ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/cli/main.cjs');
const [capture, small = capture] = process.argv.slice(2);
if (capture === undefined) {
  process.stderr.write('usage: node scripts/chisel-table.mjs CAPTURE [SMALL_CAPTURE]\n');
  process.exit(2);
}

const LIBRARIES = new Set(['ansiterminal', 'common', 'dkjson', 'http', 'statsd', 'table_generator']);
const ARGS = {
  fdbytes_by: ['fd.name'],
  fdcount_by: ['fd.type'],
  fdtime_by: ['proc.name'],
  fileslower: ['1'],
  netlower: ['1'],
  scallslower: ['1'],
  spy_ip: ['127.0.0.1'],
  spy_port: ['8080'],
  proc_exec_time: ['0'],
  tracers_2_statsd: ['127.0.0.1:8125'],
};
const NOTES = {
  around: 'starts sysdig itself and writes files',
  bottlenecks: 'sysdig 0.29.3 shows fewer names of flags',
  echo_fds: 'no data is `NULL`, as in sysdig 0.36',
  spy_file: 'no data is `NULL`, as in sysdig 0.36',
  fdcount_by: 'tsdig knows the names of more descriptors',
  fileslower: 'container of a starting process, as in sysdig 0.36',
  scallslower: 'container of a starting process, as in sysdig 0.36',
  flame: 'keys in another order',
  shellshock_detect: 'sysdig 0.29.3 refuses its filter',
  spectrogram: 'wants a terminal',
  subsecoffset: 'wants a terminal',
  udp_extract: 'writes files',
  wsysdig_summary: 'starts sysdig again at its end: refused with a notice',
};
const BLIND = 'sockets whose ends this capture does not tell: as in sysdig 0.36';
for (const name of [
  'iobytes_net',
  'netlower',
  'spy_ip',
  'topcontainers_net',
  'topports_server',
  'topprocs_net',
])
  NOTES[name] = BLIND;
const SKIP = new Set(['around', 'udp_extract']);

function run(command, args, keep) {
  const done = spawnSync(command, args, {
    stdio: ['ignore', keep ? 'pipe' : 'ignore', 'pipe'],
    maxBuffer: 1 << 30,
    env: { ...process.env, TZ: 'UTC' },
  });
  return { done };
}

/** CPU seconds, user and system, of the cheaper of two runs: other work on the machine disturbs them least. */
function cost(command, args) {
  const once = () => {
    const timed = 'TIMEFORMAT=\'%U %S\'; time "$@" >/dev/null 2>&1';
    const { stderr } = spawnSync('bash', ['-c', timed, 'bash', command, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    });
    const [user, system] = stderr.toString().trim().split('\n').at(-1).split(' ').map(Number);
    return user + system;
  };
  return Math.min(once(), once());
}

/** Rows of equal value may stand in any order, and the last of them may be others where the list is cut. */
function agreement(a, b) {
  if (a === b) return 'same';
  const x = a.split('\n');
  const y = b.split('\n');
  if ([...x].sort().join('\n') === [...y].sort().join('\n')) return 'same, ties ordered differently';
  const value = (l) => l.split(' ', 1)[0];
  const table =
    x[1]?.startsWith('----') && x.length === y.length && x.every((l, i) => value(l) === value(y[i]));
  return table ? 'same values, ties cut differently' : 'differs';
}

const version = (command, args) => (spawnSync(command, args).stdout?.toString() ?? '').trim().split('\n')[0];
const lines = [
  "# sysdig's chisels under tsdig",
  '',
  `Debian's chisels (${version('sysdig', ['--version'])}), unmodified and by path, on a capture of ${(statSync(capture).size / 1e6).toFixed(0)} MB: CPU`,
  'seconds of the cheaper of two runs, start-up included, output to /dev/null. Made by `scripts/chisel-table.mjs`. Outputs are compared',
  'side by side with the installed sysdig; where they differ the note says why. The suite in `test/chisel/compat.test.ts` also',
  'compares each with what sysdig 0.36 printed.',
  '',
  '| chisel | works unmodified | output | sysdig | tsdig | ratio | note |',
  '|---|---|---|---|---|---|---|',
];
let views = 0;
for (const file of readdirSync(CHISELS).sort()) {
  const name = file.replace(/\.lua$/, '');
  if (name.startsWith('v_')) views++;
  if (!file.endsWith('.lua') || LIBRARIES.has(name) || name.startsWith('v_')) continue;
  if (SKIP.has(name)) {
    lines.push(`| ${name} | yes | not compared | | | | ${NOTES[name]} |`);
    continue;
  }
  const words = ['-c', join(CHISELS, file), ...(ARGS[name] ?? [])];
  const theirs = run('sysdig', ['-r', small, ...words], true).done;
  const ours = run(process.execPath, [main, '-r', small, ...words], true).done;
  const same = agreement(theirs.stdout.toString('latin1'), ours.stdout.toString('latin1'));
  const works = ours.status === 0 || ours.status === theirs.status ? 'yes' : 'no';
  const a = cost('sysdig', ['-r', capture, ...words]);
  const b = cost(process.execPath, [main, '-r', capture, ...words]);
  lines.push(
    `| ${name} | ${works} | ${same} | ${a.toFixed(2)} s | ${b.toFixed(2)} s | ${a < 0.1 ? 'ends at once' : (b / a).toFixed(2)} | ${NOTES[name] ?? ''} |`,
  );
  process.stderr.write(`${lines.at(-1)}\n`);
}
lines.push(
  '',
  `The ${views} files \`v_*.lua\` describe views of the interactive csysdig. They load, but mean nothing to a program without`,
  'that screen: `tsdig -c v_procs` says so. `ansiterminal`, `common`, `dkjson`, `http`, `statsd` and `table_generator` are modules',
  'that the others use.',
);
process.stdout.write(`${lines.join('\n')}\n`);
