import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { setWanted } from '../../src/event/effects.js';
import { ScanMemory } from '../../src/event/scan_memory.js';
import { writeTexts } from '../../src/event/watched_texts.js';
import { Machine } from '../../src/machine/machine.js';
import { captureDir, fixture } from '../capture/read_all.js';
import { isInstalled } from '../installed.js';

const scratch = captureDir();
const SOURCES = ['test/native/scan_harness.c', 'native/scan/scan_events.c', 'native/scan/find_texts.c'];

/** The tables of a run that rules out threads, as the harness reads them. */
function tables(): Buffer {
  const memory = new ScanMemory(1, 4096);
  // What nothing is known of is wanted.
  const wanted = new Uint8Array(131072).fill(1);
  wanted.set(new Machine().passing.map((how) => how || 1));
  setWanted(memory, wanted);
  writeTexts(memory, {
    texts: [Buffer.from('passwd'), Buffer.from('lib')],
    types: new Uint8Array(1024).fill(1),
  });
  const { wanted: verdicts, classes, paths, addresses, texts, searched } = memory.tables;
  return Buffer.concat([verdicts, classes, paths, addresses, texts, searched, Buffer.of(2)]);
}

describe.skipIf(!isInstalled('cc'))('the walk over events as machine code', () => {
  it('reads nothing that is not there, whatever the bytes say', () => {
    const program = `${scratch.dir}/scan_harness`;
    const flags = ['-std=c11', '-O1', '-g', '-Wall', '-Wextra', '-Werror'];
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
    execFileSync('cc', [...flags, ...sanitize, '-o', program, ...SOURCES], { encoding: 'utf8' });
    const file = scratch.file('tables', tables());
    // The tables live as long as the program.
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    for (const name of ['containers.scap.gz', 'http.scap.gz']) {
      const capture = scratch.file(name, gunzipSync(readFileSync(fixture(name))));
      const output = execFileSync(program, [capture, file, '4000'], { encoding: 'utf8', env });
      const [, scans, listed] = /^(\d+) scans, (\d+) events listed/.exec(output) ?? [];
      expect(Number(scans)).toBeGreaterThan(4000);
      expect(Number(listed)).toBeGreaterThan(400_000);
    }
  }, 120_000);
});
