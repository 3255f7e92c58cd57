/** Records in few words: what is not said is as it mostly is, and dates are written as text. */
import type { CivilDate, PartialDate, TimeOfDay } from '../../src/dates/civil.ts';
import {
  type Commitment,
  type Contact,
  type New,
  type Note,
  newCommitment,
  newContact,
  newNote,
  newPatient,
  newPerson,
  type Patient,
  type Person,
} from '../../src/domain/records.ts';

/** With plain texts where the record has dates and times. */
type Written<T> = T extends CivilDate | PartialDate | TimeOfDay
  ? string
  : T extends readonly (infer One)[]
    ? readonly Written<One>[]
    : T extends object
      ? { readonly [K in keyof T]: Written<T[K]> }
      : T;
type Some<R> = Partial<Written<R>>;

const told = { patient_id: 'malu', recorded_on: '2026-03-12', made_on: '2026-03-12' } as const;
const read = <R>(fields: object): R => fields as R;

/** A patient whose name and handle are the id, unless said. */
export const aPatient = (id: string, fields: Some<Patient> = {}): New<Patient> =>
  newPatient(read({ id, name: id, handle: id, ...fields }));
export const aPerson = (name: string, fields: Some<Person> = {}): New<Person> =>
  newPerson(read({ patient_id: told.patient_id, name, ...fields }));
/** A story of malu's, told on 12 March 2026. */
export const aNote = (text: string, fields: Some<Note> = {}): New<Note> => {
  const { patient_id, recorded_on } = told;
  return newNote(read({ patient_id, recorded_on, kind: 'story', text, ...fields }));
};
/** A call that is promised to malu. */
export const aPromise = (text: string, fields: Some<Commitment> = {}): New<Commitment> => {
  const { patient_id, made_on } = told;
  return newCommitment(read({ patient_id, made_on, owner: 'me', kind: 'call', text, ...fields }));
};
/** A visit of malu's that was held. */
export const aContact = (on: string, fields: Some<Contact> = {}): New<Contact> =>
  newContact(read({ patient_id: told.patient_id, on, channel: 'visit', state: 'held', ...fields }));

/** The record as a store gives it back; the ref is its id. */
export const stored = <R extends { readonly id: string; readonly ref: string }>(
  id: string,
  record: New<R>,
): R => read({ ...record, id, ref: id });
