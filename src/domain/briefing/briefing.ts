/**
 * A briefing's input and output as values, and what its sections share. An entry is one line: its `lead` may be cut
 * at a word, the rest may not.
 */
import {
  addMonths,
  type CivilDate,
  monthsBetween,
  type PartialDate,
  spanOf,
  type TimeOfDay,
  yearOf,
  yearsBetween,
} from '../../dates/civil.ts';
import { howLong, shortDate } from '../../dates/words.ts';
import { type World, worldOf } from '../losses.ts';
import { byNewest, compareIds, latestDay, newestOfThreads } from '../note-rules.ts';
import { personFirstName } from '../patient-names.ts';

import {
  type AskableField,
  type Commitment,
  type Contact,
  isVisit,
  type Note,
  type Patient,
  type Person,
} from '../records.ts';
import { compareText, cutToWidth, fold, present, printable, widthOf } from '../text.ts';

export type SectionId =
  | 'gentle'
  | 'promised'
  | 'open'
  | 'matters'
  | 'life'
  | 'said'
  | 'explain'
  | 'ask'
  | 'could_ask';

export interface Entry {
  readonly id: string | null;
  readonly ref: string | null;
  readonly kind: string;
  readonly state: string;
  readonly lead: string;
  readonly quoted: boolean;
  readonly tail: string;
  readonly aligned: string;
  readonly bullet: '·' | '!' | ' ';
  readonly due: CivilDate | null;
  readonly daysLate: number | null;
  readonly date: string | null;
  readonly why: string;
  readonly score: number | null;
}

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly more: number;
  readonly private: number;
}

export interface Item extends Entry {
  /** Without the bullet; TREAD GENTLY may contain one line end. */
  readonly text: string;
}

export interface BriefingSection extends Omit<Section, 'entries'> {
  readonly items: readonly Item[];
}

export interface Briefing {
  readonly on: CivilDate;
  readonly patient: Patient;
  readonly lastSeen: CivilDate | undefined;
  readonly visitAt: string | undefined;
  readonly isFirstVisit: boolean;
  readonly header: readonly [string, string];
  readonly sections: readonly BriefingSection[];
  readonly footer: string;
  readonly hidden: number;
  readonly heldBack: number;
  readonly lines: number;
  readonly words: number;
}

export const caps = { lines: 22, words: 130, columns: 76 } as const;

export const entry = (fields: Pick<Entry, 'kind' | 'state' | 'lead' | 'why'> & Partial<Entry>): Entry => ({
  id: null,
  ref: null,
  quoted: false,
  tail: '',
  aligned: '',
  bullet: '·',
  due: null,
  daysLate: null,
  date: null,
  score: null,
  ...fields,
});

/** The line of a note, as it stands unless `fields` say otherwise. */
export const noteEntry = (note: Note, fields: Pick<Entry, 'why'> & Partial<Entry>): Entry =>
  entry({
    id: note.id,
    ref: note.ref,
    kind: note.kind,
    state: note.status,
    lead: note.text,
    date: note.date,
    ...fields,
  });

export interface BriefingFacts {
  readonly patient: Patient;
  readonly people: readonly Person[];
  /** All private notes, and at least the first notes of each section. */
  readonly notes: readonly Note[];
  /** Counts of current notes that were not read: of kinds that a heading counts, and of others. */
  readonly unread?: { readonly open: number; readonly silent: number };
  readonly commitments: readonly Commitment[];
  readonly contacts: readonly Contact[];
  /** Note id to the number of days it was shown before a held visit. */
  readonly shown: ReadonlyMap<string, number>;
  readonly hasNamesake: boolean;
}

export interface BriefingOptions {
  readonly on: CivilDate;
  readonly at?: TimeOfDay | undefined;
  /** Also shows held-back notes, and lifts the caps. */
  readonly all: boolean;
  readonly sensitive: boolean;
  readonly ownLanguage: string;
}

export interface BriefingContext extends BriefingFacts {
  readonly options: BriefingOptions;
  readonly on: CivilDate;
  readonly lastVisit: CivilDate | undefined;
  readonly heldVisits: readonly CivilDate[];
  readonly planned: Contact | undefined;
  readonly isFirstVisit: boolean;
  readonly personById: ReadonlyMap<string, Person>;
  /** The newest of each thread, neither private nor held back. */
  readonly visible: readonly Note[];
  readonly private: readonly Note[];
  readonly heldBack: readonly Note[];
  readonly world: World;
}

export const firstDay = (date: PartialDate | null): CivilDate | undefined =>
  date === null ? undefined : spanOf(date)?.first;

export function briefingContext(facts: BriefingFacts, options: BriefingOptions): BriefingContext {
  const { on } = options;
  const heldVisits = facts.contacts
    .filter((contact) => contact.state === 'held' && isVisit(contact) && contact.on <= on)
    .map((contact) => contact.on)
    .sort();
  const planned = facts.contacts
    .filter((contact) => contact.state === 'planned' && contact.on === on)
    .sort((left, right) => compareText(left.at ?? '99', right.at ?? '99') || compareIds(left, right))[0];
  const isNew = facts.patient.new || facts.commitments.some((commitment) => commitment.kind === 'welcome');
  const newest = newestOfThreads(facts.notes);
  const isPrivate = (note: Note): boolean => note.sensitive && !note.show_in_brief && !options.sensitive;
  const open = newest.filter((note) => !isPrivate(note));
  const world = worldOf(facts, on, options.sensitive);
  const heldBack = options.all ? [] : open.filter((note) => world.holdsNote(note) !== undefined);
  const held = new Set(heldBack);
  return {
    ...facts,
    // Sorted, so that the result does not depend on the order of input.
    people: facts.people.toSorted(compareIds),
    options,
    on,
    heldVisits,
    lastVisit: heldVisits.at(-1),
    planned,
    isFirstVisit: heldVisits.length === 0 && isNew,
    personById: new Map(facts.people.map((person) => [person.id, person])),
    visible: open.filter((note) => !held.has(note)).sort(byNewest),
    private: newest.filter(isPrivate),
    heldBack,
    world,
  };
}

/** " (Leo, 9)" for a note about someone living and under 18; "about 9" where only the year is known. */
export function ageSuffix(note: Note, { personById, on, patient }: BriefingContext): string {
  const person = note.person === null ? undefined : personById.get(note.person);
  if (person?.birth_date == null || person.status === 'died' || patient.status === 'died') return '';
  const span = spanOf(person.birth_date);
  if (span === undefined || span.first > on) return '';
  const oldest = yearsBetween(span.first, on);
  const youngest = span.last > on ? 0 : yearsBetween(span.last, on);
  const age = person.birth_date.length === 4 ? yearOf(on) - yearOf(person.birth_date) : oldest;
  if (age >= 18) return '';
  const name = personFirstName(person);
  return ` (${name}, ${oldest === youngest ? '' : 'about '}${age})`;
}

/** " (2023)" where nothing has confirmed a note for over 24 months. */
export function staleSuffix(note: Note, on: CivilDate): string {
  const latest = latestDay(note);
  return latest !== undefined && addMonths(latest, 24) < on ? ` (${yearOf(latest)})` : '';
}

/** Losses count as recent for 13 months. */
export const isRecentLoss = (day: CivilDate, on: CivilDate): boolean => day <= on && addMonths(day, 13) >= on;

const shortestName = 16;

function goesBy(patient: Patient): string | undefined {
  if (patient.goes_by === null)
    return patient.declined.includes('goes_by') ? undefined : 'name to use: not asked';
  const say = patient.say === null ? '' : ` ("${patient.say}")`;
  return `goes by ${patient.goes_by}${say}${doubt(patient, 'goes_by')}`;
}

const doubt = (patient: Patient, field: AskableField): string =>
  patient.unconfirmed.includes(field) ? ' (imported, not confirmed)' : '';

function pronouns(patient: Patient): string | undefined {
  if (patient.pronouns !== null) return patient.pronouns + doubt(patient, 'pronouns');
  return patient.declined.includes('pronouns') ? undefined : 'pronouns: not asked';
}

export function nameLine({ patient, hasNamesake }: BriefingContext): string {
  const born = hasNamesake && patient.birth_date !== null ? `born ${yearOf(patient.birth_date)}` : undefined;
  const rest = present(goesBy(patient), pronouns(patient), born).map(printable);
  const after = rest.map((part) => ` · ${part}`).join('');
  const name = printable(patient.name).toUpperCase();
  const room = Math.max(shortestName, caps.columns - widthOf(after));
  return cutToWidth(cutToWidth(name, room) + after, caps.columns);
}

function together(context: BriefingContext): string | undefined {
  const held = context.contacts.filter((contact) => contact.state === 'held').map((contact) => contact.on);
  const first = firstDay(context.patient.first_met) ?? held.sort()[0];
  if (first === undefined || first >= context.on) return undefined;
  const months = monthsBetween(first, context.on);
  const years = Math.floor(months / 12);
  if (years >= 1) return `With you ${years === 1 ? '1 year' : `${years} years`}`;
  return `With you ${months >= 2 ? `${months} months` : howLong(first, context.on)}`;
}

function seen({ lastVisit, isFirstVisit, on }: BriefingContext): string {
  if (lastVisit !== undefined)
    return lastVisit === on ? 'seen today' : `last seen ${shortDate(lastVisit, on)}`;
  return isFirstVisit ? 'First visit' : 'No visit recorded here yet';
}

export const visitTime = ({ options, planned }: BriefingContext): string | undefined =>
  options.at ?? planned?.at ?? undefined;

function visitToday(context: BriefingContext): string | undefined {
  const at = visitTime(context);
  if (context.planned === undefined && at === undefined) return undefined;
  return at === undefined ? 'today' : `today ${at}`;
}

function language({ patient, options }: BriefingContext): string | undefined {
  if (patient.language === null || fold(patient.language) === fold(options.ownLanguage)) return undefined;
  return patient.language + doubt(patient, 'language');
}

/** 'With you 6 years · last seen 9 Dec · today 10:20 · Spanish for numbers' */
export function timeLine(context: BriefingContext): string {
  const died = context.patient.status === 'died';
  const parts = present(
    !context.isFirstVisit && together(context),
    seen(context),
    !died && visitToday(context),
    !died && language(context),
  );
  return cutToWidth(parts.map(printable).join(' · '), caps.columns);
}
