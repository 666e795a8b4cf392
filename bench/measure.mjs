// Runs commands, alternating, and reports medians: the ground of every benchmark here.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** Whether the shell finds a command of this name. */
export const hasCommand = (name) =>
  spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;

const TIME = '/usr/bin/time';
const notes = join(tmpdir(), `tsdig-bench-${process.pid}.time`);

/**
 * Runs one command to its end. Resolves to wall seconds, processor seconds of all threads, peak resident bytes and
 * exit code.
 */
export function runOnce(command, args, { stdout = '/dev/null', env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const out = openSync(stdout, 'w');
    const start = performance.now();
    const child = spawn(TIME, ['-q', '-o', notes, '-f', '%U %S %M', command, ...args], {
      stdio: ['ignore', out, 'ignore'],
      env: { ...process.env, ...env },
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      const seconds = (performance.now() - start) / 1000;
      closeSync(out);
      const [user, system, kilobytes] = readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .at(-1)
        .split(' ')
        .map(Number);
      rmSync(notes);
      resolve({ seconds, cpu: user + system, peak: kilobytes * 1024, code });
    });
  });
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Runs each contender `runs` times in turn: [{ name, command, args, stdout? }]. Resolves to
 * [{ name, median, min, max, cpu, peak, failed }] in the same order; `cpu` is the median of processor seconds.
 */
export async function compare(contenders, runs) {
  const results = contenders.map(({ name }) => ({ name, times: [], cpu: [], peak: 0, failed: false }));
  for (let run = 0; run < runs; run++) {
    for (const [index, contender] of contenders.entries()) {
      const { seconds, cpu, peak, code } = await runOnce(contender.command, contender.args, contender);
      const result = results[index];
      result.times.push(seconds);
      result.cpu.push(cpu);
      result.peak = Math.max(result.peak, peak);
      if (code !== 0) result.failed = true;
    }
  }
  const round = (seconds) => Math.round(seconds * 1000) / 1000;
  return results.map(({ name, times, cpu, peak, failed }) => ({
    ...{ name, median: round(median(times)), min: round(Math.min(...times)), max: round(Math.max(...times)) },
    ...{ cpu: round(median(cpu)), peak, failed },
  }));
}
