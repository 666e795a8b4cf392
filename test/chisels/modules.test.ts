import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIXTURES, runChisel } from './run_chisel.js';

const CAPTURE = join(FIXTURES, 'containers.scap.gz');
const LUA = join(import.meta.dirname, 'lua');

async function rowsOf(chisel: string): Promise<string[]> {
  const { text } = await runChisel(CAPTURE, ['-c', join(LUA, chisel)]);
  return Buffer.from(text, 'latin1').toString().split('\n');
}

function column(rows: readonly string[], name: string): string[] {
  return rows.filter((row) => row.startsWith(`${name}|`)).map((row) => row.slice(name.length + 1));
}

test('units are those of sysdig', async () => {
  const rows = await rowsOf('modules.lua');
  expect(column(rows, 'bytes')).toEqual(
    '0B 1B 9B 999B 1023B 1024B 1.00KB 1.46KB 100.00KB 1024.00KB 1.50M 1024.00M 5.68G 1024.00G 1.21P 1332.27P'.split(
      ' ',
    ),
  );
  expect(column(rows, 'time')).toEqual(
    '0ns 1ns 999ns 1.00us 1.50us 9.99us 10us 15us 999us 1.00ms 5.82ms 9.99ms 9.99ms 10ms 999ms 1.00s 1.23s 9.99s 10.50s 59.99s 3661.00s 1000000.00s'.split(
      ' ',
    ),
  );
  expect(column(rows, 'percent')).toEqual(['1.70%|0.00%|0.00%']);
});

test('text is shown so that it cannot steer a terminal', async () => {
  const rows = await rowsOf('modules.lua');
  expect(column(rows, 'visible')).toEqual(['plain|a\\e[31mb\\n\\t\\x00c|café €|\\x9b\\xc2\\x9b\\xff']);
  const at = rows.indexOf('lines|a');
  expect(rows.slice(at, at + 2)).toEqual(['lines|a', '\\eb\tc\\r']);
  expect(column(rows, 'width')).toEqual(['3|4|4']);
  expect(column(rows, 'fit')).toEqual(['abc  |  abc|abc…|漢…']);
});

test('JSON both ways', async () => {
  const rows = await rowsOf('modules.lua');
  expect(column(rows, 'json')).toEqual([
    '{"a":[1,"x\\n\\u0001\\"\\\\",true],"b":[],"n":1.5}|null|12345678901234',
  ]);
  const decoded = rows.indexOf('decode|1|-2500|é😀');
  expect(rows[decoded + 1]).toBe('|nil|false|52');
  const wrong = column(rows, 'wrong');
  expect(wrong).toHaveLength(7);
  for (const row of wrong) expect(row).toMatch(/^nil\|\d+\|.* at line 1, byte \d+$/);
  expect(rows.join('\n')).toContain('{\n 1 = {\n  id = 1,\n  name = "web",\n },\n key = "v",\n}');
});

test('chisels written for sysdig find what they require', async () => {
  expect((await rowsOf('written_for_sysdig.lua')).join('\n')).toBe(
    `abc  |abcd |   |ab |
a;b;;c	1	true	true	true
1.00KB	5.82ms	1795244784000000005
b	5
c	3
13	string	1000000000	1000000	1000
3	2	"x"	n = 7
{"a":1}	3	"\\n"
\x1b[31mx\x1b[0m\x1b[3;4H\x1b[2K\x1b[48;5;3m
V                   Cont                Proc                
--------------------------------------------------------------------------------
976.56KB            db                  a name longer than a column
2.00KB              web                 foo
`,
  );
});

test('chisel.exec finds table_generator', async () => {
  const rows = await rowsOf('table_by_exec.lua');
  expect(rows[0]).toMatch(/^Times +Name +Call +$/);
  expect(rows.slice(2, 5).every((row) => /^\d+ +\S+ +\w+$/.test(row))).toBe(true);
  expect(rows[5]).toBe('');
});

test('the skeleton of --new-chisel is a working chisel', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-chisel-'));
  const template = join(import.meta.dirname, '../../chisels/templates/new_chisel.lua');
  writeFileSync(join(folder, 'mine.lua'), readFileSync(template, 'utf8').replaceAll('NAME', 'mine'));
  const { text } = await runChisel(CAPTURE, ['-c', join(folder, 'mine.lua'), '4']);
  expect(text.trimEnd().split('\n')).toHaveLength(4);
  expect(text).toMatch(/^ +\d+ {2}\S+ {2}\/\S+\n/);
});

test('udp_extract writes a file per flow', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-udp-'));
  const before = process.cwd();
  copyFileSync(CAPTURE, join(folder, 'c.scap.gz'));
  process.chdir(folder);
  try {
    await runChisel('c.scap.gz', ['-c', 'udp_extract']);
  } finally {
    process.chdir(before);
  }
  const data = readFileSync(join(folder, 'udp_dump_files', readFlow(folder)));
  expect(data.subarray(0, 4).toString()).toBe('udp ');
});

function readFlow(folder: string): string {
  const flows = readdirSync(join(folder, 'udp_dump_files')).sort();
  expect(flows.length).toBeGreaterThan(0);
  for (const flow of flows) expect(flow).toMatch(/^[\d.]+_\d+--[\d.]+_\d+$/);
  return flows[0];
}

test('the whole chisels in the documentation run', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/chisels.md'), 'utf8');
  const blocks = [...page.matchAll(/```lua\n([\s\S]*?)```/g)].map((match) => match[1]);
  const whole = blocks.filter((block) => block.startsWith('description ='));
  expect(whole.length).toBe(2);
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-doc-'));
  const outputs: string[] = [];
  for (const [i, block] of whole.entries()) {
    writeFileSync(join(folder, `c${i}.lua`), block);
    outputs.push((await runChisel(CAPTURE, ['-c', join(folder, `c${i}.lua`)])).text);
  }
  expect(outputs[0]).toBe('');
  expect(outputs[1]).toMatch(/^Written +Container +File +\n-+\n303\.04KB +app +\/tmp\/etc\.tgz\n/);
  // Steps 3 and 4 together are a chisel too.
  const steps = `${whole[0].split('\n').slice(0, 4).join('\n')}\n${blocks[2]}${blocks[3]}`;
  writeFileSync(join(folder, 'steps.lua'), steps);
  const { text } = await runChisel(CAPTURE, ['-c', join(folder, 'steps.lua')]);
  expect(text).toMatch(/^303\.04KB\tapp {2}\/tmp\/etc\.tgz\n/);
});
