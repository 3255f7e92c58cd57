/**
 * Executable transcripts: each file of test/scripts is a session on a vault of its own, replayed in-process. What is
 * said is held against the file line by line; UPDATE_TRANSCRIPTS=1 writes it anew instead. test/scripts/README.md
 * tells how they are written.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { replay } from './support/transcript.ts';

const folder = fileURLToPath(new URL('./scripts', import.meta.url));
const isUpdate = process.env['UPDATE_TRANSCRIPTS'] === '1';

describe('transcripts', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
    it(name, async () => {
      const path = join(folder, name);
      const expected = readFileSync(path, 'utf8');
      const actual = await replay(expected);
      if (isUpdate) writeFileSync(path, actual);
      else expect(actual).toBe(expected);
    });
  }
});
