import { defineConfig } from 'vitest/config';

/** What takes its time: processes that wait for one another, and hostile texts. `npm test` leaves it out. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: 'test/support/kept-code.ts',
    include: ['test/**/*.slow.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: '100%',
  },
});
