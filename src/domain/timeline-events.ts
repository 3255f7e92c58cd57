/**
 * The years with a patient as one list of events: visits, other contacts, commitments kept, late or open, milestones
 * and losses, each with the days on which it stands. Pure; how it is drawn is the terminal's business.
 */
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
import { newestOfThreads } from './note-threads.ts';
import {
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type Owner,
  type Patient,
  type Person,
} from './records.ts';
import { isDeath } from './relations.ts';
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
  /** The channel of a contact, the kind of a commitment or a note, the relation of a person. */
  readonly kind: string;
  readonly state: TimelineState;
  readonly text: string;
  /** Whose commitment it is; null for all else. */
  readonly owner: Owner | null;
  /** As it is known: a day, a month, a year, or a day of every year. */
  readonly date: PartialDate;
  /** Where it stands in order of time; of what returns every year, its first day here. */
  readonly on: CivilDate;
  /** Where it is drawn: one day, or that of every year. */
  readonly days: readonly CivilDate[];
  readonly yearly: boolean;
  /** Of a commitment that is or was kept late; a patient's own is never late. */
  readonly daysLate: number | null;
  /** True where the date is only that on which it was told. */
  readonly isTold: boolean;
}

export interface Timeline {
  readonly on: CivilDate;
  readonly patient: Patient;
  /** What the axis spans; events before or after it are in the list all the same. */
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** In order of time. */
  readonly events: readonly TimelineEvent[];
  /** What has no date to stand on. */
  readonly undated: number;
  /** Sensitive notes that were left out. */
  readonly private: number;
}

export interface TimelineFacts {
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly notes: readonly Note[];
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
}

/** A milestone or a promise farther ahead than this does not stretch the axis. */
const aheadMonths = 13;

/** What most events have in common. */
type Assumed = 'owner' | 'on' | 'days' | 'yearly' | 'daysLate' | 'isTold';
type Draft = Omit<TimelineEvent, Assumed> & Partial<Pick<TimelineEvent, Assumed>>;

/** The day in the middle of what a partial date can mean. */
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

/** What became of a commitment, the day on which that stands, and how late it is or was kept. */
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

/** Where something of every year stands on the axis, never before it began; and its first day at all from there on. */
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

/** A day of every year, and not only once. */
const returns = (note: Note): boolean =>
  note.date !== null &&
  (note.date.startsWith('--') || (note.yearly && readCivilDate(note.date) !== undefined));

function noteEvent(note: Note, span: { readonly from: CivilDate; readonly to: CivilDate }) {
  const told = note.said_on ?? note.recorded_on;
  // A loss without a date stands where it was told; a milestone without one stands nowhere.
  const date = note.date ?? (note.kind === 'loss' ? told : null);
  if (date === null) return undefined;
  const yearly = returns(note);
  return eventOf({
    record: 'note',
    id: note.id,
    ref: note.ref,
    lane: note.kind === 'loss' ? 'losses' : 'milestones',
    kind: note.kind,
    state: note.kind !== 'loss' ? 'milestone' : isDeath(note) ? 'died' : 'loss',
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

/** Milestones and losses that stand: the newest of each thread. */
function standingNotes(notes: readonly Note[]): readonly Note[] {
  return newestOfThreads(notes).filter(({ kind }) => kind === 'milestone' || kind === 'loss');
}

/** The axis begins with what was together, so that a wedding long before does not squeeze the years since into a corner. */
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

/** The last day on which anything of every year is still marked: the dead have no birthdays. */
function lastYearly({ status, died_on }: Patient, to: CivilDate): CivilDate {
  if (status !== 'died') return to;
  const died = died_on === null ? undefined : spanOf(died_on)?.last;
  return died === undefined || died > to ? to : died;
}

/**
 * The timeline of one patient as of a civil date.
 * @param options.sensitive shows sensitive notes, which else are only counted
 */
export function composeTimeline(
  facts: TimelineFacts,
  { on, sensitive }: { readonly on: CivilDate; readonly sensitive: boolean },
): Timeline {
  const { patient, people, commitments, contacts } = facts;
  const standing = standingNotes(facts.notes);
  const shown = standing.filter((note) => sensitive || !note.sensitive);
  const together = [
    ...contacts.map(contactEvent),
    ...commitments.map((commitment) => commitmentEvent(commitment, on)),
  ];
  // A death that a note tells of is that note's to show, or to keep private.
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
  const noted = shown.map((note) => noteEvent(note, { from, to: lastYearly(patient, to) }));
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
