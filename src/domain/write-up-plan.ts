/** From a write-up to records: what is added and changed in one transaction, and what a loss offers to do. */
import { addDays, addMonths, type CivilDate, readCivilDate, shortDate, spanOf } from '../dates/civil.ts';
import type { CapturedLoss, Entry } from './capture.ts';
import { keep } from './due-list.ts';
import { fateOf } from './loss-list.ts';
import { callingName, personFirstName } from './patient-names.ts';
import {
  type New,
  type Note,
  newCommitment,
  newNote,
  newPerson,
  type Patch,
  type Patient,
  type Person,
} from './records.ts';
import { fold, pick, present } from './text.ts';
import { findWhom } from './whom.ts';
import type { WriteUp } from './write-up.ts';

export type PlannedNote = ReturnType<typeof noteOf>;

interface PlanFacts {
  readonly patientId: string;
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly people: readonly Person[];
}

/** Recorded today, said on the day of the visit. */
export function noteOf(entry: Exclude<Entry, { type: 'commitment' }>, facts: PlanFacts) {
  const record = newNote({
    patient_id: facts.patientId,
    kind: entry.type === 'loss' ? 'loss' : entry.kind,
    recorded_on: facts.today,
    said_on: facts.on === facts.today ? null : facts.on,
    ...pick(entry, 'text', 'date', 'unread', 'sensitive'),
    ...(entry.type === 'note' && { yearly: entry.yearly, ...(entry.tone && { tone: entry.tone }) }),
  });
  const all = entry.type === 'loss' ? (entry.all ?? []) : [];
  const others = all.map((whom) => personOf({ ...entry, whom }, facts));
  return { record, person: personOf(entry, facts), others };
}

export function commitmentOf(entry: Extract<Entry, { type: 'commitment' }>, facts: PlanFacts) {
  const record = newCommitment({
    ...pick(entry, 'owner', 'kind', 'text', 'due', 'every', 'unread', 'sensitive'),
    patient_id: facts.patientId,
    made_on: facts.on,
  });
  return { record, person: personOf(entry, facts) };
}

/** What is marked as done, answered or kept. */
export function planClosed(writeUp: WriteUp, { on }: Pick<PlanFacts, 'on'>) {
  const done = writeUp.flatMap((line) => (line.type === 'done' ? [line] : []));
  return {
    kept: done.flatMap(({ item: { type, record }, words }) =>
      type === 'commitment'
        ? [{ id: record.id, patch: keep(record, { on, how: words, who: undefined }) }]
        : [],
    ),
    answered: done.flatMap(({ item: { type, record }, words }) => {
      const patch: Patch<Note> = { status: 'answered', answered_on: on, answer: words };
      return type === 'note' ? [{ id: record.id, patch }] : [];
    }),
  };
}

export type PersonPlan =
  | { readonly change: 'none'; readonly id: string }
  | { readonly change: 'patch'; readonly id: string; readonly patch: Patch<Person> }
  | { readonly change: 'add'; readonly record: New<Person> };

type Told = Partial<Pick<CapturedLoss, 'whom' | 'loss' | 'date'>>;

/** The person whom an entry is about, or for; added where they are not on file. */
export function personOf(
  told: Told,
  { patientId, people }: Pick<PlanFacts, 'patientId' | 'people'>,
): PersonPlan | undefined {
  const { whom } = told;
  if (whom === undefined) return undefined;
  const person = findWhom(whom, people);
  const fate = fateOf(told.loss, told.date ?? null, person);
  if (person === undefined) {
    if (whom.id !== null) return undefined;
    return {
      change: 'add',
      record: newPerson({ patient_id: patientId, ...pick(whom, 'name', 'relation'), ...fate }),
    };
  }
  const { id } = person;
  const isSo = Object.entries(fate).every(([field, value]) => person[field as keyof Person] === value);
  return isSo ? { change: 'none', id } : { change: 'patch', id, patch: fate };
}

const condolenceDays = 14;
const callDays = 42;
const soonDays = 2;
const twoWeeks = 14;

/** @param line what is promised then */
const offer = (what: string, due: CivilDate, on: CivilDate, line = what) => ({
  label: `${what}, by ${shortDate(due, on)}`,
  due,
  line: `! ${line} by ${due}`,
});

/** The name to use, and who died. */
interface Bereaved {
  readonly to?: string | undefined;
  readonly of?: string | undefined;
}

export const bereavedOf = (
  { whom }: Pick<CapturedLoss, 'whom'>,
  patient: Pick<Patient, 'name' | 'goes_by'> | undefined,
): Bereaved => ({
  to: patient && callingName(patient),
  of: whom?.name == null ? undefined : personFirstName(whom),
});

/**
 * Condolence within 14 days, call at six weeks, note a week before the first anniversary; past ones are left out.
 * What is promised already is too. Without an exact day they count from the latest possible one. After a lost pregnancy two calls. Else none.
 */
export function lossOffers(
  { date, loss }: Pick<CapturedLoss, 'date' | 'loss'>,
  on: CivilDate,
  { to, of }: Bereaved = {},
  promised: readonly string[] = [],
) {
  if (loss !== 'death' && loss !== 'pregnancy') return [];
  const day = readCivilDate(date);
  const latest = spanOf(date)?.last;
  const from = latest === undefined || latest > on ? on : latest;
  const calls = [
    { what: 'Call', due: addDays(on, soonDays) },
    { what: 'Call at two weeks', due: addDays(from, twoWeeks) },
  ];
  const condolences = [
    {
      what: present('Send', to, 'a condolence note', of && `for ${of}`).join(' '),
      due: addDays(from, condolenceDays),
    },
    { what: 'Call at six weeks', due: addDays(from, callDays) },
    ...(day === undefined
      ? []
      : [{ what: 'Send a note before the first anniversary', due: addDays(addMonths(day, 12), -7) }]),
  ];
  return (loss === 'death' ? condolences : calls)
    .filter(({ due, what }) => {
      const isPromised = [fold(what), `${fold(what)} ${due}`].some((one) => promised.includes(one));
      return due >= on && !isPromised;
    })
    .map(({ what, due }) => offer(what, due, on));
}

/** 'after a loss you could add: ! Send a condolence note by 16 mar, or …' */
export function offerWords(
  offers: ReturnType<typeof lossOffers>,
  on: CivilDate,
  whom = '',
  after = 'a loss',
): readonly string[] {
  const lines = offers.map(({ line, due }) => line.replace(due, shortDate(due, on).toLowerCase()));
  return lines.length === 0 ? [] : [`after ${after} you could add${whom}: ${lines.join(', or ')}`];
}

/** After a hard visit: a call within two days. */
export const hardOffers = (on: CivilDate) => [
  offer('Call within two days', addDays(on, soonDays), on, 'Call after the visit'),
];
