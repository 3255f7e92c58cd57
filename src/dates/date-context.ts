/** What a form of time can mean, and what it needs to know of a day. */
import { type Failure, usage } from '../errors.ts';
import { type CivilDate, daysBetween, firstYear, lastYear, type PartialDate, yearOf } from './civil.ts';
import { doubtful, type Unit } from './english.ts';
import type { WorkCalendar } from './work-calendar.ts';

/**
 * For dates without a year: promises forward, losses back, options nearest, milestones forward but for what fell in the
 * last 30 days.
 */
export type Direction = 'forward' | 'back' | 'nearest' | 'milestone';
export type DateStyle = 'day-first' | 'month-first';

/** How a date is read. */
export interface DateOptions {
  /** The day that dates count from: of a visit, its day. */
  readonly today: CivilDate;
  /** Today in truth, which 'tonight' and 'asap' mean; `today` unless given. */
  readonly now?: CivilDate | undefined;
  readonly direction: Direction;
  readonly dateStyle?: DateStyle | undefined;
  /** ISO weekday; Monday unless given. */
  readonly weekStart?: number | undefined;
  /** For business days and 'end of week'; by default only weekends are closed. */
  readonly calendar?: WorkCalendar | undefined;
  /** Names on file, folded: 'june' may be one of them. */
  readonly names?: ReadonlySet<string> | undefined;
}
type Given = { readonly [K in Exclude<keyof DateOptions, 'dateStyle'>]-?: NonNullable<DateOptions[K]> };
export interface DateContext extends Given, Pick<DateOptions, 'dateStyle'> {
  readonly isClosed: (date: CivilDate) => boolean;
  /** A birthday: a day without a year is one of every year. */
  readonly returns?: boolean;
}

export interface Length {
  readonly is: 'length';
  readonly size: number;
  readonly unit: Unit;
}
interface Day {
  readonly is: 'day';
  readonly date: CivilDate;
  /** A weekday alone agrees with any other day that is one. */
  readonly weekday?: number;
  /** How long without 'in', which may be of something else: 'a 2 week diary'. */
  readonly bare?: true;
  /** A word, or a name, as well. */
  readonly doubtful?: true;
}
export interface Stretch {
  readonly is: 'stretch';
  readonly first: CivilDate;
  readonly last: CivilDate;
  /** A whole month or year. */
  readonly partial?: PartialDate;
  /** Due on its last day, open or not. */
  readonly over?: true;
  readonly end?: true;
  readonly doubtful?: true;
}
export type Meaning =
  | Length
  | Day
  | Stretch
  | {
      readonly is: 'asked';
      /** Gives way to any day of the line. */
      readonly weak?: true;
      /** Words about an event follow. */
      readonly event?: true;
      /** What could be meant. */
      readonly either?: readonly CivilDate[];
      readonly failure?: Failure;
    }
  | { readonly is: 'yearly'; readonly date: PartialDate }
  | { readonly is: 'hour' | 'soon' | 'no' }
  | { readonly is: 'part'; readonly date?: CivilDate }
  | {
      readonly is: 'every';
      readonly every: string;
      readonly date: CivilDate;
      readonly last?: true;
    }
  | { readonly is: 'impossible'; readonly failure: Failure };

export const dateHint = 'dates read like: fri, 2 apr, 2 apr 2027, 2026-04-02, in 2 weeks, end of month';
export const impossible = (failure: Failure): Meaning => ({ is: 'impossible', failure });
export const noSuchDay = (text: string, hint = dateHint): Meaning =>
  impossible(usage(`'${text}' is not a date`, hint));
export const outOfReach = (text: string): Failure =>
  usage(`'${text}' is not between ${firstYear} and ${lastYear}`, dateHint);

/** Days that still count as just past for a milestone. */
const justPast = 30;

/** Candidates in order, a year or a month apart; undefined where none lies in that direction. */
export function choose(
  candidates: readonly CivilDate[],
  { today, direction }: DateContext,
  endOf = (date: CivilDate): CivilDate => date,
): CivilDate | undefined {
  const listed = candidates.map((date) => ({
    date,
    days: daysBetween(today, date),
    end: daysBetween(today, endOf(date)),
  }));
  if (direction === 'forward') return listed.find(({ end }) => end >= 0)?.date;
  if (direction === 'back') return listed.findLast(({ days }) => days <= 0)?.date;
  if (direction === 'milestone') return listed.find(({ end }) => end >= -justPast)?.date;
  // Ties go to the future.
  return listed.toSorted((a, b) => Math.abs(a.days) - Math.abs(b.days) || b.days - a.days)[0]?.date;
}

/** A day of the year that is said, or of that which fits. */
export const inSomeYear = (
  year: string,
  ctx: DateContext,
  dayIn: (year: number) => CivilDate | undefined,
  endOf?: (date: CivilDate) => CivilDate,
): CivilDate | undefined =>
  year !== ''
    ? dayIn(Number(year))
    : choose(
        [-1, 0, 1].flatMap((years) => dayIn(yearOf(ctx.today) + years) ?? []),
        ctx,
        endOf,
      );

export const day = (date: CivilDate | undefined, said: Said, more: Partial<Day> = {}): Meaning => {
  if (date === undefined || !(yearOf(date) >= firstYear && yearOf(date) <= lastYear))
    return impossible(outOfReach(said.text));
  return { is: 'day', date, ...more };
};

export const isDoubtful = (word: string) => (doubtful.has(word) ? ({ doubtful: true } as const) : {});

/** What was said, and its meaning on a day. */
export interface Said {
  readonly text: string;
  /** What was kept, in order; '' where it was not said. */
  readonly kept: readonly string[];
  /** The forms within it, in order. */
  readonly inner: readonly Meaning[];
}
export type Read = (said: Said, ctx: DateContext, ...kept: readonly string[]) => Meaning | undefined;
