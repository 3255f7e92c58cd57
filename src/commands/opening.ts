import { Failure } from '../errors.ts';
import type { Store, World } from '../world.ts';

/**
 * The store where a key is at hand; undefined where the vault is locked. Nobody is asked.
 * @param how `hurries: true` where a shell's prompt or a Tab waits for it
 */
export async function openQuietly(
  { openStore }: Pick<World, 'openStore'>,
  how: { readonly hurries?: boolean } = {},
): Promise<Store | undefined> {
  try {
    return await openStore({ ask: false, ...how });
  } catch (error) {
    if (error instanceof Failure && error.exit === 'locked') return undefined;
    throw error;
  }
}
