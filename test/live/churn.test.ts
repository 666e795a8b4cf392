import { execFile, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerHooks } from '../../src/container/hooks.js';
import { Machine } from '../../src/machine/machine.js';
import { openLiveInput } from '../../src/session/live_input.js';
import { ALL_NEEDS, applyPlan, planRun } from '../../src/session/run_plan.js';
import { Session } from '../../src/session/session.js';
import { CAN_RUN_CONTAINERS, startDocker, TEST_IMAGE, until } from './docker_fixture.js';
import { pause } from './tsdig_process.js';

/** `bench/churn.mjs` does this for ten minutes and looks at the memory; here the tables are looked at. */
const ROUNDS = 200;
const FORKS = 20;
/** So many threads of others may come or go meanwhile. */
const LEFT_OVER = 250;
/** Containers that are run at least, one after the other. */
const CONTAINERS = 4;

describe.runIf(CAN_RUN_CONTAINERS)('threads and containers that come and go', () => {
  const forker = { kill(): void {} };

  beforeAll(startDocker);
  afterAll(() => forker.kill());

  it('are forgotten', async () => {
    const machine = new Machine();
    Object.assign(machine.hooks, containerHooks(machine.containers));
    let born = 0;
    let gone = 0;
    const demands = [{ eventTypes: null, needs: ALL_NEEDS }];
    const opened = await openLiveInput({}, { filter: undefined, demands, machine });
    machine.hooks.onThreadAdded = () => void born++;
    machine.hooks.onThreadRemoved = () => void gone++;
    const session = new Session({
      source: opened.source,
      machine,
      sinks: [],
      wantedTypes: applyPlan(planRun(undefined, demands), machine),
      idleMs: opened.idleMs,
      ...(opened.hold ? { hold: opened.hold } : {}),
      ...(opened.injected ? { injected: opened.injected } : {}),
    });
    const running = session.run();
    // What ran before has been taken in: the process that started this one has.
    await until(() => machine.threads.has(process.ppid), 40_000, 'nothing is known');
    const before = machine.threads.size;
    const bornBefore = born;
    // Not by the clock: a busy machine takes longer for the same.
    const loop = `r=0; while [ $r -lt ${ROUNDS} ]; do r=$((r+1)); i=0; while [ $i -lt ${FORKS} ]; do /bin/true & i=$((i+1)); done; wait; sleep 0.05; done`;
    const shell = spawn('sh', ['-c', loop], { stdio: 'ignore' });
    forker.kill = () => void shell.kill('SIGKILL');
    const met = new Set<string>();
    for (let run = 0; run < CONTAINERS || shell.exitCode === null; run++) {
      await new Promise((done) =>
        execFile(
          'docker',
          ['run', '--rm', '--network=none', '--label', 'tsdig.test=1', TEST_IMAGE, 'cat', '/etc/passwd'],
          done,
        ),
      );
      for (const info of machine.containers) if (info.known) met.add(info.id);
      await pause(500);
    }
    const lostNow = (): number => {
      const counters = opened.source.counters?.();
      return (counters?.dropsKernel ?? 0) + (counters?.dropsRing ?? 0);
    };
    // What was recorded is taken in first.
    await until(
      () =>
        born - bornBefore + lostNow() >= ROUNDS * FORKS &&
        Math.abs(machine.threads.size - before) < LEFT_OVER,
      60_000,
      'births or ends are missing',
    ).catch(() => {});
    const after = machine.threads.size;
    session.stop();
    await running;
    await opened.finish?.();
    const lost = lostNow();
    const told = `${before} threads before, ${after} after, ${born - bornBefore} born, ${gone} gone, ${lost} events lost`;
    expect(born - bornBefore, told).toBeGreaterThanOrEqual(ROUNDS * FORKS - lost);
    expect(met.size, told).toBeGreaterThanOrEqual(CONTAINERS / 2);
    // Other tests run beside this one: what they started is no leak.
    expect(Math.abs(after - before), told).toBeLessThan(LEFT_OVER);
    expect(machine.containers.size).toBeLessThan(met.size + 50);
  }, 240_000);
});
