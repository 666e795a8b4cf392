import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { CAN_RECORD } from './recording.js';
import { pause, TsdigProcess } from './tsdig_process.js';

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

describe.runIf(CAN_RECORD)('processes born while /proc is being read', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('have the files that they had from their parents', async () => {
    const parents = spawn('sh', ['-c', PARENTS], { stdio: 'ignore' });
    children.push(parents);
    const run = new TsdigProcess([
      '-p',
      '*%thread.tid %fd.name',
      'proc.name=sh and evt.type=read and evt.dir=< and fd.num=0 and evt.rawres>0',
    ]);
    await new Promise((ended) => parents.on('exit', ended));
    await pause(300);
    const { stdout } = await run.interrupt();
    const names = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
    expect(names.size).toBe(BIRTHS);
    expect([...names.values()].filter((name) => name !== '/etc/hostname')).toEqual([]);
  }, 60_000);
});
