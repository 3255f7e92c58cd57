import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/support/kept-code.ts', 'test/faults/support/setup.ts'],
    setupFiles: 'test/support/each-file.ts',
    testTimeout: 600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // The suites start processes by the hundred: one suite at a time leaves them the machine.
    fileParallelism: false,
  },
});
