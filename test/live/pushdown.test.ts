import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begun, walkCapture } from './capture_check.js';
import { CAN_RUN_CONTAINERS, runBriefly, startDocker } from './docker_fixture.js';
import { pause, TsdigProcess, tsdig } from './tsdig_process.js';

/** The program that the workload's processes descend from, and the container that starts meanwhile. */
const WORK = 'tsdigwork';
const LATE = 'tsdig-push-late';

/** What is compared: the clocks of two runs differ by what passes between their programs. */
const FORMAT = '*%thread.tid %evt.type %evt.dir';

/** Room for what a busy machine reads late, and time for a busy Docker to tell names. */
const ROOMY = ['-v', '--container-wait', '10000', '--buffer-size'];

/** How often a batch is run again when the machine was too busy and a run lost events. */
const ATTEMPTS = 3;

/**
 * What reaches user space is what the filter may accept: nothing that it accepts is turned away in the kernel. A run
 * without anything to push down keeps everything of the workload in a file; filtered runs go on at the same time. What the
 * filter finds in the file must be in what the filtered run printed, thread by thread and in the same order.
 */
describe.runIf(CAN_RUN_CONTAINERS)('filtering in the kernel', () => {
  let dir: string;
  let work: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-push-'));
    chmodSync(dir, 0o1777);
    work = join(dir, WORK);
    writeFileSync(
      work,
      `#!/bin/sh
read go
for i in 1 2 3; do
  cat /etc/hostname > ${dir}/copy
  cat ${dir}/missing
  cd /tmp; ls / > /dev/null; cd ${dir}
  (sleep 0.05; echo from a subshell) | cat > /dev/null &
  setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'cat /etc/passwd; id' > /dev/null
  wait
done
rm ${dir}/copy
`,
    );
    chmodSync(work, 0o755);
    await startDocker();
  });

  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** The workload as a process that waits for a line before it begins. */
  function prepare(): ChildProcess {
    const null_ = openSync('/dev/null', 'r+');
    return spawn(work, [], { stdio: ['pipe', null_, null_] });
  }

  /** Lines by thread. */
  function byThread(text: string): Map<string, string[]> {
    const threads = new Map<string, string[]>();
    for (const line of text.split('\n')) {
      const space = line.indexOf(' ');
      if (space < 0) continue;
      const tid = line.slice(0, space);
      const calls = threads.get(tid);
      if (calls) calls.push(line.slice(space + 1));
      else threads.set(tid, [line.slice(space + 1)]);
    }
    return threads;
  }

  /** The first of `wanted` that is not in `given` in this order; -1 if all are. */
  function firstMissing(wanted: readonly string[], given: readonly string[]): number {
    let at = 0;
    for (const [i, line] of wanted.entries()) {
      while (at < given.length && given[at] !== line) at++;
      if (at++ >= given.length) return i;
    }
    return -1;
  }

  /** One run of everything: what was missing, and what the runs say that they lost, as then nothing can be said. */
  async function compare(
    filtersOf: (pid: number) => string[],
    file: string,
  ): Promise<{ readonly missing: string[]; readonly lost: string[] }> {
    rmSync(file, { force: true });
    const child = prepare();
    const filters = filtersOf(child.pid ?? 0);
    // Ancestors are known to user space only; -F keeps the state of those before them.
    const all = new TsdigProcess([
      ...ROOMY,
      '64M',
      '-F',
      '--new-events', // as what is printed
      '-w',
      file,
      `proc.name=${WORK} or proc.aname=${WORK} or container.name=${LATE}`,
    ]);
    const runs = filters.map((filter) => new TsdigProcess([...ROOMY, '16M', '-p', FORMAT, filter]));
    await begun(file);
    for (const run of runs) await run.attached();
    child.stdin?.write('go\n');
    const ended = new Promise((done) => child.on('exit', done));
    await runBriefly(LATE, ['sh', '-c', 'cat /etc/passwd; sh -c "cat /etc/group; exit 3"; sleep 0.4']);
    await ended;
    await pause(1500);
    const results = [await all.interrupt()];
    for (const run of runs) results.push(await run.interrupt());
    const lost = results.flatMap(({ stderr }) => stderr.match(/^.* lost: .*$/m) ?? []);
    if (lost.length > 0) return { missing: [], lost };
    expect(walkCapture(file).events).toBeGreaterThan(1000);
    const missing: string[] = [];
    for (const [i, filter] of filters.entries()) {
      const expected = byThread((await tsdig('-r', file, '-p', FORMAT, filter)).stdout);
      const printed = byThread(results[i + 1].stdout);
      // A filter that finds nothing proves nothing.
      if (expected.size === 0) missing.push(`${filter}: nothing of it in the file`);
      for (const [tid, calls] of expected) {
        if (tid === '-1' || tid === '<NA>') continue;
        const given = printed.get(tid) ?? [];
        const at = firstMissing(calls, given);
        if (at >= 0)
          missing.push(
            `${filter}: thread ${tid}: ${calls[at]} (${at + 1} of ${calls.length}, ${given.length} printed) after ${calls.slice(Math.max(0, at - 3), at).join(', ')}`,
          );
      }
    }
    return { missing, lost };
  }

  async function losesNothing(filtersOf: (pid: number) => string[]): Promise<void> {
    const told: string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { missing, lost } = await compare(filtersOf, join(dir, 'all.scap'));
      expect(missing).toEqual([]);
      if (lost.length === 0) return;
      told.push(...lost);
    }
    throw new Error(`events were lost in each of ${ATTEMPTS} attempts:\n${told.join('\n')}`);
  }

  it(
    'loses nothing of a container that starts meanwhile',
    () =>
      losesNothing(() => [
        `container.name=${LATE}`,
        `container.name=${LATE} and evt.type in (open, openat, execve, procexit)`,
        `container.name!=${LATE} and evt.type=execve`,
      ]),
    180_000,
  );

  it(
    'loses nothing of a process and of kinds of events',
    () =>
      losesNothing((pid) => [
        `proc.pid=${pid}`,
        `(proc.pid=${pid} or proc.ppid=${pid}) and evt.type in (clone, execve, wait4, procexit)`,
        'evt.type=openat and evt.failed=true',
        'proc.name=cat and evt.type in (read, write)',
      ]),
    180_000,
  );

  it(
    'loses nothing of files and of users',
    () =>
      losesNothing(() => [
        `fd.name contains /tsdig-push-`,
        'user.name=nobody',
        'proc.name in (cat, id) and fd.name=/etc/passwd',
        `proc.pname=${WORK} and evt.type=close`,
      ]),
    180_000,
  );
});
