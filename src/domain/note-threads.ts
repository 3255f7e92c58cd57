/** Threads of notes: the newest of each, how fresh it is, and whether it is about a person. */
import { addDays, addMonths, type CivilDate, spanOf } from '../dates/civil.ts';
import type { Note, NoteKind, Person } from './records.ts';
import { isAbout } from './relations.ts';
import { compareText } from './text.ts';

/** Kinds that describe a person; the others do not go stale. */
export const lastingKinds: readonly NoteKind[] = [
  'story',
  'interest',
  'family',
  'matters',
  'preference',
  'explain',
  'avoid',
];

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

/** A death holds back joyful notes about the person from before it; yearly milestones stay. */
export function isHeldBack(note: Note, dead: readonly Person[]): boolean {
  if (note.tone !== 'joyful') return false;
  return dead.some((person) => {
    if (!isAbout(note, person)) return false;
    if (note.person === person.id && note.kind === 'milestone' && note.yearly) return false;
    const died = person.died_on === null ? undefined : spanOf(person.died_on)?.last;
    return died === undefined || note.recorded_on === null || note.recorded_on < died;
  });
}
