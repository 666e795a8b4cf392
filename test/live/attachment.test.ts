import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type LiveOptions, openLive } from '../../src/capture/live.js';
import { SYSCALLS_X86_64 } from '../../src/scap/syscalls.generated.js';
import { halves, record, Stepper, startStepper, until } from './attached_run.js';
import { CAN_RECORD, compileProgram, decodeBlocks } from './recording.js';
import { testChildren } from './test_children.js';
import { FREESTANDING, RUNS_32_BITS } from './thirty_two_bits.js';
import { pause } from './tsdig_process.js';

const number = (name: string) => SYSCALLS_X86_64.find((row) => row[1] === name)![0];
/** Calls that have tracepoints of their own. */
const FEW: LiveOptions = {
  syscalls: ['openat', 'close', 'execve'].map(number),
  tracepoints: { switch: false, signal: false },
};

/** Processes that have tracepoints open to the last. */
function leaving(): string[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return stat.includes('(tsdig-detach) ') && !stat.includes('(tsdig-detach) Z');
    } catch {
      return false;
    }
  });
}

/** How many tracepoints of single calls this process has open. */
function singleCalls(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[perf_event]';
    } catch {
      return false;
    }
  }).length;
}

describe.runIf(CAN_RECORD && process.arch === 'x64')('tracepoints of single calls', () => {
  const children = testChildren();
  const stepper = (): Stepper => startStepper(children);

  it('see both halves of few calls, in order, and nothing of others', async () => {
    const tids: (number | undefined)[] = [];
    const { events, unseen, attachment } = await record(FEW, async () => {
      for (let i = 0; i < 30; i++) execFileSync('cat', ['/etc/hostname']);
      const child = spawn('cat', ['/etc/passwd'], { stdio: 'ignore' });
      tids.push(child.pid);
      await new Promise((done) => child.on('close', done));
    });
    expect(attachment).toMatch(/^entering close, execve, openat at tracepoints of their own,/);
    expect(unseen).toBe(0);
    const own = events.filter((e) => e.tid === tids[0]);
    expect(halves(own, tids[0], '/etc/passwd')).toBe('><');
    const open = new Map<number, string>();
    for (const e of events) {
      expect(['openat', 'close', 'execve', 'procexit']).toContain(e.name);
      if (e.name === 'procexit') continue;
      if (e.enter) open.set(e.tid, e.name);
      // What was entered before the capture began is left without having been seen entered.
      else if (own.includes(e)) expect(open.get(e.tid)).toBe(e.name);
    }
    expect(own.filter((e) => e.enter).length).toBeGreaterThan(3);
  });

  it('are left by a process that ends later, when what was recorded has been given and counted', async () => {
    const busy = spawn('sh', ['-c', 'while :; do read -r line </etc/hostname; done'], { stdio: 'ignore' });
    children.push(busy);
    const source = await openLive(FEW);
    source.start();
    let given = 0;
    for (let item = await source.next(); item !== null; item = await source.next()) {
      if (item.kind !== 'events') continue;
      given += decodeBlocks(item.bytes.subarray(item.start, item.end)).length;
      if (given > 100) source.stop();
    }
    expect(given).toBeGreaterThan(100);
    expect(source.counters().events).toBe(given);
    await pause(50);
    expect(source.counters().events).toBe(given);
    source.close();
    expect(source.counters().events).toBe(given);
    await until(() => leaving().length === 0);
    expect(leaving()).toEqual([]);
  });

  it('see the arguments that the raw ones see', async () => {
    const program = compileProgram('two_kinds');
    const told = async (options: LiveOptions): Promise<string[]> => {
      let tid: number | undefined;
      const { events } = await record({ ...FEW, ...options }, async () => {
        const one = new Stepper(program);
        tid = one.child.pid;
        await one.step();
        one.child.stdin?.end();
        await new Promise((done) => one.child.on('close', done));
      });
      return events
        .filter((e) => e.tid === tid && e.enter && e.name !== 'procexit')
        .filter(
          (e) => !e.params.includes('/no/such/file32') && !(e.name === 'openat' && e.params.length === 0),
        )
        .map((e) => `${e.name} ${e.params.join(' ')}`);
    };
    const raw = await told({ attachLater: false });
    expect(raw).toContain('openat -100 /no/such/file64 1 0');
    expect(await told({})).toEqual(raw);
  });

  it.runIf(RUNS_32_BITS)(
    'count the first 32-bit calls that they do not see, and see the next ones',
    async () => {
      const one = stepper();
      let before = false;
      const { events, unseen, lost } = await record(FEW, async (source) => {
        before = source.entering() ?? true;
        await one.step();
        await until(() => source.entering() === true);
        for (let i = 0; i < 5; i++) await one.step();
      });
      expect(before).toBe(false);
      expect(lost).toBe(0);
      // Its own two calls, one of which nothing saw entered.
      expect(halves(events, one.child.pid, '/no/such/file64')).toBe('><'.repeat(6));
      expect(halves(events, one.child.pid, '/no/such/file32')).toBe(`<${'><'.repeat(5)}`);
      expect(unseen).toBe(1);
    },
  );

  it.runIf(RUNS_32_BITS)(
    'see a 32-bit program leave all its calls, and enter those that are not counted',
    async () => {
      const program = compileProgram('ia32', ...FREESTANDING);
      const few = { ...FEW, syscalls: ['open', 'close', 'execve'].map(number) };
      const pids: (number | undefined)[] = [];
      const { events, unseen, lost } = await record(few, async (source) => {
        for (let i = 0; i < 3; i++) {
          const child = spawn(program, [], { stdio: 'ignore' });
          pids.push(child.pid);
          await new Promise((done) => child.on('close', done));
          await until(() => source.entering() === true);
        }
      });
      expect(lost).toBe(0);
      let missing = 0;
      for (const [i, pid] of pids.entries()) {
        const all = events.filter((e) => e.tid === pid && e.name !== 'procexit');
        const own = all.slice(all.findIndex((e) => e.name === 'execve' && !e.enter && e.params[0] === 0) + 1);
        expect(own.filter((e) => !e.enter).map((e) => e.name)).toEqual(['open', 'close', 'open']);
        const entered = own.filter((e) => e.enter).length;
        if (i > 0) expect(entered).toBe(3);
        missing += 3 - entered;
      }
      expect(unseen).toBe(missing);
    },
  );

  it.runIf(RUNS_32_BITS)(
    'give way after a 32-bit call, without a call that is missed or seen twice',
    async () => {
      const loop = 'while :; do read -r line </etc/hostname; done';
      const size = readFileSync('/etc/hostname').length;
      const reads = ({ pid }: ChildProcess) =>
        Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))![1]) / size;
      const loops = [1, 2].map(() => spawn('sh', ['-c', loop], { stdio: 'ignore' }));
      children.push(...loops);
      const one = stepper();
      const few = { ...FEW, kernelBufferBytes: 64 << 20, ringBytes: 128 << 20 };
      for (let round = 0; round < 3; round++) {
        let [before, after] = [0, 3];
        const { events, unseen, lost } = await record(few, async (source) => {
          await pause(50);
          before = singleCalls();
          await one.step();
          await until(() => source.entering() === true && singleCalls() === 0);
          after = singleCalls();
          for (let i = 0; i < 3; i++) await one.step();
          const enough = loops.map((one) => reads(one) + 500);
          await until(() => loops.every((one, i) => reads(one) > enough[i]!));
        });
        expect([before, after, lost, unseen]).toEqual([3, 0, 0, 1]);
        expect(halves(events, one.child.pid, '/no/such/file64')).toBe('><><><><');
        expect(halves(events, one.child.pid, '/no/such/file32')).toBe('<><><><');
        for (const { pid } of loops) {
          // When that happened all programs were attached.
          const begin = events.find((e) => e.tid === one.child.pid)?.ts ?? 0n;
          const own = events.filter((e) => e.tid === pid && e.ts > begin);
          expect(own.length).toBeGreaterThan(1000);
          const from = own.findIndex((e) => e.enter);
          const wrong = own.findIndex(
            (e, i) =>
              i >= from && (e.enter !== ((i - from) % 2 === 0) || (!e.enter && e.name !== own[i - 1].name)),
          );
          expect(wrong).toBe(-1);
        }
      }
    },
  );

  it.runIf(RUNS_32_BITS)('are not used where a 32-bit program runs already', async () => {
    const waiting = spawn(compileProgram('ia32_pause', ...FREESTANDING), [], { stdio: 'ignore' });
    children.push(waiting);
    const one = stepper();
    await pause(100);
    const { events, unseen, attachment } = await record(FEW, () => one.step());
    expect(attachment).toMatch(/^entering at sys_enter \(as a 32-bit program runs\)/);
    expect(halves(events, one.child.pid, '/no/such/file32')).toBe('><');
    expect(unseen).toBe(0);
  });

  it('are not used for many calls, nor where nothing may be attached later', async () => {
    const many = { ...FEW, syscalls: SYSCALLS_X86_64.slice(0, 30).map((row) => row[0]) };
    const one = stepper();
    const recorded = await record(many, () => one.step());
    expect(recorded.attachment).toBe('entering at sys_enter, leaving at sys_exit');
    const fixed = await record({ ...FEW, attachLater: false }, () => one.step());
    expect(fixed.attachment).toBe('entering at sys_enter, leaving at sys_exit');
    expect(halves(fixed.events, one.child.pid, '/no/such/file64')).toBe('><');
    expect(halves(fixed.events, one.child.pid, '/no/such/file32')).toBe(RUNS_32_BITS ? '><' : '');
  });
});

describe.runIf(CAN_RECORD && process.arch === 'x64')('seeing all calls entered on demand', () => {
  const children = testChildren();

  it('counts what is entered unseen, and comes back', async () => {
    const one = startStepper(children);
    await one.step();
    const options: LiveOptions = {
      tracepoints: { switch: false, signal: false },
      allow: { cgroups: [], denyCgroups: true },
    };
    const { events, unseen, attachment } = await record(options, async (source) => {
      await one.step();
      expect(source.entering()).toBe(true);
      const { dropsUnseen: none } = source.counters();
      expect(none).toBe(0);
      // Which is wrong: nobody's cgroup is ruled out.
      source.quiet();
      while (source.counters().dropsUnseen === 0) await one.step();
      await until(() => source.entering() === true);
      for (let i = 0; i < 5; i++) await one.step();
    });
    expect(attachment).toMatch(/^entering at sys_enter while /);
    expect(unseen).toBeGreaterThan(0);
    const [, after] = /^(?:><)+(.*)$/.exec(halves(events, one.child.pid, '/no/such/file64')) ?? [];
    expect(after).toMatch(/^<*(><)*$/);
    const calls32 = halves(events, one.child.pid, '/no/such/file32');
    expect(calls32.slice(-10)).toBe(RUNS_32_BITS ? '><'.repeat(5) : '');
  });
});
