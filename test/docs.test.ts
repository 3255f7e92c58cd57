/** Every command says what it is and shows how it is used. */
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../src/commands/index.ts';

const cells = await loadCommands();

describe('the documentation', () => {
  it.each(cells.map((cell) => [cell.path, cell] as const))(
    '%s has a summary and two examples of its own',
    (path, cell) => {
      expect(cell.summary).not.toBe('');
      for (const option of cell.options) expect(option.help).not.toBe('');
      expect(cell.examples.length).toBeGreaterThanOrEqual(2);
      for (const example of cell.examples) expect(example).toContain(`rapport ${path}`);
    },
  );

  it('names every command once', () => {
    const paths = cells.map((cell) => cell.path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
