/** Rules about notes and promises: the newest of a thread, how fresh it is, when one falls due or returns, what is in brackets. */
import {
  addDays,
  addMonths,
  type CivilDate,
  daysBetween,
  everyWords,
  readCivilDate,
  shortDate,
  spanOf,
  yearlyDateIn,
  yearOf,
} from '../dates/civil.ts';
import { type Failure, usage } from '../errors.ts';
import {
  type Commitment,
  type New,
  type Note,
  type NoteKind,
  newCommitment,
  type Patient,
  type Person,
} from './records.ts';
import { compareText, pick, present } from './text.ts';

interface KindRules {
  /** Where a briefing has it: 'loss' by rules of its own, null nowhere. */
  readonly section: 'gentle' | 'matters' | 'explain' | 'life' | 'open' | 'ask' | 'loss' | null;
  /** A life holds so many that a briefing reads but the newest. */
  readonly isMany: boolean;
  /** It describes a person, and goes stale. */
  readonly isLasting?: true;
  readonly awaitsAnswer?: true;
}

/** In the order in which they are confirmed again: what does harm when it is no longer so stands first. */
const kindRules: Readonly<Record<NoteKind, KindRules>> = {
  avoid: { section: 'gentle', isMany: false, isLasting: true },
  preference: { section: 'explain', isMany: true, isLasting: true },
  matters: { section: 'matters', isMany: true, isLasting: true },
  explain: { section: 'explain', isMany: true, isLasting: true },
  family: { section: 'life', isMany: true, isLasting: true },
  story: { section: 'life', isMany: true, isLasting: true },
  interest: { section: 'life', isMany: true, isLasting: true },
  milestone: { section: 'life', isMany: false },
  question: { section: 'open', isMany: true, awaitsAnswer: true },
  concern: { section: 'open', isMany: true, awaitsAnswer: true },
  decision: { section: 'open', isMany: true, awaitsAnswer: true },
  next: { section: 'ask', isMany: true, awaitsAnswer: true },
  loss: { section: 'loss', isMany: false },
  learned: { section: null, isMany: true },
};

export const sectionOf = (kind: NoteKind): KindRules['section'] => kindRules[kind].section;
export const kindsWith = (holds: (rules: KindRules) => boolean | undefined): readonly NoteKind[] =>
  (Object.keys(kindRules) as NoteKind[]).filter((kind) => holds(kindRules[kind]));
export const lastingKinds = kindsWith(({ isLasting }) => isLasting);
export const answerableKinds = kindsWith(({ awaitsAnswer }) => awaitsAnswer);

const staleMonths = 24;

/** Notes last confirmed up to this day are unconfirmed for over two years. */
export function lastStaleDay(on: CivilDate): CivilDate {
  let day = addMonths(on, -staleMonths);
  // Two years after 28 February can be 28 February again.
  while (addMonths(day, staleMonths) >= on) day = addDays(day, -1);
  return day;
}

export function newestOfThreads(notes: readonly Note[]): readonly Note[] {
  const replaced = new Set(notes.flatMap((note) => (note.status === 'retired' ? [] : (note.replaces ?? []))));
  return notes.filter((note) => note.status === 'current' && !replaced.has(note.id));
}

/** Undated notes are not known to be old. */
export function unconfirmedNotes(notes: readonly Note[], on: CivilDate): readonly Note[] {
  const limit = lastStaleDay(on);
  return newestOfThreads(notes).filter((note) => {
    const latest = latestDay(note);
    return latest !== undefined && latest <= limit && lastingKinds.includes(note.kind);
  });
}

export function latestDay({ recorded_on, said_on, confirmed_on }: Note): CivilDate | undefined {
  let latest = recorded_on ?? undefined;
  for (const day of [said_on, confirmed_on])
    if (day !== null && (latest === undefined || day > latest)) latest = day;
  return latest;
}

export const byNewest = (left: Note, right: Note): number =>
  compareText(latestDay(right) ?? '', latestDay(left) ?? '') || compareIds(left, right);

export const compareIds = (left: { readonly id: string }, right: { readonly id: string }): number =>
  compareText(left.id, right.id);

/** When a milestone falls, once or every year. */
export interface Occurrence {
  readonly first: CivilDate;
  readonly last: CivilDate;
}

/** The day of every year, 'MM-DD', of what returns, and its first one where that is known. */
export function yearlyDay({ date, yearly }: Pick<Note, 'date' | 'yearly'>) {
  if (date?.startsWith('--')) return { monthAndDay: date.slice(2), full: undefined };
  const full = yearly ? readCivilDate(date) : undefined;
  return full && { monthAndDay: full.slice(5), full };
}

export function occurrences(note: Pick<Note, 'date' | 'yearly'>, on: CivilDate): readonly Occurrence[] {
  if (note.date === null) return [];
  const yearly = yearlyDay(note);
  if (yearly === undefined) {
    // A year alone is too vague to be near or just past.
    const span = note.date.length === 4 ? undefined : spanOf(note.date);
    return span === undefined ? [] : [span];
  }
  const { monthAndDay, full } = yearly;
  const days = [-1, 0, 1].map((years) => yearlyDateIn(yearOf(on) + years, monthAndDay));
  const past = days.filter((day) => day < on && (full === undefined || day >= full)).at(-1);
  const next = days.find((day) => day >= on && (full === undefined || day >= full));
  return [past, next ?? full].filter((day) => day !== undefined).map((day) => ({ first: day, last: day }));
}

/** Today's or the next. */
export const nextOccurrence = (note: Pick<Note, 'date' | 'yearly'>, on: CivilDate): Occurrence | undefined =>
  occurrences(note, on).find(({ last }) => last >= on);

export const exactDay = (occurrence: Occurrence): CivilDate | undefined =>
  occurrence.first === occurrence.last ? occurrence.first : undefined;

const mistaken = 'if they did not die: rapport patient died NAME --mistaken';

export function refuseReturning(
  { status }: Pick<Patient, 'status'>,
  { yearly, reach_out = false }: Pick<Note, 'yearly'> & Partial<Pick<Note, 'reach_out'>>,
  person: Person | undefined,
): Failure | undefined {
  if (status !== 'died' || person?.status === 'living' || !(yearly || reach_out)) return undefined;
  return usage(
    'the patient died, so a note of theirs cannot return every year or ask to get in touch',
    'of somebody around them: rapport note NAME --person WHO',
    mistaken,
  );
}

export const refuseCadence = ({ status }: Pick<Patient, 'status'>): Failure | undefined =>
  status === 'died' ? usage('the patient died, so there is no keeping in touch', mistaken) : undefined;

export const firstDue = ({ due, snoozes }: Commitment): CivilDate | null =>
  (snoozes[0] ?? { from: due }).from;

/** How late a promise was kept, or is on a day. Null where it is not: a patient's own is never late. */
export function daysOver({ owner, due, status, closed_on }: Commitment, on: CivilDate): number | null {
  const until = status === 'open' ? on : status === 'kept' ? closed_on : null;
  const isLate = owner !== 'patient' && due !== null && until !== null && until > due;
  return isLate ? daysBetween(due, until) : null;
}

/** '(first due 9 Jan)', '(tried 2 times, last 3 Mar: what came of it)', '(told 1 Mar)', '(every month)': of an open promise. */
export function promiseMarks(commitment: Commitment, on: CivilDate, came?: string): readonly string[] {
  const { attempts, told_on, due, every } = commitment;
  const first = firstDue(commitment);
  const last = lastAttempt(commitment);
  const times = attempts.length > 1 ? `${attempts.length} times, last ` : '';
  return present(
    first !== null && first !== due && `(first due ${shortDate(first, on)})`,
    last && `(tried ${times}${shortDate(last.on, on)}${came === undefined ? '' : `: ${came}`})`,
    told_on !== null && `(told ${shortDate(told_on, on)})`,
    every !== null && `(${everyWords(every)})`,
  );
}

/** The newest by its day, of equal ones the last that was typed. */
export const lastAttempt = ({ attempts }: Pick<Commitment, 'attempts'>) =>
  attempts.reduce<Commitment['attempts'][number] | undefined>(
    (last, next) => (last !== undefined && last.on > next.on ? last : next),
    undefined,
  );

const again = 'Look at it again: ';

/** What is promised where a decision was made. */
export const lookAgainAt = (decision: string): string => again + decision;

/** The decision that a promise is about looking at again. */
export const toLookAgain = (promise: string): string | undefined =>
  promise.startsWith(again) && promise !== again ? promise.slice(again.length) : undefined;

const reaching =
  /\b(?:interpreters?|letters?|voice ?mails?|messages?|phones?|telephones?|alone|only|may (?:not )?hear)\b/iu;

/** How somebody is reached, or who may hear: that is safety, not style, and every briefing should show it. */
export const wantsPin = ({ kind, pinned, text }: Pick<Note, 'kind' | 'pinned' | 'text'>): boolean =>
  kind === 'preference' && !pinned && reaching.test(text);

/** @param every '1 month', '2 weeks' */
function later(from: CivilDate, every: string, times: number): CivilDate {
  const [, size = '1', unit] = /^(\d+) (day|week|month|year)s?$/.exec(every) ?? [];
  const count = Number(size) * times;
  if (unit === 'month' || unit === 'year') return addMonths(from, unit === 'year' ? 12 * count : count);
  return addDays(from, unit === 'week' ? 7 * count : count);
}

/** Those kept before it: the same promise, each from the one before. */
const isEarlier = (one: Commitment, { text, owner, every, for_person }: Commitment): boolean =>
  one.status !== 'dropped' &&
  one.text === text &&
  one.owner === owner &&
  one.every === every &&
  one.for_person === for_person;

/**
 * By whole intervals from the first due date of all (31 Jan, 28 Feb, 31 Mar) to the first after today and after the one
 * kept. Undefined where nothing repeats, and after a death.
 * @param all of the same patient
 */
export function nextOf(
  kept: Commitment,
  all: readonly Commitment[],
  { patient, today }: { readonly patient: Pick<Patient, 'status'>; readonly today: CivilDate },
): New<Commitment> | undefined {
  const { every, due } = kept;
  if (every === null || due === null || patient.status === 'died') return undefined;
  const dues = all.filter((one) => isEarlier(one, kept)).flatMap((one) => firstDue(one) ?? []);
  const first = [...dues, firstDue(kept) ?? due].toSorted()[0] ?? due;
  const after = due > today ? due : today;
  let times = 1;
  while (later(first, every, times) <= after) times += 1;
  return newCommitment({
    ...pick(kept, 'patient_id', 'owner', 'kind', 'text', 'for_person', 'sensitive', 'every'),
    made_on: today,
    due: later(first, every, times),
  });
}
