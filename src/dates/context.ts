/**
 * What reading a date takes, and how one of several days is chosen. A form of the grammar is a function from text (as
 * plainWords leaves it) to a reading: the day, a Failure where the form is right and there is no such day, or undefined
 * where the text is none of that form. No form looks at another, and none guesses between two readings.
 */
import { type Failure, usage } from '../errors.ts';
import type { WorkCalendar } from './business-days.ts';
import { type CivilDate, daysBetween, firstYear, lastYear, yearOf } from './civil.ts';

/** Where a date without a year or a bare weekday falls: promises forward, losses back, milestones nearest. */
export type Direction = 'forward' | 'back' | 'nearest';
export type DateStyle = 'day-first' | 'month-first';

export interface DateContext {
  readonly today: CivilDate;
  readonly direction: Direction;
  readonly dateStyle: DateStyle | undefined;
  /** ISO weekday, 1 Monday to 7 Sunday. */
  readonly weekStart: number;
  readonly calendar: WorkCalendar;
}

export type Reading = CivilDate | Failure | undefined;
export type DateForm = (text: string, context: DateContext) => Reading;

export const isFailure = (reading: unknown): reading is Failure => typeof reading === 'object';

export const dateHint = 'dates read like: fri, 2 apr, 2 apr 2027, 2026-04-02, in 2 weeks, end of month';

export const noSuchDay = (text: string, hint = dateHint): Failure => usage(`'${text}' is not a date`, hint);
export const outOfReach = (text: string): Failure =>
  usage(`'${text}' is not between ${firstYear} and ${lastYear}`, dateHint);

/** The one of three dates, a year or a month apart, that the direction means. Undefined where none lies that way. */
export function choose(
  candidates: readonly CivilDate[],
  { today, direction }: DateContext,
): CivilDate | undefined {
  const distances = candidates.map((date) => ({ date, days: daysBetween(today, date) }));
  if (direction === 'forward') return distances.find(({ days }) => days >= 0)?.date;
  if (direction === 'back') return distances.findLast(({ days }) => days <= 0)?.date;
  // Of two as near as each other, the one ahead.
  return distances.toSorted((a, b) => Math.abs(a.days) - Math.abs(b.days) || b.days - a.days)[0]?.date;
}

export const yearsAround = (today: CivilDate): readonly number[] =>
  [-1, 0, 1].map((years) => yearOf(today) + years);
