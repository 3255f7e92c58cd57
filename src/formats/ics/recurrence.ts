/** Expands recurrence rules with rrule-temporal on the wall clock, as if that were UTC: a file may define its own zones. */
import type { RRuleTemporal } from 'rrule-temporal';
import { addDays, type CivilDate, firstYear, lastYear, readCivilDate } from '../../dates/civil.ts';
import { IcsError } from './components.ts';

/** Remaining steps for all rules and zones of one file. Steps, not time, so that results do not depend on the machine. */
export interface Budget {
  left: number;
}

/** Holidays recur once a year; a clinic has thousands of visits. */
const stepsOfFile = { holidays: 100_000, visits: 500_000 };

export const newBudget = (what: keyof typeof stepsOfFile): Budget => ({ left: stepsOfFile[what] });

export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new IcsError('the file asks for more days than are followed');
}

/** Steps of a rule that gives no day: the library may search long for one, longest where no COUNT ends it. */
const stepsInVain = { counted: 50, endless: 500 };

/** A wall-clock time without a zone: '2026-03-12' or '2026-03-12T10:20:00'. */
export type Wall = string;

/** The instant (milliseconds) of a wall-clock time. */
export type Zone = (wall: Wall) => number;

export interface Window {
  readonly from: CivilDate;
  readonly until: CivilDate;
}

export const ever: Window = {
  from: `${firstYear}-01-01` as CivilDate,
  until: `${lastYear}-12-31` as CivilDate,
};

/** '20260312T102000' of '2026-03-12T10:20:00', and the same of an instant. */
export const compact = (text: string): string => text.replace(/\.\d+|[-:]/g, '');

/** '2026-03-12T10:20:00' of '20260312T102000', '2026-03-12' of '20260312'; undefined for anything else. */
export function wallOf(value: string): Wall | undefined {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d))?Z?$/.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return `${year}-${month}-${day}${hour === undefined ? '' : `T${hour}:${minute}:${second}`}`;
}

/** Recurring by the minute, or at many minutes of an hour: no visit does, and to follow it takes long. */
const tooOften = /FREQ=(?:SECONDLY|MINUTELY)|BYSECOND=[^;]*,|BYMINUTE=(?:[^;,]*,){4}/i;

/**
 * The starts of a rule within a window.
 * @param zone for an UNTIL in UTC, which is compared as an instant
 * @throws IcsError
 */
export function followRule(
  rule: string,
  start: Wall,
  zone: Zone,
  window: Window,
  { budget, Rule }: { readonly budget: Budget; readonly Rule: typeof RRuleTemporal },
): readonly Wall[] {
  const until = compact(/(?:^|;)UNTIL=([^;]*)/i.exec(rule)?.[1]?.trim() ?? '');
  const untilDay = readCivilDate(wallOf(until)?.slice(0, 10) ?? '');
  if (until !== '' && untilDay === undefined) throw new IcsError("RRULE can't be read");
  // Another zone may shift the day by one.
  if (untilDay !== undefined && addDays(untilDay, 1) < window.from) return [];
  const isPast = (wall: Wall): boolean => {
    if (until === '') return false;
    if (!until.includes('T') || !start.includes('T')) return compact(wall).slice(0, 8) > until.slice(0, 8);
    return (until.endsWith('Z') ? compact(new Date(zone(wall)).toISOString()) : compact(wall)) > until;
  };
  const walls = expand(rule.replace(/(^|;)UNTIL=[^;]*/i, ''), start, window, Rule);
  const inVain = /COUNT=/i.test(rule) ? stepsInVain.counted : stepsInVain.endless;
  spend(budget, walls.length > 0 ? walls.length : inVain);
  return walls.filter((wall) => !isPast(wall));
}

function expand(rule: string, start: Wall, window: Window, Rule: typeof RRuleTemporal): readonly Wall[] {
  const dtstart = compact(start.includes('T') ? start : `${start}T00:00:00`);
  let recurrence: RRuleTemporal;
  try {
    recurrence = new Rule({ rruleString: `DTSTART:${dtstart}Z\nRRULE:${rule.replace(/^;/, '')}` });
  } catch {
    throw new IcsError("RRULE can't be read");
  }
  try {
    if (tooOften.test(rule)) throw new IcsError('');
    const [from, until] = [new Date(`${window.from}T00:00:00Z`), new Date(`${window.until}T23:59:59Z`)];
    return recurrence.between(from, until, true).map((at) => at.toString().slice(0, start.length));
  } catch {
    // The library has limits of its own, of days and of steps.
    throw new IcsError('it recurs too often to be followed');
  }
}
