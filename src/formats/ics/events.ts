/** One calendar event as values, and its occurrences in the clinician's time zone. */
import {
  addDays,
  type CivilDate,
  firstYear,
  lastYear,
  readCivilDate,
  readTimeOfDay,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { type EventRule, type EventText, eventTexts } from '../../domain/event-rules.ts';
import { nameLimit } from '../../domain/records.ts';
import { type Property, partsOf, unescapeText } from '../content-lines.ts';
import { type Component, IcsError, rawOf, readProperties, textOf } from './components.ts';
import {
  compact,
  followRule,
  type ToLocal,
  utcZone,
  type Wall,
  type Window,
  wallOf,
  type Zone,
  type Zones,
  type ZoneTools,
} from './times.ts';

/** A day, or a wall-clock time in a zone; without a zone, in the reader's own (a floating time). */
export interface Moment {
  readonly wall: Wall;
  readonly day: CivilDate;
  readonly time: TimeOfDay | undefined;
  readonly zone: Zone | undefined;
}

export interface CalendarEvent {
  readonly line: number;
  readonly uid: string | null;
  readonly sequence: number;
  /** LAST-MODIFIED or DTSTAMP; decides between versions of one sequence. */
  readonly stamp: string;
  /** RECURRENCE-ID: the occurrence of a series that it replaces. */
  readonly replaces: Moment | undefined;
  readonly start: Moment;
  /** Values of RRULE. */
  readonly rules: readonly string[];
  readonly added: readonly Moment[];
  readonly left: readonly Moment[];
  readonly isCancelled: boolean;
  readonly method: string;
  readonly text: string | null;
  readonly said: readonly (readonly EventText[])[];
}

const always =
  'UID SEQUENCE DTSTAMP LAST-MODIFIED RECURRENCE-ID DTSTART RRULE RDATE EXDATE STATUS SUMMARY'.split(' ');

type ZoneNames = Pick<Zones, 'of'>;

function readMoment(value: string, tzid: string | undefined, name: string, zones: ZoneNames): Moment {
  const wall = wallOf(value) ?? '';
  const day = readCivilDate(wall.slice(0, 10));
  const time = wall.includes('T') ? readTimeOfDay(wall.slice(11, 16)) : undefined;
  if (day === undefined || (wall.includes('T') && time === undefined))
    throw new IcsError(`${name} is not a date, or not between ${firstYear} and ${lastYear}`);
  if (time === undefined) return { wall: day, day, time, zone: undefined };
  const zone = value.endsWith('Z') ? utcZone : tzid === undefined ? undefined : zones.of(tzid);
  return { wall: `${day}T${time}:00`, day, time, zone };
}

export const momentsOf = (
  properties: readonly Property[],
  wanted: string,
  zones: ZoneNames,
): readonly Moment[] =>
  properties
    .filter(({ name }) => name === wanted)
    .flatMap(({ parameters, value }) =>
      // A period counts by its start.
      value
        .split(',')
        .map((one) => readMoment(one.split('/')[0] ?? '', parameters.get('TZID'), wanted, zones)),
    );

/** The values of a rule's property; for people both the CN parameter and the address. */
const textsOf = (properties: readonly Property[], { property }: EventRule): readonly string[] =>
  properties
    .filter(({ name }) => name === property.toUpperCase())
    .flatMap(({ name, parameters, value }) => [
      ...(parameters.has('CN') ? [parameters.get('CN') ?? ''] : []),
      ...(name === 'CATEGORIES' ? partsOf(value, ',') : [unescapeText(value).replace(/^mailto:/i, '')]),
    ]);

const longestUid = 1000;

export function readEvent(
  component: Component,
  rules: readonly EventRule[],
  zones: ZoneNames,
): CalendarEvent {
  const names = new Set([...always, ...rules.map(({ property }) => property.toUpperCase())]);
  const properties = readProperties(component, names);
  const [start] = momentsOf(properties, 'DTSTART', zones);
  if (start === undefined) throw new IcsError('an event without a start');
  const uid = textOf(properties, 'UID') ?? null;
  if (uid !== null && uid.length > longestUid)
    throw new IcsError(`UID has more than ${longestUid} characters`);
  if (properties.some(({ name, parameters }) => name === 'RECURRENCE-ID' && parameters.has('RANGE')))
    throw new IcsError('a change to all later ones of a series, which is not followed');
  const sequence = Number(rawOf(properties, 'SEQUENCE') ?? 0);
  return {
    line: component.line,
    uid,
    sequence: Number.isInteger(sequence) && sequence > 0 ? Math.min(sequence, 2 ** 31 - 1) : 0,
    stamp: rawOf(properties, 'LAST-MODIFIED') ?? rawOf(properties, 'DTSTAMP') ?? '',
    replaces: momentsOf(properties, 'RECURRENCE-ID', zones)[0],
    start,
    rules: properties.filter(({ name }) => name === 'RRULE').map(({ value }) => value),
    added: momentsOf(properties, 'RDATE', zones),
    left: momentsOf(properties, 'EXDATE', zones),
    isCancelled: textOf(properties, 'STATUS')?.toUpperCase() === 'CANCELLED' || component.method === 'CANCEL',
    method: component.method,
    text: textOf(properties, 'SUMMARY')?.slice(0, nameLimit) ?? null,
    said: rules.map((rule) => eventTexts(rule, textsOf(properties, rule))),
  };
}

export interface Occurrence {
  /** Its RECURRENCE-ID, which outlives a move: '20260312T092000Z', '20260312T102000' or '20260312'. */
  readonly key: string;
  readonly on: CivilDate;
  readonly at: TimeOfDay | null;
}

export function occurrenceOf({ wall, day, time, zone }: Moment, toLocal: ToLocal): Occurrence {
  if (zone === undefined) return { key: compact(wall), on: day, at: time ?? null };
  const instant = zone(wall);
  const local = toLocal(instant);
  if (readCivilDate(local.date) === undefined) throw new IcsError(`not between ${firstYear} and ${lastYear}`);
  return { key: compact(new Date(instant).toISOString()), on: local.date, at: local.time };
}

function momentAt(wall: Wall, { time, zone }: Moment): Moment | undefined {
  const day = readCivilDate(wall.slice(0, 10));
  return day && { wall, day, time: time && readTimeOfDay(wall.slice(11, 16)), zone };
}

export function occurrencesOf(
  { rules, start, added, left }: CalendarEvent,
  replaced: readonly Moment[],
  options: { readonly window: Window; readonly toLocal: ToLocal } & Pick<ZoneTools, 'budget' | 'Rule'>,
): readonly Occurrence[] {
  const { window, toLocal } = options;
  // Another zone may shift the day by one.
  const wide = { from: addDays(window.from, -1), until: addDays(window.until, 1) };
  const followed = rules
    .flatMap((rule) => followRule(rule, start.wall, start.zone ?? utcZone, wide, options))
    .flatMap((wall) => momentAt(wall, start) ?? []);
  const moments = [...(rules.length === 0 ? [start] : followed), ...added];
  const gone = new Set([...left, ...replaced].map((moment) => occurrenceOf(moment, toLocal).key));
  const found = new Map<string, Occurrence>();
  for (const moment of moments) {
    const one = occurrenceOf(moment, toLocal);
    // Some programs write EXDATE as a day for a series with times.
    if (gone.has(one.key) || gone.has(compact(moment.day))) continue;
    if (one.on >= window.from && one.on <= window.until) found.set(one.key, one);
  }
  return [...found.values()];
}
