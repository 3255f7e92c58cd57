/**
 * Zones of an iCalendar file: by an IANA name, else by a Windows name, else as the file defines them, else by what the
 * name says. Of a definition DTSTART, RDATE and RRULE all say when its clock changes.
 */
import { type CivilDate, isTimeZone, offsetsOf, readOffset, yearOf } from '../../dates/civil.ts';
import { type Component, guard, IcsError, type Property, readProperties, textOf } from '../content-lines.ts';
import { followRule, spend, utcZone, type Wall, wallOf, type Zone, type ZoneTools, zoneBy } from './times.ts';

/** Least cost of a lookup. */
const stepsOfLookUp = 100;
const longestName = 200;
/** The rules of a definition are followed within these. */
const span = { from: '1970-01-01' as CivilDate, until: '2099-12-31' as CivilDate };
const yearLong = 366 * 86_400_000;

const wanted = new Set('BEGIN TZID X-LIC-LOCATION TZOFFSETFROM TZOFFSETTO DTSTART RDATE RRULE'.split(' '));

/**
 * When the clock changes by a part, STANDARD or DAYLIGHT: instants and offsets from UTC, in milliseconds.
 * @throws IcsError
 */
function changesOf(part: readonly Property[], tools: ZoneTools) {
  const valuesOf = (name: string): readonly string[] =>
    part.flatMap((one) => (one.name === name && one.value !== '' ? one.value.split(',') : []));
  const [to] = valuesOf('TZOFFSETTO').map(readOffset);
  if (to === undefined) throw new IcsError('no definition');
  const [from = to] = valuesOf('TZOFFSETFROM').map(readOffset);
  const [start = `${span.from}T00:00:00`] = valuesOf('DTSTART').map(wallOf);
  const instantOf: Zone = (wall) => utcZone(wall) - from;
  const rules = part.filter(({ name, value }) => name === 'RRULE' && value !== '').map(({ value }) => value);
  const isEndless = rules.some((rule) => !/UNTIL|COUNT/i.test(rule));
  // Rules of whole years give the same from any year on; those from 1601 are long ones.
  const isEarly = yearOf(start) < yearOf(span.from) && !/COUNT|INTERVAL/i.test(rules.join());
  const since = isEarly ? `${span.from.slice(0, 4)}${start.slice(4)}` : start;
  const walls: readonly (Wall | undefined)[] = [
    start,
    ...valuesOf('RDATE').map((one) => wallOf(one.split('/')[0] ?? '')),
    ...rules.flatMap((rule) => followRule(rule, since, instantOf, span, tools)),
  ];
  return walls.flatMap((wall) =>
    wall === undefined ? [] : [{ at: instantOf(wall), from, to, isLast: !isEndless }],
  );
}

/** `isOutside`: the definition does not say what its clock shows then. @throws IcsError where it has no part to read */
function definitionOf(properties: readonly Property[], tools: ZoneTools) {
  const written = properties
    .filter(({ name }) => name === 'TZOFFSETTO')
    .map(({ value }) => readOffset(value));
  const [only, another] = new Set(written);
  if (only !== undefined && another === undefined)
    return { zone: (wall: Wall) => utcZone(wall) - only, isOutside: () => false };
  const parts: Property[][] = [];
  for (const property of properties)
    if (property.name === 'BEGIN') parts.push([]);
    else parts.at(-1)?.push(property);
  const changes = parts.flatMap((part) => changesOf(part, tools)).toSorted((one, other) => one.at - other.at);
  const [first, last] = [changes[0], changes.at(-1)];
  if (first === undefined || last === undefined) throw new IcsError('no definition');
  const offsetAt = (instant: number): number => {
    let [low, high] = [0, changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((changes[middle]?.at ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? first.from : (changes[low - 1]?.to ?? first.to);
  };
  return {
    zone: zoneBy(offsetAt),
    isOutside: (instant: number) =>
      instant < first.at || (changes.every(({ isLast }) => isLast) && instant > last.at + yearLong),
  };
}

const namedZone = (name: string): Zone | undefined =>
  /^[A-Za-z]/.test(name) && isTimeZone(name) ? zoneBy(offsetsOf(name)) : undefined;

/** 'UTC+2', 'GMT-05:30', '(UTC+01:00) Amsterdam, Berlin': one offset, where the name says no more. */
function writtenOffset(name: string): Zone | undefined {
  // 'tzone://Microsoft/Utc'
  if (/\/(?:utc|gmt)$/i.test(name)) return utcZone;
  const [, sign, hours = '', minutes = '00'] =
    /^\(?(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?\)?$/i.exec(name.trim()) ?? [];
  const offset = sign && readOffset(`${sign}${hours.padStart(2, '0')}:${minutes}`);
  return typeof offset === 'number' ? (wall) => utcZone(wall) - offset : undefined;
}

/** 'Eastern Time (US & Canada)' and 'Amsterdam, Berlin, Rome' as Windows shows its zones, behind an offset. */
function shownNames(name: string): readonly string[] {
  const shown = /^\((?:UTC|GMT)[^)]*\)\s*(.+)$/i.exec(name.trim())?.[1];
  if (shown === undefined) return [];
  const cities = shown.split(',').map((city) => city.trim().replaceAll(' ', '_'));
  const zones = Intl.supportedValuesOf('timeZone');
  return cities.flatMap((city) => zones.find((zone) => zone.endsWith(`/${city}`)) ?? []);
}

export type Zones = ReturnType<typeof zonesOf>;

export function zonesOf(components: readonly Component[], tools: ZoneTools) {
  const defined = new Map<string, readonly Property[]>();
  const known = new Map<string, Zone | undefined>();
  let isOutside = false;
  for (const component of components)
    guard([], component.line, () => {
      const properties = readProperties(component, wanted);
      defined.set(textOf(properties, 'TZID') ?? '', properties);
    });

  function find(tzid: string): Zone | undefined {
    spend(tools.budget, stepsOfLookUp);
    if (tzid.length > longestName) return undefined;
    // Some programs prefix a path: '/freeassociation.sourceforge.net/Tzfile/Europe/Madrid'.
    const parts = tzid.split('/');
    const tails = tzid.startsWith('/') ? [-3, -2, -1].map((place) => parts.slice(place).join('/')) : [tzid];
    const properties = defined.get(tzid);
    const location = properties && textOf(properties, 'X-LIC-LOCATION');
    const { findIana } = tools;
    const windows = tzid
      .replace(/^\([^)]*\)\s*/, '')
      .replace(/^([^(]*)\(.*\)$/, '$1')
      .trimEnd();
    const finders: readonly (() => Zone | undefined)[] = [
      ...[...tails, location ?? '', ...findIana(tzid)].map((name) => () => namedZone(name)),
      () => properties && guard([], 0, () => asDefined(properties)),
      () => writtenOffset(tzid),
      ...findIana(windows.replace(/ Time$/, ' Standard Time')).map((name) => () => namedZone(name)),
      ...shownNames(tzid).map((name) => () => namedZone(name)),
    ];
    return finders.reduce<Zone | undefined>((found, find) => found ?? find(), undefined);
  }

  function asDefined(properties: readonly Property[]): Zone {
    const definition = definitionOf(properties, tools);
    return (wall) => {
      const instant = definition.zone(wall);
      isOutside ||= definition.isOutside(instant);
      return instant;
    };
  }

  return {
    /** @throws IcsError for a zone that is not known */
    of(tzid: string): Zone {
      if (!known.has(tzid)) known.set(tzid, find(tzid));
      const zone = known.get(tzid);
      if (zone === undefined) throw new IcsError('its time zone is not known');
      return zone;
    },
    /** Whether a time was asked for that the definition of its zone says nothing of. */
    isOutside: (): boolean => isOutside,
  };
}
