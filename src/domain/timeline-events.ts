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
import { daysOver } from './due-list.ts';
import type { WholePatient } from './interchange.ts';
import { isDeath, newestOfThreads, yearlyDay } from './note-rules.ts';
import {
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type Owner,
  type Patient,
  type Person,
} from './records.ts';
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
export type Timeline = ReturnType<typeof composeTimeline> & {
  /** How much is private and not shown, of what may be counted. */
  readonly private: number;
};

/** Anything later does not stretch the axis. */
const aheadMonths = 13;

type Assumed = 'owner' | 'on' | 'days' | 'yearly' | 'daysLate' | 'isTold';
type Own = 'record' | 'id' | 'ref';
type Draft = Omit<TimelineEvent, Assumed | Own> & Partial<Pick<TimelineEvent, Assumed>>;

function middleOf(date: PartialDate): CivilDate | undefined {
  const span = spanOf(date);
  return span && addDays(span.first, Math.floor(daysBetween(span.first, span.last) / 2));
}

function eventOf(
  record: TimelineEvent['record'],
  { id, ref }: Pick<TimelineEvent, 'id' | 'ref'>,
  draft: Draft,
): TimelineEvent | undefined {
  const on = draft.on ?? middleOf(draft.date);
  if (on === undefined) return undefined;
  const assumed = { owner: null, yearly: false, daysLate: null, isTold: false, days: [on] };
  return { ...assumed, record, id, ref, ...draft, on };
}

const contactEvent = (contact: Contact): TimelineEvent | undefined =>
  eventOf('contact', contact, {
    lane: isVisit(contact) ? 'visits' : 'contacts',
    kind: contact.channel,
    state: contact.state,
    text: contact.gist ?? '',
    date: contact.on,
  });

function commitmentEvent(commitment: Commitment, today: CivilDate): TimelineEvent | undefined {
  const { status, due, closed_on, kind, owner, text } = commitment;
  const date = status === 'open' ? due : (closed_on ?? due);
  if (date === null) return undefined;
  const daysLate = daysOver(commitment, today);
  const late = status === 'open' ? 'late' : 'kept late';
  return eventOf('commitment', commitment, {
    lane: 'promises',
    kind,
    state: daysLate === null ? status : late,
    text,
    owner,
    date,
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

function noteEvent(note: Note, people: readonly Person[], span: Span) {
  const told = note.said_on ?? note.recorded_on;
  // A loss without a date stands where it was told; a milestone without one is not drawn.
  const date = note.date ?? (note.kind === 'loss' ? told : null);
  if (date === null) return undefined;
  const person = people.find(({ id }) => id === note.person);
  const yearly = yearlyDay(note);
  return eventOf('note', note, {
    lane: note.kind === 'loss' ? 'losses' : 'milestones',
    kind: note.kind,
    state: note.kind !== 'loss' ? 'milestone' : isDeath(note, person) ? 'died' : 'loss',
    text: note.text,
    date,
    yearly: yearly !== undefined,
    ...(yearly && yearlyPlace(yearly, span)),
    isTold: note.date === null,
  });
}

function deathEvent(
  record: 'person' | 'patient',
  dead: Patient | Person,
  relation: string | null,
): TimelineEvent | undefined {
  if (dead.died_on === null) return undefined;
  const text = present(relation, dead.name).join(' ');
  const kind = relation ?? record;
  return eventOf(record, dead, { lane: 'losses', kind, state: 'died', text, date: dead.died_on });
}

/** Starts with the first contact, so that a wedding long before does not squeeze the recent years. */
function spanFor(
  patient: Patient,
  together: readonly TimelineEvent[],
  known: readonly CivilDate[],
  on: CivilDate,
) {
  const met = patient.first_met === null ? undefined : spanOf(patient.first_met)?.first;
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
  const died = died_on === null ? undefined : spanOf(died_on)?.last;
  return died === undefined || died > to ? to : died;
}

/** @param facts what may be shown of it */
export function composeTimeline(facts: WholePatient, on: CivilDate) {
  const { patient, people, commitments, contacts } = facts;
  const standing = newestOfThreads(facts.notes).filter(({ kind }) => kind === 'milestone' || kind === 'loss');
  const together = [
    ...contacts.map(contactEvent),
    ...commitments.map((commitment) => commitmentEvent(commitment, on)),
  ];
  // A death that a note tells is shown by that note.
  const told = new Set(standing.flatMap((note) => (note.kind === 'loss' ? (note.person ?? []) : [])));
  const deaths = [
    ...people
      .filter((person) => person.status === 'died' && !told.has(person.id))
      .map((person) => deathEvent('person', person, person.relation)),
    ...(patient.status === 'died' ? [deathEvent('patient', patient, null)] : []),
  ];
  const known = standing.flatMap((note) => (note.date === null ? [] : (middleOf(note.date) ?? [])));
  const { from, to } = spanFor(patient, present(...together), known, on);
  const noted = standing.map((note) => noteEvent(note, people, { from, to: lastYearly(patient, to) }));
  const all = [...together, ...noted, ...deaths];
  const events = sortedBy(present(...all), ({ on: day, id }) => [day, id]);
  return {
    on,
    patient,
    from,
    to,
    events,
    undated: all.length - events.length,
  };
}
