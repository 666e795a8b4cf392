import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../installed.js';
import { begun, checkWhole } from './capture_check.js';
import { until } from './docker_fixture.js';
import { CAN_RECORD } from './recording.js';
import { TsdigProcess, tsdig } from './tsdig_process.js';

describe.runIf(CAN_RECORD)('lost events', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-drops-'));
  });

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** Runs tsdig while two processes make more events than a stopped tsdig can take; gives the run as it ended. */
  async function overrun(file: string, ...words: string[]) {
    const run = new TsdigProcess(['--buffer-size', '256K', ...words, '-w', file, 'proc.name=dd']);
    await begun(file);
    const dd = [1, 2].map(() =>
      spawn('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=1', 'count=100000000'], { stdio: 'ignore' }),
    );
    const recorded = () => statSync(file).size;
    const grown = (least: number) => until(() => recorded() > least, 60_000, 'nothing is recorded');
    await grown(100_000);
    // Losses without any doubt: nobody reads for a while.
    run.child.kill('SIGSTOP');
    const enough = dd.map((child) => bytesRead(child) + 100_000);
    await until(() => dd.every((child, i) => bytesRead(child) > enough[i]!), 60_000, 'nothing is lost');
    const before = recorded();
    run.child.kill('SIGCONT');
    await grown(before + 1_000_000);
    if (words.includes('--stats'))
      await until(() => perSecond(run.stderr).length > 2, 60_000, `no lines per second: ${run.stderr}`);
    for (const child of dd) child.kill('SIGKILL');
    // The mark for the end of the losses comes a while behind the last one.
    await until(async () => /<$/.test((await marksOf(file)).trim()), 60_000, 'the losses do not end');
    return run.interrupt();
  }

  /** Each is an event. */
  const bytesRead = ({ pid }: ChildProcess) =>
    Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))![1]);
  const marksOf = async (file: string) =>
    (await tsdig('-r', file, '-D', '-p', '%evt.type %evt.dir', 'evt.type=drop')).stdout;

  const perSecond = (stderr: string) => stderr.split('\n').filter((line) => / events\/s, /.test(line));

  it('are told in one line at the end, counted with -v, and stand in the file where they are missing', async () => {
    const file = join(dir, 'a.scap');
    const { code, stderr } = await overrun(file, '-v');
    expect(code).toBe(0);
    const told =
      /^tsdig: (\d+) events lost: .*(kernel buffer full|tsdig too slow).*; [\d.]+ % of all; .*--buffer-size.*$/m.exec(
        stderr,
      );
    expect(told, stderr).not.toBe(null);
    const lost = Number(told?.[1]);
    expect(lost).toBeGreaterThan(1000);
    expect(stderr.match(/ lost: /g)).toHaveLength(1);
    expect(stderr).toContain(`Driver Drops:${lost}\n`);
    const captured = Number(/^Elapsed time: [\d.]+, Captured Events: (\d+), [\d.]+ eps$/m.exec(stderr)?.[1]);
    expect(captured).toBeGreaterThan(1000);
    const perCause =
      /^Drops by cause: tsdig too slow (\d+), kernel buffer full (\d+), too large (\d+)$/m.exec(stderr);
    expect(perCause?.slice(1).reduce((sum, count) => sum + Number(count), 0)).toBe(lost);

    const facts = await checkWhole(file);
    expect(facts.disordered).toBe(0);
    // The counts in the file add up to what was told.
    const { stdout } = await tsdig('-r', file, '-p', '%evt.arg.id %evt.arg.desc', 'evt.type=notification');
    const counts = [...stdout.matchAll(/^tsdig\.lost (\d+) events? lost: .+$/gm)].map((match) =>
      Number(match[1]),
    );
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(lost);
    const marks = await marksOf(file);
    expect(marks).toMatch(/^drop >$/m);
    expect(marks).toMatch(/^drop <$/m);
    if (isInstalled('sysdig')) {
      const peer = execFileSync(
        'sysdig',
        ['-r', file, '-p', '%evt.arg.id %evt.arg.desc', 'evt.type=notification'],
        { encoding: 'latin1' },
      );
      expect(peer.trim()).toBe(stdout.trim());
    }
  });

  it('are told per second with --stats, with the rate, the lag and the memory', async () => {
    const { code, stderr } = await overrun(join(dir, 'b.scap'), '--stats');
    expect(code).toBe(0);
    const lines = perSecond(stderr);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines)
      expect(line).toMatch(
        /^tsdig: \d+ events\/s, lost (0|\d+ \(tsdig too slow \d+, kernel buffer full \d+, too large \d+\)), lag \d+ ms, memory \d+ MB$/,
      );
    const rates = lines.map((line) => Number(/(\d+) events/.exec(line)?.[1]));
    expect(Math.max(...rates)).toBeGreaterThan(10_000);
    const lost = lines.reduce((sum, line) => sum + Number(/lost (\d+)/.exec(line)?.[1]), 0);
    const total = Number(/^tsdig: (\d+) events lost: /m.exec(stderr)?.[1]);
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThanOrEqual(total);
  });

  it('are not told when there were none', async () => {
    const run = new TsdigProcess(['-v', '-q', 'proc.name=tsdig-nobody']);
    await run.attached();
    const { code, stderr } = await run.interrupt();
    expect(code).toBe(0);
    // On a busy machine others may have overrun it: then the two must agree.
    expect(/ lost: /.test(stderr)).toBe(!/^Driver Drops:0$/m.test(stderr));
    expect(stderr).toMatch(/^Suppressed by Comm:0$/m);
  });
});
