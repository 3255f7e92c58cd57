import { defineConfig } from 'vitest/config';
import { transcripts } from './vitest.config.mts';

/** What takes its time: processes that wait for one another, hostile texts, long transcripts. `npm test` leaves it out. */
export default defineConfig({
  plugins: [transcripts],
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: 'test/support/kept-code.ts',
    setupFiles: 'test/support/each-file.ts',
    include: ['test/**/*.slow.test.ts', 'test/scripts/*.slow.txt'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: '100%',
  },
});
