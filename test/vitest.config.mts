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
    setupFiles: 'test/support/each-file.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vaults are made with real key derivation: forks keep the native driver apart from worker threads.
    pool: 'forks',
    // Each process loads the sources once for all its test files: half of what a file took was its imports.
    isolate: false,
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
