/** What stands where a command was expected may be a patient's name. */
import { matchesOf } from '../commands/lookup.ts';
import { Failure } from '../errors.ts';
import { composeContext } from '../host/compose.ts';
import type { Globals, Outside } from '../host/process.ts';

/** Whether they name one, where that is known at once: nobody is asked for a key. */
export async function namesPatient(
  words: readonly string[],
  outside: Outside,
  globals: Globals,
): Promise<boolean> {
  if (words.length === 0) return false;
  try {
    const { ctx, close } = composeContext(outside, globals);
    try {
      return matchesOf(words.join(' '), await ctx.openStore({ ask: false, hurries: true })).length > 0;
    } finally {
      close();
    }
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
