import { describe, expect } from 'vitest';
import type { newCommitment, newNote } from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { aNote, aPatient, aPromise } from '../support/records.ts';
import { day } from '../support/values.ts';
import { explain, it } from './bench.ts';

const today = day('2026-03-12');
const request = {
  since: day('2025-04-01'),
  kinds: ['story', 'avoid'],
  lastConfirmed: day('2024-03-11'),
} as const;

function seed({ patients, notes, commitments, write }: Store): void {
  write({ verb: 'import' }, () => {
    for (const [id, status] of [
      ['walt', 'active'],
      ['malu', 'active'],
      ['past', 'archived'],
      ['dead', 'died'],
    ] as const) {
      patients.insert(aPatient(id, { status }));
      const note = (name: string, fields: Partial<Parameters<typeof newNote>[0]>) =>
        notes.insert(
          aNote('x', { id: `${id} ${name}`, patient_id: id, recorded_on: '2020-01-01', ...fields }),
        );
      const promise = (name: string, fields: Partial<Parameters<typeof newCommitment>[0]>) =>
        commitments.insert(
          aPromise('x', { id: `${id} ${name}`, patient_id: id, made_on: '2020-01-01', ...fields }),
        );
      note('question', { kind: 'question' });
      note('private question', { kind: 'question', sensitive: true });
      note('answered', { kind: 'question', status: 'answered' });
      note('first asked', { kind: 'question' });
      note('asked again', { kind: 'question', replaces: `${id} first asked` });
      note('old', {});
      note('old, since retired', { status: 'retired' });
      note('replaced by what was retired', { kind: 'avoid' });
      note('retired', { replaces: `${id} replaced by what was retired`, status: 'retired' });
      note('said since', { said_on: today });
      note('on the day', { confirmed_on: day('2024-03-11') });
      note('the day after', { confirmed_on: day('2024-03-12') });
      note('undated', { recorded_on: null });
      note('another kind', { kind: 'milestone' });
      promise('open', {});
      promise('kept before', { status: 'kept', closed_on: day('2025-03-31') });
      promise('kept since', { status: 'kept', closed_on: day('2025-04-01') });
      promise('dropped since', { status: 'dropped', closed_on: today });
    }
  });
}

describe('the records of a review', () => {
  it('are open commitments, those closed since, questions and counts of what nothing confirmed', async ({
    store,
  }) => {
    seed(store);
    const records = await store.reviewRecords(request);
    expect(records.patients.map(({ id }) => id)).toEqual(['dead', 'malu', 'past', 'walt']);
    expect(records.commitments.map(({ id }) => id).sort()).toEqual(
      ['dead', 'malu', 'past', 'walt'].flatMap((id) => [
        `${id} dropped since`,
        `${id} kept since`,
        `${id} open`,
      ]),
    );
    expect(records.questions.map(({ id }) => id).sort()).toEqual(
      ['malu', 'walt'].flatMap((id) => [`${id} asked again`, `${id} private question`, `${id} question`]),
    );
    expect(Object.fromEntries(records.unconfirmed)).toEqual({ malu: 3, walt: 3 });
  });

  it('are found by index, whatever there is of other patients and years', async ({ bench }) => {
    seed(bench.store);
    const again = bench.again();
    const ran = again.statements();
    await again.store.reviewRecords(request);
    const plans = ran
      .filter((text) => /FROM json_each/.test(text))
      .map((text) => explain(again.database, text).join('\n'));
    expect(plans).toHaveLength(3);
    for (const plan of plans) {
      expect(plan).not.toMatch(/^SCAN (?:note|commitment|newer)/m);
      expect(plan).toMatch(/SEARCH (?:note|commitment) USING INDEX (?:note|commitment)_of_patient/);
    }
    again.end();
  });
});
