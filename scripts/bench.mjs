// `npm run bench [-- read|phases|growth|live [--runs N] [case… recording…]]`: prints a table and writes JSON to bench/results/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { buildNative, buildTypeScript, installModules, installPackages, root, say } from './prepare.mjs';

const words = process.argv.slice(2);
const USAGE = `usage: npm run bench [-- [suite…] [case or recording…] [--runs N]]
suites: read, phases, growth, live (default: all); with a case or recording named, docs/performance.md stays as it is
`;
const option = words.find(
  (word, i) => word.startsWith('-') && word !== '--runs' && words[i - 1] !== '--runs',
);
if (option !== undefined) {
  const asked = option === '--help' || option === '-h';
  (asked ? process.stdout : process.stderr).write(
    asked ? USAGE : `bench: unknown option ${option}\n${USAGE}`,
  );
  process.exit(asked ? 0 : 2);
}

installPackages(['sysdig', 'time', 'strace', 'linux-perf', 'redis-server', 'redis-tools', 'clang']);
if (!installModules() || !buildTypeScript()) process.exit(1);
// Set on machines behind a proxy: every Node reads these certificates as it starts, for 45 ms, and sudo does not pass it on.
delete process.env.NODE_EXTRA_CA_CERTS;

const runsAt = words.indexOf('--runs');
const runs = runsAt < 0 ? 5 : Number(words.splice(runsAt, 2)[1]);
if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write(`bench: --runs wants a number from 1 on\n${USAGE}`);
  process.exit(2);
}
const suites = ['read', 'phases', 'growth', 'live'];
const chosen = words.filter((word) => suites.includes(word));
const only = words.filter((word) => !suites.includes(word));
const tsdig = join(root, 'dist/cli/main.cjs');
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
    // What else the machine had to do: processes that wanted a processor, before and after.
    load: [loadavg()[0]],
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
report.machine.load.push(loadavg()[0]);
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
if (only.length === 0) intoDocs(Object.keys(report.suites));
process.stdout.write(`\n${name}.json\n`);

/** Puts the tables of whole suites into docs/performance.md, between their marks. */
function intoDocs(names) {
  const page = join(root, 'docs/performance.md');
  let text = readFileSync(page, 'utf8');
  const { cpu, cores, kernel, node, load } = report.machine;
  names.forEach((suite, i) => {
    const begin = `<!-- bench ${suite} -->`;
    const end = `<!-- end ${suite} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) return;
    const where = `${report.date.slice(0, 10)}, commit ${report.commit}, ${cpu}, ${cores} processors, Linux ${kernel}, Node ${node}, ${runs} runs, load ${load.map((n) => n.toFixed(1)).join(' to ')}`;
    const block = `${begin}\n${where}\n\n\`\`\`text\n${tables[i].slice(suite.length + 1)}\`\`\`\n`;
    text = text.slice(0, from) + block + text.slice(to);
  });
  writeFileSync(page, text);
}
