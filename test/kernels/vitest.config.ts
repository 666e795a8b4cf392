import { defineConfig } from 'vitest/config';

/** Machines with kernels of their own, emulated: minutes long, and therefore not among the other tests. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 60_000,
    env: { TZ: 'UTC' },
  },
});
