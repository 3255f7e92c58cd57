/**
 * Milestones to reach out for: those marked for it, from a week before until their day has passed, each time they fall.
 * One is answered by a contact that went out to the patient since it was first shown; nothing else is remembered.
 */
import { closedTest, lastOpenDayBefore, type WorkCalendar } from '../dates/business-days.ts';
import { addDays, type CivilDate, daysBetween } from '../dates/civil.ts';
import { isHeldBack } from './briefing/facts.ts';
import { exactDay, type Occurrence, occurrences, withoutWords } from './milestones.ts';
import type { Contact, Note, Patient, Person } from './records.ts';
import { compareText } from './text.ts';

export interface OutreachFacts {
  readonly note: Note;
  readonly patient: Patient;
  /** The patient's. */
  readonly people: readonly Person[];
  /** The patient's. */
  readonly contacts: readonly Contact[];
}

export interface Outreach {
  readonly note: Note;
  readonly when: Occurrence;
  /** Undefined where the milestone is a month. */
  readonly day: CivilDate | undefined;
  /** 'first without June'. */
  readonly without: string | undefined;
}

export interface OutreachOptions {
  readonly on: CivilDate;
  /** So many days sooner than it would be shown by itself. */
  readonly days: number;
  readonly calendar: WorkCalendar;
}

const daysBefore = 7;

/** A week before, or the last open day before that where the whole week up to it is closed. */
function shownFrom({ first }: Occurrence, calendar: WorkCalendar): CivilDate {
  const isClosed = closedTest(calendar);
  const from = addDays(first, -daysBefore);
  const week = Array.from({ length: daysBefore + 1 }, (_, days) => addDays(from, days));
  return week.every(isClosed) ? (lastOpenDayBefore(from, calendar) ?? from) : from;
}

/** The milestone's time that is to be shown on a day, with the first day that it is shown by itself. */
export function timeToReachOut(
  note: Pick<Note, 'kind' | 'reach_out' | 'status' | 'date' | 'yearly'>,
  { on, days, calendar }: OutreachOptions,
): { readonly when: Occurrence; readonly from: CivilDate } | undefined {
  if (note.kind !== 'milestone' || !note.reach_out || note.status !== 'current') return undefined;
  const when = occurrences(note, on).find(({ last }) => last >= on);
  if (when === undefined) return undefined;
  // Looking for a whole closed week is left for those that come near.
  if (daysBetween(on, when.first) > daysBefore + days + farthestClosure) return undefined;
  const from = shownFrom(when, calendar);
  return addDays(from, -days) <= on ? { when, from } : undefined;
}

/** As far as lastOpenDayBefore looks. */
const farthestClosure = 1500;

/** It went out to them: a call, message, letter or home visit that was not theirs, or whatever is marked so. */
export const isReachingOut = ({ state, direction, channel }: Contact): boolean =>
  state === 'held' && (direction === 'out' || (direction === null && channel !== 'visit'));

/** The contact that answered a milestone which is shown from a day on, by another day. */
export const answerOf = (contacts: readonly Contact[], from: CivilDate, by: CivilDate): Contact | undefined =>
  contacts.find((contact) => isReachingOut(contact) && contact.on >= from && contact.on <= by);

/** What to reach out for on a day, soonest first. Nobody who died or is archived is in it. */
export function listOutreach(facts: readonly OutreachFacts[], options: OutreachOptions): readonly Outreach[] {
  return facts
    .flatMap(({ note, patient, people, contacts }): readonly Outreach[] => {
      const time = timeToReachOut(note, options);
      if (time === undefined || patient.status !== 'active') return [];
      const dead = people.filter(({ status }) => status === 'died');
      if (isHeldBack(note, dead)) return [];
      if (answerOf(contacts, time.from, options.on) !== undefined) return [];
      const day = exactDay(time.when);
      const person = people.find(({ id }) => id === note.person);
      return [{ note, when: time.when, day, without: withoutWords(note, day, person) }];
    })
    .sort(
      (left, right) =>
        compareText(left.when.first, right.when.first) || compareText(left.note.id, right.note.id),
    );
}
