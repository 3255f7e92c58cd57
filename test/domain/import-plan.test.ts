import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCivilDate } from '../../src/dates/civil.ts';
import { planImport } from '../../src/domain/import-plan.ts';
import { type GivenDocument, type Held, type ImportPlan, isOfEvent } from '../../src/domain/interchange.ts';
import type { Commitment, Contact, Note, Patient, Person } from '../../src/domain/records.ts';
import { readRapport, writeRapport } from '../../src/formats/rapport.ts';
import { wholePatients } from '../formats/arbitraries.ts';

const today = readCivilDate('2026-03-12') ?? expect.fail('a date');
const before = readCivilDate('2025-12-09') ?? expect.fail('a date');

interface Records {
  readonly patients?: readonly Patient[];
  readonly people?: readonly Person[];
  readonly notes?: readonly Note[];
  readonly commitments?: readonly Commitment[];
  readonly contacts?: readonly Contact[];
}

/** What a vault with these records answers. */
function holding({ patients = [], people = [], notes = [], commitments = [], contacts = [] }: Records): Held {
  const byId = <R extends { readonly id: string }>(
    records: readonly R[],
  ): ((id: string) => R | undefined) => {
    const map = new Map(records.map((record) => [record.id, record]));
    return (id) => map.get(id);
  };
  return {
    patients,
    person: byId(people),
    note: byId(notes),
    commitment: byId(commitments),
    contact: byId(contacts),
    peopleOf: (patientId) => people.filter(({ patient_id }) => patient_id === patientId),
    contactsOf: (patientId) => contacts.filter(({ patient_id }) => patient_id === patientId),
    contactsOfEvent: (uid) =>
      contacts.filter((contact) => contact.uid !== null && isOfEvent(contact.uid, uid)),
    commitmentsOf: (patientId) => commitments.filter(({ patient_id }) => patient_id === patientId),
    calendar: { closed_days: [{ on: before, name: 'Fair' }], away: [], weekend: [6, 7] },
    wasForgotten: (name) => name === 'Gone',
  };
}

const empty = holding({});

const documentOf = (...patients: readonly object[]): GivenDocument =>
  readRapport(JSON.stringify({ format: 'rapport', version: 1, patients }), { skipBad: true });
const plan = (document: GivenDocument, held: Held): ImportPlan =>
  planImport(document, held, { today, skipBad: false });
it('walks a long thread once', () => {
  const notes = Array.from({ length: 50_000 }, (_, index) => ({
    id: `x${index}`,
    text: 'x',
    replaces: index === 49_999 ? null : `x${index + 1}`,
  }));
  expect(plan(documentOf({ name: 'Ann', notes }), empty).patients[0]?.notes.add[0]?.id).toBe('x49999');
  const broken = documentOf({
    name: 'Ann',
    notes: notes.map((note) => (note.replaces === null ? { ...note, replaces: 'gone' } : note)),
  });
  expect(planImport(broken, empty, { today, skipBad: true }).patients[0]?.notes.add).toEqual([]);
});

describe('export, import, export', () => {
  it('adds every record as it was, and a second import finds nothing to do', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const text = [
          ...writeRapport({ exportedAt: '2026-03-12T08:00:00.000Z', patients, calendar: undefined }),
        ].join('\n');
        const document = readRapport(text, { skipBad: false });
        const added = plan(document, empty);
        const withoutRef = ({ ref: _, ...record }: { readonly ref: string }): object => record;
        const owned = (records: readonly object[], patient_id: string | undefined) =>
          records.map((record) => ({ ...record, patient_id }));
        expect(added.patients.map(({ whole }) => whole)).toEqual(
          patients.map(({ patient }) => withoutRef(patient)),
        );
        for (const [index, planned] of added.patients.entries()) {
          const original = patients[index] ?? expect.fail('a patient too many');
          for (const table of ['people', 'commitments', 'contacts'] as const)
            expect(owned(planned[table].add, planned.whole.id)).toEqual(original[table].map(withoutRef));
          const byId = (left: { id?: string }, right: { id?: string }): number =>
            (left.id ?? '').localeCompare(right.id ?? '');
          expect((owned(planned.notes.add, planned.whole.id) as { id?: string }[]).toSorted(byId)).toEqual(
            (original.notes.map(withoutRef) as { id?: string }[]).toSorted(byId),
          );
        }
        const again = plan(
          document,
          holding({
            patients: patients.map(({ patient }) => patient),
            people: patients.flatMap(({ people }) => people),
            notes: patients.flatMap(({ notes }) => notes),
            commitments: patients.flatMap(({ commitments }) => commitments),
            contacts: patients.flatMap(({ contacts }) => contacts),
          }),
        );
        expect(
          again.patients
            .flatMap(({ patch, notes, people }) => [patch, ...notes.change, ...notes.add, ...people.change])
            .filter(Boolean),
        ).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
