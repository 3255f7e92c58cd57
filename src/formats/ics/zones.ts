/**
 * Time zones of an iCalendar file: as its own VTIMEZONE defines them, or by their IANA name. A zone turns the time on a
 * clock there into an instant.
 */
import type ICAL from 'ical.js';
import { type CivilDate, lastYear, type TimeOfDay, yearOf } from '../../dates/civil.ts';
import { type Component, IcsError, readProperties, textOf } from './components.ts';
import { dayOfWall, followRule, type Patience, spend, type Wall } from './recurring.ts';

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

const onsetNames = new Set(['dtstart', 'rrule', 'rdate', 'tzoffsetfrom', 'tzoffsetto']);

/** A time that civil dates know, of a leap year: zones begin in 1601 where Windows wrote them. */
const since = (onset: Wall): Wall => (onset < '1904' ? `1904${onset.slice(4)}` : onset);

/** A change of the clock: when, and how far the clock is ahead from then on and before; in milliseconds. */
interface Change {
  /** What the clock shows from which on it holds, as if that were UTC. */
  readonly from: number;
  readonly offset: number;
  readonly before: number;
}

/** Of '+01:00', in milliseconds. */
function readOffset(value: unknown): number | undefined {
  const [, sign, hours, minutes, seconds = 0] =
    /^([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?$/.exec(String(value)) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** UNTIL is told in UTC, and the onsets in the time before them. */
function onItsClock(rule: object, before: number): object {
  const { until } = rule as { readonly until?: unknown };
  if (typeof until !== 'string' || !until.endsWith('Z')) return rule;
  return { ...rule, until: new Date(Date.parse(until) + before).toISOString().slice(0, 19) };
}

/** What a zone is looked up for, and an onset read, at least. */
const stepsOfLookUp = 100;
const stepsOfOnset = 10;

/** The changes that one part of a zone makes, STANDARD or DAYLIGHT. @throws IcsError */
function changesOf(
  part: Component,
  until: CivilDate,
  patience: Patience,
  ical: typeof ICAL,
): readonly Change[] {
  spend(patience, stepsOfOnset);
  const properties = readProperties(part, onsetNames, ical);
  const valuesOf = (wanted: string): readonly unknown[] =>
    properties.filter(({ name }) => name === wanted).flatMap(({ values }) => values);
  const [onset] = valuesOf('dtstart');
  const before = readOffset(valuesOf('tzoffsetfrom')[0]);
  const offset = readOffset(valuesOf('tzoffsetto')[0]);
  if (typeof onset !== 'string' || before === undefined || offset === undefined) return [];
  const [rule, another] = valuesOf('rrule');
  if (another !== undefined) throw new IcsError('a time zone with several rules');
  const days = valuesOf('rdate').map((value) => String(Array.isArray(value) ? value[0] : value));
  spend(patience, days.length);
  const start = since(onset);
  const from = dayOfWall(start);
  const followed =
    rule === undefined || from === undefined
      ? []
      : followRule(onItsClock(Object(rule), before), start, { from, until }, patience, ical);
  const walls = rule === undefined && days.length === 0 ? [onset] : [...followed, ...days];
  return walls.flatMap((wall): readonly Change[] => {
    const shown = wallMilliseconds(wall.includes('T') ? wall : `${wall}${onset.slice(10)}`);
    return Number.isNaN(shown) ? [] : [{ from: shown + Math.min(0, offset - before), offset, before }];
  });
}

/** Zones are followed so far, and only for later times to the end of all dates. */
const usualEnd = 2050;

function definedZone(zone: Component, patience: Patience, ical: typeof ICAL): Zone {
  const starts = zone.lines.flatMap(({ text }, place) => (/^BEGIN:/i.test(text) ? [place] : []));
  const parts = starts.map((start, index) => ({
    ...zone,
    lines: zone.lines.slice(start + 1, starts[index + 1]),
  }));
  const follow = (year: number): readonly Change[] => {
    const until = `${year}-12-31` as CivilDate;
    return parts
      .flatMap((part) => changesOf(part, until, patience, ical))
      .sort((left, right) => left.from - right.from);
  };
  let end = usualEnd;
  let changes = follow(end);
  if (changes.length === 0) throw new IcsError('a time zone without an offset');
  return (wall) => {
    if (yearOf(wall) > end) {
      end = lastYear;
      changes = follow(end);
    }
    const shown = wallMilliseconds(wall);
    const later = changes.findIndex(({ from }) => from > shown);
    const change = later < 0 ? changes.at(-1) : changes[later - 1];
    return shown - (change?.offset ?? changes[0]?.before ?? 0);
  };
}

const tzidOnly = new Set(['tzid']);
const longestName = 200;

/** The zones of one file. Each is looked at when an event asks for it. */
export class Zones {
  readonly #ical: typeof ICAL;
  readonly #patience: Patience;
  readonly #components = new Map<string, Component>();
  readonly #known = new Map<string, Zone | undefined>();

  constructor(components: readonly Component[], patience: Patience, ical: typeof ICAL) {
    this.#ical = ical;
    this.#patience = patience;
    for (const component of components) {
      const tzid = attempt(() => textOf(readProperties(component, tzidOnly, ical), 'tzid'));
      if (tzid !== undefined) this.#components.set(tzid, component);
    }
  }

  /** @throws IcsError for one that neither the file defines nor this machine knows */
  of(tzid: string): Zone {
    if (!this.#known.has(tzid)) this.#known.set(tzid, this.#find(tzid));
    const zone = this.#known.get(tzid);
    if (zone === undefined) throw new IcsError('its time zone is not known, and the file does not define it');
    return zone;
  }

  #find(tzid: string): Zone | undefined {
    spend(this.#patience, stepsOfLookUp);
    const component = this.#components.get(tzid);
    const defined =
      component === undefined ? undefined : attempt(() => definedZone(component, this.#patience, this.#ical));
    if (defined !== undefined || tzid.length > longestName) return defined;
    if (!tzid.startsWith('/')) return namedZone(tzid);
    // Some programs write a path before the name: '/freeassociation.sourceforge.net/Tzfile/Europe/Madrid'.
    const parts = tzid.split('/');
    const tails = [-3, -2, -1].map((place) => parts.slice(place).join('/')).filter((tail) => tail !== '');
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
