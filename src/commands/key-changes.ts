/** What the `key …` commands have in common. */
import { Failure } from '../errors.ts';
import type { Store, World } from '../world.ts';

/** Verbs of the log that say that the keys were changed. None of them can be undone. */
export const keyChanges = ['key passphrase', 'key recovery', 'key rotate', 'key keyring'] as const;

/**
 * Opens the vault for a change of its keys: before the keys are touched, it is known that the log can say so, and
 * said that there is no way back.
 * @throws as opening does; conflict, busy and failed where the vault cannot be written
 */
export async function openForKeys(
  verb: (typeof keyChanges)[number],
  { openStore, notices }: Pick<World, 'openStore' | 'notices'>,
): Promise<Store> {
  const store = await openStore();
  store.write({ verb }, () => undefined);
  notices.say('A change of the keys cannot be undone.');
  return store;
}

/** Logs a change of the keys, which stands by now: a full disk must not tell the person otherwise. */
export function recordKeyChange(
  verb: (typeof keyChanges)[number],
  store: Store,
  { notices }: Pick<World, 'notices'>,
): void {
  try {
    store.log.happened(verb);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notices.warn('rapport: the keys are changed, but that could not be written to the log');
  }
}
