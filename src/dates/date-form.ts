/** What a date form needs. A form gives a day, a Failure where it fits but there is no such day, or undefined. */
import { type Failure, usage } from '../errors.ts';
import type { WorkCalendar } from './business-days.ts';
import { type CivilDate, daysBetween, firstYear, lastYear, yearOf } from './civil.ts';

/** For dates without a year: promises forward, losses back, milestones nearest. */
export type Direction = 'forward' | 'back' | 'nearest';
export type DateStyle = 'day-first' | 'month-first';

export interface DateContext {
  readonly today: CivilDate;
  readonly direction: Direction;
  readonly dateStyle: DateStyle | undefined;
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

/** One of three candidates, a year or a month apart; undefined where none lies in that direction. */
export function choose(
  candidates: readonly CivilDate[],
  { today, direction }: DateContext,
): CivilDate | undefined {
  const distances = candidates.map((date) => ({ date, days: daysBetween(today, date) }));
  if (direction === 'forward') return distances.find(({ days }) => days >= 0)?.date;
  if (direction === 'back') return distances.findLast(({ days }) => days <= 0)?.date;
  // Ties go to the future.
  return distances.toSorted((a, b) => Math.abs(a.days) - Math.abs(b.days) || b.days - a.days)[0]?.date;
}

export const yearsAround = (today: CivilDate): readonly number[] =>
  [-1, 0, 1].map((years) => yearOf(today) + years);
