import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProcessorTicks } from '../../src/machine/proc_process.js';
import { begun } from './capture_check.js';
import { until } from './docker_fixture.js';
import { CAN_RECORD } from './recording.js';
import { TsdigProcess, tsdig } from './tsdig_process.js';

/** The chisel as Debian's sysdig brings it: it counts nothing but samples of the processor time. */
const THEIRS = '/usr/share/sysdig/chisels/topprocs_cpu.lua';

describe.runIf(CAN_RECORD)('samples of the processor time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-samples-'));
  const file = join(folder, 'cpu.scap');
  let burner: ChildProcess;
  let live = '';
  /** User and system time of the burner when recording ended, in ticks. */
  let used = 0;

  beforeAll(async () => {
    burner = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
    const recording = new TsdigProcess(['-w', file]);
    const table = new TsdigProcess(['-c', THEIRS]);
    await begun(file);
    const line = new RegExp(`\\s${burner.pid}\\s`);
    const ticks = () => readProcessorTicks(`/proc/${burner.pid}/stat`)!.user;
    const from = ticks();
    await table.saw(line);
    await until(() => ticks() > from + 300, 40_000, 'the burner gets no processor');
    live = (await table.interrupt()).stdout;
    await recording.interrupt();
    used = ticks();
  });
  afterAll(() => {
    burner.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** Percent of the burner in each table that shows it. */
  const percents = (tables: string) =>
    [...tables.matchAll(new RegExp(`^([\\d.]+)%\\s+sh\\s+${burner.pid}\\s`, 'gm'))].map((m) => Number(m[1]));

  it("feed sysdig's own CPU chisel, live and on a recording", async () => {
    expect(existsSync(THEIRS), THEIRS).toBe(true);
    expect(Math.max(...percents(live))).toBeGreaterThan(0);
    const replayed = await tsdig('-r', file, '-c', THEIRS);
    expect(Math.max(...percents(replayed.stdout))).toBeGreaterThan(0);
  });

  it('feed sysdig itself', () => {
    const tables = execFileSync('sysdig', ['-r', file, '-c', 'topprocs_cpu'], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(Math.max(...percents(tables))).toBeGreaterThan(0);
  });

  it('are what /proc says, and grow', async () => {
    const told = await tsdig(
      '-D',
      '-r',
      file,
      '-p',
      '%evt.arg.cpu_usr',
      `evt.type=procinfo and proc.pid=${burner.pid}`,
    );
    const ticks = told.stdout.trim().split('\n').map(Number);
    expect(ticks.length).toBeGreaterThan(1);
    expect([...ticks].sort((a, b) => a - b)).toEqual(ticks);
    expect(ticks.at(-1)).toBeGreaterThan(ticks[0]!);
    expect(ticks.at(-1)).toBeLessThanOrEqual(used);
  });
});
