/** Expands recurrence rules with ical.js, within limits: some rules never end there, others yield wrong days. */
import type ICAL from 'ical.js';
import {
  addDays,
  addMonths,
  type CivilDate,
  dayOf,
  daysBetween,
  firstYear,
  lastYear,
  monthOf,
  monthsBetween,
  readCivilDate,
  yearOf,
} from '../../dates/civil.ts';
import { IcsError } from './components.ts';

const stepsOfRule = 20_000;

/** Beyond these limits the library walks day by day without end. */
const greatestInterval = 10_000;
const greatestCount = 1_000_000;

/** Remaining steps for all rules and zones of one file. Steps, not time, so that results do not depend on the machine. */
export interface Budget {
  left: number;
}

/** Holidays recur once a year; a clinic has thousands of visits. */
const stepsOfFile = { holidays: 100_000, visits: 300_000 };

export const newBudget = (what: keyof typeof stepsOfFile): Budget => ({ left: stepsOfFile[what] });

export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new IcsError('the file asks for more days than are followed');
}

/** A wall-clock time without a zone: '2026-03-12' or '2026-03-12T10:20:00'. */
export type Wall = string;

export interface Window {
  readonly from: CivilDate;
  readonly until: CivilDate;
}

export const ever: Window = {
  from: `${firstYear}-01-01` as CivilDate,
  until: `${lastYear}-12-31` as CivilDate,
};

export const dayOfWall = (wall: Wall): CivilDate | undefined => readCivilDate(wall.slice(0, 10));

/** A start near the window that yields the same days: skips whole intervals of rules that have no COUNT. */
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
  // Days after the 28th are not in every month, so such a rule is walked from its start.
  return leap > 0 && dayOf(first) <= 28 ? `${addMonths(first, leap)}${start.slice(10)}` : start;
}

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

const beyond = new Error('beyond the window');

/** Counts a step in each loop of the library that a rule can make long, before its first day too. @throws IcsError, `beyond` */
function walkOf(
  rule: ICAL.Recur,
  start: Wall,
  lastYear: number,
  take: (steps: number) => void,
  ical: typeof ICAL,
): ICAL.RecurIterator {
  const values = Object.values(rule.parts).reduce((sum, part) => sum + (part?.length ?? 0), 0);
  // The library sorts them in quadratic time.
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
 * The starts of a rule within a window.
 * @param rule in jCal form; UNTIL on the same clock as the start
 * @throws IcsError
 */
export function followRule(
  rule: object,
  start: Wall,
  window: Window,
  budget: Budget,
  ical: typeof ICAL,
): readonly Wall[] {
  const recurrence = readRule(rule, ical);
  const months: readonly number[] = recurrence.parts.BYMONTH ?? [];
  let left = stepsOfRule;
  const take = (steps: number): void => {
    left -= steps;
    if (left < 0) throw new IcsError('it recurs too often to be followed, or never');
    spend(budget, steps);
  };
  const walls: Wall[] = [];
  let isEver = false;
  try {
    // The first week of a year may begin in the year before.
    const last = yearOf(window.until) + 1;
    const steps = walkOf(recurrence, nearStart(start, window.from, recurrence), last, take, ical);
    for (let next = steps.next(); next; next = steps.next()) {
      isEver = true;
      const wall = next.toString();
      const day = dayOfWall(wall);
      if (day === undefined || day > window.until) break;
      // The library turns 30 February into 2 March.
      const isMeant = months.length === 0 || months.includes(monthOf(day));
      if (day >= window.from && isMeant) walls.push(wall);
    }
  } catch (error) {
    if (error !== beyond) throw error;
    if (!isEver) throw new IcsError('it recurs too often to be followed, or never');
  }
  return walls;
}
