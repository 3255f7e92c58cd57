/**
 * Time zones of an iCalendar file: as its own VTIMEZONE defines them, or by their IANA name. A zone turns the time on a
 * clock there into an instant.
 */
import type ICAL from 'ical.js';
import { type CivilDate, lastYear, readCivilDate, type TimeOfDay } from '../../dates/civil.ts';
import { type Component, Fault, readProperties, textOf, unfold } from './components.ts';
import { followRule, type Wall } from './recurring.ts';

/** Milliseconds since 1970 of a time on the clock of a zone. */
export type Zone = (wall: Wall) => number;

const wallMilliseconds = (wall: Wall): number => Date.parse(`${wall}Z`);

export const utcZone: Zone = wallMilliseconds;

const quarter = 900_000;

/** How far the clock of a zone is ahead at an instant, in milliseconds; undefined where there is no zone of that name. */
function offsetsOf(name: string): ((instant: number) => number) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
  // Formatting is slow, and no clock is changed within a quarter of an hour.
  const known = new Map<number, number>();
  return (instant) => {
    const key = Math.floor(instant / quarter);
    const found = known.get(key);
    if (found !== undefined) return found;
    const text = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = 0, minutes = 0, seconds = 0] =
      /([+-])(\d{2}):?(\d{2})?:?(\d{2})?/.exec(text) ?? [];
    const offset =
      (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
    known.set(key, offset);
    return offset;
  };
}

/** Tells the civil date and time of an instant (milliseconds) in one zone. */
export type ToLocal = (instant: number) => { readonly date: CivilDate; readonly time: TimeOfDay };

/** The clock of a zone by its IANA name, or undefined. */
export function clockOf(name: string): ToLocal | undefined {
  const offsetAt = offsetsOf(name);
  return (
    offsetAt &&
    ((instant) => {
      const wall = new Date(instant + offsetAt(instant)).toISOString();
      return { date: wall.slice(0, 10) as CivilDate, time: wall.slice(11, 16) as TimeOfDay };
    })
  );
}

/** A zone of that IANA name, or undefined. In the hour that a clock skips or repeats, the earlier offset holds. */
export function namedZone(name: string): Zone | undefined {
  const offsetAt = offsetsOf(name);
  if (offsetAt === undefined) return undefined;
  return (wall) => {
    const shown = wallMilliseconds(wall);
    const first = shown - offsetAt(shown - offsetAt(shown));
    const before = shown - offsetAt(first - 7_200_000);
    // Both are right in an hour that comes twice; neither is in one that is skipped.
    return before + offsetAt(before) === shown || first + offsetAt(first) !== shown ? before : first;
  };
}

const ruleNames = new Set(['dtstart', 'rrule']);

/** A day that civil dates know, of a leap year: zones begin in 1601 where Windows wrote them. */
const since = (onset: string): string => (onset < '1904' ? `1904${onset.slice(4)}` : onset);

/** Follows each rule once by itself, since the library would follow one without an end for ever. @throws Fault */
function checkRules(zone: Component, ical: typeof ICAL): void {
  const starts = zone.lines.flatMap(({ text }, place) => (/^BEGIN:/i.test(text) ? [place] : []));
  const until = readCivilDate(`${lastYear}-12-31`);
  for (const [index, start] of starts.entries()) {
    const lines = zone.lines.slice(start + 1, starts[index + 1]);
    const properties = readProperties({ ...zone, lines }, ruleNames, ical);
    const onset = properties.find(({ name }) => name === 'dtstart')?.values[0];
    const rules = properties.filter(({ name }) => name === 'rrule');
    if (rules.length > 1) throw new Fault('a time zone with several rules');
    for (const { values } of rules)
      if (until !== undefined)
        followRule(values[0] as object, since(String(onset)), { from: until, until }, { left: 3000 }, ical);
  }
}

/** A change of the clock as the library keeps it, in UTC; the offset in seconds. */
interface Onset {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly prevUtcOffset: number;
}

function definedZone(component: Component, tzid: string, ical: typeof ICAL): Zone {
  checkRules(component, ical);
  const text = ['BEGIN:VTIMEZONE', ...unfold(component.lines), 'END:VTIMEZONE'].join('\r\n');
  const zone = new ical.Timezone({ component: text, tzid });
  const offsetOf = (wall: Wall): number => {
    const time = ical.Time.fromString(wall, undefined);
    return zone.utcOffset(time) * 1000;
  };
  offsetOf('2000-01-01T00:00:00');
  const [first]: readonly Onset[] = zone.changes;
  if (first === undefined) throw new Fault('a time zone without an offset');
  const { year, month, day, hour, minute, second, prevUtcOffset } = first;
  const begins = Date.UTC(year, month - 1, day, hour, minute, second);
  return (wall) => {
    const shown = wallMilliseconds(wall);
    const before = shown - prevUtcOffset * 1000;
    // The library takes what lies before the first change for UTC.
    return before < begins ? before : shown - offsetOf(wall);
  };
}

const tzidOnly = new Set(['tzid']);

/** The zones of one file. Each is looked at when an event asks for it. */
export class Zones {
  readonly #ical: typeof ICAL;
  readonly #components = new Map<string, Component>();
  readonly #known = new Map<string, Zone | undefined>();

  constructor(components: readonly Component[], ical: typeof ICAL) {
    this.#ical = ical;
    for (const component of components) {
      const tzid = attempt(() => textOf(readProperties(component, tzidOnly, ical), 'tzid'));
      if (tzid !== undefined) this.#components.set(tzid, component);
    }
  }

  /** @throws Fault for one that neither the file defines nor this machine knows */
  of(tzid: string): Zone {
    if (!this.#known.has(tzid)) this.#known.set(tzid, this.#find(tzid));
    const zone = this.#known.get(tzid);
    if (zone === undefined) throw new Fault('its time zone is not known, and the file does not define it');
    return zone;
  }

  #find(tzid: string): Zone | undefined {
    const component = this.#components.get(tzid);
    const defined =
      component === undefined ? undefined : attempt(() => definedZone(component, tzid, this.#ical));
    if (defined !== undefined || !tzid.startsWith('/')) return defined ?? namedZone(tzid);
    // Some programs write a path before the name: '/freeassociation.sourceforge.net/Tzfile/Europe/Madrid'.
    const parts = tzid.split('/');
    const tails = parts.map((_, place) => parts.slice(place).join('/')).filter((tail) => tail !== '');
    return tails.reduce<Zone | undefined>((found, tail) => found ?? namedZone(tail), undefined);
  }
}

/** What is broken in a zone is as if it were not there. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
