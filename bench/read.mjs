// How fast recordings are read, filtered, printed, rewritten and summarised, beside sysdig on the same file.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './measure.mjs';
import { recordings } from './recordings.mjs';

const CASES = [
  { key: 'a', name: 'read all, no output', args: ['-q'] },
  { key: 'b1', name: 'filter: evt.type=openat and proc.name=cat', args: ['evt.type=openat and proc.name=cat'] },
  { key: 'b2', name: 'filter: container.name=web', args: ['container.name=nosuch'] },
  { key: 'b3', name: 'filter: fd.name contains /etc', args: ['fd.name contains /etc/nosuch'] },
  { key: 'c', name: 'print everything to a file', args: [], out: true, slow: true },
  { key: 'd', name: 'print everything as JSON to a file', args: ['-j'], out: true, slow: true },
  { key: 'e1', name: 'rewrite unfiltered', args: ['-w', '{out}'] },
  { key: 'e2', name: 'rewrite filtered (evt.type=openat)', args: ['-w', '{out}', 'evt.type=openat'] },
  { key: 'f1', name: 'topprocs_cpu', args: ['-c', 'topprocs_cpu'] },
  { key: 'f2', name: 'topprocs_net', args: ['-c', 'topprocs_net'] },
  { key: 'f3', name: 'topfiles_bytes', args: ['-c', 'topfiles_bytes'] },
  { key: 'f4', name: 'topcontainers_cpu', args: ['-c', 'topcontainers_cpu'] },
  { key: 'f5', name: 'topscalls', args: ['-c', 'topscalls'] },
  { key: 'f6', name: 'echo_fds', args: ['-c', 'echo_fds'] },
  { key: 'g', name: 'read gzip', args: ['-q'], gzip: true },
];

const hasSysdig = () => {
  try {
    execFileSync('sysdig', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Runs the cases whose key begins with one of `only` (all if empty) on every recording. Returns rows for the report. */
export async function bench({ tsdig, only, runs, say }) {
  const scratch = join(tmpdir(), 'tsdig-bench');
  mkdirSync(scratch, { recursive: true });
  const rows = [];
  const peer = hasSysdig();
  for (const recording of await recordings(say)) {
    for (const entry of CASES) {
      if (only.length > 0 && !only.some((prefix) => entry.key.startsWith(prefix))) continue;
      const file = entry.gzip ? recording.gzip : recording.plain;
      if (!file || !existsSync(file)) continue;
      const contender = (name, command, before) => {
        const target = join(scratch, `${name}.out`);
        const args = entry.args.map((word) => word.replace('{out}', join(scratch, `${name}.scap`)));
        return { name, command, args: [...before, '-r', file, ...args], stdout: entry.out ? target : '/dev/null' };
      };
      const contenders = [contender('tsdig', process.execPath, [tsdig])];
      if (peer) contenders.push(contender('sysdig', 'sysdig', []));
      const results = await compare(contenders, entry.slow ? Math.min(runs, 5) : runs);
      rows.push({ recording: recording.name, events: recording.events, bytes: statSync(file).size, key: entry.key, name: entry.name, results });
      say(`${recording.name} ${entry.key} ${results.map((r) => `${r.name} ${r.median.toFixed(2)} s${r.failed ? ' (failed)' : ''}`).join(', ')}`);
    }
  }
  rmSync(scratch, { recursive: true, force: true });
  return rows;
}

/** The rows as a text table: seconds, spread, ratio (peer's time / ours), peak memory. */
export function table(rows) {
  const lines = [['recording', 'case', 'tsdig s', 'spread', 'sysdig s', 'ratio', 'tsdig MB', 'sysdig MB']];
  for (const row of rows) {
    const [ours, peer] = row.results;
    lines.push([
      row.recording,
      `${row.key} ${row.name}`,
      ours.failed ? 'failed' : ours.median.toFixed(3),
      `${ours.min.toFixed(2)}-${ours.max.toFixed(2)}`,
      peer ? (peer.failed ? 'failed' : peer.median.toFixed(3)) : '-',
      peer && !peer.failed && !ours.failed ? `${(peer.median / ours.median).toFixed(2)}x` : '-',
      (ours.peak / 1e6).toFixed(0),
      peer ? (peer.peak / 1e6).toFixed(0) : '-',
    ]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n');
}
