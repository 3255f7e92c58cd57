/**
 * What `patient add` and `patient set` change. Setting an askable field makes it known, declining empties it,
 * clearing makes it not asked.
 */
import { distance } from 'fastest-levenshtein';
import type { CivilDate } from '../dates/civil.ts';
import { addBusinessDays, type WorkCalendar } from '../dates/work-calendar.ts';
import { differing } from './fields.ts';
import { namesOf } from './patient-names.ts';
import {
  type AskableField,
  askableFields,
  type Commitment,
  type New,
  newCommitment,
  type Patch,
  type Patient,
} from './records.ts';
import { foldedWords, looksLike } from './text.ts';

export interface PatientWish {
  readonly values: Patch<Patient>;
  readonly declined: readonly AskableField[];
  readonly confirmed: readonly AskableField[];
}

export type AskableState = 'known' | 'unconfirmed' | 'declined' | 'not asked';

export function stateOf(
  patient: Pick<Patient, AskableField | 'declined' | 'unconfirmed'>,
  field: AskableField,
): AskableState {
  if (patient[field] !== null) return patient.unconfirmed.includes(field) ? 'unconfirmed' : 'known';
  return patient.declined.includes(field) ? 'declined' : 'not asked';
}

export function patientPatch(
  patient: Omit<Patient, 'id' | 'ref'>,
  { values, declined, confirmed }: PatientWish,
): Patch<Patient> {
  const isSettled = (field: AskableField): boolean => field in values || declined.includes(field);
  const patch: Patch<Patient> = {
    ...values,
    ...Object.fromEntries(declined.map((field) => [field, null])),
    declined: askableFields.filter(
      (field) => declined.includes(field) || (patient.declined.includes(field) && !isSettled(field)),
    ),
    unconfirmed: patient.unconfirmed.filter((field) => !isSettled(field) && !confirmed.includes(field)),
  };
  return differing(patch, patient);
}

const wordsOf = (name: string): readonly string[] =>
  foldedWords(looksLike(name))
    .map((word) => word.replace(/\p{N}+/gu, '') || word)
    .toSorted();

function isClose(left: string, right: string): boolean {
  const [one, other] = [wordsOf(left), wordsOf(right)];
  if (one.length === 0 || other.length === 0) return left.trim() === right.trim();
  const [fewer, more] = one.length <= other.length ? [one, other] : [other, one];
  if (fewer.length > 1 && fewer.every((word) => more.includes(word))) return true;
  const [joined, joinedOther] = [one.join(' '), other.join(' ')];
  return distance(joined, joinedOther) <= Math.max(joined.length, joinedOther.length) / 5;
}

/** Likely duplicates: names alike but for order, accents and slips. */
export function closeNames(
  added: { readonly name: string; readonly goes_by: string | null },
  patients: readonly Patient[],
): readonly Patient[] {
  const own = [added.name, added.goes_by].filter((name) => name !== null);
  return patients.filter((patient) =>
    namesOf(patient).some((theirs) => own.some((name) => isClose(name, theirs))),
  );
}

/** Somebody new is called within two business days. */
export const welcomeBy = (today: CivilDate, calendar: WorkCalendar): CivilDate =>
  addBusinessDays(today, 2, calendar);

export const welcomeCall = (patient_id: string, made_on: CivilDate, due: CivilDate): New<Commitment> =>
  newCommitment({ patient_id, text: 'Welcome call', owner: 'me', kind: 'welcome', made_on, due });
