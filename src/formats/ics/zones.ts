/** Time zones of an iCalendar file, by their IANA or Windows name, else their one offset. A zone turns wall-clock time into an instant. */
import type { RRuleTemporal } from 'rrule-temporal';
import type { findIana } from 'windows-iana';
import type { CivilDate, TimeOfDay } from '../../dates/civil.ts';
import { isTimeZone, offsetsOf, readOffset } from '../../dates/zones.ts';
import type { Property } from '../content-lines.ts';
import { type Component, guard, IcsError, readProperties, textOf } from './components.ts';
import { type Budget, spend, type Wall, type Zone } from './recurrence.ts';

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

/** What expands and names zones: libraries, loaded for calendars alone. */
export interface ZoneTools {
  readonly budget: Budget;
  readonly Rule: typeof RRuleTemporal;
  readonly findIana: typeof findIana;
}

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
