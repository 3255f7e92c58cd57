/** A vault opened as a command opens it, for tests that need no command. */

import type { Context } from '../../src/context.ts';
import { newPatient } from '../../src/domain/records.ts';
import { Failure } from '../../src/errors.ts';
import { composeContext } from '../../src/host/compose.ts';
import { passphrase, seededRandom, testOutside } from '../support/outside.ts';
import type { TestPlace } from '../support/vault.ts';

export interface Outcome<T> {
  readonly value: T | undefined;
  /** Undefined where the work went through. */
  readonly failure: Failure | undefined;
  readonly stderr: string;
}

export interface ContextOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly globals?: Partial<Context['globals']>;
  /** The same bytes at every run unless given. */
  readonly random?: (bytes: number) => Buffer;
}

let drawn = 0;

/** Gives the work a context of its own, with the passphrase in its environment, and closes it. */
export async function inContext<T>(
  place: Pick<TestPlace, 'root' | 'folder'>,
  work: (ctx: Context) => T | Promise<T>,
  { env, globals, random }: ContextOptions = {},
): Promise<Outcome<T>> {
  drawn += 1;
  const outside = testOutside({
    root: place.root,
    env: { RAPPORT_VAULT: place.folder, RAPPORT_PASSPHRASE: passphrase, ...env },
    now: Date.now,
    random: random ?? seededRandom(`ctx ${drawn}`),
  });
  const composed = composeContext(outside, {
    vault: undefined,
    color: 'auto',
    json: false,
    quiet: false,
    yes: false,
    noInput: true,
    debug: false,
    passphraseStdin: false,
    screenReader: false,
    ...globals,
  });
  try {
    const value = await work(composed.ctx);
    return { value, failure: undefined, stderr: outside.printed.stderr };
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return { value: undefined, failure, stderr: outside.printed.stderr };
  } finally {
    composed.close();
  }
}

export const addPatient = (place: Pick<TestPlace, 'root' | 'folder'>, name: string) =>
  inContext(place, async (ctx) => {
    const store = await ctx.openStore();
    const handle = name.toLowerCase().replaceAll(' ', '-');
    store.write({ verb: 'patient add' }, () => store.patients.insert(newPatient({ name, handle })));
  });

export const patientNames = (place: Pick<TestPlace, 'root' | 'folder'>, options: ContextOptions = {}) =>
  inContext(place, async (ctx) => (await ctx.openStore()).patients.all().map(({ name }) => name), options);
