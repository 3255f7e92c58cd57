/**
 * From given fields to whole records: what is absent stays or takes its default, null clears, lists without ids are
 * joined, and a patch holds only what really changes.
 */
import type { CivilDate } from '../dates/civil.ts';
import { commitmentKindOf } from './capture.ts';
import type { Unplaced } from './import-shape.ts';
import {
  type CommitmentFields,
  type ContactFields,
  type Given,
  type NoteFields,
  type PatientFields,
  type PersonFields,
  sameAttempt,
  sameSnooze,
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

/** How the records of one table are made whole and compared. */
export interface RecordKind<
  F,
  R extends { readonly id: string; readonly ref: string; readonly patient_id: string },
> {
  /** Fields that a new record can't do without. */
  readonly required: readonly (keyof F & string)[];
  /** Lists without ids, whose items are joined: what counts as the same item. */
  readonly joined: { readonly [K in keyof F]?: (left: never, right: never) => boolean };
  readonly make: (fields: Partial<F>, today: CivilDate) => Unplaced<R>;
}

const withoutPatient = <R extends { readonly patient_id: string }>({
  patient_id: _,
  ...rest
}: R): Omit<R, 'patient_id'> => rest;

export const personKind: RecordKind<PersonFields, Person> = {
  required: ['name'],
  joined: {},
  make: (fields) => withoutPatient(newPerson({ name: '', ...fields, patient_id: '' })),
};

export const noteKind: RecordKind<NoteFields, Note> = {
  required: ['text'],
  joined: {},
  make: (fields) =>
    withoutPatient(
      newNote({ kind: 'story', text: '', recorded_on: null, source: 'imported', ...fields, patient_id: '' }),
    ),
};

export const commitmentKind: RecordKind<CommitmentFields, Commitment> = {
  required: ['text'],
  joined: { snoozes: sameSnooze, attempts: sameAttempt },
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
  required: ['on'],
  joined: {},
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

function join<T>(
  before: readonly T[],
  added: readonly T[],
  same: (left: T, right: T) => boolean,
): readonly T[] {
  return [...before, ...added.filter((item) => !before.some((known) => same(known, item)))];
}

/** The fields that hold after the import, as far as they are known: the rest takes its default. */
export function mergeFields<F extends object>(
  known: Partial<F> | undefined,
  given: Given<F>,
  joined: { readonly [K in keyof F]?: (left: never, right: never) => boolean },
): Partial<F> {
  const merged: Record<string, unknown> = { ...known };
  for (const [key, value] of Object.entries(given)) {
    const same = joined[key as keyof F] as ((left: unknown, right: unknown) => boolean) | undefined;
    const before = merged[key];
    if (value === null) delete merged[key];
    else if (same !== undefined && Array.isArray(before) && Array.isArray(value))
      merged[key] = join<unknown>(before, value, same);
    else merged[key] = value;
  }
  return merged as Partial<F>;
}

const isSame = (left: unknown, right: unknown): boolean =>
  Object.is(left, right) ||
  (typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right));

/** What has to change in a known record; undefined where nothing has. */
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
