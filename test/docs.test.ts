/** Every command shows how it is used, by examples that work when they are typed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../src/commands/index.ts';
import { newestSchema } from '../src/store/migrations.ts';
import { splitCommand } from '../src/terminal/subprocess.ts';
import { readWords } from './support/command-line.ts';

const listed = (await loadCommands()).filter(({ summary }) => summary !== '');

/** The words of the first command of a line: neither what it reads from nor where its output goes. */
function wordsOf(example: string): readonly string[] {
  const words = splitCommand(example);
  const end = words.findIndex((word) => /^(?:[<>|]|>>)$/.test(word));
  return words.slice(words.indexOf('rapport') + 1, end < 0 ? undefined : end);
}

describe('the documentation', () => {
  it.each(listed.map((cell) => [cell.path, cell] as const))(
    '%s has two examples of its own, which work',
    async (path, cell) => {
      for (const option of cell.options) expect(option.help).not.toBe('');
      expect(cell.examples.length).toBeGreaterThanOrEqual(2);
      for (const example of cell.examples) {
        expect(example).toContain(`rapport ${path}`);
        expect([example, await readWords(wordsOf(example))]).toEqual([example, path]);
      }
    },
  );

  it('names the schema of the database that the program makes', () => {
    const page = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8');
    expect(/database schema (\d+)/.exec(page)?.[1]).toBe(String(newestSchema));
  });

  it('names every command once', () => {
    const paths = listed.map((cell) => cell.path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
