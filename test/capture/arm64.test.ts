import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EVENTS } from '../../src/scap/events.generated.js';
import { isInstalled } from '../installed.js';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = [
  'test/capture/events_of_calls.c',
  ...['events', 'params', 'remote', 'sockets'].map((name) => `native/${name}.c`),
];
const CAN_EMULATE =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  isInstalled('aarch64-linux-gnu-gcc') &&
  isInstalled('qemu-aarch64-static');

/** The helper's own code, compiled for arm64 and run by an emulator: its numbers of calls and flags are others. */
describe.runIf(CAN_EMULATE)('events on arm64', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-arm64-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function eventsOf(compiler: string, runner: readonly string[], ...words: string[]): string[] {
    const program = join(folder, compiler);
    const options = ['-std=gnu11', '-w', '-static', '-idirafter', '/usr/include', '-I', 'native'];
    execFileSync(compiler, [...options, '-o', program, ...SOURCES], { cwd: ROOT });
    const [first, ...rest] = [...runner, program, ...words];
    return execFileSync(first!, rest, { encoding: 'latin1' }).trim().split('\n');
  }

  it.each([
    ['compatible', []],
    ['full', ['full']],
  ])('are those of x86-64, %s', (_name, words) => {
    const here = eventsOf('gcc', [], ...words);
    expect(here.length).toBe(14);
    expect(eventsOf('aarch64-linux-gnu-gcc', ['qemu-aarch64-static'], ...words)).toEqual(
      // A call without a type of its own is told by its number, which is the architecture's.
      here.map((line) => (line.split(' ')[1] === '1' ? expect.stringMatching(/^\w+ 1 /) : line)),
    );
    const named = (call: string) =>
      EVENTS[Number(here.find((line) => line.startsWith(call))!.split(' ')[1])]!.evtName;
    expect(named('openat ')).toBe('openat');
    expect(named('memfd_create ')).toBe(words.length > 0 ? 'memfd_create' : 'syscall');
  });
});
