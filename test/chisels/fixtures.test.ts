import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIXTURES, runChisel } from './run_chisel.js';

/** Longer outputs are kept as their length and hash. */
const LONGEST_STORED = 6000;

const PLAIN = [
  'topprocs_cpu',
  'topprocs_net',
  'topprocs_file',
  'topprocs_errors',
  'topfiles_bytes',
  'topfiles_time',
  'topfiles_errors',
  'topcontainers_cpu',
  'topcontainers_net',
  'topcontainers_file',
  'topcontainers_error',
  'topconns',
  'topports_server',
  'topscalls',
  'topscalls_time',
  'iobytes',
  'iobytes_file',
  'iobytes_net',
  'bottlenecks',
  'proc_exec_time',
  'echo_fds',
  'spy_users',
  'spy_file',
  'spy_logs',
  'spy_syslog',
  'stdin',
  'stdout',
  'stderr',
  'httplog',
  'httptop',
  'memcachelog',
  'list_login_shells',
  'lscontainers',
  'lsof',
  'netstat',
  'ps',
  'shellshock_detect',
  'flame',
];

const WITH_ARGUMENTS: readonly (readonly string[])[] = [
  ['fdbytes_by', 'fd.name'],
  ['fdcount_by', 'proc.name'],
  ['fdtime_by', 'container.name'],
  ['scallslower', '1'],
  ['fileslower', '1'],
  ['netlower', '0'],
  ['scallslower', '1 disable_colors'],
  ['spy_ip', '127.0.0.1'],
  ['spy_port', '8080'],
  ['spy_file', 'W'],
  ['spy_file', 'R /etc/passwd'],
  ['httptop', 'bytes'],
  ['httptop', 'time'],
  ['spy_users', '0'],
  ['lscontainers', 'desc'],
  ['list_login_shells', 'curl'],
  ['lsof', "'fd.type=pipe'"],
  ['flame', '1'],
];

/** Runs over the fixtures, whose outputs are stored beside this file. Run vitest with -u to store new ones. */
for (const capture of ['containers', 'http']) {
  describe(`chisels on the fixture ${capture}`, () => {
    for (const words of [...PLAIN.map((name) => [name]), ...WITH_ARGUMENTS]) {
      for (const before of [[], ['-pc']]) {
        const line = [...before, '-c', ...words];
        test(line.join(' '), async () => {
          const { text } = await runChisel(join(FIXTURES, `${capture}.scap.gz`), line);
          const stored =
            text.length <= LONGEST_STORED
              ? text
              : `${text.split('\n').length - 1} lines, sha256 ${createHash('sha256').update(text, 'latin1').digest('hex')}\n`;
          const name = line.join(' ').replaceAll(/[^\w.-]+/g, '_');
          await expect(stored).toMatchFileSnapshot(join('expected', capture, `${name}.txt`));
        });
      }
    }
  });
}

test('a filter on the command line restricts a table', async () => {
  const { text } = await runChisel(join(FIXTURES, 'containers.scap.gz'), [
    '-pc',
    '-c',
    'topprocs_net',
    'container.name=db',
  ]);
  const rows = text.trimEnd().split('\n').slice(2);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toMatch(/ db$/);
});

test('-j prints one line of JSON per table', async () => {
  const { text } = await runChisel(join(FIXTURES, 'containers.scap.gz'), ['-j', '-pc', '-c', 'topprocs_net']);
  expect(text.endsWith('\n')).toBe(true);
  const table = JSON.parse(text) as {
    ts: string;
    info: { name: string; desc: string; is_key: boolean }[];
    data: (string | number)[][];
  };
  expect(table.info.map((column) => column.desc)).toEqual([
    'Process',
    'Host_pid',
    'Container_pid',
    'container.name',
    'Bytes',
  ]);
  expect(table.data[0].slice(0, 4)).toEqual(['nginx', '11807', '40', 'web']);
  expect(table.data[0][4]).toBeGreaterThan(70_000);
  expect(table.ts).toMatch(/^1795244\d{12}$/);
});

test.each([
  ['httptop', 'calls', /ncalls, time or bytes/],
  ['scallslower', 'many', /min_ms must be a number/],
  ['spy_port', '70000', /not a port number/],
  ['spy_file', 'X', /R, W or RW/],
])('%s refuses the argument %s', async (name, argument) => {
  await expect(runChisel(join(FIXTURES, 'http.scap.gz'), ['-c', name, argument])).rejects.toThrow(
    /refuses its argument/,
  );
});

test('pictures refuse to be drawn into a pipe', async () => {
  for (const name of ['spectrogram', 'subsecoffset']) {
    await expect(runChisel(join(FIXTURES, 'http.scap.gz'), ['-c', name])).rejects.toThrow(
      /init\(\) for chisel .* failed/,
    );
  }
});

test('pictures fill the terminal, a row per period', async () => {
  const { text } = await runChisel(join(FIXTURES, 'containers.scap.gz'), ['-c', 'spectrogram', '1000'], {
    terminal: { width: 60, height: 20 },
  });
  // The legend is the first line; a row overwrites the scale that stood on its line.
  const rows = text
    .split('\n')
    .slice(1)
    .filter((line) => line.includes('\x1b[48;5;'));
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) {
    const shown = row.slice(row.lastIndexOf('\r') + 1).replaceAll(/\x1b\[[0-9;]*[mK]/g, '');
    expect(shown).toBe(' '.repeat(59));
  }
});
