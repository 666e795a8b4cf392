// Runs commands, alternating, and reports medians: the ground of every benchmark here.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** Runs one command to its end. Resolves to wall seconds, peak resident bytes and exit code. */
export function runOnce(command, args, { stdout = '/dev/null', env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const out = openSync(stdout, 'w');
    const start = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', out, 'ignore'], env: { ...process.env, ...env } });
    let peak = 0;
    // VmHWM is the kernel's own high-water mark: the last reading before the end is enough.
    const poll = setInterval(() => {
      try {
        peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024 || peak;
      } catch {
        // The process is gone: keep what was read.
      }
    }, 25);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(poll);
      closeSync(out);
      resolve({ seconds: (performance.now() - start) / 1000, peak, code });
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
 * [{ name, median, min, max, peak, failed }] in the same order.
 */
export async function compare(contenders, runs) {
  const results = contenders.map((contender) => ({ name: contender.name, times: [], peak: 0, failed: false }));
  for (let run = 0; run < runs; run++) {
    for (const [index, contender] of contenders.entries()) {
      const { seconds, peak, code } = await runOnce(contender.command, contender.args, contender);
      results[index].times.push(seconds);
      results[index].peak = Math.max(results[index].peak, peak);
      if (code !== 0) results[index].failed = true;
    }
  }
  return results.map(({ name, times, peak, failed }) => ({
    name,
    median: median(times),
    min: Math.min(...times),
    max: Math.max(...times),
    peak,
    failed,
  }));
}
