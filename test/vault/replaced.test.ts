/** A vault that another rapport put in the place of the one that is open: neither damage nor a disk that refuses. */
import { beforeEach, expect, it } from 'vitest';
import { makeVault, type TestPlace } from '../support/vault.ts';
import { addPatient, inContext, patientNames } from './contexts.ts';

let place: TestPlace;
beforeEach(async () => {
  place = await makeVault();
  await addPatient(place, 'Malu Razo');
  await place.run(['backup', 'b']);
});

const replacing = [
  ['a restore', ['restore', 'b', '--yes']],
  ['a key rotate', ['key', 'rotate', '--out', 'sheet', '--no-input']],
] as const;

it.each(replacing)('is not written under the hand of %s', async (_, argv) => {
  const { failure } = await inContext(place, async (ctx) => {
    const store = await ctx.openStore();
    const { code } = await place.run(argv);
    expect(code).toBe(0);
    store.write({ verb: 'patient set' }, () => {
      const [malu] = store.patients.all();
      store.patients.update(malu?.id ?? '', { name: 'Somebody Else' });
    });
  });
  expect(failure).toMatchObject({ exit: 'busy', message: 'the vault was replaced meanwhile' });
  expect((await patientNames(place)).value).toEqual(['Malu Razo']);
});

it.each(replacing)('is told to who waits for a person meanwhile, after %s', async (_, argv) => {
  const { failure } = await inContext(place, async (ctx) => {
    const store = await ctx.openStore();
    ctx.vault.rest();
    expect((await place.run(argv)).code).toBe(0);
    store.patients.all();
  });
  expect(failure).toMatchObject({ exit: 'busy', message: 'the vault was replaced meanwhile' });
});
