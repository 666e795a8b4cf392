import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begun, checkWhole } from './capture_check.js';
import { CAN_RECORD, compileProgram } from './recording.js';
import { pause, TsdigProcess, tsdig } from './tsdig_process.js';

const ROUNDS = 2000;

interface Line {
  readonly ts: bigint;
  readonly cpu: number;
  readonly tid: number;
  readonly call: string;
}

describe.runIf(CAN_RECORD && cpus().length > 1)('time', () => {
  let dir: string;
  let program: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-order-'));
    program = compileProgram('ping_pong');
  });

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
    rmSync(dirname(program), { recursive: true, force: true });
  });

  it('grows along the file, and no byte is read before it was written on another CPU', async () => {
    const file = join(dir, 'a.scap');
    const recording = new TsdigProcess(['-w', file, 'proc.name=ping_pong']);
    await begun(file);
    execFileSync(program, [String(ROUNDS)]);
    await pause(300);
    const { stderr } = await recording.interrupt();
    expect(stderr).toBe('');
    expect((await checkWhole(file)).disordered).toBe(0);

    const { stdout } = await tsdig(
      '-r',
      file,
      '-p',
      '*%evt.rawtime %evt.cpu %thread.tid %evt.type%evt.dir%evt.rawres',
      'evt.type in (read, write) and evt.is_io=true',
    );
    const lines: Line[] = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([ts, cpu, tid, call]) => ({
        ts: BigInt(ts),
        cpu: Number(cpu),
        tid: Number(tid),
        call: call.replace('<NA>', ''),
      }));
    const tids = [...new Set(lines.map(({ tid }) => tid))];
    expect(tids).toHaveLength(2);
    // Position and time of the n-th beginning of a write, and of the n-th end of a read of one byte.
    const nth = (tid: number, call: string) =>
      lines.map((line, at) => ({ ...line, at })).filter((line) => line.tid === tid && line.call === call);
    for (const [writer, reader] of [tids, [...tids].reverse()]) {
      const writes = nth(writer, 'write>');
      const reads = nth(reader, 'read<1');
      expect(writes).toHaveLength(ROUNDS);
      expect(reads).toHaveLength(ROUNDS);
      const early = reads.filter((read, i) => read.ts <= writes[i].ts || read.at <= writes[i].at);
      expect(early).toEqual([]);
      expect(new Set([...writes.slice(10), ...reads.slice(10)].map(({ cpu }) => cpu)).size).toBe(2);
    }
  });
});
