/** A promise that repeats: what keeping it opens next. */
import { addDays, addMonths, type CivilDate } from '../dates/civil.ts';
import { firstDue } from './note-rules.ts';
import { type Commitment, type New, newCommitment, type Patient } from './records.ts';
import { pick } from './text.ts';

/** @param every '1 month', '2 weeks' */
function later(from: CivilDate, every: string, times: number): CivilDate {
  const [, size = '1', unit] = /^(\d+) (day|week|month|year)s?$/.exec(every) ?? [];
  const count = Number(size) * times;
  if (unit === 'month' || unit === 'year') return addMonths(from, unit === 'year' ? 12 * count : count);
  return addDays(from, unit === 'week' ? 7 * count : count);
}

/** Those kept before it: the same promise, each from the one before. */
const isEarlier = (one: Commitment, { text, owner, every, for_person }: Commitment): boolean =>
  one.status !== 'dropped' &&
  one.text === text &&
  one.owner === owner &&
  one.every === every &&
  one.for_person === for_person;

/**
 * By whole intervals from the first due date of all (31 Jan, 28 Feb, 31 Mar) to the first after today and after the one
 * kept. Undefined where nothing repeats, and after a death.
 * @param all of the same patient
 */
export function nextOf(
  kept: Commitment,
  all: readonly Commitment[],
  { patient, today }: { readonly patient: Pick<Patient, 'status'>; readonly today: CivilDate },
): New<Commitment> | undefined {
  const { every, due } = kept;
  if (every === null || due === null || patient.status === 'died') return undefined;
  const dues = all.filter((one) => isEarlier(one, kept)).flatMap((one) => firstDue(one) ?? []);
  const first = [...dues, firstDue(kept) ?? due].toSorted()[0] ?? due;
  const after = due > today ? due : today;
  let times = 1;
  while (later(first, every, times) <= after) times += 1;
  return newCommitment({
    ...pick(kept, 'patient_id', 'owner', 'kind', 'text', 'for_person', 'sensitive', 'every'),
    made_on: today,
    due: later(first, every, times),
  });
}
