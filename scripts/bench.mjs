// `npm run bench [-- read|live|growth [--runs N] [case… recording…]]`: prints a table and writes JSON to bench/results/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { buildNative, buildTypeScript, installModules, installPackages, root, say } from './prepare.mjs';

installPackages(['sysdig', 'time', 'strace', 'linux-perf', 'redis-server', 'redis-tools', 'clang']);
if (!installModules() || !buildTypeScript()) process.exit(1);

const words = process.argv.slice(2);
const runsAt = words.indexOf('--runs');
const runs = runsAt < 0 ? 5 : Number(words.splice(runsAt, 2)[1]);
const suites = ['read', 'live', 'growth'];
const chosen = words.filter((word) => suites.includes(word));
const only = words.filter((word) => !suites.includes(word));
const tsdig = join(root, 'dist/cli/main.js');
const tables = [];
const report = {
  date: new Date().toISOString(),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  machine: {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memory: totalmem(),
    kernel: release(),
    node: process.version,
  },
  runs,
  suites: {},
};

if (chosen.length === 0 || chosen.includes('live')) buildNative();

for (const suite of chosen.length > 0 ? chosen : suites) {
  const { bench, table } = await import(`../bench/${suite}.mjs`);
  const rows = await bench({ tsdig, only, runs, say });
  report.suites[suite] = rows;
  tables.push(`${suite}\n${table(rows)}\n`);
  process.stdout.write(`\n${tables.at(-1)}`);
}
const dir = join(root, 'bench/results');
mkdirSync(dir, { recursive: true });
// One line per row: short files whose differences can be read.
const rows = Object.entries(report.suites).map(
  ([suite, list]) => `"${suite}":[\n${list.map((row) => JSON.stringify(row)).join(',\n')}\n]`,
);
const { suites: _, ...about } = report;
const name = join(
  dir,
  `${report.date.slice(0, 10)}-${report.commit}-${Object.keys(report.suites).join('-')}`,
);
writeFileSync(`${name}.json`, `{"about":${JSON.stringify(about)},\n${rows.join(',\n')}}\n`);
writeFileSync(`${name}.txt`, tables.join('\n'));
process.stdout.write(`\n${name}.json\n`);
