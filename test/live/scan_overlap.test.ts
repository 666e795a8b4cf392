import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begun } from './capture_check.js';
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

const FORMAT = '*%thread.tid|%fd.name %proc.name %proc.pname';
const READS = 'proc.name=sh and evt.type=read and evt.dir=< and fd.num=0 and evt.rawres>0';
/** How parents of handing_over.c give their files up. */
const WAYS = ['close', 'dup2', 'close_range', 'exec', 'exit'];

describe.runIf(CAN_RECORD)('processes born while /proc is being read', () => {
  const children = testChildren();
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-overlap-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** Starts the parents, and tsdig a moment later. Lets the children read a while after it has begun to record. */
  async function during(
    [program, ...args]: readonly [string, ...string[]],
    words: readonly string[],
    recording: (run: TsdigProcess) => Promise<void>,
  ): Promise<string> {
    const parents = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    children.push(parents);
    const ended = new Promise((done) => parents.on('exit', done));
    const run = new TsdigProcess(words);
    await recording(run);
    // Who is gone before /proc has been read to its end may be unknown.
    await pause(SPREAD * 1000);
    parents.stdin.end();
    await ended;
    await pause(300);
    return (await run.interrupt()).stdout;
  }

  /** Lines `thread|what it has` say that all have what they should. */
  function expectFiles(lines: readonly string[], wanted: string): void {
    const names = new Map(lines.map((line) => line.split('|') as [string, string]));
    expect(names.size).toBe(BIRTHS);
    expect([...names.values()].filter((name) => name !== wanted)).toEqual([]);
  }

  it('have the files that they had from their parents', async () => {
    const words = ['-v', '-p', FORMAT, READS];
    const stdout = await during(['sh', '-c', PARENTS], words, (run) => run.attached());
    // -v counts in the end.
    expectFiles(
      stdout.split('\n').filter((line) => line.includes('|')),
      '/etc/hostname sh sh',
    );
  }, 60_000);

  it('have them in a recording, too', async () => {
    const file = join(dir, 'births.scap');
    await during(['sh', '-c', PARENTS], ['-w', file], () => begun(file));
    const { stdout } = await tsdig('-r', file, '-p', FORMAT, READS);
    expectFiles(stdout.trim().split('\n'), '/etc/hostname sh sh');
  }, 60_000);

  it.each(WAYS)(
    'have them in a recording, whatever way their parents gave them up: %s',
    async (way) => {
      const program = compileProgram('handing_over');
      const file = join(dir, `${way}.scap`);
      const parents = [program, way, String(BIRTHS), String(SPREAD * 1e6)] as const;
      await during(parents, ['-w', file], () => begun(file));
      const reads = 'proc.name=handing_over and evt.type=read and evt.dir=< and fd.num=8 and evt.rawres>0';
      const { stdout } = await tsdig('-r', file, '-p', '*%thread.tid|%fd.name', reads);
      expectFiles(stdout.trim().split('\n'), '/etc/hostname');
    },
    60_000,
  );
});
