import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QuietCgroups } from '../../src/session/quiet_cgroups.js';

describe('when nothing has to be seen entering its calls', () => {
  let entering: boolean | undefined;
  let told: number;
  let looks: number;
  let quiet: boolean;
  let watch: QuietCgroups;

  beforeEach(() => {
    vi.useFakeTimers();
    entering = true;
    told = 0;
    looks = 0;
    quiet = false;
    const source = {
      entering: () => entering,
      quiet: () => {
        told++;
        entering = false;
      },
    };
    watch = new QuietCgroups(source, () => {
      looks++;
      return quiet;
    });
  });

  afterEach(() => {
    watch.stop();
    vi.useRealTimers();
  });

  it('is told at once', () => {
    quiet = true;
    watch.start();
    expect(told).toBe(1);
  });

  it('is told when the last one that may match has gone, and again after the next one', () => {
    watch.start();
    expect(told).toBe(0);
    quiet = true;
    vi.advanceTimersByTime(2000);
    expect(told).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(told).toBe(1);
    entering = true;
    vi.advanceTimersByTime(2000);
    expect(told).toBe(2);
  });

  it('is looked for less and less often while something may match, and not while nothing can be gained', () => {
    watch.start();
    vi.advanceTimersByTime(600_000);
    expect(looks).toBeGreaterThan(15);
    expect(looks).toBeLessThan(40);
    looks = 0;
    entering = false;
    vi.advanceTimersByTime(600_000);
    expect(looks).toBe(0);
  });

  it('is no question where all calls are seen entered all the time', () => {
    entering = undefined;
    watch.start();
    vi.advanceTimersByTime(600_000);
    expect([looks, told, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });
});
