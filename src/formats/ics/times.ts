/**
 * Times of an iCalendar file. Zones go by their IANA or Windows name, else by their one offset; rrule-temporal expands
 * recurrence rules on the wall clock, as if that were UTC.
 */
import type { RRuleTemporal } from 'rrule-temporal';
import type { findIana } from 'windows-iana';
import {
  addDays,
  type CivilDate,
  firstYear,
  lastYear,
  readCivilDate,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { isTimeZone, offsetsOf, readOffset } from '../../dates/zones.ts';
import type { Property } from '../content-lines.ts';
import { type Component, guard, IcsError, readProperties, textOf } from './components.ts';

/** Remaining steps for all rules and zones of one file. Steps, not time, so that results do not depend on the machine. */
export interface Budget {
  left: number;
}

/** What expands and names zones: libraries, loaded for calendars alone. */
export interface ZoneTools {
  readonly budget: Budget;
  readonly Rule: typeof RRuleTemporal;
  readonly findIana: typeof findIana;
}

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

/** '2026-03-12T10:20:00' of '20260312T102000', '2026-03-12' of '20260312'; undefined for anything else. */
export function wallOf(value: string): Wall | undefined {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d))?Z?$/.exec(value);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return `${year}-${month}-${day}${hour === undefined ? '' : `T${hour}:${minute}:${second}`}`;
}

/** Recurring by the hour or at many minutes of one: no visit does, and to follow it takes long. */
const recursTooOften = (parts: ReadonlyMap<string, string>): boolean =>
  /^(?:SECONDLY|MINUTELY|HOURLY)$/.test(parts.get('FREQ') ?? '') ||
  parts.get('BYSECOND')?.includes(',') === true ||
  (parts.get('BYMINUTE')?.split(',').length ?? 0) > 4;

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
  { budget, Rule }: Pick<ZoneTools, 'budget' | 'Rule'>,
): readonly Wall[] {
  const stated = rule.toUpperCase().split(';');
  const parts = new Map(stated.map((part) => [part.split('=', 1)[0] ?? '', part.replace(/^[^=]*=/, '')]));
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
  // The library knows an UNTIL on its own clock alone.
  const endless = stated.filter((part) => !part.startsWith('UNTIL='));
  const dtstart = compact(start.includes('T') ? start : `${start}T00:00:00`);
  let recurrence: RRuleTemporal;
  try {
    recurrence = new Rule({ rruleString: `DTSTART:${dtstart}Z\nRRULE:${endless.join(';')}` });
  } catch {
    throw new IcsError("RRULE can't be read");
  }
  const walls = recursTooOften(parts) ? undefined : startsOf(recurrence, window, start.length);
  const inVain = parts.has('COUNT') ? stepsInVain.counted : stepsInVain.endless;
  spend(budget, walls === undefined ? stepsInVain.failed : walls.length || inVain);
  if (walls === undefined) throw new IcsError('it recurs too often to be followed');
  return walls.filter((wall) => !isPast(wall));
}

/** Undefined beyond the limits that the library has of its own. */
function startsOf(recurrence: RRuleTemporal, window: Window, length: number): readonly Wall[] | undefined {
  const [from, until] = [new Date(`${window.from}T00:00:00Z`), new Date(`${window.until}T23:59:59Z`)];
  try {
    return recurrence.between(from, until, true).map((at) => at.toString().slice(0, length));
  } catch {
    return undefined;
  }
}

const wallMilliseconds = (wall: Wall): number => Date.parse(`${wall}Z`);

export const utcZone: Zone = wallMilliseconds;

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

/** A zone by its IANA name. In a skipped or repeated hour the earlier offset holds. */
function namedZone(name: string): Zone | undefined {
  if (!isTimeZone(name)) return undefined;
  const offsetAt = offsetsOf(name);
  return (wall) => {
    const shown = wallMilliseconds(wall);
    const first = shown - offsetAt(shown - offsetAt(shown));
    const before = shown - offsetAt(first - 7_200_000);
    // In a repeated hour both are right, in a skipped one neither.
    return before + offsetAt(before) === shown || first + offsetAt(first) !== shown ? before : first;
  };
}

/** Least cost of a lookup. */
const stepsOfLookUp = 100;

const zoneNames = new Set(['TZID', 'TZOFFSETTO']);
const longestName = 200;

/** Undefined for a zone whose clock changes, which is known by its name alone. */
function fixedZone(properties: readonly Property[]): Zone | undefined {
  const written = properties.flatMap(({ name, value }) => (name === 'TZOFFSETTO' ? [value] : []));
  const [offset, another] = new Set(written.map(readOffset));
  return offset === undefined || another !== undefined
    ? undefined
    : (wall) => wallMilliseconds(wall) - offset;
}

export class Zones {
  readonly #tools: ZoneTools;
  readonly #known = new Map<string, Zone | undefined>();
  readonly #fixed = new Map<string, Zone | undefined>();

  constructor(components: readonly Component[], tools: ZoneTools) {
    this.#tools = tools;
    for (const component of components)
      guard([], component.line, () => {
        const properties = readProperties(component, zoneNames);
        this.#fixed.set(textOf(properties, 'TZID') ?? '', fixedZone(properties));
      });
  }

  of(tzid: string): Zone {
    if (!this.#known.has(tzid)) this.#known.set(tzid, this.#named(tzid) ?? this.#fixed.get(tzid));
    const zone = this.#known.get(tzid);
    if (zone === undefined) throw new IcsError('its time zone is not known');
    return zone;
  }

  #named(tzid: string): Zone | undefined {
    spend(this.#tools.budget, stepsOfLookUp);
    if (tzid.length > longestName) return undefined;
    // Some programs prefix a path: '/freeassociation.sourceforge.net/Tzfile/Europe/Madrid'.
    const parts = tzid.split('/');
    const tails = tzid.startsWith('/') ? [-3, -2, -1].map((place) => parts.slice(place).join('/')) : [tzid];
    const names = [...tails, ...this.#tools.findIana(tzid)];
    return names.reduce<Zone | undefined>((found, name) => found ?? namedZone(name), undefined);
  }
}
