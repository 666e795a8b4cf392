import { defineConfig } from 'vitest/config';

/** Machines with kernels of their own, emulated: minutes long, and therefore not among the other tests. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: './packed.ts',
    // Both machines at once: each keeps little more than one processor busy.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2 } },
    testTimeout: 60_000,
    env: { TZ: 'UTC' },
  },
});
