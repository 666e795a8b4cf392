import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findHierarchy } from '../../src/session/kernel_containers.js';
import { delayAttaching, record } from './attached_run.js';
import { CAN_RUN_CONTAINERS, runBriefly, startDocker } from './docker_fixture.js';
import { pause, type RunResult, TsdigProcess } from './tsdig_process.js';

const ID = 'e7'.repeat(32);
const FORMAT = '*%thread.tid %evt.type %evt.dir %evt.arg.name';
/** Longest time until everything is known to be quiet. */
const QUIET_LIMIT_MS = 60_000;

/** Whether a run sees calls entered. */
function seesEntering(run: TsdigProcess): boolean {
  const proc = `/proc/${run.child.pid}/fdinfo`;
  return readdirSync(proc).some((fd) => {
    try {
      return /^tp_name:\tsys_enter$/m.test(readFileSync(join(proc, fd), 'latin1'));
    } catch {
      return false;
    }
  });
}

async function until(holds: () => boolean): Promise<boolean> {
  const end = Date.now() + QUIET_LIMIT_MS;
  while (!holds()) {
    if (Date.now() > end) return false;
    await pause(20);
  }
  return true;
}

/** How many events a run says that it saw too late, and for other reasons lost. */
function losses({ stderr }: RunResult): { unseen: number; total: number } {
  const total = Number(/^Driver Drops:(\d+)$/m.exec(stderr)?.[1]);
  return { total, unseen: Number(/^Drops by cause: .*not watched yet (\d+)/m.exec(stderr)?.[1] ?? 0) };
}

/**
 * Calls left without having been entered, of those that always come in pairs, and all that were left. A thread's first event
 * is left aside: its call may have been under way when it moved here.
 */
function pairs(stdout: string): { left: number; unpaired: number } {
  const open = new Map<string, string>();
  let left = 0;
  let unpaired = 0;
  for (const line of stdout.split('\n')) {
    const [tid, type, dir] = line.split(' ');
    if (type === 'switch') continue;
    if (dir === '<' && open.has(tid) && /^(openat|close|read|write|fstat|mmap)$/.test(type)) {
      left++;
      if (open.get(tid) !== type) unpaired++;
    }
    open.set(tid, dir === '>' ? type : '');
  }
  return { left, unpaired };
}

describe.runIf(CAN_RUN_CONTAINERS)('a filter on containers', () => {
  const mount = findHierarchy()?.mount ?? '';
  const group = join(mount, 'docker', ID);
  const children: ChildProcess[] = [];
  let made = false;

  beforeAll(() => startDocker(), 60_000);

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await removeGroup();
  });

  function makeGroup(): void {
    mkdirSync(group, { recursive: true });
    made = true;
  }

  /** Removes the group when all that were in it have ended. */
  async function removeGroup(): Promise<void> {
    const removed = (): boolean => {
      try {
        rmdirSync(group);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
        return false;
      }
    };
    if (made) expect(await until(removed)).toBe(true);
    made = false;
  }

  /** A shell that runs a program for each line, and waits for one. */
  async function shell(): Promise<ChildProcess> {
    const script = 'echo ready; while read line; do cat /etc/passwd >/dev/null; done';
    const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(child);
    await new Promise((ready) => child.stdout?.once('data', ready));
    return child;
  }

  /** A run that has become quiet. */
  async function quietRun(...filter: string[]): Promise<TsdigProcess> {
    const run = new TsdigProcess(['-v', '--container-wait', '10000', '-p', FORMAT, ...filter]);
    await run.attached();
    expect(await until(() => !seesEntering(run))).toBe(true);
    return run;
  }

  it('sees calls entered while it may match, and not before and after', async () => {
    const run = await quietRun(`container.id=${ID.slice(0, 12)}`);
    const child = await shell();
    makeGroup();
    expect(await until(() => seesEntering(run))).toBe(true);
    writeFileSync(join(group, 'cgroup.procs'), String(child.pid));
    child.stdin?.write('go\n');
    expect(await run.saw(/openat < \/etc\/passwd/)).toBe(true);
    child.kill('SIGKILL');
    await removeGroup();
    expect(await until(() => !seesEntering(run))).toBe(true);
    const result = await run.interrupt();
    const { left, unpaired } = pairs(result.stdout);
    expect(left).toBeGreaterThan(10);
    expect(unpaired).toBe(0);
    expect(losses(result)).toEqual({ unseen: 0, total: 0 });
  });

  it('counts what is entered before it sees that', async () => {
    const run = await quietRun(`container.id=${ID.slice(0, 12)}`);
    const child = await shell();
    makeGroup();
    writeFileSync(join(group, 'cgroup.procs'), String(child.pid));
    child.stdin?.write('go\n');
    expect(await run.saw(/openat < \/etc\/passwd[\s\S]* procexit/)).toBe(true);
    const result = await run.interrupt();
    const { left, unpaired } = pairs(result.stdout);
    expect(left).toBeGreaterThan(10);
    const { unseen, total } = losses(result);
    expect(total).toBe(unseen);
    expect(unpaired).toBeLessThanOrEqual(unseen);
  });

  it('goes on seeing them when one comes just as it lets go', async () => {
    const { hierarchy } = findHierarchy()!;
    const folders = execFileSync('find', [mount, '-type', 'd'], { encoding: 'utf8' }).trim().split('\n');
    const cgroups = folders.map((folder) => statSync(folder, { bigint: true }).ino);
    const options = { allow: { cgroups, denyCgroups: true }, hierarchy };
    await record(options, async (source) => {
      expect(source.entering()).toBe(true);
      const letGo = await delayAttaching(children);
      source.quiet();
      makeGroup();
      await letGo();
      expect(source.entering()).toBe(true);
    });
  });

  // A machine that is busy just then may let the first call of a container pass before the program is there: not twice.
  it('sees the first calls of a container of Docker entered', { retry: 1 }, async () => {
    const name = 'tsdig-quiet-first';
    const run = await quietRun(`container.name=${name}`);
    await runBriefly(name, ['sh', '-c', 'cat /etc/passwd; sleep 0.5']);
    expect(await run.saw(/openat < \/etc\/passwd|open < \/etc\/passwd/)).toBe(true);
    const result = await run.interrupt();
    const { left, unpaired } = pairs(result.stdout);
    expect(left).toBeGreaterThan(10);
    expect(unpaired).toBe(0);
    expect(losses(result)).toEqual({ unseen: 0, total: 0 });
  });
});
