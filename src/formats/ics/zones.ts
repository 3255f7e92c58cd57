/** Time zones of an iCalendar file: its own VTIMEZONE, else the IANA name. A zone turns wall-clock time into an instant. */
import type ICAL from 'ical.js';
import { type CivilDate, lastYear, type TimeOfDay, yearOf } from '../../dates/civil.ts';
import { isTimeZone } from '../../domain/fields.ts';
import { usage } from '../../errors.ts';
import { type Component, IcsError, readProperties, textOf } from './components.ts';
import { type Budget, dayOfWall, followRule, spend, type Wall } from './recurrence.ts';

export type Zone = (wall: Wall) => number;

const wallMilliseconds = (wall: Wall): number => Date.parse(`${wall}Z`);

export const utcZone: Zone = wallMilliseconds;

const quarter = 900_000;

function readOffset(value: unknown): number | undefined {
  const [, sign, hours, minutes, seconds = 0] =
    /^([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?$/.exec(String(value)) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** A zone's offset from UTC at an instant, both in milliseconds. @throws usage for an unknown zone */
export function offsetsOf(name: string): (instant: number) => number {
  if (!isTimeZone(name))
    throw usage(`'${name}' is not a time zone`, 'rapport config time-zone Europe/Madrid');
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'longOffset' });
  // Formatting is slow, and offsets change only on quarter hours.
  const known = new Map<number, number>();
  return (instant) => {
    const key = Math.floor(instant / quarter);
    const found = known.get(key);
    if (found !== undefined) return found;
    // 'GMT+01:00', or 'GMT' alone.
    const text = format
      .formatToParts(instant)
      .find(({ type }) => type === 'timeZoneName')
      ?.value.slice(3);
    const offset = readOffset(text) ?? 0;
    known.set(key, offset);
    return offset;
  };
}

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

const onsetNames = new Set(['dtstart', 'rrule', 'rdate', 'tzoffsetfrom', 'tzoffsetto']);

/** Windows writes onsets of 1601, before the first civil date; 1904 is a leap year too. */
const since = (onset: Wall): Wall => (onset < '1904' ? `1904${onset.slice(4)}` : onset);

interface Change {
  /** Wall-clock time of the change, read as UTC. */
  readonly from: number;
  readonly offset: number;
  readonly before: number;
}

/** UNTIL is in UTC; onsets are in the offset before them. */
function onItsClock(rule: object, before: number): object {
  const { until } = rule as { readonly until?: unknown };
  if (typeof until !== 'string' || !until.endsWith('Z')) return rule;
  return { ...rule, until: new Date(Date.parse(until) + before).toISOString().slice(0, 19) };
}

/** Least cost of a lookup and of an onset. */
const stepsOfLookUp = 100;
const stepsOfOnset = 10;

function changesOf(part: Component, until: CivilDate, budget: Budget, ical: typeof ICAL): readonly Change[] {
  spend(budget, stepsOfOnset);
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
  spend(budget, days.length);
  const start = since(onset);
  const from = dayOfWall(start);
  const followed =
    rule === undefined || from === undefined
      ? []
      : followRule(onItsClock(Object(rule), before), start, { from, until }, budget, ical);
  const walls = rule === undefined && days.length === 0 ? [onset] : [...followed, ...days];
  return walls.flatMap((wall): readonly Change[] => {
    const shown = wallMilliseconds(wall.includes('T') ? wall : `${wall}${onset.slice(10)}`);
    return Number.isNaN(shown) ? [] : [{ from: shown + Math.min(0, offset - before), offset, before }];
  });
}

/** Last year expanded, unless a later time is asked for. */
const usualEnd = 2050;

function definedZone(zone: Component, budget: Budget, ical: typeof ICAL): Zone {
  const starts = zone.lines.flatMap(({ text }, place) => (/^BEGIN:/i.test(text) ? [place] : []));
  const parts = starts.map((start, index) => ({
    ...zone,
    lines: zone.lines.slice(start + 1, starts[index + 1]),
  }));
  const follow = (year: number): readonly Change[] => {
    const until = `${year}-12-31` as CivilDate;
    return parts
      .flatMap((part) => changesOf(part, until, budget, ical))
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

export class Zones {
  readonly #ical: typeof ICAL;
  readonly #budget: Budget;
  readonly #components = new Map<string, Component>();
  readonly #known = new Map<string, Zone | undefined>();

  constructor(components: readonly Component[], budget: Budget, ical: typeof ICAL) {
    this.#ical = ical;
    this.#budget = budget;
    for (const component of components) {
      const tzid = attempt(() => textOf(readProperties(component, tzidOnly, ical), 'tzid'));
      if (tzid !== undefined) this.#components.set(tzid, component);
    }
  }

  of(tzid: string): Zone {
    if (!this.#known.has(tzid)) this.#known.set(tzid, this.#find(tzid));
    const zone = this.#known.get(tzid);
    if (zone === undefined) throw new IcsError('its time zone is not known, and the file does not define it');
    return zone;
  }

  #find(tzid: string): Zone | undefined {
    spend(this.#budget, stepsOfLookUp);
    const component = this.#components.get(tzid);
    const defined =
      component === undefined ? undefined : attempt(() => definedZone(component, this.#budget, this.#ical));
    if (defined !== undefined || tzid.length > longestName) return defined;
    if (!tzid.startsWith('/')) return namedZone(tzid);
    // Some programs prefix a path: '/freeassociation.sourceforge.net/Tzfile/Europe/Madrid'.
    const parts = tzid.split('/');
    const tails = [-3, -2, -1].map((place) => parts.slice(place).join('/')).filter((tail) => tail !== '');
    return tails.reduce<Zone | undefined>((found, tail) => found ?? namedZone(tail), undefined);
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
