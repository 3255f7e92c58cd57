/** Every command shows how it is used. */
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../src/commands/index.ts';

const listed = (await loadCommands()).filter(({ summary }) => summary !== '');

describe('the documentation', () => {
  it.each(listed.map((cell) => [cell.path, cell] as const))(
    '%s has two examples of its own',
    (path, cell) => {
      for (const option of cell.options) expect(option.help).not.toBe('');
      expect(cell.examples.length).toBeGreaterThanOrEqual(2);
      for (const example of cell.examples) expect(example).toContain(`rapport ${path}`);
    },
  );

  it('names every command once', () => {
    const paths = listed.map((cell) => cell.path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
