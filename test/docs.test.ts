/** What is written about the commands is made from their declarations: `npm run test:update` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Cell, commandGroups } from '../src/commands/command.ts';
import { cells } from '../src/commands/index.ts';

const readme = new URL('../README.md', import.meta.url);

function usageOf(cell: Cell): string {
  const words = (cell.arguments ?? []).map(({ name, optional, variadic }) => {
    const word = variadic ? `${name}…` : name;
    return optional ? `[${word}]` : `<${word}>`;
  });
  return ['rapport', cell.path, ...words].join(' ');
}

function commandTable(): string {
  const rows = commandGroups.flatMap((group) =>
    cells
      .filter((cell) => cell.group === group && cell.hidden !== true)
      .map((cell, place) => `| ${place === 0 ? group : ''} | \`${usageOf(cell)}\` | ${cell.summary} |`),
  );
  return ['| | command | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

describe('the documentation', () => {
  it('lists the commands in the README as they are declared', () => {
    const text = readFileSync(readme, 'utf8');
    const block = /(<!-- commands:[^\n]*-->\n)[\s\S]*?(<!-- \/commands -->)/;
    const wanted = text.replace(
      block,
      (_, start: string, end: string) => `${start}\n${commandTable()}\n\n${end}`,
    );
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(readme, wanted);
    else expect(text).toBe(wanted);
    expect(wanted).toMatch(block);
  });

  it.each(cells.map((cell) => [cell.path, cell] as const))(
    '%s has a summary and examples of its own',
    (path, cell) => {
      expect(cell.summary).not.toBe('');
      expect(cell.examples.length).toBeGreaterThan(0);
      for (const example of cell.examples) expect(example).toContain(`rapport ${path}`);
      for (const option of cell.options ?? []) expect(option.help).not.toBe('');
    },
  );

  it('names every command once', () => {
    const paths = cells.map((cell) => cell.path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
