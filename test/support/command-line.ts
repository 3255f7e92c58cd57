/** Words read as the program reads them, without running what they mean. */

import { buildProgram, plainWords, readGlobals } from '../../src/cli/main.ts';
import { loadNamed } from '../../src/commands/index.ts';
import { asFailure } from '../../src/errors.ts';
import { composeContext } from '../../src/host/compose.ts';
import { scriptedQuestions } from './answers.ts';
import { seededRandom, testOutside } from './outside.ts';

const outside = testOutside({
  root: '/nowhere',
  env: { RAPPORT_TODAY: '2026-03-12' },
  questions: scriptedQuestions([]),
  terminal: 80,
  now: () => Date.parse('2026-03-12T08:30:00Z'),
  random: seededRandom('words'),
});

/** The path of the command that took the words. @throws what commander or the command says against them */
export async function readWords(words: readonly string[]): Promise<string | undefined> {
  let taken: string | undefined;
  const program = buildProgram({
    commands: await loadNamed(plainWords(words)),
    write: () => undefined,
    columns: 80,
    version: '0',
    run: async (command, given) => {
      const { ctx } = composeContext(outside, readGlobals({}));
      // The files of examples are not there.
      await command.read(given, { ...ctx, store: undefined }).catch((error) => asFailure(error, 'not-found'));
      taken = command.path;
    },
  });
  await program.parseAsync(words, { from: 'user' });
  return taken;
}
