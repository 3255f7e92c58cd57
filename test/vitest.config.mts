import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Each transcript is a test file of its own, so that they run side by side and none can be left out. */
export const transcripts = {
  name: 'transcripts',
  enforce: 'pre',
  load: (id: string) =>
    /\/test\/scripts\/[^/]+\.txt$/.test(id)
      ? `import { testTranscript } from '../support/transcript.ts';\ntestTranscript(${JSON.stringify(basename(id))});`
      : undefined,
} as const;

export default defineConfig({
  plugins: [transcripts],
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: 'test/support/kept-code.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vaults are made with real key derivation: forks keep the native driver apart from worker threads.
    pool: 'forks',
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**', '**/*.slow.test.ts', 'node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'transcripts',
          include: ['test/scripts/*.txt'],
          exclude: ['**/*.slow.txt'],
          // What is tested are processes: to load the sources once is enough, and to wait for one takes no core.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
