import { execFile, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerHooks } from '../../src/container/hooks.js';
import { Machine } from '../../src/machine/machine.js';
import { openLiveInput } from '../../src/session/live_input.js';
import { ALL_NEEDS, applyPlan, planRun } from '../../src/session/run_plan.js';
import { Session } from '../../src/session/session.js';
import { CAN_RUN_CONTAINERS, startDocker, TEST_IMAGE } from './docker_fixture.js';
import { pause } from './tsdig_process.js';

/** `bench/churn.mjs` does this for ten minutes and looks at the memory; here the tables are looked at. */
const SECONDS = 20;
const FORKS = 200;

describe.runIf(CAN_RUN_CONTAINERS)('threads and containers that come and go', () => {
  const forker = { kill(): void {} };

  beforeAll(startDocker, 60_000);
  afterAll(() => forker.kill());

  it(
    'are forgotten',
    async () => {
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
      await pause(1000);
      const before = machine.threads.size;
      const bornBefore = born;
      const loop = `while :; do i=0; while [ $i -lt ${FORKS / 10} ]; do /bin/true & i=$((i+1)); done; wait; sleep 0.1; done`;
      const shell = spawn('sh', ['-c', loop], { stdio: 'ignore' });
      forker.kill = () => void shell.kill('SIGKILL');
      const met = new Set<string>();
      const end = performance.now() + SECONDS * 1000;
      while (performance.now() < end) {
        await new Promise((done) =>
          execFile(
            'docker',
            ['run', '--rm', '--network=none', '--label', 'tsdig.test=1', TEST_IMAGE, 'cat', '/etc/passwd'],
            done,
          ),
        );
        for (const info of machine.containers) if (info.known) met.add(info.id);
        await pause(1500);
      }
      forker.kill();
      await pause(1500);
      const after = machine.threads.size;
      session.stop();
      await running;
      await opened.finish?.();
      const counters = opened.source.counters?.();
      const lost = (counters?.dropsKernel ?? 0) + (counters?.dropsRing ?? 0);
      const told = `${before} threads before, ${after} after, ${born - bornBefore} born, ${gone} gone, ${lost} events lost`;
      expect(born - bornBefore, told).toBeGreaterThan((SECONDS * FORKS) / 3);
      expect(met.size, told).toBeGreaterThan(SECONDS / 8);
      // Other tests run beside this one: what they started is no leak.
      expect(Math.abs(after - before), told).toBeLessThan(250);
      expect(machine.containers.size).toBeLessThan(met.size + 50);
    },
    (SECONDS + 40) * 1000,
  );
});
