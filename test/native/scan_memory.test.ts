import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openBytes } from '../../src/capture/file.js';
import { setWanted } from '../../src/event/effects.js';
import { Effect, EventClass, KNOWN_TYPES, Verdict } from '../../src/event/scan_codes.js';
import { ScanMemory, type ScanTables } from '../../src/event/scan_memory.js';
import { writeTexts } from '../../src/event/watched_texts.js';
import { compileFilter } from '../../src/filter/compile.js';
import { FD_PARAMS } from '../../src/machine/fd_params.js';
import { Machine } from '../../src/machine/machine.js';
import { namingTypes } from '../../src/machine/passing.js';
import { ALL_NEEDS, applyPlan, planRun } from '../../src/session/run_plan.js';
import { triageOf } from '../../src/session/triage.js';
import { captureDir, fixture } from '../capture/read_all.js';
import { isInstalled } from '../installed.js';

const scratch = captureDir();
const SOURCES = ['test/native/scan_harness.c', 'native/scan/scan_events.c', 'native/scan/find_texts.c'];

const FILTERS = [
  // Every type is wanted, most of them only as far as they change the state.
  'proc.name=nosuch',
  // Most types are not wanted; of generic events the code decides.
  'evt.type in (close, io_uring_enter) and proc.name=nosuch',
];

/** The tables of a run with a filter. */
function tablesOf(text: string): ScanTables {
  const memory = new ScanMemory(1, 4096);
  const machine = new Machine();
  const filter = compileFilter(text);
  const wantedTypes = applyPlan(
    planRun(filter, [{ eventTypes: null, needs: ALL_NEEDS, usage: false }]),
    machine,
  );
  const source = openBytes(Buffer.alloc(0));
  setWanted(
    memory,
    triageOf({ source, machine, sinks: [], filter, wantedTypes }, machine.passing),
    FD_PARAMS,
  );
  const texts = [Buffer.from('passwd'), Buffer.from('no such text')];
  writeTexts(memory, { texts, types: namingTypes(machine) });
  return memory.tables;
}

/** As the harness reads them. */
function fileOf({ wanted, classes, paths, addresses, fdParams, texts, searched }: ScanTables): Buffer {
  return Buffer.concat([wanted, classes, paths, addresses, fdParams, texts, searched, Buffer.of(2)]);
}

/** Numbers of an enum. */
function numbers(of: object): number[] {
  return Object.values(of).filter((value) => typeof value === 'number');
}

const sorted = (some: Iterable<number>): number[] => [...new Set(some)].sort((a, b) => a - b);

describe.skipIf(!isInstalled('cc'))('the walk over events as machine code', () => {
  it('reads nothing that is not there, whatever the bytes say', () => {
    const program = `${scratch.dir}/scan_harness`;
    const flags = ['-std=c11', '-O1', '-g', '-Wall', '-Wextra', '-Werror'];
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
    execFileSync('cc', [...flags, ...sanitize, '-o', program, ...SOURCES], { encoding: 'utf8' });
    const tables = FILTERS.map(tablesOf);
    expect(sorted(tables.flatMap(({ wanted }) => sorted(wanted)))).toEqual(sorted(numbers(Verdict)));
    expect(sorted(tables.flatMap(({ classes }) => sorted(classes.subarray(0, KNOWN_TYPES))))).toEqual(
      sorted(numbers(EventClass)),
    );
    // The tables live as long as the program.
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    let said = 0;
    for (const name of ['containers.scap.gz', 'http.scap.gz']) {
      const capture = scratch.file(name, gunzipSync(readFileSync(fixture(name))));
      for (const [i, table] of tables.entries()) {
        const file = scratch.file(`tables-${i}`, fileOf(table));
        const output = execFileSync(program, [capture, file, '20000'], { encoding: 'utf8', env });
        const [, scans, listed, effects] =
          /^(\d+) scans, (\d+) events listed, effects ([0-9a-f]+)/.exec(output) ?? [];
        expect(Number(scans)).toBeGreaterThan(20_000);
        expect(Number(listed)).toBeGreaterThan(100_000);
        said |= Number.parseInt(effects, 16);
      }
    }
    // What the walk can say it did say: no part of it was left out.
    expect(numbers(Effect).filter((effect) => (said & (1 << effect)) === 0)).toEqual([]);
  }, 120_000);
});
