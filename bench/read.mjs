// How fast recordings are read, filtered, printed, rewritten and summarised, beside sysdig on the same file.
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, hasCommand } from './measure.mjs';
import { recordings } from './recordings.mjs';

const CASES = [
  { key: 'a', name: 'read all, no output', args: ['-q'] },
  {
    key: 'b1',
    name: 'filter: evt.type=openat and proc.name=cat',
    args: ['evt.type=openat and proc.name=cat'],
  },
  { key: 'b2', name: 'filter: container.name=nosuch', args: ['container.name=nosuch'] },
  { key: 'b3', name: 'filter: fd.name contains /etc/nosuch', args: ['fd.name contains /etc/nosuch'] },
  { key: 'b4', name: 'filter: container.name=web', args: ['container.name=web'], first: true },
  { key: 'b5', name: 'filter: fd.name contains /etc', args: ['fd.name contains /etc'], first: true },
  { key: 'b6', name: 'filter: fd.name=/etc/passwd', args: ['fd.name=/etc/passwd'], first: true },
  { key: 'c', name: 'print everything to a file', args: [], out: true, first: true },
  { key: 'd', name: 'print everything as JSON to a file', args: ['-j'], out: true, first: true },
  { key: 'e1', name: 'rewrite unfiltered', args: ['-w', '{out}'] },
  { key: 'e2', name: 'rewrite filtered (evt.type=openat)', args: ['-w', '{out}', 'evt.type=openat'] },
  { key: 'f1', name: 'topprocs_cpu', args: ['-c', 'topprocs_cpu'] },
  { key: 'f2', name: 'topprocs_net', args: ['-c', 'topprocs_net'] },
  { key: 'f3', name: 'topfiles_bytes', args: ['-c', 'topfiles_bytes'] },
  { key: 'f4', name: 'topcontainers_cpu', args: ['-c', 'topcontainers_cpu'] },
  { key: 'f5', name: 'topscalls', args: ['-c', 'topscalls'] },
  { key: 'f6', name: 'echo_fds', args: ['-c', 'echo_fds'] },
  { key: 's', name: 'start-up to the first line', args: ['-n', '1'] },
  { key: 'g', name: 'read gzip', args: ['-q'], gzip: true },
];

/**
 * Runs the cases whose key begins with one of `only`, on the recordings that are named there (all, if none is).
 * Cases that are marked so, as printing takes the peer long or few recordings have what is looked for, run on the first recording only,
 * unless asked for.
 */
export async function bench({ tsdig, only, runs, say }) {
  const scratch = join(tmpdir(), 'tsdig-bench');
  mkdirSync(scratch, { recursive: true });
  const rows = [];
  const peer = hasCommand('sysdig');
  const keys = only.filter((word) => CASES.some((entry) => entry.key.startsWith(word)));
  const list = await recordings(
    tsdig,
    say,
    only.filter((word) => !keys.includes(word)),
  );
  for (const recording of list) {
    for (const entry of CASES) {
      if (keys.length > 0 && !keys.some((prefix) => entry.key.startsWith(prefix))) continue;
      if (keys.length === 0 && entry.first && recording !== list[0]) continue;
      const file = entry.gzip ? recording.gzip : recording.plain;
      if (!existsSync(file)) continue;
      const contender = (name, command, before) => {
        const args = entry.args.map((word) => word.replace('{out}', join(scratch, `${name}.scap`)));
        const stdout = entry.out ? join(scratch, `${name}.out`) : '/dev/null';
        return { name, command, args: [...before, '-r', file, ...args], stdout };
      };
      const contenders = [contender('tsdig', process.execPath, [tsdig])];
      if (peer) contenders.push(contender('sysdig', 'sysdig', []));
      const results = await compare(contenders, runs);
      rows.push({
        recording: recording.name,
        events: recording.events,
        bytes: statSync(file).size,
        key: entry.key,
        name: entry.name,
        results,
      });
      say(
        `${recording.name} ${entry.key} ${results.map((r) => `${r.name} ${r.median.toFixed(2)} s${r.failed ? ' (failed)' : ''}`).join(', ')}`,
      );
    }
  }
  rmSync(scratch, { recursive: true, force: true });
  return rows;
}

/** The rows as a text table: seconds, spread, ratio (peer's time / ours) of wall and processor time, peak memory. */
export function table(rows) {
  const lines = [
    [
      'recording',
      'case',
      'tsdig s',
      'spread',
      'sysdig s',
      'spread',
      'ratio',
      'cpu ratio',
      'tsdig MB',
      'sysdig MB',
    ],
  ];
  const seconds = (result) => (result.failed ? 'failed' : result.median.toFixed(3));
  const spread = (result) => `${result.min.toFixed(2)}-${result.max.toFixed(2)}`;
  for (const row of rows) {
    const [ours, peer] = row.results;
    const ratio = (of) => (peer.failed || ours.failed ? '-' : `${(peer[of] / ours[of]).toFixed(2)}x`);
    lines.push([
      ...[row.recording, `${row.key} ${row.name}`, seconds(ours), spread(ours)],
      ...(peer ? [seconds(peer), spread(peer), ratio('median'), ratio('cpu')] : ['-', '-', '-', '-']),
      ...[(ours.peak / 1e6).toFixed(0), peer ? (peer.peak / 1e6).toFixed(0) : '-'],
    ]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
