/** Words read as the program reads them, without running what they mean. */
import { loadCommands } from '../../src/commands/index.ts';
import { buildProgram, commandsFor } from '../../src/program.ts';
import { day } from './sample.ts';

/** The path of the command that took the words. @throws what commander or the command says against them */
export async function readWords(words: readonly string[]): Promise<string | undefined> {
  let taken: string | undefined;
  const program = buildProgram({
    cells: commandsFor(await loadCommands(words[0]), words),
    write: () => undefined,
    columns: 80,
    version: '0',
    run: async (cell, raw) => {
      cell.prepare(raw({ today: () => day('2026-03-12'), dateStyle: 'day-first' }));
      taken = cell.path;
    },
  });
  await program.parseAsync(words, { from: 'user' });
  return taken;
}
