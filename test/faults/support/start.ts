/** The entry of a variant of the program, which runs without the loader of bin/. */
import { start } from '../../../src/cli/main.ts';

void start().then((code) => {
  process.exitCode = code;
});
