import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two processes: live tests start containers and recordings of their own.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2 } },
    env: { TZ: 'UTC' },
  },
});
