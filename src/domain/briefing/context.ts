/** What the sections of a briefing are made from: a patient's records, without what may not be printed today. */
import {
  addMonths,
  type CivilDate,
  daysBetween,
  howLong,
  shortDate,
  spanOf,
  weekdayDate,
  yearOf,
  yearsBetween,
} from '../../dates/civil.ts';
import { type Held, worldOf } from '../losses.ts';
import { byNewest, compareIds, latestDay, newestOfThreads, sectionOf } from '../note-rules.ts';
import { personFirstName } from '../patient-names.ts';
import { isDiscreet, screenOf } from '../privacy.ts';
import {
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type NoteKind,
  type Patient,
  type Person,
} from '../records.ts';
import { compareText, pick, present } from '../text.ts';
import {
  type BriefingFacts,
  type BriefingOptions,
  type Entry,
  entry,
  type Section,
  type SectionId,
} from './briefing.ts';

export type BriefingContext = ReturnType<typeof briefingContext>;

/** What was recorded since the last visit, that day included; all of it where there was none. */
export const isSince = (
  day: CivilDate | null,
  { lastVisit, on }: { readonly lastVisit: CivilDate | undefined; readonly on: CivilDate },
): boolean => day !== null && day <= on && day >= (lastVisit ?? '');

export function briefingContext(given: BriefingFacts, options: BriefingOptions) {
  const { on, sensitive } = options;
  const screen = screenOf(given.patient, given.people, options);
  const facts = screen.renamed(given);
  const world = worldOf(facts, on, sensitive);
  const isSecret = isDiscreet(facts.patient, options);
  const heldVisits = facts.contacts
    .filter((contact) => contact.state === 'held' && isVisit(contact) && contact.on <= on)
    .map((contact) => contact.on)
    .sort();
  const window = { lastVisit: heldVisits.at(-1), on };
  const sieve = { heldBack: [] as Held[], private: 0 };
  const holds = (held: Held | undefined): boolean => {
    // What only private notes hold back is as private as they are.
    if (held === undefined || (options.all && !held.isPrivate)) return false;
    if (held.isPrivate) sieve.private += 1;
    else sieve.heldBack.push(held);
    return true;
  };
  const newest = newestOfThreads(facts.notes);
  const told = facts.answered.filter(({ answered_on }) => isSince(answered_on, window));
  const closed = facts.commitments.filter(
    ({ status, closed_on }) => status === 'open' || isSince(closed_on, window),
  );
  const contacts = facts.contacts.filter(
    (contact) => !(isSecret && screen.hides(contact) && !isVisit(contact)),
  );
  const isNews = (contact: Contact): boolean =>
    isSince(contact.on, window) || (contact.state === 'planned' && contact.on === on);
  const withoutGist = (contact: Contact): boolean => {
    if (contact.gist === null || !isNews(contact)) return false;
    if (!screen.hides(contact)) {
      const isPlan = contact.state === 'planned' || contact.state === 'cancelled';
      const item = { kind: 'gist', text: contact.gist } as const;
      return holds(
        world.holds(isPlan ? { ...item, day: null, plannedFor: contact.on } : { ...item, day: contact.on }),
      );
    }
    sieve.private += 1;
    return true;
  };
  const shown = contacts.map((contact) => (withoutGist(contact) ? { ...contact, gist: null } : contact));
  sieve.private += [...told.filter(screen.hides), ...closed.filter(screen.hides)].length;
  const isWelcome = (promise: Commitment): boolean =>
    promise.kind === 'welcome' && !(isSecret && screen.hides(promise));
  const isNew = facts.patient.new || facts.commitments.some(isWelcome);
  const context = {
    ...facts,
    ...window,
    // Sorted, so that the result does not depend on the order of input.
    people: facts.people.toSorted(compareIds),
    options,
    world,
    /** Of the last 13 months, or told since the last visit, however long ago they were. */
    recentLosses: new Set(
      world.losses.filter((loss) => world.isRecent(loss) || isSince(loss.note?.recorded_on ?? null, window)),
    ),
    /** Nothing is said of private records: somebody may read the screen along. */
    isDiscreet: isSecret,
    heldVisits,
    contacts: shown,
    planned: shown
      .filter((contact) => contact.state === 'planned' && contact.on === on)
      .sort((left, right) => compareText(left.at ?? '99', right.at ?? '99') || compareIds(left, right))[0],
    commitments: closed
      .filter((commitment) => !screen.hides(commitment))
      .filter(
        ({ status, text, for_person, made_on }) =>
          status === 'open' ||
          !holds(world.holds({ kind: 'promise', text, day: made_on, person: for_person })),
      )
      .map((commitment) => {
        const { status, how, reason, closed_on } = commitment;
        const said = status === 'kept' ? how : status === 'dropped' ? reason : null;
        const isHeld = said !== null && holds(world.holds({ kind: 'how', text: said, day: closed_on }));
        return isHeld ? { ...commitment, how: null, reason: null } : commitment;
      }),
    isFirstVisit: heldVisits.length === 0 && isNew,
    personById: new Map<string | null, Person>(facts.people.map((person) => [person.id, person])),
    /** The newest of each thread, neither private nor held back. */
    visible: newest.filter((note) => !screen.hides(note) && !holds(world.holdsNote(note))).sort(byNewest),
    /** Answered since the last visit; the answer is null where it is held back. */
    answered: told
      .filter((note) => !screen.hides(note) && !holds(world.holdsNote(note)))
      .map((note) => {
        const { answer: text, answered_on: day, person } = note;
        const isHeld = text !== null && holds(world.holds({ kind: 'answer', text, day, person }));
        return isHeld ? { ...note, answer: null } : note;
      }),
    private: newest.filter(screen.hides),
  };
  return {
    ...context,
    /** Why what is not printed is held back, of what may be counted. */
    heldBack: sieve.heldBack,
    /** Private notes; other private records, and what only private notes hold back, are counted alone. */
    privateCount: context.private.length + sieve.private,
  };
}

/** ' (Leo, 9)' for a note about someone living and under 18; 'about 9' where only the year is known. */
export function ageSuffix(
  note: Note,
  { personById, on, patient, world }: BriefingContext,
): string | undefined {
  const person = personById.get(note.person);
  const isAlive = person !== undefined && patient.status !== 'died' && !world.isDead(person);
  const age = isAlive ? ageUnder18(person, on) : undefined;
  return age === undefined || person === undefined ? undefined : ` (${personFirstName(person)}, ${age})`;
}

/** ' (2023)' where nothing has confirmed a note for so many months, unless what stands before it says a year. */
export function yearSuffix(note: Note, on: CivilDate, before = '', months = 24): string | undefined {
  const latest = latestDay(note);
  const isOld = latest !== undefined && addMonths(latest, months) < on;
  return isOld && !/\b(?:19|20)\d\d\b/.test(before) ? ` (${yearOf(latest)})` : undefined;
}

/** 'Mon 9 Mar' in the last six days, else '9 Dec'. */
export const recentDate = (day: CivilDate, on: CivilDate): string =>
  daysBetween(day, on) <= 6 ? weekdayDate(day, on) : shortDate(day, on);

/** Of living people under 18: '9', 'about 9' where only the year is known; under two '51 days', '14 months'. */
export function ageUnder18(
  { birth_date, status }: Pick<Person | Patient, 'birth_date' | 'status'>,
  on: CivilDate,
): string | undefined {
  const span = status === 'died' ? undefined : spanOf(birth_date);
  if (span === undefined || span.first > on) return undefined;
  const oldest = yearsBetween(span.first, on);
  const youngest = span.last > on ? 0 : yearsBetween(span.last, on);
  const isYear = birth_date?.length === 4;
  const age = isYear ? yearOf(on) - yearOf(birth_date) : oldest;
  if (age >= 18) return undefined;
  if (age < 1 && isYear) return 'under 1';
  const isExact = span.first === span.last || (oldest === youngest && oldest > 1);
  return `${isExact ? '' : 'about '}${age < 2 && !isYear ? howLong(span.first, on) : age}`;
}

/** The line of a note, as it stands unless `fields` say otherwise. */
export const noteEntry = (
  note: Note,
  context: Pick<BriefingContext, 'world'>,
  fields: Pick<Entry, 'why'> & Partial<Entry>,
): Entry => {
  const which = context.world.which(note);
  return entry({
    ...pick(note, 'id', 'ref', 'kind', 'date'),
    state: note.status,
    lead: note.text,
    isPinned: note.pinned,
    ...fields,
    tails: present(which && ` (which ${which}?)`, ...(fields.tails ?? [])),
  });
};

/** The same, and since when it has not been confirmed. */
export const lastingEntry = (
  note: Note,
  context: BriefingContext,
  fields: Pick<Entry, 'why'> & Partial<Entry>,
): Entry =>
  noteEntry(note, context, {
    ...fields,
    tails: present(yearSuffix(note, context.on), ageSuffix(note, context)),
  });

interface Parts<T> {
  readonly id: SectionId;
  readonly title: string;
  /** Which private notes belong to it; none unless given. */
  readonly belongs?: (note: Note) => boolean;
  readonly ordered: readonly T[];
  /** Called only for entries that are shown; there may be thousands of notes. */
  readonly entryOf: (one: T) => Entry;
  readonly limit: number;
  /** The heading counts what exceeds the limit, and so many more; else the footer does. */
  readonly unread?: number;
}

export function section<T>(
  parts: Parts<T>,
  { private: hidden, options, isDiscreet }: BriefingContext,
): Section {
  const { id, title, belongs = () => false, ordered, entryOf, unread } = parts;
  const limit = options.all ? ordered.length : parts.limit;
  return {
    id,
    title,
    entries: ordered.slice(0, limit).map(entryOf),
    more: unread === undefined ? 0 : Math.max(0, ordered.length - limit) + unread,
    private: isDiscreet ? 0 : hidden.filter(belongs).length,
  };
}

export const isOneOf = (...kinds: readonly NoteKind[]) => {
  const set: ReadonlySet<NoteKind> = new Set(kinds);
  return (note: Note): boolean => set.has(note.kind);
};
export const isIn =
  (section: ReturnType<typeof sectionOf>) =>
  ({ kind }: Note): boolean =>
    sectionOf(kind) === section;
