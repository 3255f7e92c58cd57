/**
 * Recurrence rules followed within limits. ical.js follows them, but some never come to an end there, and some make
 * days that no rule means: both are held here, for whoever follows a rule.
 */
import type ICAL from 'ical.js';
import {
  addDays,
  addMonths,
  type CivilDate,
  dayOf,
  daysBetween,
  monthOf,
  monthsBetween,
  readCivilDate,
  yearOf,
} from '../../dates/civil.ts';
import { IcsError } from './components.ts';

const stepsOfRule = 20_000;

/** What no visit has; beyond it the library would walk for ever, a day at a time. */
const greatestInterval = 10_000;
const greatestCount = 1_000_000;

/** Counts down what all rules and zones of one file may take together: steps and not time, so that it is the same everywhere. */
export interface Patience {
  left: number;
}

/** Of holidays, which recur once a year or are no holidays; of a clinic's visits, of which there are thousands. */
const stepsOfFile = { holidays: 100_000, visits: 300_000 };

export const newPatience = (what: keyof typeof stepsOfFile): Patience => ({ left: stepsOfFile[what] });

/** @throws IcsError where there is no patience left */
export function spend(patience: Patience, steps: number): void {
  patience.left -= steps;
  if (patience.left < 0) throw new IcsError('the file asks for more days than are followed');
}

/** A day, or the time on a clock: '2026-03-12' or '2026-03-12T10:20:00', without a zone. */
export type Wall = string;

export const dayOfWall = (wall: Wall): CivilDate | undefined => readCivilDate(wall.slice(0, 10));

/**
 * Where to begin so that not every day since 1990 is walked. Whole intervals are left out, so that the same days come;
 * only of rules that do not count, and whose interval is always as long.
 */
function nearStart(start: Wall, from: CivilDate, { freq, count, interval }: ICAL.Recur): Wall {
  const first = dayOfWall(start);
  const days = freq === 'DAILY' ? interval : freq === 'WEEKLY' ? 7 * interval : 0;
  const months = freq === 'MONTHLY' ? interval : freq === 'YEARLY' ? 12 * interval : 0;
  if (first === undefined || days + months <= 0 || (count !== null && count !== undefined)) return start;
  if (days > 0) {
    const leap = Math.floor((daysBetween(first, from) - 7) / days) * days;
    return leap > 0 ? `${addDays(first, leap)}${start.slice(10)}` : start;
  }
  const leap = Math.floor((monthsBetween(first, from) - 12) / months) * months;
  // Not every month has a 29th.
  return leap > 0 && dayOf(first) <= 28 ? `${addMonths(first, leap)}${start.slice(10)}` : start;
}

/** @throws IcsError for numbers that no visit has */
function readRule(rule: object, ical: typeof ICAL): ICAL.Recur {
  const { interval = 1, count = 1 } = rule as { readonly interval?: unknown; readonly count?: unknown };
  if (!(Number(interval) <= greatestInterval))
    throw new IcsError(`INTERVAL is greater than ${greatestInterval.toLocaleString('en')}`);
  if (!(Number(count) <= greatestCount))
    throw new IcsError(`COUNT is greater than ${greatestCount.toLocaleString('en')}`);
  const recurrence = ical.Recur.fromData(rule);
  if (!recurrence.freq) throw new IcsError("RRULE can't be read");
  return recurrence;
}

/** Ends a walk beyond the last year that is asked for. */
const beyond = new Error('beyond the window');

/**
 * Walks a rule; every loop of the library's that a rule can make long passes by here, also those before its first day.
 * @throws IcsError, `beyond`
 */
function walkOf(
  rule: ICAL.Recur,
  start: Wall,
  lastYear: number,
  take: (steps: number) => void,
  ical: typeof ICAL,
): ICAL.RecurIterator {
  const values = Object.values(rule.parts).reduce((sum, part) => sum + (part?.length ?? 0), 0);
  // They are put in order, each beside each.
  take(values ** 2 / 100);
  class Walk extends ical.RecurIterator {
    override check_contracting_rules(): boolean {
      take(1);
      return super.check_contracting_rules();
    }
    override expand_year_days(year: number): number {
      take(3 + values);
      return super.expand_year_days(year);
    }
    override increment_monthday(days: number): void {
      take(days / 20);
      super.increment_monthday(days);
    }
    override increment_month(): void {
      take(1);
      super.increment_month();
    }
    override increment_year(years: number): void {
      super.increment_year(years);
      if (this.last.year > lastYear) throw beyond;
    }
  }
  return new Walk({ rule, dtstart: ical.Time.fromString(start, undefined) });
}

/**
 * The starts that a rule gives from one day to another, both included.
 * @param rule as jCal has it, its UNTIL on the same clock as the start
 * @throws IcsError
 */
export function followRule(
  rule: object,
  start: Wall,
  window: { readonly from: CivilDate; readonly until: CivilDate },
  patience: Patience,
  ical: typeof ICAL,
): readonly Wall[] {
  const recurrence = readRule(rule, ical);
  const months: readonly number[] = recurrence.parts.BYMONTH ?? [];
  let left = stepsOfRule;
  const take = (steps: number): void => {
    left -= steps;
    if (left < 0) throw new IcsError('it recurs too often to be followed, or never');
    spend(patience, steps);
  };
  const walls: Wall[] = [];
  let isEver = false;
  try {
    // A week of a year may begin in the one before.
    const last = yearOf(window.until) + 1;
    const steps = walkOf(recurrence, nearStart(start, window.from, recurrence), last, take, ical);
    for (let next = steps.next(); next; next = steps.next()) {
      isEver = true;
      const wall = next.toString();
      const day = dayOfWall(wall);
      if (day === undefined || day > window.until) break;
      // It makes 2 March of 30 February.
      const isMeant = months.length === 0 || months.includes(monthOf(day));
      if (day >= window.from && isMeant) walls.push(wall);
    }
  } catch (error) {
    if (error !== beyond) throw error;
    if (!isEver) throw new IcsError('it recurs too often to be followed, or never');
  }
  return walls;
}
