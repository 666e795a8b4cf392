import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './docker_fixture.js';
import { CAN_RECORD, compileProgram } from './recording.js';
import { testChildren } from './test_children.js';
import { pause, TsdigProcess, tsdig } from './tsdig_process.js';

/** How many processes are born, one after the other, while tsdig starts. */
const BIRTHS = 120;
/** The last one, so long after the first: the reading of /proc lies somewhere in between. Seconds. */
const SPREAD = 1.8;

/**
 * Each parent has a file from the beginning and closes it as soon as its child, which has it too, is born. The children read
 * when the standard input ends.
 */
const PARENTS = `
exec 9<&0
i=0
while [ $i -lt ${BIRTHS} ]; do
  (
    exec 8</etc/hostname
    sleep "$(echo "$i" | awk '{ print $1 * ${SPREAD} / ${BIRTHS} }')"
    ( read -r end <&9; read -r line <&8 ) &
    exec 8<&-
    wait
  ) &
  i=$((i + 1))
done
wait`;

/** A shell by another name. */
const SHELL = 'births';
const FORMAT = '*%thread.tid|%fd.name %proc.name %proc.pname';
const READS = `proc.name=${SHELL} and evt.type=read and evt.dir=< and fd.num=0 and evt.rawres>0`;
/** A file that it reads from when all that was to come while tsdig starts has come. */
const LATER = 'read-later';
/** How parents of handing_over.c give their files up. */
const WAYS = ['close', 'dup2', 'close_range', 'exec', 'exit'];

describe.runIf(CAN_RECORD)('processes born while /proc is being read', () => {
  const children = testChildren();
  let dir: string;
  let shell: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-overlap-'));
    shell = join(dir, SHELL);
    copyFileSync('/bin/sh', shell);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /**
   * Starts the parents, and tsdig a moment later. Lets the children read when it has taken in what came while it started:
   * `shown` gives what it has told so far.
   */
  async function during(
    [program, ...args]: readonly [string, ...string[]],
    words: readonly string[],
    shown: (run: TsdigProcess) => Promise<string>,
  ): Promise<string> {
    const parents = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(parents);
    const ended = new Promise((done) => parents.on('exit', done));
    const run = new TsdigProcess(['-v', ...words]);
    await run.attached();
    await pause(SPREAD * 1000);
    // Who is gone before all that has been taken in may be unknown.
    const later = join(dir, LATER);
    writeFileSync(later, 'x\n');
    execFileSync(shell, ['-c', `read -r x <${later}`]);
    await until(async () => (await shown(run)).includes(later), 40_000, 'it takes in nothing');
    parents.stdin.end();
    await ended;
    return (await run.interrupt()).stdout;
  }

  /** Lines `thread|what it has` say that all have what they should. */
  function expectFiles(lines: readonly string[], wanted: string): void {
    const own = lines.filter((line) => !line.includes(LATER));
    const names = new Map(own.map((line) => line.split('|') as [string, string]));
    expect(names.size).toBe(BIRTHS);
    expect([...names.values()].filter((name) => name !== wanted)).toEqual([]);
  }

  it('have the files that they had from their parents', async () => {
    const shown = async (run: TsdigProcess) => run.stdout;
    const stdout = await during([shell, '-c', PARENTS], ['-p', FORMAT, READS], shown);
    // -v counts in the end.
    expectFiles(
      stdout.split('\n').filter((line) => line.includes('|')),
      `/etc/hostname ${SHELL} ${SHELL}`,
    );
  });

  /** Files that the shell has read from, by a recording so far. */
  const told = (file: string) => async () => (await tsdig('-r', file, '-p', '%fd.name', READS)).stdout;

  it('have them in a recording, too', async () => {
    const file = join(dir, 'births.scap');
    await during([shell, '-c', PARENTS], ['-w', file], told(file));
    const { stdout } = await tsdig('-r', file, '-p', FORMAT, READS);
    expectFiles(stdout.trim().split('\n'), `/etc/hostname ${SHELL} ${SHELL}`);
  });

  it.each(WAYS)('have them in a recording, whatever way their parents gave them up: %s', async (way) => {
    const program = compileProgram('handing_over');
    const file = join(dir, `${way}.scap`);
    const parents = [program, way, String(BIRTHS), String(SPREAD * 1e6)] as const;
    await during(parents, ['-w', file], told(file));
    const reads = 'proc.name=handing_over and evt.type=read and evt.dir=< and fd.num=8 and evt.rawres>0';
    const { stdout } = await tsdig('-r', file, '-p', '*%thread.tid|%fd.name', reads);
    expectFiles(stdout.trim().split('\n'), '/etc/hostname');
  });
});
