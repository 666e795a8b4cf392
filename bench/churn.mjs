/**
 * Does memory stay flat while threads and containers come and go? Starts 200 processes a second and a container every
 * two seconds, and watches the resident memory of tsdig in several kinds of run.
 *
 *   node bench/churn.mjs [--seconds 600] [--forks 200] [--image IMAGE] [--main dist/cli/main.cjs] [--json]
 *
 * Needs root; containers only where docker answers. The verdict compares the last quarter with the second one: before
 * that, caches fill and V8 sizes its heap.
 */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const args = process.argv.slice(2);
const option = (name, value) => (args.includes(name) ? args[args.indexOf(name) + 1] : value);
const seconds = Number(option('--seconds', '600'));
const forks = Number(option('--forks', '200'));
const image = option('--image', 'tsdig-test:latest');
const main = resolve(option('--main', 'dist/cli/main.cjs'));

const RUNS = {
  // Threads, fds, users and containers are all kept.
  'print all state': [
    '-p',
    '%container.name %proc.name %proc.pname %fd.name %user.name',
    'evt.type in (openat,execve,procexit)',
  ],
  // The kernel is told which cgroups cannot match.
  'container filter': ['-pc', 'container.name=tsdig-churn-none'],
  topprocs_cpu: ['-pc', '-c', 'topprocs_cpu'],
};

/** Resident memory, MB. */
function rss(pid) {
  return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096) / 1e6;
}

/** Processes started since boot. */
function started() {
  return Number(/^processes (\d+)/m.exec(readFileSync('/proc/stat', 'latin1'))[1]);
}

const runs = Object.entries(RUNS).map(([name, words]) => {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  const run = { name, child, samples: [], stderr: '' };
  child.stderr.on('data', (text) => {
    run.stderr += text;
  });
  return run;
});

await new Promise((done) => setTimeout(done, 3000));
const each = Math.max(1, Math.round(forks / 10));
const loop = `while :; do i=0; while [ $i -lt ${each} ]; do /bin/true & i=$((i+1)); done; wait; sleep 0.1; done`;
const forker = spawn('sh', ['-c', loop], { stdio: 'ignore' });

let containers = 0;
let ended = false;
async function startContainers() {
  while (!ended) {
    const begun = performance.now();
    await new Promise((done) => {
      execFile(
        'docker',
        ['run', '--rm', '--network=none', '--label', 'tsdig.test=1', image, 'sh', '-c', 'cat /etc/passwd'],
        (error) => {
          if (error === null) containers++;
          done();
        },
      );
    });
    await new Promise((done) => setTimeout(done, Math.max(0, 2000 - (performance.now() - begun))));
  }
}
const starting = startContainers();

const processesBefore = started();
const begin = performance.now();
const every = Math.max(1, Math.round(seconds / 60));
for (let at = every; at <= seconds; at += every) {
  await new Promise((done) => setTimeout(done, begin + at * 1000 - performance.now()));
  for (const run of runs) if (run.child.exitCode === null) run.samples.push(rss(run.child.pid));
}
ended = true;
const rate = (started() - processesBefore) / seconds;
forker.kill();
await starting;
for (const run of runs) {
  run.child.kill('SIGINT');
  await new Promise((done) => run.child.on('close', done));
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const table = runs.map(({ name, samples, stderr }) => {
  const n = samples.length;
  const second = mean(samples.slice(Math.floor(n / 4), Math.floor(n / 2)));
  const last = mean(samples.slice(Math.floor((3 * n) / 4)));
  return {
    run: name,
    first: samples[0],
    second,
    last,
    highest: Math.max(...samples),
    growth: last / second - 1,
    samples,
    stderr: stderr.trim(),
  };
});
if (args.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ seconds, forksPerSecond: rate, containers, runs: table })}\n`);
} else {
  process.stdout.write(
    `${seconds} s, ${rate.toFixed(0)} processes/s, ${containers} containers; resident memory in MB\n`,
  );
  process.stdout.write(
    `${'run'.padEnd(18)}${'first'.padStart(8)}${'2nd qu.'.padStart(9)}${'last qu.'.padStart(9)}${'highest'.padStart(9)}${'growth'.padStart(9)}\n`,
  );
  for (const row of table) {
    const numbers = [
      row.first.toFixed(1).padStart(8),
      row.second.toFixed(1).padStart(9),
      row.last.toFixed(1).padStart(9),
      row.highest.toFixed(1).padStart(9),
    ];
    process.stdout.write(
      `${row.run.padEnd(18)}${numbers.join('')}${`${(100 * row.growth).toFixed(1)} %`.padStart(9)}\n`,
    );
    if (row.stderr !== '') process.stdout.write(`    ${row.stderr.replaceAll('\n', '\n    ')}\n`);
  }
}
