import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LiveOptions } from '../../src/capture/live.js';
import { delayAttaching, halves, record, Stepper, startStepper, until } from './attached_run.js';
import { CAN_RECORD, compileProgram, type RecordedEvent } from './recording.js';
import { testChildren } from './test_children.js';
import { pause } from './tsdig_process.js';

const MOST = CAN_RECORD ? Number(readFileSync('/proc/sys/kernel/pid_max', 'latin1')) : 0;
/** Further births than these ahead nobody is awaited. */
const FAR = 3000;
/** So many numbers are awaited: others may take some, on a busy machine most. */
const WINDOW = 200;
/** Where the next number can be chosen. */
const LAST_PID = '/proc/sys/kernel/ns_last_pid';

const lastBorn = (): number => Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));
/** Numbers that are not taken, the first so many births ahead; the kernel begins again at 300. */
function ahead(births: number, count: number): number[] {
  let pid = lastBorn() + births;
  if (pid + 2 * count >= MOST) pid = 300 + births;
  const free: number[] = [];
  for (; free.length < count; pid++) if (!existsSync(`/proc/${pid}`)) free.push(pid);
  return free;
}

const only = (...pids: number[]): LiveOptions => ({
  tracepoints: { switch: false, signal: false },
  allow: { pids },
  followForks: false,
});

/** Calls that always come in pairs: how many were left, and how many of these without having been entered. */
function pairs(events: readonly RecordedEvent[]): { left: number; unpaired: number } {
  const open = new Map<number, string>();
  let left = 0;
  let unpaired = 0;
  for (const { tid, name, enter } of events) {
    if (!enter && /^(openat|close|read|write|newfstatat|fstat|mmap)$/.test(name)) {
      left++;
      if (open.get(tid) !== name) unpaired++;
    }
    open.set(tid, enter ? name : '');
  }
  return { left, unpaired };
}

/** How many calls a thread left before it was seen entering one; its birth is none of its own. */
function unseenOf(events: readonly RecordedEvent[], tid: number | undefined): number {
  const own = events.filter((e) => e.tid === tid);
  const seen = own.findIndex((e) => e.enter);
  const before = seen < 0 ? own : own.slice(0, seen);
  return before.filter(({ name, params }) => !(/clone|fork/.test(name) && params[0] === 0)).length;
}

describe.runIf(CAN_RECORD && process.arch === 'x64')('a set of processes', () => {
  const children = testChildren();
  const stepper = (): Stepper => startStepper(children);

  it('of which none runs needs no call seen entered', async () => {
    const { events, unseen, attachment } = await record(only(...ahead(2 * FAR, 1)), async (source) => {
      expect(source.entering()).toBe(false);
      await stepper().step();
      expect(source.entering()).toBe(false);
    });
    expect(attachment).toMatch(/^entering at sys_enter while processes that are wanted run/);
    expect(events.filter((e) => e.enter && e.name !== 'procexit')).toEqual([]);
    expect(unseen).toBe(0);
  });

  it('sees those that run already enter all their calls, and lets go when they have ended', async () => {
    const one = stepper();
    await one.step();
    const { events, unseen } = await record(only(one.child.pid!), async (source) => {
      expect(source.entering()).toBe(true);
      await one.step();
      await one.step();
      one.child.kill('SIGKILL');
      await until(() => source.entering() === false);
      expect(source.entering()).toBe(false);
    });
    expect(halves(events, one.child.pid, '/no/such/file64')).toBe('><><');
    expect(unseen).toBe(0);
  });

  it('sees the first calls of one that is born meanwhile', async () => {
    const pids = ahead(FAR, WINDOW);
    const [first, last] = [pids[0]!, pids.at(-1)!];
    const { events, unseen, lost } = await record(only(...pids), async (source) => {
      expect(source.entering()).toBe(false);
      const births = spawn('sh', ['-c', 'while :; do cat /etc/hostname; done'], { stdio: 'ignore' });
      children.push(births);
      let inTime = false;
      while (!(lastBorn() > last && lastBorn() < first + FAR)) {
        const attached = source.entering() === true;
        // Asked for in this order.
        if (attached && !(lastBorn() >= first && lastBorn() < first + FAR)) inTime = true;
        await pause(5);
      }
      expect(inTime).toBe(true);
      births.kill('SIGKILL');
    });
    const own = events.filter((e) => pids.includes(e.tid));
    const opened = pids.filter((pid) => halves(own, pid, '/etc/hostname') === '><');
    expect(opened.length).toBeGreaterThan(10);
    const { left, unpaired } = pairs(own);
    expect(left).toBeGreaterThan(100);
    expect(unpaired).toBe(0);
    expect(unseen + lost).toBe(0);
  });

  it.runIf(existsSync(LAST_PID))('counts what one enters unseen whose number came out of turn', async () => {
    const pids = ahead(2 * FAR, WINDOW);
    const program = compileProgram('two_kinds');
    let one: Stepper | undefined;
    const { events, unseen, lost } = await record(only(...pids), async (source) => {
      expect(source.entering()).toBe(false);
      // By then it waits for its first line.
      const letGo = await delayAttaching(children);
      writeFileSync(LAST_PID, String(pids[0]! - 1));
      one = new Stepper(program);
      children.push(one.child);
      expect(pids).toContain(one.child.pid);
      await until(() => source.entering() === true);
      await letGo();
      for (let i = 0; i < 5; i++) await one?.step();
      expect(source.entering()).toBe(true);
    });
    expect(lost).toBe(0);
    const pid = one?.child.pid;
    expect(halves(events, pid, '/no/such/file64').slice(-8)).toBe('><'.repeat(4));
    // Also the call that was under way when the program came that sees them.
    const own = events.filter((e) => e.tid === pid);
    const { left, unpaired } = pairs(own);
    expect(left).toBeGreaterThan(10);
    // Others may have taken some of the numbers.
    expect(unseen).toBe(pids.reduce((sum, tid) => sum + unseenOf(events, tid), 0));
    expect(unseenOf(events, pid)).toBeGreaterThan(0);
    expect(unpaired).toBeLessThanOrEqual(unseen);
  });

  it('is told of another one that runs', async () => {
    const one = stepper();
    await one.step();
    const { events } = await record(only(...ahead(2 * FAR, 1)), async (source) => {
      expect(source.entering()).toBe(false);
      source.allow({ pids: [one.child.pid!] });
      await until(() => source.entering() === true);
      for (let i = 0; i < 3; i++) await one.step();
    });
    expect(halves(events, one.child.pid, '/no/such/file64')).toBe('><><><');
  });
});
