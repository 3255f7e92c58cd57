/** Merges given fields into records: an absent field stays or takes its default, null clears, lists are joined. */
import type { CivilDate } from '../dates/civil.ts';
import { commitmentKindOf } from './capture.ts';
import { isSameItem } from './fields.ts';
import type { Unplaced } from './import-shape.ts';
import type {
  CommitmentFields,
  ContactFields,
  Given,
  NoteFields,
  PatientFields,
  PersonFields,
} from './interchange.ts';
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
  type Patch,
  type Patient,
  type Person,
} from './records.ts';

/** How the records of one table are made whole. */
export interface RecordKind<F, R extends { readonly id: string; readonly ref: string }> {
  /** The field that a new record must have. */
  readonly required: keyof F & string;
  readonly make: (fields: Partial<F>, today: CivilDate) => Unplaced<R>;
}

const withoutPatient = <R extends { readonly patient_id: string }>({
  patient_id: _,
  ...rest
}: R): Omit<R, 'patient_id'> => rest;

export const personKind: RecordKind<PersonFields, Person> = {
  required: 'name',
  make: (fields) => withoutPatient(newPerson({ name: '', ...fields, patient_id: '' })),
};

export const noteKind: RecordKind<NoteFields, Note> = {
  required: 'text',
  make: (fields) =>
    withoutPatient(
      newNote({ kind: 'story', text: '', recorded_on: null, source: 'imported', ...fields, patient_id: '' }),
    ),
};

export const commitmentKind: RecordKind<CommitmentFields, Commitment> = {
  required: 'text',
  make: (fields) =>
    withoutPatient(
      newCommitment({
        text: '',
        owner: 'me',
        kind: commitmentKindOf(fields.text ?? '', {}),
        made_on: null,
        ...fields,
        patient_id: '',
      }),
    ),
};

export const contactKind: RecordKind<ContactFields, Contact> = {
  required: 'on',
  make: (fields, today) => {
    const on = fields.on ?? today;
    const state = on > today ? 'planned' : 'held';
    return withoutPatient(
      newContact({ channel: 'visit', state, source: 'imported', ...fields, on, patient_id: '' }),
    );
  },
};

export const makePatient = (fields: Partial<PatientFields>): New<Patient> =>
  newPatient({ name: '', handle: '', ...fields });

/** Lists in which the file's replaces the vault's; the items of other lists are joined. */
const replacedLists: readonly string[] = ['unconfirmed', 'declined'];

export function mergeFields<F extends object>(known: Partial<F> | undefined, given: Given<F>): Partial<F> {
  const merged: Record<string, unknown> = { ...known };
  for (const [key, value] of Object.entries(given)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else if (Array.isArray(before) && Array.isArray(value) && !replacedLists.includes(key))
      merged[key] = [...before, ...value.filter((item) => !before.some((one) => isSameItem(one, item)))];
    else merged[key] = value;
  }
  return merged as Partial<F>;
}

const isSame = (left: unknown, right: unknown): boolean =>
  Object.is(left, right) ||
  (typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right));

/** Undefined where nothing changes. */
export function patchOf<R extends { readonly id: string; readonly ref: string }>(
  known: R,
  whole: Omit<New<R>, 'patient_id'>,
): Patch<R> | undefined {
  const after = whole as Readonly<Record<string, unknown>>;
  const changed = Object.keys(known).filter(
    (key) => key !== 'id' && key !== 'ref' && key in after && !isSame(known[key as keyof R], after[key]),
  );
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((key) => [key, after[key]])) as Patch<R>;
}
