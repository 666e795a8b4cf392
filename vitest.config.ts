import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These boot machines: test/kernels/vitest.config.ts.
    exclude: [...configDefaults.exclude, 'test/kernels/**'],
    setupFiles: ['test/setup.ts'],
    // Limits for busy machines: no test waits longer than it has to.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Two processes: live tests start containers and recordings of their own.
    pool: 'forks',
    poolOptions: { forks: { maxForks: 2 } },
    env: { TZ: 'UTC' },
  },
});
