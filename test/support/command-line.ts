/** Words read as the program reads them, without running what they mean. */
import { cellAt, declarations } from '../../src/commands/index.ts';
import { buildProgram, declarationsFor } from '../../src/program.ts';
import { day } from './sample.ts';

/** The path of the command that took the words. @throws what commander or the command says against them */
export async function readWords(words: readonly string[]): Promise<string | undefined> {
  let taken: string | undefined;
  const program = buildProgram({
    declarations: declarationsFor(declarations, words),
    write: () => undefined,
    columns: 80,
    version: '0',
    execute: async (path, raw) => {
      (await cellAt(path)).prepare(raw({ today: () => day('2026-03-12'), dateStyle: 'day-first' }));
      taken = path;
    },
  });
  await program.parseAsync(words, { from: 'user' });
  return taken;
}
