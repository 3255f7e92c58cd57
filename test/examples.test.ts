/** What the help shows as examples must work when it is typed: the words as a shell splits them, read by the program. */
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../src/commands/index.ts';
import { splitCommand } from '../src/terminal/subprocess.ts';
import { readWords } from './support/command-line.ts';

const cells = await loadCommands();

/** The words of the first command of a line: neither what it reads from nor where its output goes. */
function wordsOf(example: string): readonly string[] {
  const words = splitCommand(example);
  const end = words.findIndex((word) => /^(?:[<>|]|>>)$/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

describe('examples in the help', () => {
  it.each(cells.flatMap(({ path, examples }) => examples.map((example) => [example, path] as const)))(
    '%s',
    async (example, path) => {
      const words = wordsOf(example);
      const [first, ...rest] = words.slice(words.indexOf('rapport'));
      expect(first).toBe('rapport');
      expect(await readWords(rest)).toBe(path);
    },
  );
});
