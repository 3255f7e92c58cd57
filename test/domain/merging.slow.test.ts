/** Two entries of one patient: by rules alone, and on real vaults with undo and redo. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMerge } from '../../src/commands/patient-records.ts';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { planMerge } from '../../src/domain/merge-plan.ts';
import type { Patient } from '../../src/domain/records.ts';
import type { Store } from '../../src/store/store.ts';
import { insertWhole, snapshot, withBench } from '../store/bench.ts';
import type { Bench } from '../store/vault.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { draftTexts, typeDraft } from '../support/drafts.ts';
import { aPatient, stored } from '../support/records.ts';
import { day, failureOf } from '../support/values.ts';

const on = day('2026-03-12');

const entry = (id: string, name = 'María Luisa Razo'): Patient => stored(id, aPatient(id, { name }));
const whole = (patient: Patient, records: Partial<WholePatient> = {}): WholePatient => ({
  patient,
  people: [],
  notes: [],
  commitments: [],
  contacts: [],
  ...records,
});
/** Two entries that often share a name, a date or a person. */
const pairs = fc
  .tuple(
    wholePatients.filter((patients) => patients.length >= 2),
    fc.subarray(['name', 'goes_by', 'say', 'birth_date', 'died_on', 'aliases'] as const),
    fc.boolean(),
  )
  .map(([[first, second], shared, samePeople]) => {
    if (first === undefined || second === undefined) throw new Error('two were asked for');
    const same = Object.fromEntries(shared.map((field) => [field, first.patient[field]])) as Partial<Patient>;
    return {
      from: {
        ...second,
        patient: { ...second.patient, ...same },
        people: second.people.map((person, index) => {
          const other = samePeople ? first.people[index] : undefined;
          return other === undefined
            ? person
            : { ...other, id: person.id, ref: person.ref, patient_id: person.patient_id };
        }),
      } satisfies WholePatient,
      into: first,
    };
  });

describe('merging two entries', () => {
  it('loses no name, date, identifier or answer', () => {
    fc.assert(
      fc.property(pairs, ({ from, into }) => {
        const plan = planMerge(from, into, on);
        const after: Patient = { ...into.patient, ...plan.patch };
        const other = from.patient;
        expect(after).toMatchObject({
          id: into.patient.id,
          name: into.patient.name,
          handle: into.patient.handle,
        });
        const names = [after.name, after.goes_by, ...after.aliases, ...after.former_names];
        for (const patient of [other, into.patient]) {
          for (const name of [patient.name, patient.goes_by, ...patient.aliases])
            if (name !== null) expect(names).toContain(name);
          for (const identifier of patient.identifiers) expect(after.identifiers).toContainEqual(identifier);
          for (const field of ['say', 'pronouns', 'language', 'birth_date', 'died_on'] as const) {
            const value = patient[field];
            if (value === null || after[field]?.startsWith(value)) continue;
            expect(plan.differences.map((difference) => difference.other)).toContain(value);
            expect(plan.note?.text).toContain(value);
          }
        }
        expect(after.hold).toBe(other.hold || into.patient.hold);
        expect(new Set(after.aliases).size).toBe(after.aliases.length);
        expect([...plan.people, ...plan.same.map((pair) => pair.from)].sort()).toEqual(
          from.people.map(({ id }) => id).sort(),
        );
        expect(plan.notes.map(({ id }) => id)).toEqual(from.notes.map(({ id }) => id));
        expect(plan.commitments.map(({ id }) => id)).toEqual(from.commitments.map(({ id }) => id));
        expect(plan.contacts).toEqual(from.contacts.map(({ id }) => id));
      }),
      { numRuns: 500 },
    );
  });
});

const read = (store: Store, id: string): WholePatient => {
  const patient = store.patients.byId(id);
  if (patient === undefined) throw new Error(`${id} is not there`);
  return {
    patient,
    people: store.people.of(id),
    notes: store.notes.of(id),
    commitments: store.commitments.of(id),
    contacts: store.contacts.of(id),
  };
};

const everything = ({ database }: Bench) => ({
  ...snapshot(database),
  drafts: database.prepare('SELECT draft, place, text FROM draft_line ORDER BY number').all(),
  days: database.prepare('SELECT * FROM draft ORDER BY patient_id').all(),
  shown: database.prepare('SELECT * FROM shown ORDER BY 1, 2, 3').all(),
  histories: database.prepare('SELECT count(*) AS n FROM change WHERE patient_id IS NULL').all(),
});

const mergeStored = ({ store }: Bench, from: string, into: string): string => {
  const plan = planMerge(read(store, from), read(store, into), on);
  const { operation } = store.write({ verb: 'patient merge' }, () => applyMerge(plan, store));
  return String(operation);
};
const undo = ({ store }: Bench, operation: string): string =>
  String(store.write({ verb: 'undo' }, () => store.history.undo(operation)).operation);

describe('a merge in the vault', () => {
  it('brings every record along, and an undo gives everything back, a redo again', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom('from', 'into', 'none'), ({ from, into }, whoseDraft) => {
        withBench((bench) => {
          const { store } = bench;
          const [a, b] = [from.patient.id, into.patient.id];
          insertWhole(bench.store, into);
          insertWhole(bench.store, from);
          if (whoseDraft !== 'none') {
            const owner = whoseDraft === 'from' ? a : b;
            typeDraft(
              store,
              owner,
              on,
              { place: 'promise', text: 'call by fri' },
              { place: 'learn', text: 'sings' },
            );
          }
          for (const one of [from, into])
            store.log.opened('brief', one.patient.id, { noteIds: one.notes.map(({ id }) => id), on });
          const [mine, theirs] = [read(store, a), read(store, b)];
          const before = everything(bench);
          const operation = mergeStored(bench, a, b);
          const merged = read(store, b);
          expect(store.patients.byId(a)).toBeUndefined();
          for (const table of ['notes', 'commitments', 'contacts'] as const) {
            const left = ({ patient_id: _, person: __, for_person: ___, ...rest }: Record<string, unknown>) =>
              rest;
            const found = merged[table].map((record) => left({ ...record }));
            for (const record of [...mine[table], ...theirs[table]])
              expect(found).toContainEqual(left({ ...record }));
          }
          const called = merged.people.map(({ name }) => name);
          for (const { name } of [...mine.people, ...theirs.people]) expect(called).toContain(name);
          expect(draftTexts(store, b)?.length ?? 0).toBe(whoseDraft === 'none' ? 0 : 2);
          expect(store.drafts.all()).toHaveLength(whoseDraft === 'none' ? 0 : 1);
          expect(bench.database.pragma('foreign_key_check')).toEqual([]);
          const joined = everything(bench);
          const undone = undo(bench, operation);
          expect(everything(bench)).toEqual(before);
          undo(bench, undone);
          expect(everything(bench)).toEqual(joined);
          undo(bench, operation);
          expect(everything(bench)).toEqual(before);
          expect(bench.database.pragma('foreign_key_check')).toEqual([]);
        });
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  const twoAndDraft = (bench: Bench): void => {
    insertWhole(bench.store, whole(entry('maria', 'Maria Qxzmarker')));
    insertWhole(bench.store, whole(entry('malu')));
  };
  const pages = ({ database }: Bench): string => database.serialize().toString('latin1').toLowerCase();

  it('takes drafts along beside those that are there, and gives back those that still are', () => {
    withBench((bench) => {
      twoAndDraft(bench);
      const { store } = bench;
      const text = (words: string) => ({ place: 'learn', text: words });
      const before = typeDraft(store, 'maria', on, text('before'));
      const saved = typeDraft(store, 'maria', on, text('saved since'));
      typeDraft(store, 'malu', on, text('theirs'));
      const operation = mergeStored(bench, 'maria', 'malu');
      expect(draftTexts(store, 'malu')).toEqual(['before', 'saved since', 'theirs']);
      saved.discard();
      expect(failureOf(() => before.append(text('typed on'))).exit).toBe('conflict');
      typeDraft(store, 'malu', on, text('begun since'));
      const undone = undo(bench, operation);
      expect(draftTexts(store, 'maria')).toEqual(['before']);
      expect(draftTexts(store, 'malu')).toEqual(['theirs', 'begun since']);
      undo(bench, undone);
      expect(draftTexts(store, 'maria')).toBeUndefined();
      expect(draftTexts(store, 'malu')).toHaveLength(3);
    });
  });

  it('lets the log find both, and who they became part of take all of it along when forgotten', () =>
    withBench(async (bench) => {
      twoAndDraft(bench);
      insertWhole(bench.store, whole(entry('luisa')));
      const { store } = bench;
      const erasing = await store.erasing();
      store.write({ verb: 'patient set' }, () => store.patients.update('maria', { say: 'qxzmarker-say' }));
      const operation = mergeStored(bench, 'maria', 'luisa');
      undo(bench, undo(bench, operation));
      mergeStored(bench, 'luisa', 'malu');
      const logged = new Set(store.log.rows({ patientId: 'malu', limit: 99 }).map((row) => row.patient_id));
      expect([...logged].sort()).toEqual(['luisa', 'malu', 'maria']);
      expect(pages(bench)).toContain('qxzmarker');
      store.write({ verb: 'patient forget', undoable: false }, () => erasing.patient('malu'));
      expect(pages(bench)).not.toContain('qxzmarker');
      expect(pages(bench)).not.toContain('luisa razo');
      expect(failureOf(() => undo(bench, operation)).exit).toBe('conflict');
      expect(store.patients.all()).toEqual([]);
      expect(bench.database.prepare("SELECT count(*) AS n FROM meta WHERE key LIKE 'merge:%'").get()).toEqual(
        { n: 0 },
      );
      expect(erasing.wasForgotten('maria QXZMARKER', '1961')).toBe(true);
    }));

  it('leaves the other alone when it was taken back before', () =>
    withBench(async (bench) => {
      twoAndDraft(bench);
      const { store } = bench;
      const erasing = await store.erasing();
      undo(bench, mergeStored(bench, 'maria', 'malu'));
      const logged = new Set(store.log.rows({ patientId: 'malu', limit: 99 }).map((row) => row.patient_id));
      expect([...logged]).toEqual(['malu']);
      store.write({ verb: 'patient forget', undoable: false }, () => erasing.patient('malu'));
      expect(store.patients.byId('maria')?.name).toBe('Maria Qxzmarker');
    }));
});
