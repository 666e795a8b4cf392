import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { begun } from './capture_check.js';
import { CAN_RECORD, compileProgram } from './recording.js';
import { pause, TsdigProcess, tsdig } from './tsdig_process.js';

/** How many processes are born, one after the other, while tsdig starts. */
const BIRTHS = 120;
/** The last one, so long after the first: the reading of /proc lies somewhere in between. Seconds. */
const SPREAD = 1.8;
/** When they read, after their birth: tsdig records by then. Seconds. */
const PATIENCE = 4;

/** Each parent has a file from the beginning and closes it as soon as its child, which has it too, is born. */
const PARENTS = `
i=0
while [ $i -lt ${BIRTHS} ]; do
  (
    exec 8</etc/hostname
    sleep "$(echo "$i" | awk '{ print $1 * ${SPREAD} / ${BIRTHS} }')"
    ( sleep ${PATIENCE}; read -r line <&8 ) &
    exec 8<&-
    wait
  ) &
  i=$((i + 1))
done
wait`;

const FORMAT = '*%thread.tid|%fd.name %proc.name %proc.pname';
const READS = 'proc.name=sh and evt.type=read and evt.dir=< and fd.num=0 and evt.rawres>0';

describe.runIf(CAN_RECORD)('processes born while /proc is being read', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Starts the parents, and tsdig a moment later; its output when they have ended. */
  async function during(...words: string[]): Promise<string> {
    const parents = spawn('sh', ['-c', PARENTS], { stdio: 'ignore' });
    children.push(parents);
    const run = new TsdigProcess(words);
    await new Promise((ended) => parents.on('exit', ended));
    await pause(300);
    return (await run.interrupt()).stdout;
  }

  function expectFiles(stdout: string): void {
    const names = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('|') as [string, string]),
    );
    expect(names.size).toBe(BIRTHS);
    expect([...names.values()].filter((name) => name !== '/etc/hostname sh sh')).toEqual([]);
  }

  it('have the files that they had from their parents', async () => {
    expectFiles(await during('-p', FORMAT, READS));
  }, 60_000);

  it('have them in a recording, too', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tsdig-overlap-')), 'births.scap');
    await during('-w', file);
    const { stdout } = await tsdig('-r', file, '-p', FORMAT, READS);
    rmSync(dirname(file), { recursive: true });
    expectFiles(stdout);
  }, 60_000);

  it.each(['close', 'dup2', 'close_range', 'exec', 'exit'])(
    'have them in a recording, whatever way their parents gave them up: %s',
    async (way) => {
      const program = compileProgram('handing_over');
      const file = join(mkdtempSync(join(tmpdir(), 'tsdig-overlap-')), 'births.scap');
      const parents = spawn(program, [way, String(BIRTHS), String(SPREAD * 1e6)], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      children.push(parents);
      const run = new TsdigProcess(['-w', file]);
      const ended = new Promise((done) => parents.on('exit', done));
      await begun(file);
      await pause(SPREAD * 1000);
      parents.stdin.end();
      await ended;
      await pause(300);
      await run.interrupt();
      const reads = 'proc.name=handing_over and evt.type=read and evt.dir=< and fd.num=8 and evt.rawres>0';
      const { stdout } = await tsdig('-r', file, '-p', '*%thread.tid|%fd.name', reads);
      rmSync(dirname(file), { recursive: true });
      const names = new Map(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('|') as [string, string]),
      );
      expect(names.size).toBe(BIRTHS);
      expect([...names.values()].filter((name) => name !== '/etc/hostname')).toEqual([]);
    },
    60_000,
  );
});
