/** When a milestone falls, once or every year, and what a death makes of it. */
import { type CivilDate, readCivilDate, spanOf, yearlyDateIn, yearOf } from '../dates/civil.ts';
import type { Note, Person } from './records.ts';

export interface Occurrence {
  readonly first: CivilDate;
  readonly last: CivilDate;
}

/** The times a milestone falls around a day: its own span, or, every year, the last one and the next. */
export function occurrences(note: Pick<Note, 'date' | 'yearly'>, on: CivilDate): readonly Occurrence[] {
  if (note.date === null) return [];
  const full = readCivilDate(note.date);
  const isBare = note.date.startsWith('--');
  if (!isBare && !(note.yearly && full !== undefined)) {
    // A year alone is too vague to be near or just passed.
    const span = note.date.length === 4 ? undefined : spanOf(note.date);
    return span === undefined ? [] : [span];
  }
  const monthAndDay = note.date.slice(isBare ? 2 : 5);
  const days = [-1, 0, 1].map((years) => yearlyDateIn(yearOf(on) + years, monthAndDay));
  const past = days.filter((day) => day < on && (full === undefined || day >= full)).at(-1);
  const next = days.find((day) => day >= on && (full === undefined || day >= full));
  return [past, next ?? full].filter((day) => day !== undefined).map((day) => ({ first: day, last: day }));
}

export const exactDay = (occurrence: Occurrence): CivilDate | undefined =>
  occurrence.first === occurrence.last ? occurrence.first : undefined;

const ordinals = ['first', 'second', 'third'];

/** 'first without June', up to the third: a day that returns every year after the death of the one it is linked to. */
export function withoutWords(
  note: Pick<Note, 'yearly'>,
  day: CivilDate | undefined,
  person: Person | undefined,
): string | undefined {
  if (!note.yearly || day === undefined || person?.status !== 'died' || person.died_on === null)
    return undefined;
  const died = readCivilDate(person.died_on);
  if (died === undefined) return undefined;
  const years = yearOf(day) - yearOf(died) + (day.slice(5) > died.slice(5) ? 1 : 0);
  const ordinal = ordinals[years - 1];
  return ordinal === undefined ? undefined : `${ordinal} without ${person.name.split(/\s+/u)[0]}`;
}
