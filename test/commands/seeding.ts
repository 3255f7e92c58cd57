/** Puts records straight into a test's vault, through the real store, for tests of what commands do with them. */

import {
  type Commitment,
  type Contact,
  type Note,
  newCommitment,
  newContact,
  newNote,
  newPatient,
  newPerson,
  type Person,
} from '../../src/domain/records.ts';
import { composeContext } from '../../src/host/compose.ts';
import type { Globals } from '../../src/host/outside.ts';
import type { Store } from '../../src/store/store.ts';
import { seededRandom, testOutside } from '../support/outside.ts';
import { day } from '../support/values.ts';
import { passphrase, type TestPlace } from '../support/vault.ts';

const globals: Globals = {
  vault: undefined,
  color: 'never',
  json: false,
  quiet: true,
  yes: false,
  noInput: true,
  debug: false,
  passphraseStdin: false,
  screenReader: false,
};

/** Opens the vault's store for a while. */
export async function withStore<T>(place: TestPlace, work: (store: Store) => T): Promise<T> {
  let instant = Date.parse('2026-03-01T08:00:00Z');
  const outside = testOutside({
    root: place.root,
    env: { RAPPORT_VAULT: place.folder, RAPPORT_PASSPHRASE: passphrase },
    now: () => {
      instant += 1;
      return instant;
    },
    random: seededRandom(String(work)),
  });
  const composed = composeContext(outside, globals);
  try {
    return work(await composed.ctx.openStore());
  } finally {
    composed.close();
  }
}

export interface Seed {
  readonly people?: readonly (Pick<Person, 'name'> & Partial<Person>)[];
  readonly notes?: readonly (Pick<Note, 'kind' | 'text'> & Partial<Note>)[];
  readonly commitments?: readonly (Pick<Commitment, 'text'> & Partial<Commitment>)[];
  readonly contacts?: readonly (Pick<Contact, 'on'> & Partial<Contact>)[];
}

const december = day('2025-12-09');

/** A patient with what is around them; ids are their handle with a number behind. */
export const addPatient = (place: TestPlace, name: string, handle: string, seed: Seed = {}): Promise<void> =>
  withStore(place, (store) => {
    store.write({ verb: 'import' }, () => {
      store.patients.insert({ ...newPatient({ name, handle, id: handle }) });
      const patient_id = handle;
      for (const [index, person] of (seed.people ?? []).entries())
        store.people.insert(newPerson({ id: `${handle}-p${index + 1}`, patient_id, ...person }));
      for (const [index, note] of (seed.notes ?? []).entries())
        store.notes.insert(
          newNote({ id: `${handle}-n${index + 1}`, patient_id, recorded_on: december, ...note }),
        );
      for (const [index, commitment] of (seed.commitments ?? []).entries())
        store.commitments.insert(
          newCommitment({
            id: `${handle}-c${index + 1}`,
            patient_id,
            owner: 'me',
            kind: 'other',
            made_on: december,
            ...commitment,
          }),
        );
      for (const [index, contact] of (seed.contacts ?? []).entries())
        store.contacts.insert(
          newContact({
            id: `${handle}-v${index + 1}`,
            patient_id,
            channel: 'visit',
            state: 'held',
            ...contact,
          }),
        );
    });
  });
