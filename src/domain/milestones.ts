/** Which milestones to reach out for: from a week before until the day, unless a contact went out since. */

import { addDays, type CivilDate, daysBetween } from '../dates/civil.ts';
import { closedTest, lastOpenDayBefore, longestClosure, type WorkCalendar } from '../dates/date-form.ts';
import { type Failure, usage } from '../errors.ts';
import { exactDay, isHeldBack, type Occurrence, occurrences, withoutWords } from './note-rules.ts';
import type { Contact, Note, Patient, Person } from './records.ts';
import { sortedBy } from './text.ts';

export interface OutreachFacts {
  readonly note: Note;
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly contacts: readonly Contact[];
}

export type Outreach = ReturnType<typeof listOutreach>[number];

export interface OutreachOptions {
  readonly on: CivilDate;
  readonly days: number;
  readonly calendar: WorkCalendar;
}

const daysBefore = 7;

/** A week before, or the last open day before that where the whole week is closed. */
function shownFrom({ first }: Occurrence, calendar: WorkCalendar): CivilDate {
  const isClosed = closedTest(calendar);
  const from = addDays(first, -daysBefore);
  const week = Array.from({ length: daysBefore + 1 }, (_, days) => addDays(from, days));
  return week.every(isClosed) ? (lastOpenDayBefore(from, calendar) ?? from) : from;
}

export function timeToReachOut(
  note: Pick<Note, 'kind' | 'reach_out' | 'status' | 'date' | 'yearly'>,
  { on, days, calendar }: OutreachOptions,
): { readonly when: Occurrence; readonly from: CivilDate } | undefined {
  if (note.kind !== 'milestone' || !note.reach_out || note.status !== 'current') return undefined;
  const when = occurrences(note, on).find(({ last }) => last >= on);
  if (when === undefined) return undefined;
  // Computing the closed week is slow: only for those that are near.
  if (daysBetween(on, when.first) > daysBefore + days + longestClosure) return undefined;
  const from = shownFrom(when, calendar);
  return addDays(from, -days) <= on ? { when, from } : undefined;
}

/** An outgoing call, message, letter or home visit. */
const isReachingOut = ({ state, direction, channel }: Contact): boolean =>
  state === 'held' && (direction === 'out' || (direction === null && channel !== 'visit'));

export const answerOf = (contacts: readonly Contact[], from: CivilDate, by: CivilDate): Contact | undefined =>
  contacts.find((contact) => isReachingOut(contact) && contact.on >= from && contact.on <= by);

export function listOutreach(facts: readonly OutreachFacts[], options: OutreachOptions) {
  const listed = facts.flatMap(({ note, patient, people, contacts }) => {
    const time = timeToReachOut(note, options);
    if (time === undefined || patient.status !== 'active') return [];
    const dead = people.filter(({ status }) => status === 'died');
    if (isHeldBack(note, dead)) return [];
    if (answerOf(contacts, time.from, options.on) !== undefined) return [];
    const day = exactDay(time.when);
    const person = people.find(({ id }) => id === note.person);
    const without = withoutWords(note, day, person);
    return [{ group: 'outreach' as const, note, when: time.when, day, without }];
  });
  return sortedBy(listed, ({ when, note }) => [when.first, note.id]);
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
