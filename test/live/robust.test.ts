import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { begun, checkWhole } from './capture_check.js';
import { until } from './docker_fixture.js';
import { CAN_RECORD } from './recording.js';
import { MAIN, pause, TsdigProcess, tsdig } from './tsdig_process.js';

/** A moment between 0 and `most` ms. Failures name it, as the run cannot be repeated otherwise. */
const randomly = (most: number): number => Math.floor(Math.random() * most);

/** What a busy machine may make it say. */
const LOST = /^tsdig: \d+ events? lost: .*\n/m;

/** How often each ending is tried, at most: at other moments each time. */
const TRIES = 4;

describe.runIf(CAN_RECORD)('a capture ends well', () => {
  let dir: string;
  let file: string;
  let load: ChildProcess;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-ends-'));
    file = join(dir, 'a.scap');
    // Something goes on all the time, a few thousand events a second.
    load = spawn('sh', ['-c', 'while :; do cat /etc/hostname; sleep 0.01; done'], { stdio: 'ignore' });
  });

  afterEach(() => rmSync(file, { force: true }));

  afterAll(() => {
    load.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`at ${signal}, whenever it comes: with a whole file`, async () => {
      for (let i = 0; i < TRIES; i++) {
        // The first ones come while it starts.
        const starting = i < 2;
        const at = starting ? 100 + randomly(700) : randomly(500);
        const compressed = i % 2 === 1 ? ['-z'] : [];
        const recording = new TsdigProcess(['-w', file, ...compressed, 'proc.name in (sh, cat)']);
        if (!starting) {
          await begun(file);
          execFileSync('cat', ['/etc/hostname']);
        }
        await pause(at);
        recording.child.kill(signal);
        // As `npm start` does: the terminal signals both, and npm passes it on.
        if (i === 3) recording.child.kill(signal);
        const { code, stderr } = await recording.ended;
        const told = `${signal} ${at} ms after it ${starting ? 'started' : 'began'}: exit code ${code}, ${stderr}`;
        // Before the run has begun the signal has its usual effect, and there is no file yet.
        if (code === null && starting) expect(existsSync(file), told).toBe(false);
        else {
          expect(code, told).toBe(0);
          const facts = await checkWhole(file);
          expect(facts.disordered, told).toBe(0);
          if (!starting) expect(facts.events, told).toBeGreaterThan(20);
        }
        rmSync(file, { force: true });
      }
    });
  }

  it('when the reader of its output goes away: quietly, and with a whole file', async () => {
    for (let i = 0; i < TRIES; i++) {
      const at = randomly(700);
      const words = i % 2 === 0 ? ['proc.name=cat'] : ['-c', 'topscalls', '-w', file, 'proc.name=cat'];
      const run = new TsdigProcess(words);
      if (i % 2 === 1) await begun(file);
      else expect(await run.saw('cat')).toBe(true);
      await pause(at);
      run.child.stdout?.destroy();
      const ended = await Promise.race([run.ended, pause(30_000)]);
      if (ended === undefined) run.child.kill('SIGKILL');
      expect(ended, `stdout closed ${at} ms after it began: goes on`).toBeDefined();
      expect(ended?.stderr.replace(LOST, '')).toBe('');
      expect(ended?.code).toBe(0);
      if (i % 2 === 1) await checkWhole(file);
      rmSync(file, { force: true });
    }
  });

  it('when who reads the capture from its output goes away: quietly', async () => {
    const command = 'node "$0" -w - "proc.name in (sh, cat)" | node "$0" -r - -n 3 -p %evt.num';
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((done) =>
      execFile('sh', ['-c', command, MAIN], { timeout: 50_000 }, (_error, out, err) =>
        done({ stdout: out, stderr: err }),
      ),
    );
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(stderr.replace(LOST, '')).toBe('');
  });

  it('goes on when nobody reads its messages', async () => {
    const run = new TsdigProcess(['--stats', '-v', '-w', file, 'proc.name=cat']);
    run.child.stderr?.destroy();
    await begun(file);
    execFileSync('cat', ['/etc/hostname']);
    await pause(2500);
    expect(run.child.exitCode).toBe(null);
    expect((await run.interrupt()).code).toBe(0);
    expect((await checkWhole(file)).events).toBeGreaterThan(20);
  });

  it('prints the interval that had begun', async () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const marker = join(dir, `last-${signal}`);
      writeFileSync(marker, 'x'.repeat(4321));
      const top = new TsdigProcess(['-c', 'topfiles_bytes', 'proc.name=cat']);
      expect(await top.saw('/etc/hostname')).toBe(true);
      await pause(randomly(1000));
      execFileSync('cat', [marker]);
      top.child.kill(signal);
      const { code, stdout } = await top.ended;
      expect(code).toBe(0);
      expect(stdout, signal).toMatch(new RegExp(`\\S+\\s+${marker}`));
    }
  });

  it('when the disk is full: one line, exit code 1, and what fitted in can be read', async () => {
    const disk = join(dir, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    const dd = spawn('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=1'], { stdio: 'ignore' });
    try {
      for (const compressed of [false, true]) {
        const path = join(disk, 'full.scap');
        const run = new TsdigProcess(['-w', path, ...(compressed ? ['-z', '-s', '0'] : []), 'proc.name=dd']);
        const ended = await Promise.race([run.ended, pause(compressed ? 100_000 : 60_000)]);
        if (ended === undefined) run.child.kill('SIGKILL');
        expect(ended, 'does not notice').toBeDefined();
        expect(ended?.code).toBe(1);
        const lines = (ended?.stderr ?? '').trim().split('\n');
        // Losses, if any, are told as always.
        const error = lines.filter((line) => !/ lost: /.test(line));
        expect(error).toHaveLength(1);
        expect(error[0]).toMatch(/^tsdig: cannot write .*full\.scap: .*no space/i);
        expect(statSync(path).size).toBeGreaterThan(2e6);
        expect((await checkWhole(path)).events).toBeGreaterThan(1000);
        rmSync(path);
      }
    } finally {
      dd.kill('SIGKILL');
      execFileSync('umount', [disk]);
    }
  }, 200_000);

  it('a killed one leaves all but the last moment', async () => {
    for (const compressed of [false, true]) {
      let whole = false;
      // A kill may come in the middle of a write, which leaves a part of that.
      for (let attempt = 0; attempt < TRIES && !whole; attempt++) {
        const marker = `killed-${process.pid}-${compressed}-${attempt}`;
        const run = new TsdigProcess([
          '-w',
          file,
          ...(compressed ? ['-z'] : []),
          'proc.name in (sh, cat, echo)',
        ]);
        await begun(file);
        execFileSync('/bin/echo', [marker]);
        // It reaches the file within seconds, or later where the machine is busy.
        const commands = () => tsdig('-r', file, '-p', '%proc.cmdline', 'evt.type=execve');
        const reached = async (): Promise<boolean> => (await commands()).stdout.includes(marker);
        await until(reached, 40_000, 'what happened does not come to the file');
        await pause(randomly(500));
        run.child.kill('SIGKILL');
        await run.ended;
        const { code, stdout, stderr } = await commands();
        expect(stdout).toContain(marker);
        whole = code === 0;
        if (whole) await checkWhole(file);
        else
          expect(stderr).toMatch(
            /^tsdig: .*(truncated at|cut off behind) byte .*everything before was read\n$/,
          );
        rmSync(file);
      }
      expect(whole).toBe(true);
    }
  });

  it('a capture that cannot begin leaves the file that was there', async () => {
    writeFileSync(file, 'precious');
    const { code, stderr } = await tsdig('-w', file, 'proc.nonsense=cat');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/nonsense/);
    expect(statSync(file).size).toBe(8);
  });
});
