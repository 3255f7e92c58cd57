/** One calendar event as values, and its occurrences in the clinician's time zone. */
import {
  addDays,
  type CivilDate,
  daysBetween,
  firstYear,
  lastYear,
  readCivilDate,
  readOffset,
  readTimeOfDay,
  type TimeOfDay,
} from '../../dates/civil.ts';
import { type EventRule, eventTexts } from '../../domain/event-rules.ts';
import { nameLimit } from '../../domain/records.ts';
import {
  type Component,
  IcsError,
  type Property,
  partsOf,
  rawOf,
  readProperties,
  textOf,
  unescapeText,
} from '../content-lines.ts';
import {
  compact,
  followRule,
  type RuleTools,
  type ToLocal,
  utcZone,
  type Wall,
  type Window,
  wallOf,
  type Zone,
} from './times.ts';
import type { Zones } from './zones.ts';

/** A day, or a wall-clock time in a zone; without a zone, in the reader's own (a floating time). */
export interface Moment {
  readonly wall: Wall;
  readonly day: CivilDate;
  readonly time: TimeOfDay | undefined;
  readonly zone: Zone | undefined;
}

export type CalendarEvent = Readonly<ReturnType<typeof readEvent>>;

const always =
  'UID SEQUENCE DTSTAMP LAST-MODIFIED RECURRENCE-ID DTSTART RRULE RDATE EXRULE EXDATE STATUS SUMMARY'.split(
    ' ',
  );

type ZoneNames = Pick<Zones, 'of'>;

/** @param as the VALUE parameter: with DATE, a time that stands there all the same says nothing */
function readMoment(
  value: string,
  { tzid, as }: { readonly tzid: string | undefined; readonly as: string | undefined },
  name: string,
  zones: ZoneNames,
): Moment {
  const said = value.trim();
  const wall = wallOf(said) ?? '';
  const day = readCivilDate(wall.slice(0, 10));
  const time = wall.includes('T') ? readTimeOfDay(wall.slice(11, 16)) : undefined;
  if (day === undefined || (wall.includes('T') && time === undefined))
    throw new IcsError(`${name} is not a date, or not between ${firstYear} and ${lastYear}`);
  if (time === undefined || /^date$/i.test(as ?? ''))
    return { wall: day, day, time: undefined, zone: undefined };
  const offset = readOffset(/[+-]\d\d:?\d\d$/.exec(said.slice(11))?.[0]);
  const zone =
    offset !== undefined
      ? (at: Wall) => utcZone(at) - offset
      : said.endsWith('Z')
        ? utcZone
        : tzid === undefined
          ? undefined
          : zones.of(tzid);
  return { wall: `${day}T${time}:00`, day, time, zone };
}

export const momentsOf = (
  properties: readonly Property[],
  wanted: string,
  zones: ZoneNames,
): readonly Moment[] =>
  properties
    .filter(({ name }) => name === wanted)
    .flatMap(({ parameters, value }) => {
      const form = { tzid: parameters.get('TZID'), as: parameters.get('VALUE') };
      // A period counts by its start.
      const starts = value.split(',').map((one) => one.split('/')[0] ?? '');
      return starts.filter((one) => one.trim() !== '').map((one) => readMoment(one, form, wanted, zones));
    });

/** The values of a rule's property; for people both the CN parameter and the address. */
const textsOf = (properties: readonly Property[], { property }: EventRule): readonly string[] =>
  properties
    .filter(({ name }) => name === property.toUpperCase())
    .flatMap(({ name, parameters, value }) => [
      ...(parameters.has('CN') ? [parameters.get('CN') ?? ''] : []),
      ...(name === 'CATEGORIES' ? partsOf(value, ',') : [unescapeText(value).replace(/^mailto:/i, '')]),
    ]);

const longestUid = 1000;

export function readEvent(component: Component, rules: readonly EventRule[], zones: ZoneNames) {
  const names = new Set([...always, ...rules.map(({ property }) => property.toUpperCase())]);
  const properties = readProperties(component, names);
  const [start] = momentsOf(properties, 'DTSTART', zones);
  if (start === undefined) throw new IcsError('an event without a start');
  const uid = textOf(properties, 'UID') ?? null;
  if (uid !== null && uid.length > longestUid)
    throw new IcsError(`UID has more than ${longestUid} characters`);
  const { method } = component.calendar;
  const range = properties.find(({ name }) => name === 'RECURRENCE-ID')?.parameters.get('RANGE');
  if (range !== undefined && !/^thisandfuture$/i.test(range))
    throw new IcsError('a change to all earlier ones of a series, which is not followed');
  const rulesOf = (wanted: string): readonly string[] =>
    properties.flatMap(({ name, value }) => (name === wanted && value !== '' ? [value] : []));
  const sequence = Number(rawOf(properties, 'SEQUENCE') ?? 0);
  return {
    line: component.line,
    uid,
    sequence: Number.isInteger(sequence) && sequence > 0 ? Math.min(sequence, 2 ** 31 - 1) : 0,
    /** Decides between versions of one sequence. */
    stamp: rawOf(properties, 'LAST-MODIFIED') ?? rawOf(properties, 'DTSTAMP') ?? '',
    /** The occurrence of a series that it replaces, or with RANGE this one and all later ones. */
    replaces: momentsOf(properties, 'RECURRENCE-ID', zones)[0],
    isRange: range !== undefined,
    start,
    rules: rulesOf('RRULE'),
    /** They leave out what they give. */
    leftRules: rulesOf('EXRULE'),
    added: momentsOf(properties, 'RDATE', zones),
    left: momentsOf(properties, 'EXDATE', zones),
    isCancelled: textOf(properties, 'STATUS')?.toUpperCase() === 'CANCELLED' || method === 'CANCEL',
    method,
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

/**
 * A moment in the form of a series' start, as RECURRENCE-ID, RDATE and EXDATE should have it: a day, or a time in that
 * zone. A day stands for the series' time on it.
 */
export function inFormOf({ wall, time, zone }: Moment, moment: Moment, toLocal: ToLocal): Moment {
  const { day } = moment;
  const local = moment.zone === utcZone && zone === undefined ? toLocal(utcZone(moment.wall)) : undefined;
  if (time === undefined) {
    const on = local?.date ?? day;
    return { wall: on, day: on, time, zone };
  }
  if (moment.time === undefined) return { wall: `${day}${wall.slice(10)}`, day, time, zone };
  if (local !== undefined) {
    const at = `${local.date}T${local.time}:00`;
    return { wall: at, day: local.date, time: local.time, zone };
  }
  return moment.zone === undefined && zone !== undefined ? { ...moment, zone } : moment;
}

/** As far as one that changes this and all later ones moves them. */
function movedBy({ start, replaces }: CalendarEvent, { day }: Moment): Moment {
  const on = addDays(day, replaces === undefined ? 0 : daysBetween(replaces.day, start.day));
  return { ...start, day: on, wall: start.time === undefined ? on : `${on}${start.wall.slice(10)}` };
}

interface SeriesOccurrence extends Occurrence {
  /** What it is an occurrence of: the series, or a change to all later ones. */
  readonly event: CalendarEvent;
}

/** @param replaced moments of the series that other events give. @param ranges changes to all later ones, by time */
export function occurrencesOf(
  series: CalendarEvent,
  replaced: readonly Moment[],
  options: RuleTools & { window: Window; toLocal: ToLocal; ranges?: readonly CalendarEvent[] },
): readonly SeriesOccurrence[] {
  const { rules, leftRules, start, added, left } = series;
  const { window, toLocal, ranges = [] } = options;
  // Another zone, or a change to all later ones, may shift the day.
  const shift = Math.max(
    1,
    ...ranges.map((one) => Math.abs(daysBetween(one.replaces?.day ?? one.start.day, one.start.day))),
  );
  const wide = { from: addDays(window.from, -shift), until: addDays(window.until, shift) };
  const follow = (some: readonly string[]): readonly Moment[] =>
    some
      .flatMap((rule) => followRule(rule, start.wall, start.zone ?? utcZone, wide, options))
      .flatMap((wall) => momentAt(wall, start) ?? []);
  const moments = [
    ...(rules.length === 0 ? [start] : follow(rules)),
    ...added.map((moment) => inFormOf(start, moment, toLocal)),
  ];
  const gone = new Set(
    [...left, ...follow(leftRules), ...replaced].map(
      (moment) => occurrenceOf(inFormOf(start, moment, toLocal), toLocal).key,
    ),
  );
  // Some programs write EXDATE as a day for a series with times.
  const goneDays = new Set(left.flatMap(({ time, day }) => (time === undefined ? [day] : [])));
  const found = new Map<string, SeriesOccurrence>();
  for (const moment of moments) {
    const { key } = occurrenceOf(moment, toLocal);
    if (gone.has(key) || goneDays.has(moment.day)) continue;
    const range = ranges.findLast(({ replaces }) => replaces !== undefined && replaces.wall <= moment.wall);
    const { on, at } = occurrenceOf(range === undefined ? moment : movedBy(range, moment), toLocal);
    if (on >= window.from && on <= window.until) found.set(key, { key, on, at, event: range ?? series });
  }
  return [...found.values()];
}
