/** Between an import's plan and the store: what the vault holds, and the one operation that applies a plan. */
import type { Store } from '../context.ts';
import type { Held, ImportPlan, PatientPlan, RecordPlan, WholePatient } from '../domain/interchange.ts';
import type { Commitment, Contact, New, Note, Patch, Patient, Person } from '../domain/records.ts';
import { sortedBy } from '../domain/text.ts';
import { conflict } from '../errors.ts';
import { passToPeople } from './same-person.ts';

export const heldBy = (store: Store, { wasForgotten }: Pick<Held, 'wasForgotten'>): Held => ({
  patients: store.patients.all(),
  byId: {
    person: store.people.byId,
    note: store.notes.byId,
    commitment: store.commitments.byId,
    contact: store.contacts.byId,
  },
  of: {
    person: store.people.of,
    note: store.notes.of,
    commitment: store.commitments.of,
    contact: store.contacts.of,
  },
  contactsOfEvent: store.contacts.ofEvent,
  calendar: store.calendar.read(),
  wasForgotten,
});

/** What of a patient passes over to who is the same around another one. */
const passed = ['status', 'died_on', 'name', 'goes_by'] as const;

/** What tells whether anything was changed since: the newest operation. */
export const newestChange = (store: Store): string | undefined => store.history.list(1)[0]?.id;

/**
 * Applies a plan in one operation, all or nothing.
 * @param plannedAt what newestChange gave when the plan was made
 * @param advance told how many records are in
 * @returns the operation's id, undefined where there was nothing to do
 * @throws conflict where the vault has changed since the plan was made
 */
export function applyImport(
  plan: ImportPlan,
  store: Store,
  plannedAt: string | undefined,
  advance: (done: number) => void = () => undefined,
): string | undefined {
  let done = 0;
  const step = (): void => {
    done += 1;
    advance(done);
  };
  const applyRecords = <R extends Person | Note | Commitment | Contact>(
    { add, change }: RecordPlan<R>,
    patientId: string,
    repository: { insert(record: New<R>): R; update(id: string, patch: Patch<R>): R },
  ): void => {
    for (const record of add) {
      repository.insert({ ...record, patient_id: patientId } as unknown as New<R>);
      step();
    }
    for (const { id, patch } of change) {
      repository.update(id, patch);
      step();
    }
  };
  const applyPatient = (records: PatientPlan): void => {
    const { known, whole, patch } = records;
    const { id } = known ?? store.patients.insert(whole);
    if (patch !== undefined) {
      const changed = store.patients.update(id, patch);
      if (known !== undefined && passed.some((field) => field in patch)) passToPeople(store, known, changed);
    }
    if (known === undefined || patch !== undefined) step();
    applyRecords(records.people, id, store.people);
    applyRecords(records.notes, id, store.notes);
    applyRecords(records.commitments, id, store.commitments);
    applyRecords(records.contacts, id, store.contacts);
  };
  return store.write({ verb: 'import' }, () => {
    if (newestChange(store) !== plannedAt)
      throw conflict('the vault was changed after the import was planned', 'import the file again');
    for (const patient of plan.patients) applyPatient(patient);
    if (plan.calendar !== undefined) store.calendar.merge(plan.calendar);
  }).operation;
}

const byId = <R extends { readonly id: string }>(records: readonly R[]): readonly R[] =>
  sortedBy(records, ({ id }) => [id]);

/** A patient with everything, each list in an order that does not depend on how it came in. */
export const wholePatient = (store: Store, patient: Patient): WholePatient => ({
  patient,
  people: byId(store.people.of(patient.id)),
  notes: sortedBy(store.notes.of(patient.id), ({ recorded_on, id }) => [recorded_on ?? '', id]),
  commitments: byId(store.commitments.of(patient.id)),
  contacts: byId(store.contacts.of(patient.id)),
});
