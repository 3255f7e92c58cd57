/** The years with a patient as one list of events, each with the days on which it is drawn. */
import {
  addDays,
  addMonths,
  type CivilDate,
  daysBetween,
  type PartialDate,
  readCivilDate,
  spanOf,
  yearlyDateIn,
  yearOf,
} from '../dates/civil.ts';
import { isDeath, newestOfThreads } from './note-rules.ts';
import {
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type Owner,
  type Patient,
  type Person,
} from './records.ts';
import { compareText } from './text.ts';

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

export interface Timeline {
  readonly on: CivilDate;
  readonly patient: Patient;
  /** Axis; events outside it are listed all the same. */
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly events: readonly TimelineEvent[];
  readonly undated: number;
  readonly private: number;
}

interface TimelineFacts {
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly notes: readonly Note[];
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
}

/** Anything later does not stretch the axis. */
const aheadMonths = 13;

type Assumed = 'owner' | 'on' | 'days' | 'yearly' | 'daysLate' | 'isTold';
type Draft = Omit<TimelineEvent, Assumed> & Partial<Pick<TimelineEvent, Assumed>>;

function middleOf(date: PartialDate): CivilDate | undefined {
  const span = spanOf(date);
  return span && addDays(span.first, Math.floor(daysBetween(span.first, span.last) / 2));
}

function eventOf(draft: Draft): TimelineEvent | undefined {
  const on = draft.on ?? middleOf(draft.date);
  if (on === undefined) return undefined;
  return { owner: null, yearly: false, daysLate: null, isTold: false, days: [on], ...draft, on };
}

const contactEvent = (contact: Contact): TimelineEvent | undefined =>
  eventOf({
    record: 'contact',
    id: contact.id,
    ref: contact.ref,
    lane: isVisit(contact) ? 'visits' : 'contacts',
    kind: contact.channel,
    state: contact.state,
    text: contact.gist ?? '',
    date: contact.on,
  });

function outcomeOf(
  { status, due, closed_on, owner }: Commitment,
  on: CivilDate,
): { readonly state: TimelineState; readonly day: CivilDate | null; readonly daysLate: number | null } {
  const lateAt = (day: CivilDate | null): number | null =>
    owner !== 'patient' && due !== null && day !== null && day > due ? daysBetween(due, day) : null;
  if (status === 'open') {
    const daysLate = lateAt(on);
    return { state: daysLate === null ? 'open' : 'late', day: due, daysLate };
  }
  if (status === 'dropped') return { state: 'dropped', day: closed_on ?? due, daysLate: null };
  const daysLate = lateAt(closed_on);
  return { state: daysLate === null ? 'kept' : 'kept late', day: closed_on ?? due, daysLate };
}

function commitmentEvent(commitment: Commitment, on: CivilDate): TimelineEvent | undefined {
  const { state, day, daysLate } = outcomeOf(commitment, on);
  if (day === null) return undefined;
  const { id, ref, kind, owner, text } = commitment;
  return eventOf({
    record: 'commitment',
    id,
    ref,
    lane: 'promises',
    kind,
    state,
    text,
    owner,
    date: day,
    daysLate,
  });
}

function yearlyPlace(
  date: PartialDate,
  { from, to }: { readonly from: CivilDate; readonly to: CivilDate },
): Pick<TimelineEvent, 'on' | 'days'> {
  const full = readCivilDate(date);
  const monthAndDay = full === undefined ? date.slice(2) : full.slice(5);
  const first = full !== undefined && full > from ? full : from;
  const length = Math.max(0, yearOf(to) - yearOf(first)) + 2;
  const all = Array.from({ length }, (_, index) => yearlyDateIn(yearOf(first) + index, monthAndDay));
  const days = all.filter((day) => day >= first);
  return { on: days[0] ?? first, days: days.filter((day) => day <= to) };
}

const returns = (note: Note): boolean =>
  note.date !== null &&
  (note.date.startsWith('--') || (note.yearly && readCivilDate(note.date) !== undefined));

function noteEvent(
  note: Note,
  people: readonly Person[],
  span: { readonly from: CivilDate; readonly to: CivilDate },
) {
  const told = note.said_on ?? note.recorded_on;
  // A loss without a date stands where it was told; a milestone without one is not drawn.
  const date = note.date ?? (note.kind === 'loss' ? told : null);
  if (date === null) return undefined;
  const person = people.find(({ id }) => id === note.person);
  const yearly = returns(note);
  return eventOf({
    record: 'note',
    id: note.id,
    ref: note.ref,
    lane: note.kind === 'loss' ? 'losses' : 'milestones',
    kind: note.kind,
    state: note.kind !== 'loss' ? 'milestone' : isDeath(note, person) ? 'died' : 'loss',
    text: note.text,
    date,
    yearly,
    ...(yearly && yearlyPlace(date, span)),
    isTold: note.date === null,
  });
}

function deathEvent(
  record: 'person' | 'patient',
  { id, ref, name, died_on }: Patient | Person,
  relation: string | null,
): TimelineEvent | undefined {
  if (died_on === null) return undefined;
  const text = [relation, name].filter((part) => part !== null).join(' ');
  return eventOf({
    record,
    id,
    ref,
    lane: 'losses',
    kind: relation ?? record,
    state: 'died',
    text,
    date: died_on,
  });
}

/** Starts with the first contact, so that a wedding long before does not squeeze the recent years. */
function spanFor(
  patient: Patient,
  together: readonly TimelineEvent[],
  known: readonly CivilDate[],
  on: CivilDate,
) {
  const met = patient.first_met === null ? undefined : spanOf(patient.first_met)?.first;
  const past = [...together.map((event) => event.on), ...(met === undefined ? [] : [met])].filter(
    (day) => day <= on,
  );
  const limit = addMonths(on, aheadMonths);
  const ahead = [...together.map((event) => event.on), ...known].filter((day) => day > on && day <= limit);
  const starts = past.length > 0 ? past : known.filter((day) => day <= on);
  return { from: starts.sort(compareText)[0] ?? on, to: ahead.sort(compareText).at(-1) ?? on };
}

/** Yearly days end with the patient's death. */
function lastYearly({ status, died_on }: Patient, to: CivilDate): CivilDate {
  if (status !== 'died') return to;
  const died = died_on === null ? undefined : spanOf(died_on)?.last;
  return died === undefined || died > to ? to : died;
}

export function composeTimeline(
  facts: TimelineFacts,
  { on, sensitive }: { readonly on: CivilDate; readonly sensitive: boolean },
): Timeline {
  const { patient, people, commitments, contacts } = facts;
  const standing = newestOfThreads(facts.notes).filter(({ kind }) => kind === 'milestone' || kind === 'loss');
  const shown = standing.filter((note) => sensitive || !note.sensitive);
  const together = [
    ...contacts.map(contactEvent),
    ...commitments.map((commitment) => commitmentEvent(commitment, on)),
  ];
  // A death told by a note is shown, or kept private, by that note.
  const told = new Set(standing.flatMap((note) => (note.kind === 'loss' ? (note.person ?? []) : [])));
  const deaths = [
    ...people
      .filter((person) => person.status === 'died' && !told.has(person.id))
      .map((person) => deathEvent('person', person, person.relation)),
    ...(patient.status === 'died' ? [deathEvent('patient', patient, null)] : []),
  ];
  const isEvent = (event: TimelineEvent | undefined): event is TimelineEvent => event !== undefined;
  const known = shown.flatMap((note) => (note.date === null ? [] : (middleOf(note.date) ?? [])));
  const { from, to } = spanFor(patient, together.filter(isEvent), known, on);
  const noted = shown.map((note) => noteEvent(note, people, { from, to: lastYearly(patient, to) }));
  const all = [...together, ...noted, ...deaths];
  const events = all
    .filter(isEvent)
    .sort((left, right) => compareText(left.on, right.on) || compareText(left.id, right.id));
  return {
    on,
    patient,
    from,
    to,
    events,
    undated: all.length - events.length,
    private: standing.length - shown.length,
  };
}
