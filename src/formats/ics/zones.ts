/** Time zones of an iCalendar file: its own VTIMEZONE, else the IANA or Windows name. A zone turns wall-clock time into an instant. */
import type { RRuleTemporal } from 'rrule-temporal';
import type { findIana } from 'windows-iana';
import type { CivilDate, TimeOfDay } from '../../dates/civil.ts';
import { isTimeZone } from '../../domain/fields.ts';
import { usage } from '../../errors.ts';
import { type Component, IcsError, rawOf, readProperties, textOf } from './components.ts';
import { type Budget, ever, followRule, spend, type Wall, wallOf, type Zone } from './recurrence.ts';

const wallMilliseconds = (wall: Wall): number => Date.parse(`${wall}Z`);

export const utcZone: Zone = wallMilliseconds;

const quarter = 900_000;

function readOffset(value = ''): number | undefined {
  const [, sign, hours, minutes, seconds = 0] = /^([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?$/.exec(value) ?? [];
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

const onsetNames = new Set(['DTSTART', 'RRULE', 'RDATE', 'TZOFFSETFROM', 'TZOFFSETTO']);

interface Change {
  /** Wall-clock time of the change, read as UTC. */
  readonly from: number;
  readonly offset: number;
  readonly before: number;
}

/** Changes before it are not expanded: visits are later. */
const expanded = { ...ever, from: '1970-01-01' as CivilDate };
/** Least cost of a lookup and of an onset. */
const stepsOfLookUp = 100;
const stepsOfOnset = 10;

/** What expands and names zones: libraries, loaded for calendars alone. */
export interface ZoneTools {
  readonly budget: Budget;
  readonly Rule: typeof RRuleTemporal;
  readonly findIana: typeof findIana;
}

function changesOf(part: Component, tools: ZoneTools): readonly Change[] {
  spend(tools.budget, stepsOfOnset);
  const properties = readProperties(part, onsetNames);
  const onset = wallOf(rawOf(properties, 'DTSTART') ?? '');
  const before = readOffset(rawOf(properties, 'TZOFFSETFROM'));
  const offset = readOffset(rawOf(properties, 'TZOFFSETTO'));
  if (onset === undefined || before === undefined || offset === undefined) return [];
  const valuesOf = (wanted: string) =>
    properties.filter(({ name }) => name === wanted).map(({ value }) => value);
  const [rule, another] = valuesOf('RRULE');
  if (another !== undefined || (rule !== undefined && !/FREQ=YEARLY/i.test(rule)))
    throw new IcsError('a time zone whose changes are not yearly');
  const days = valuesOf('RDATE').flatMap((value) => value.split(','));
  spend(tools.budget, days.length);
  // Onsets, and the UNTIL of their rule, are in the offset before them.
  const followed =
    rule === undefined
      ? []
      : followRule(rule, onset, (wall) => wallMilliseconds(wall) - before, expanded, tools);
  const added = days.flatMap((day) => wallOf(day.split('/')[0] ?? '') ?? []);
  return [...(rule === undefined && days.length === 0 ? [onset] : followed), ...added].map((wall) => ({
    from: wallMilliseconds(wall) + Math.min(0, offset - before),
    offset,
    before,
  }));
}

function definedZone(zone: Component, tools: ZoneTools): Zone {
  const starts = zone.lines.flatMap(({ text }, place) => (/^BEGIN:/i.test(text) ? [place] : []));
  const parts = starts.map((start, index) => ({
    ...zone,
    lines: zone.lines.slice(start + 1, starts[index + 1]),
  }));
  const changes = parts
    .flatMap((part) => changesOf(part, tools))
    .sort((left, right) => left.from - right.from);
  if (changes.length === 0) throw new IcsError('a time zone without an offset');
  return (wall) => {
    const shown = wallMilliseconds(wall);
    const change = changes.findLast(({ from }) => from <= shown);
    return shown - (change?.offset ?? changes[0]?.before ?? 0);
  };
}

const tzidOnly = new Set(['TZID']);
const longestName = 200;

export class Zones {
  readonly #tools: ZoneTools;
  readonly #components = new Map<string, Component>();
  readonly #known = new Map<string, Zone | undefined>();

  constructor(components: readonly Component[], tools: ZoneTools) {
    this.#tools = tools;
    for (const component of components) {
      const tzid = attempt(() => textOf(readProperties(component, tzidOnly), 'TZID'));
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
    spend(this.#tools.budget, stepsOfLookUp);
    const component = this.#components.get(tzid);
    const defined = component && attempt(() => definedZone(component, this.#tools));
    if (defined !== undefined || tzid.length > longestName) return defined;
    // Some programs prefix a path: '/freeassociation.sourceforge.net/Tzfile/Europe/Madrid'.
    const parts = tzid.split('/');
    const tails = tzid.startsWith('/') ? [-3, -2, -1].map((place) => parts.slice(place).join('/')) : [tzid];
    const names = [...tails, ...this.#tools.findIana(tzid)];
    return names.reduce<Zone | undefined>((found, name) => found ?? namedZone(name), undefined);
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
