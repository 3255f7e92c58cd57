/** From a write-up to records: what is added and changed in one transaction, and what a loss offers to do. */
import { addDays, addMonths, type CivilDate, readCivilDate, spanOf } from '../dates/civil.ts';
import { shortDate } from '../dates/words.ts';
import type { CapturedLoss, Entry } from './capture.ts';
import { keep } from './due-list.ts';
import { personNamed } from './note-rules.ts';
import {
  type Commitment,
  type New,
  type Note,
  newCommitment,
  newNote,
  newPerson,
  type Patch,
  type Person,
} from './records.ts';
import type { WriteUp } from './write-up.ts';

/** The person is set where a loss says who died. */
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
    text: entry.text,
    recorded_on: facts.today,
    said_on: facts.on === facts.today ? null : facts.on,
    date: entry.date,
  });
  return {
    record,
    person: entry.type === 'loss' ? personOfLoss(entry, facts.patientId, facts.people) : undefined,
  };
}

export const commitmentOf = (
  { type: _, ...entry }: Extract<Entry, { type: 'commitment' }>,
  { patientId, on }: PlanFacts,
): New<Commitment> => newCommitment({ ...entry, patient_id: patientId, made_on: on });

export function planWriteUp(writeUp: WriteUp, facts: PlanFacts) {
  const entries = writeUp.flatMap((line) => (line.type === 'entry' ? [line.entry] : []));
  const done = writeUp.flatMap((line) => (line.type === 'done' ? [line] : []));
  return {
    commitments: entries.flatMap((entry) =>
      entry.type === 'commitment' ? [commitmentOf(entry, facts)] : [],
    ),
    notes: entries.flatMap((entry) => (entry.type === 'commitment' ? [] : [noteOf(entry, facts)])),
    kept: done.flatMap(({ item: { type, record }, words }) =>
      type === 'commitment'
        ? [{ id: record.id, patch: keep(record, { on: facts.on, how: words, who: undefined }) }]
        : [],
    ),
    answered: done.flatMap(({ item: { type, record }, words }) => {
      const patch: Patch<Note> = { status: 'answered', answered_on: facts.on, answer: words };
      return type === 'note' ? [{ id: record.id, patch }] : [];
    }),
  };
}

type PersonPlan =
  | { readonly change: 'none'; readonly id: string }
  | { readonly change: 'patch'; readonly id: string; readonly patch: Patch<Person> }
  | { readonly change: 'add'; readonly record: New<Person> };

function personOfLoss(
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

const condolenceDays = 14;
const callDays = 42;

/**
 * Condolence within 14 days, call at six weeks, note a week before the first anniversary; past ones are left out.
 * Without an exact day they count from the latest possible one. None for a loss that is no death.
 */
export function lossOffers(
  { date, name, relation }: Pick<CapturedLoss, 'date' | 'name' | 'relation'>,
  on: CivilDate,
) {
  // 'lost his job' names nobody who died.
  if (name === null && relation === null) return [];
  const day = date === null ? undefined : readCivilDate(date);
  const latest = date === null ? undefined : spanOf(date)?.last;
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
