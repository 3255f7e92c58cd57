/** What the help shows as examples must work when it is typed: the words as a shell splits them, read by the program. */
import { describe, expect, it } from 'vitest';
import { cellAt, cells, declarations } from '../src/commands/index.ts';
import { buildProgram, declarationsFor } from '../src/program.ts';
import { splitCommand } from '../src/terminal/children.ts';
import { day } from './dates/support.ts';

const today = day('2026-03-12');

/** The words of the first command of a line: neither what it reads from nor where its output goes. */
function wordsOf(example: string): readonly string[] {
  const words = splitCommand(example);
  const end = words.findIndex((word) => /^(?:[<>|]|>>)$/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

/** The path of the command that took the words. @throws what commander or the command says against them */
async function read(words: readonly string[]): Promise<string | undefined> {
  let taken: string | undefined;
  const program = buildProgram({
    declarations: declarationsFor(declarations, words),
    write: () => undefined,
    columns: 80,
    version: '0',
    execute: async (path, raw) => {
      (await cellAt(path)).prepare(raw({ today: () => today, dateStyle: undefined }));
      taken = path;
    },
  });
  await program.parseAsync(words, { from: 'user' });
  return taken;
}

describe('examples in the help', () => {
  it.each(cells.flatMap(({ path, examples }) => examples.map((example) => [example, path] as const)))(
    '%s',
    async (example, path) => {
      const words = wordsOf(example);
      const [first, ...rest] = words.slice(words.indexOf('rapport'));
      expect(first).toBe('rapport');
      expect(await read(rest)).toBe(path);
    },
  );
});
