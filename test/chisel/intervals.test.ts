import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntervalClock } from '../../src/chisel/intervals.js';

/** Calls that a clock makes for events at these times, ns relative to second 100. */
function calls(interval: number, precise: boolean, times: readonly number[]): number[][] {
  const clock = new IntervalClock();
  clock.set(interval, precise);
  const made: number[][] = [];
  for (const at of times)
    if (clock.isDue(at)) clock.run(at, 100, (sec, ns, delta) => made.push([sec, ns, delta]));
  return made;
}

test('the first call comes at the first boundary after the first event, with delta 0', () => {
  expect(calls(1e9, false, [0.3e9, 0.9e9, 1.2e9, 1.9e9, 2e9])).toEqual([
    [101, 0.2e9, 0],
    [102, 0, 0.8e9],
  ]);
});

test('boundaries are multiples since the epoch; a gap gives one call', () => {
  expect(calls(7e9, false, [0, 1e9, 4.5e9, 5.1e9, 40e9])).toEqual([
    [105, 0.1e9, 0],
    [140, 0, 34.9e9],
  ]);
});

test('precise intervals count from the first event and are all called, at their nominal times', () => {
  expect(calls(1e9, true, [0.5e9, 1e9, 3.6e9])).toEqual([
    [101, 0.5e9, 1e9],
    [102, 0.5e9, 1e9],
    [103, 0.5e9, 1e9],
  ]);
});

test('without an interval nothing is ever due', () => {
  expect(calls(0, false, [0, 1e18])).toEqual([]);
});

test('one call per crossed boundary, never two for one event', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5e9 }),
      fc.array(fc.integer({ min: 0, max: 2e9 }), { maxLength: 50 }),
      (interval, gaps) => {
        let at = 0;
        const times = gaps.map((g) => (at += g));
        const made = calls(interval, false, times);
        const grid = new Set(
          times.map((t) => Math.floor((t + Number(100000000000n % BigInt(interval))) / interval)),
        );
        expect(made.length).toBe(Math.max(0, grid.size - 1));
      },
    ),
  );
});
