/** Which notes want to be heard again: what lasts about a person, and nothing has confirmed for two years. */
import { addDays, addMonths, type CivilDate } from '../dates/civil.ts';
import { latestDay } from './briefing/briefing.ts';
import type { Note, NoteKind } from './records.ts';

/** Kinds that say how somebody is; what happened, what is open and what to ask next grow old in another way. */
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

/** The last day of which it is over two years: what was last confirmed on it or before is unconfirmed. */
export function lastStaleDay(on: CivilDate): CivilDate {
  let day = addMonths(on, -staleMonths);
  // Two years after 28 February can be 28 February again, in a leap year.
  while (addMonths(day, staleMonths) >= on) day = addDays(day, -1);
  return day;
}

/** The newest of each thread: current, and nothing that stands took its place. */
export function newestOfThreads(notes: readonly Note[]): readonly Note[] {
  const replaced = new Set(notes.flatMap((note) => (note.status === 'retired' ? [] : (note.replaces ?? []))));
  return notes.filter((note) => note.status === 'current' && !replaced.has(note.id));
}

/** Of all notes of a patient, those that nothing has confirmed for two years; undated ones are not known to be old. */
export function unconfirmedNotes(notes: readonly Note[], on: CivilDate): readonly Note[] {
  const limit = lastStaleDay(on);
  return newestOfThreads(notes).filter((note) => {
    const latest = latestDay(note);
    return latest !== undefined && latest <= limit && lastingKinds.includes(note.kind);
  });
}
