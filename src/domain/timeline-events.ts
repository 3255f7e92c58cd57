/** The years with a patient as one list of events, each with the days on which it is drawn. */

import {
  addDays,
  addMonths,
  type CivilDate,
  daysBetween,
  type PartialDate,
  spanOf,
  yearlyDateIn,
  yearOf,
} from '../dates/civil.ts';
import type { WholePatient } from './interchange.ts';
import { type Loss, whoIs } from './loss-list.ts';
import type { World } from './losses.ts';
import { daysOver, newestOfThreads, nextOccurrence, yearlyDay } from './note-rules.ts';
import { withoutHeldBack } from './privacy.ts';
import { type Commitment, type Contact, isVisit, type Note, type Owner, type Patient } from './records.ts';
import { present, sortedBy } from './text.ts';

export const timelineLanes = ['visits', 'contacts', 'promises', 'milestones', 'losses'] as const;
export type TimelineLane = (typeof timelineLanes)[number];

export type TimelineState =
  | Contact['state']
  | 'kept'
  | 'kept late'
  | 'late'
  | 'open'
  | 'dropped'
  | 'milestone'
  | 'died'
  | 'loss';

export interface TimelineEvent {
  readonly record: 'contact' | 'commitment' | 'note' | 'person' | 'patient';
  readonly id: string;
  readonly ref: string;
  readonly lane: TimelineLane;
  readonly kind: string;
  readonly state: TimelineState;
  readonly text: string;
  /** To print in place of the text: 'Wife June died', 'Wedding anniversary (first without June)'. */
  readonly words?: string;
  readonly owner: Owner | null;
  /** As it is known: a day, a month, a year, or a day of every year. */
  readonly date: PartialDate;
  /** Sort key; of a yearly event, its first day on the axis. */
  readonly on: CivilDate;
  readonly days: readonly CivilDate[];
  readonly yearly: boolean;
  /** A patient's own commitment is never late. */
  readonly daysLate: number | null;
  /** The date is only when it was told. */
  readonly isTold: boolean;
}

/** Events outside the axis, `from` to `to`, are listed all the same. */
export type Timeline = ReturnType<typeof composeTimeline>;

/** Anything later does not stretch the axis. */
const aheadMonths = 13;

type Draft = Pick<TimelineEvent, 'lane' | 'kind' | 'state' | 'text'> &
  Partial<Omit<TimelineEvent, 'date'>> & { readonly date: PartialDate | null };

function middleOf(date: PartialDate | null): CivilDate | undefined {
  const span = spanOf(date);
  return span && addDays(span.first, Math.floor(daysBetween(span.first, span.last) / 2));
}

function eventOf(
  record: TimelineEvent['record'],
  { id, ref }: Pick<TimelineEvent, 'id' | 'ref'>,
  draft: Draft,
): TimelineEvent | undefined {
  const { date, on = middleOf(date) } = draft;
  if (date === null || on === undefined) return undefined;
  const assumed = { owner: null, yearly: false, daysLate: null, isTold: false, days: [on] };
  return { ...assumed, record, id, ref, ...draft, date, on };
}

const contactEvent = (contact: Contact): TimelineEvent | undefined =>
  eventOf('contact', contact, {
    lane: isVisit(contact) ? 'visits' : 'contacts',
    kind: contact.channel,
    state: contact.state,
    text: contact.gist ?? '',
    date: contact.on,
  });

function commitmentEvent(commitment: Commitment, world: World, today: CivilDate): TimelineEvent | undefined {
  const { status, due, closed_on, kind, owner, text } = commitment;
  const daysLate = daysOver(commitment, today);
  const late = status === 'open' ? 'late' : 'kept late';
  const mark = status === 'open' && world.markOfPromise(commitment);
  return eventOf('commitment', commitment, {
    lane: 'promises',
    kind,
    state: daysLate === null ? status : late,
    text,
    ...(mark && { words: `${text} ${mark}` }),
    owner,
    date: status === 'open' ? due : (closed_on ?? due),
    daysLate,
  });
}

interface Span {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

function yearlyPlace(
  { monthAndDay, full }: NonNullable<ReturnType<typeof yearlyDay>>,
  { from, to }: Span,
): Pick<TimelineEvent, 'on' | 'days'> {
  const first = full !== undefined && full > from ? full : from;
  const length = Math.max(0, yearOf(to) - yearOf(first)) + 2;
  const all = Array.from({ length }, (_, index) => yearlyDateIn(yearOf(first) + index, monthAndDay));
  const days = all.filter((day) => day >= first);
  return { on: days[0] ?? first, days: days.filter((day) => day <= to) };
}

function milestoneEvent(note: Note, span: Span, world: World, today: CivilDate): TimelineEvent | undefined {
  const yearly = yearlyDay(note);
  const without = world.without(note, nextOccurrence(note, today)?.first);
  return eventOf('note', note, {
    lane: 'milestones',
    kind: note.kind,
    state: 'milestone',
    text: note.text,
    ...(without && { words: `${note.text} (${without})` }),
    date: note.date,
    yearly: yearly !== undefined,
    ...(yearly && yearlyPlace(yearly, span)),
  });
}

function lossEvent({ kind, person, date, words, note }: Loss): TimelineEvent | undefined {
  const record = note ?? person;
  // A loss without a date stands where it was told.
  const told = date ?? note?.said_on ?? note?.recorded_on ?? null;
  return (
    record &&
    eventOf(note === undefined ? 'person' : 'note', record, {
      lane: 'losses',
      kind: note?.kind ?? person?.relation ?? 'person',
      state: kind === 'death' ? 'died' : 'loss',
      text: note?.text ?? (person ? whoIs(person) : ''),
      words,
      date: told,
      isTold: date === null,
    })
  );
}

function ownDeath(patient: Patient): TimelineEvent | undefined {
  const { name: text, died_on: date } = patient;
  const fields = { lane: 'losses', kind: 'patient', state: 'died', text, words: `${text} died` } as const;
  return eventOf('patient', patient, { ...fields, date });
}

/** Starts with the first contact, so that a wedding long before does not squeeze the recent years. */
function spanFor(
  patient: Patient,
  together: readonly TimelineEvent[],
  known: readonly CivilDate[],
  on: CivilDate,
) {
  const met = spanOf(patient.first_met)?.first;
  const days = together.map((event) => event.on);
  const past = present(...days, met).filter((day) => day <= on);
  const limit = addMonths(on, aheadMonths);
  const ahead = [...days, ...known].filter((day) => day > on && day <= limit);
  const starts = past.length > 0 ? past : known.filter((day) => day <= on);
  return { from: starts.sort()[0] ?? on, to: ahead.sort().at(-1) ?? on };
}

/** Yearly days end with the patient's death. */
function lastYearly({ status, died_on }: Patient, to: CivilDate): CivilDate {
  if (status !== 'died') return to;
  const died = spanOf(died_on)?.last;
  return died === undefined || died > to ? to : died;
}

/** @param facts what may be shown of it */
export function composeTimeline(facts: WholePatient, world: World, on: CivilDate) {
  const { patient, people, commitments } = facts;
  const notes = newestOfThreads(facts.notes).filter(({ kind }) => kind === 'milestone');
  const free = withoutHeldBack({ notes, commitments: [], contacts: facts.contacts }, world);
  const losses = world.losses.filter((loss) => !loss.isPrivate);
  const undatedDeaths = people.filter(
    (person) => person.status === 'died' && !world.losses.some((loss) => loss.person?.id === person.id),
  );
  const together = [
    ...free.contacts.map(contactEvent),
    ...commitments.map((commitment) => commitmentEvent(commitment, world, on)),
  ];
  const told = [...losses.map(lossEvent), ...(patient.status === 'died' ? [ownDeath(patient)] : [])];
  const known = present(...[...free.notes, ...losses].map(({ date }) => middleOf(date)));
  const { from, to } = spanFor(patient, present(...together), known, on);
  const span = { from, to: lastYearly(patient, to) };
  const all = [...together, ...free.notes.map((note) => milestoneEvent(note, span, world, on)), ...told];
  const events = sortedBy(present(...all), ({ on: day, id }) => [day, id]);
  return {
    on,
    patient,
    from,
    to,
    events,
    undated: all.length - events.length + undatedDeaths.length,
    /** Held back by what only private notes tell. */
    private: free.private,
    heldBack: free.heldBack,
  };
}
