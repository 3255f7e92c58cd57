/** Who died, what to offer then, and what is not kept for the dead. */
import { addDays, addMonths, type CivilDate, type PartialDate, readCivilDate } from '../dates/civil.ts';
import { shortDate } from '../dates/wording.ts';
import { type Failure, usage } from '../errors.ts';
import type { CapturedLoss } from './capture.ts';
import { type New, type Note, newPerson, type Patch, type Patient, type Person } from './records.ts';
import { personNamed } from './relations.ts';

export type PersonPlan =
  | { readonly change: 'none'; readonly id: string }
  | { readonly change: 'patch'; readonly id: string; readonly patch: Patch<Person> }
  | { readonly change: 'add'; readonly record: New<Person> };

export function personOfLoss(
  loss: CapturedLoss,
  patientId: string,
  people: readonly Person[],
): PersonPlan | undefined {
  const person = personNamed(loss, people);
  if (person !== undefined) {
    const died_on = person.died_on ?? loss.date;
    return person.status === 'died' && person.died_on === died_on
      ? { change: 'none', id: person.id }
      : { change: 'patch', id: person.id, patch: { status: 'died', died_on } };
  }
  if (loss.name === null || loss.relation === null) return undefined;
  const fields = { patient_id: patientId, name: loss.name, relation: loss.relation, died_on: loss.date };
  return { change: 'add', record: newPerson({ ...fields, status: 'died' }) };
}

interface LossOffer {
  readonly label: string;
  readonly due: CivilDate;
  readonly line: string;
}

const condolenceDays = 14;
const callDays = 42;

/** Undefined for a yearly date. */
function lastDayOf(date: PartialDate): CivilDate | undefined {
  const [year = '', month] = date.startsWith('--') ? [] : date.split('-');
  const first = readCivilDate(`${year}-${month ?? '01'}-01`);
  return first && addDays(addMonths(first, month === undefined ? 12 : 1), -1);
}

/**
 * Condolence within 14 days, call at six weeks, note a week before the first anniversary; past ones are left out.
 * Without an exact day they count from the latest possible one. None for a loss that is no death.
 */
export function lossOffers(
  { date, name, relation }: Pick<CapturedLoss, 'date' | 'name' | 'relation'>,
  on: CivilDate,
): readonly LossOffer[] {
  // 'lost his job' names nobody who died.
  if (name === null && relation === null) return [];
  const day = date === null ? undefined : readCivilDate(date);
  const latest = date === null ? undefined : (day ?? lastDayOf(date));
  const from = latest === undefined || latest > on ? on : latest;
  const offers = [
    { what: 'Send a condolence note', due: addDays(from, condolenceDays) },
    { what: 'Call at six weeks', due: addDays(from, callDays) },
    ...(day === undefined
      ? []
      : [{ what: 'Send a note before the first anniversary', due: addDays(addMonths(day, 12), -7) }]),
  ];
  return offers
    .filter(({ due }) => due >= on)
    .map(({ what, due }) => ({
      label: `${what}, by ${shortDate(due, on)}`,
      due,
      line: `! ${what} by ${due}`,
    }));
}

const mistaken = 'if they did not die: rapport patient died NAME --mistaken';

export function refuseReturning(
  { status }: Pick<Patient, 'status'>,
  { yearly, reach_out = false }: Pick<Note, 'yearly'> & Partial<Pick<Note, 'reach_out'>>,
  person: Person | undefined,
): Failure | undefined {
  if (status !== 'died' || person?.status === 'living' || !(yearly || reach_out)) return undefined;
  return usage(
    'the patient died: no yearly day, and nothing to reach out for, is kept',
    'rapport note NAME --person WHO keeps it of somebody around them',
    mistaken,
  );
}

export const refuseCadence = ({ status }: Pick<Patient, 'status'>): Failure | undefined =>
  status === 'died' ? usage('the patient died: nobody keeps in touch with them', mistaken) : undefined;
