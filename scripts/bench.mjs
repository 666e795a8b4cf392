// `npm run bench [-- read|live|growth] [-- --runs N] [-- case…]`: prints a table and writes JSON to bench/results/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { buildTypeScript, installModules, installPackages, root, say } from './prepare.mjs';

installPackages(['sysdig']);
if (!installModules() || !buildTypeScript()) process.exit(1);

const words = process.argv.slice(2);
const runsAt = words.indexOf('--runs');
const runs = runsAt < 0 ? 5 : Number(words.splice(runsAt, 2)[1]);
const suites = ['read', 'live', 'growth'];
const chosen = words.filter((word) => suites.includes(word));
const only = words.filter((word) => !suites.includes(word));
const tsdig = join(root, 'dist/cli/main.js');
const report = {
  date: new Date().toISOString(),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  machine: { cpu: cpus()[0].model, cores: cpus().length, memory: totalmem(), kernel: release(), node: process.version },
  runs,
  suites: {},
};

for (const suite of chosen.length > 0 ? chosen : suites) {
  const { bench, table } = await import(`../bench/${suite}.mjs`);
  const rows = await bench({ tsdig, only, runs, say });
  report.suites[suite] = rows;
  process.stdout.write(`\n${suite}\n${table(rows)}\n`);
}
const dir = join(root, 'bench/results');
mkdirSync(dir, { recursive: true });
const file = join(dir, `${report.date.slice(0, 10)}-${report.commit}.json`);
writeFileSync(file, JSON.stringify(report, null, 1) + '\n');
process.stdout.write(`\n${file}\n`);
