/**
 * When a milestone falls, once or every year, and which to reach out for: from a week before until its day, unless
 * a contact went out since.
 */
import { closedTest, lastOpenDayBefore, longestClosure, type WorkCalendar } from '../dates/business-days.ts';
import {
  addDays,
  type CivilDate,
  daysBetween,
  readCivilDate,
  spanOf,
  yearlyDateIn,
  yearOf,
} from '../dates/civil.ts';
import { type Failure, usage } from '../errors.ts';
import { isHeldBack } from './note-rules.ts';
import { firstName } from './patient-names.ts';
import type { Contact, Note, Patient, Person } from './records.ts';
import { sortedBy } from './text.ts';

interface Occurrence {
  readonly first: CivilDate;
  readonly last: CivilDate;
}

export function occurrences(note: Pick<Note, 'date' | 'yearly'>, on: CivilDate): readonly Occurrence[] {
  if (note.date === null) return [];
  const full = readCivilDate(note.date);
  const isBare = note.date.startsWith('--');
  if (!isBare && !(note.yearly && full !== undefined)) {
    // A year alone is too vague to be near or just past.
    const span = note.date.length === 4 ? undefined : spanOf(note.date);
    return span === undefined ? [] : [span];
  }
  const monthAndDay = note.date.slice(isBare ? 2 : 5);
  const days = [-1, 0, 1].map((years) => yearlyDateIn(yearOf(on) + years, monthAndDay));
  const past = days.filter((day) => day < on && (full === undefined || day >= full)).at(-1);
  const next = days.find((day) => day >= on && (full === undefined || day >= full));
  return [past, next ?? full].filter((day) => day !== undefined).map((day) => ({ first: day, last: day }));
}

export const exactDay = (occurrence: Occurrence): CivilDate | undefined =>
  occurrence.first === occurrence.last ? occurrence.first : undefined;

const ordinals = ['first', 'second', 'third'];

/** 'first without June', up to the third: for a yearly day linked to somebody who died. */
export function withoutWords(
  note: Pick<Note, 'yearly'>,
  day: CivilDate | undefined,
  person: Person | undefined,
): string | undefined {
  if (!note.yearly || day === undefined || person?.status !== 'died' || person.died_on === null)
    return undefined;
  const died = readCivilDate(person.died_on);
  if (died === undefined) return undefined;
  const years = yearOf(day) - yearOf(died) + (day.slice(5) > died.slice(5) ? 1 : 0);
  const ordinal = ordinals[years - 1];
  return ordinal === undefined ? undefined : `${ordinal} without ${firstName(person.name)}`;
}

export interface OutreachFacts {
  readonly note: Note;
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly contacts: readonly Contact[];
}

export interface Outreach {
  readonly group: 'outreach';
  readonly note: Note;
  readonly when: Occurrence;
  readonly day: CivilDate | undefined;
  readonly without: string | undefined;
}

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

export function listOutreach(facts: readonly OutreachFacts[], options: OutreachOptions): readonly Outreach[] {
  const listed = facts.flatMap(({ note, patient, people, contacts }): readonly Outreach[] => {
    const time = timeToReachOut(note, options);
    if (time === undefined || patient.status !== 'active') return [];
    const dead = people.filter(({ status }) => status === 'died');
    if (isHeldBack(note, dead)) return [];
    if (answerOf(contacts, time.from, options.on) !== undefined) return [];
    const day = exactDay(time.when);
    const person = people.find(({ id }) => id === note.person);
    const without = withoutWords(note, day, person);
    return [{ group: 'outreach', note, when: time.when, day, without }];
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
