/** Times of an iCalendar file; rrule-temporal expands recurrence rules on the wall clock, as if that were UTC. */
import type { RRuleTemporal } from 'rrule-temporal';
import type { findIana } from 'windows-iana';
import {
  addDays,
  type CivilDate,
  firstYear,
  lastYear,
  offsetsOf,
  readCivilDate,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { IcsError } from '../content-lines.ts';

/** Remaining steps for all rules and zones of one file. Steps, not time, so that results do not depend on the machine. */
export interface Budget {
  left: number;
}

/** What expands rules, and what names zones: libraries, loaded for calendars alone. */
export interface RuleTools {
  readonly budget: Budget;
  readonly Rule: typeof RRuleTemporal;
}
export type ZoneTools = RuleTools & { readonly findIana: typeof findIana };

/** Holidays recur once a year; a clinic has thousands of visits. */
const stepsOfFile = { holidays: 100_000, visits: 500_000 };

export const newBudget = (what: keyof typeof stepsOfFile): Budget => ({ left: stepsOfFile[what] });

export function spend(budget: Budget, steps: number): void {
  budget.left -= steps;
  if (budget.left < 0) throw new IcsError('the file asks for more days than are followed');
}

/** Steps of a rule that gives no day: the library may search long for one, longest where no COUNT ends it. */
const stepsInVain = { counted: 50, endless: 500, failed: 10_000 };

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

/** '2026-03-12T10:20:00' of '20260312T102000Z', '2026-03-12' of '20260312'; undefined for anything else. */
export function wallOf(value: string): Wall | undefined {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?)?(?:Z|[+-]\d\d:?\d\d)?$/.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '00'] = match;
  return `${year}-${month}-${day}${hour === undefined ? '' : `T${hour}:${minute}:${second}`}`;
}

/** Recurring by the hour or at many minutes of one: no visit does, and to follow it takes long. */
const recursTooOften = (parts: ReadonlyMap<string, string>): boolean =>
  /^(?:SECONDLY|MINUTELY|HOURLY)$/.test(parts.get('FREQ') ?? '') ||
  parts.get('BYSECOND')?.includes(',') === true ||
  (parts.get('BYMINUTE')?.split(',').length ?? 0) > 4;

/** The parts that are followed; a rule with others would be followed wrongly. */
const knownParts =
  /^(?:FREQ|INTERVAL|COUNT|UNTIL|WKST|BY(?:SECOND|MINUTE|HOUR|DAY|MONTHDAY|YEARDAY|WEEKNO|MONTH|SETPOS)|X-.*)$/;

/** @throws IcsError */
function partsOf(rule: string): ReadonlyMap<string, string> {
  const stated = rule
    .toUpperCase()
    .replace(/\s/g, '')
    .split(';')
    .map((part): [string, string] => [part.split('=', 1)[0] ?? '', part.replace(/^[^=]*=?/, '')]);
  const parts = new Map(stated.filter(([, value]) => value !== ''));
  // Other calendars than this one, and days that are moved where there is none.
  if (parts.get('RSCALE') === 'GREGORIAN') parts.delete('RSCALE');
  if (parts.get('SKIP') === 'OMIT') parts.delete('SKIP');
  if (![...parts.keys()].every((name) => knownParts.test(name)) || !/^-?\d+$/.test(parts.get('COUNT') ?? '1'))
    throw new IcsError("RRULE can't be read");
  return parts;
}

/**
 * The starts of a rule within a window. The first start is one of them, whether the rule meets it or not.
 * @param zone for an UNTIL in UTC, which is compared as an instant
 * @throws IcsError
 */
export function followRule(
  rule: string,
  start: Wall,
  zone: Zone,
  window: Window,
  { budget, Rule }: RuleTools,
): readonly Wall[] {
  const parts = partsOf(rule);
  const until = compact(parts.get('UNTIL') ?? '');
  const untilDay = readCivilDate(wallOf(until)?.slice(0, 10) ?? '');
  if (until !== '' && untilDay === undefined) throw new IcsError("RRULE can't be read");
  // Another zone may shift the day by one.
  if (untilDay !== undefined && addDays(untilDay, 1) < window.from) return [];
  const isPast = (wall: Wall): boolean => {
    if (until === '') return false;
    if (!until.includes('T') || !start.includes('T')) return compact(wall).slice(0, 8) > until.slice(0, 8);
    return (until.endsWith('Z') ? compact(new Date(zone(wall)).toISOString()) : compact(wall)) > until;
  };
  const count = parts.has('COUNT') ? Number(parts.get('COUNT')) : undefined;
  // The library knows an UNTIL on its own clock alone.
  const endless = [...parts].filter(([name]) => name !== 'UNTIL' && name !== 'COUNT');
  const stated = endless.map((part) => part.join('=')).join(';');
  const starts = (span: Window, most: number | undefined): readonly Wall[] => {
    const dtstart = compact(start.includes('T') ? start : `${start}T00:00:00`);
    const counted = most === undefined ? '' : `;COUNT=${most}`;
    const walls = recursTooOften(parts)
      ? undefined
      : startsOf(Rule, `DTSTART:${dtstart}Z\nRRULE:${stated}${counted}`, span, start.length);
    const inVain = most === undefined && span === window ? stepsInVain.endless : stepsInVain.counted;
    spend(budget, walls === undefined ? stepsInVain.failed : walls.length || inVain);
    if (walls === undefined) throw new IcsError('it recurs too often to be followed');
    return walls;
  };
  const first = start.slice(0, 10) as CivilDate;
  const isMet = starts({ from: first, until: first }, undefined).includes(start);
  const most = count === undefined || isMet ? count : count - 1;
  const walls = most !== undefined && most < 1 ? [] : starts(window, most);
  const isIn = first >= window.from && first <= window.until;
  return [...(walls.includes(start) || !isIn ? [] : [start]), ...walls].filter((wall) => !isPast(wall));
}

/** Undefined beyond the limits that the library has of its own. @throws IcsError */
function startsOf(
  Rule: RuleTools['Rule'],
  rruleString: string,
  window: Window,
  length: number,
): readonly Wall[] | undefined {
  let recurrence: RRuleTemporal;
  try {
    recurrence = new Rule({ rruleString });
  } catch {
    throw new IcsError("RRULE can't be read");
  }
  const [from, until] = [new Date(`${window.from}T00:00:00Z`), new Date(`${window.until}T23:59:59Z`)];
  try {
    return recurrence.between(from, until, true).map((at) => at.toString().slice(0, length));
  } catch {
    return undefined;
  }
}

const wallMilliseconds = (wall: Wall): number => Date.parse(`${wall}Z`);

export const utcZone: Zone = wallMilliseconds;

/** A zone by its offsets from UTC (milliseconds). In a skipped or repeated hour the earlier one holds. */
export const zoneBy =
  (offsetAt: (instant: number) => number): Zone =>
  (wall) => {
    const shown = wallMilliseconds(wall);
    const first = shown - offsetAt(shown - offsetAt(shown));
    const before = shown - offsetAt(first - 7_200_000);
    // In a repeated hour both are right, in a skipped one neither.
    return before + offsetAt(before) === shown || first + offsetAt(first) !== shown ? before : first;
  };

/** Civil date and time of an instant (milliseconds) in one zone. */
export type ToLocal = (instant: number) => { readonly date: CivilDate; readonly time: TimeOfDay };

const clockWith =
  (offsetAt: (instant: number) => number): ToLocal =>
  (instant) => {
    const wall = new Date(instant + offsetAt(instant)).toISOString();
    return { date: wall.slice(0, 10) as CivilDate, time: wall.slice(11, 16) as TimeOfDay };
  };

export const utcClock = clockWith(() => 0);

/** @throws usage for an unknown zone */
export const clockOf = (name: string): ToLocal => clockWith(offsetsOf(name));
