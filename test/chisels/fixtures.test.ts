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

const EVERYTHING = [...PLAIN.map((name) => [name]), ...WITH_ARGUMENTS];

const CAPTURES: { readonly [capture: string]: readonly (readonly string[])[] } = {
  containers: EVERYTHING,
  http: EVERYTHING,
  services: [
    ['httplog'],
    ['httptop'],
    ['httptop', 'bytes'],
    ['httptop', 'time'],
    ['memcachelog'],
    ['memcachelog', 'get'],
    ['memcachelog', 'set 5'],
    ['spy_ip', '::1'],
    ['spy_port', '18081'],
  ],
  syslog: [['spy_syslog'], ['shellshock_detect'], ['list_login_shells']],
};

/** Runs over the fixtures, whose outputs are stored beside this file. Run vitest with -u to store new ones. */
for (const [capture, runs] of Object.entries(CAPTURES)) {
  describe(`chisels on the fixture ${capture}`, () => {
    for (const words of runs) {
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

const services = async (...words: string[]): Promise<string[]> => {
  const { text } = await runChisel(join(FIXTURES, 'services.scap.gz'), words);
  return text.trimEnd().split('\n');
};

test('httplog: pipelined, interim, early and late answers find their requests', async () => {
  const lines = await services('-c', 'httplog');
  const of = (side: string, url: string): (string | undefined)[] =>
    lines
      .filter((line) => line.includes(` ${side} `) && line.includes(`${url} response`))
      .map((line) => /response_code=\d+|size=\d+B/g[Symbol.match](line)?.join(' '));
  // Two requests in one write, two answers in one read.
  expect(of('<', '/p1')).toEqual(['response_code=200 size=30B']);
  expect(of('>', '/p2')).toEqual(['response_code=200 size=30B']);
  // "100 Continue" is not the answer.
  expect(of('<', '/100')).toEqual(['response_code=201 size=4B']);
  // The client reads one answer late; the header's name is in lower case.
  expect(of('>', '/204')).toEqual(['response_code=204 size=0B']);
  expect(of('>', '/lower')).toEqual(['response_code=200 size=12B']);
  // HEAD announces a body that does not come.
  expect(of('<', '/h')).toEqual(['response_code=200 size=5000B']);
  // Connections closed without an answer, and an answer without a request.
  expect(of('<', '/close')).toEqual([]);
  expect(of('<', '/six')).toEqual(['response_code=200 size=40B']);
  expect(of('>', 'docker/unix')).toEqual(['response_code=200 size=50B']);
});

test('memcachelog: commands in one write, noreply, values of several keys', async () => {
  const lines = (await services('-c', 'memcachelog')).map((line) => line.slice(30));
  for (const line of [
    '< method=get size=13B key=k1 k2 k3 result=HIT latency=0ms',
    '< method=set size=1B key=n result=noreply latency=0ms',
    '< method=gat size=1B key=n result=HIT latency=0ms',
    '> method=get size=1B key=n result=HIT latency=0ms',
    '< method=cas size=3B key=k1 result=EXISTS latency=0ms',
    '< method=get size=0B key=nokey result=MISS latency=0ms',
  ]) {
    expect(lines).toContain(line);
  }
});

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
  ['spy_ip', '999.1.1.1', /is not an IP address/],
  ['fdbytes_by', 'no.such', /unknown field no\.such/],
  ['memcachelog', 'put', /get or set/],
])('%s refuses the argument %s', async (name, argument, reason) => {
  const run = runChisel(join(FIXTURES, 'http.scap.gz'), ['-c', name, argument]);
  const message = await run.then(
    () => '',
    (e: Error) => e.message,
  );
  // One line, without a traceback of code that is not the user's.
  expect(message).toMatch(new RegExp(`^${name}: .* \\(tsdig -i ${name} explains its arguments\\)$`));
  expect(message).toMatch(reason);
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
