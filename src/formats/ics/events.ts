/** One calendar event as values, and its occurrences in the clinician's time zone. */
import type ICAL from 'ical.js';
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
import { type Component, IcsError, type Property, readProperties, textOf } from './components.ts';
import { type Budget, dayOfWall, followRule, type Wall, type Window } from './recurrence.ts';
import { type ToLocal, utcZone, type Zone, type Zones } from './zones.ts';

/** A day, or a wall-clock time in a zone; without a zone, in the reader's own (a floating time). */
export interface Moment {
  readonly wall: Wall;
  readonly day: CivilDate;
  readonly time: TimeOfDay | undefined;
  readonly zone: Zone | undefined;
}

type Rule = Readonly<Record<string, unknown>>;

export interface CalendarEvent {
  readonly line: number;
  readonly uid: string | null;
  readonly sequence: number;
  /** LAST-MODIFIED or DTSTAMP; decides between versions of one sequence. */
  readonly stamp: string;
  /** RECURRENCE-ID: the occurrence of a series that it replaces. */
  readonly replaces: Moment | undefined;
  readonly start: Moment;
  readonly rules: readonly Rule[];
  readonly added: readonly Moment[];
  readonly left: readonly Moment[];
  readonly isCancelled: boolean;
  readonly method: string;
  readonly text: string | null;
  readonly said: readonly (readonly EventText[])[];
}

const always =
  'uid sequence dtstamp last-modified recurrence-id dtstart rrule rdate exdate status summary'.split(' ');

type ZoneNames = Pick<Zones, 'of'>;

function readMoment(value: unknown, tzid: unknown, name: string, zones: ZoneNames): Moment {
  const text = String(value).replace(/T::$/, '');
  const [, date = '', clock, utc] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}):\d{2}(Z)?)?$/.exec(text) ?? [];
  const day = readCivilDate(date);
  const time = clock === undefined ? undefined : readTimeOfDay(clock);
  if (day === undefined || (clock !== undefined && time === undefined))
    throw new IcsError(`${name} is not a date, or not between ${firstYear} and ${lastYear}`);
  if (time === undefined) return { wall: day, day, time, zone: undefined };
  const zone = utc !== undefined ? utcZone : typeof tzid === 'string' ? zones.of(tzid) : undefined;
  return { wall: `${day}T${time}:00`, day, time, zone };
}

export function momentsOf(
  properties: readonly Property[],
  name: string,
  zones: ZoneNames,
): readonly Moment[] {
  return properties
    .filter((property) => property.name === name)
    .flatMap(({ parameters, values }) =>
      // A period counts by its start.
      values.map((value) =>
        readMoment(Array.isArray(value) ? value[0] : value, parameters['tzid'], name.toUpperCase(), zones),
      ),
    );
}

/** The values of a rule's property; for people both the CN parameter and the address. */
function textsOf(properties: readonly Property[], { property }: EventRule): readonly string[] {
  return properties
    .filter(({ name }) => name === property)
    .flatMap(({ parameters, values }) => [
      ...(typeof parameters['cn'] === 'string' ? [parameters['cn']] : []),
      ...values.flatMap((value) => (typeof value === 'string' ? [value.replace(/^mailto:/i, '')] : [])),
    ]);
}

const longestUid = 1000;

export function readEvent(
  component: Component,
  rules: readonly EventRule[],
  zones: ZoneNames,
  ical: typeof ICAL,
): CalendarEvent {
  const names = new Set([...always, ...rules.map(({ property }) => property)]);
  const properties = readProperties(component, names, ical);
  const [start] = momentsOf(properties, 'dtstart', zones);
  if (start === undefined) throw new IcsError('an event without a start');
  const uid = textOf(properties, 'uid') ?? null;
  if (uid !== null && uid.length > longestUid)
    throw new IcsError(`UID has more than ${longestUid} characters`);
  const override = properties.find(({ name }) => name === 'recurrence-id');
  if (override?.parameters['range'] !== undefined)
    throw new IcsError('a change to all later ones of a series, which is not followed');
  const sequence = Number(properties.find(({ name }) => name === 'sequence')?.values[0] ?? 0);
  return {
    line: component.line,
    uid,
    sequence: Number.isInteger(sequence) && sequence > 0 ? Math.min(sequence, 2 ** 31 - 1) : 0,
    stamp: textOf(properties, 'last-modified') ?? textOf(properties, 'dtstamp') ?? '',
    replaces: momentsOf(properties, 'recurrence-id', zones)[0],
    start,
    rules: properties.filter(({ name }) => name === 'rrule').map(({ values }) => Object(values[0])),
    added: momentsOf(properties, 'rdate', zones),
    left: momentsOf(properties, 'exdate', zones),
    isCancelled: textOf(properties, 'status')?.toUpperCase() === 'CANCELLED' || component.method === 'CANCEL',
    method: component.method,
    text: textOf(properties, 'summary')?.replace(/\s+/gu, ' ').slice(0, nameLimit) ?? null,
    said: rules.map((rule) => eventTexts(rule, textsOf(properties, rule))),
  };
}

export interface Occurrence {
  /** Its RECURRENCE-ID, which outlives a move: '20260312T092000Z', '20260312T102000' or '20260312'. */
  readonly key: string;
  readonly on: CivilDate;
  readonly at: TimeOfDay | null;
}

const compact = (text: string): string => text.replace(/\.\d+|[-:]/g, '');

export function occurrenceOf({ wall, day, time, zone }: Moment, toLocal: ToLocal): Occurrence {
  if (zone === undefined) return { key: compact(wall), on: day, at: time ?? null };
  const instant = zone(wall);
  const local = toLocal(instant);
  if (readCivilDate(local.date) === undefined) throw new IcsError(`not between ${firstYear} and ${lastYear}`);
  return { key: compact(new Date(instant).toISOString()), on: local.date, at: local.time };
}

/** Takes an UNTIL that is an instant out of the rule: it is compared as an instant, not on the wall clock. */
function endOf(rule: Rule): { readonly rule: Rule; readonly end: number | undefined } {
  const { until, ...others } = rule;
  if (typeof until !== 'string') return { rule, end: undefined };
  // An UNTIL without a time includes the whole day.
  if (!until.includes('T')) return { rule: { ...others, until: `${until}T23:59:59` }, end: undefined };
  return until.endsWith('Z') ? { rule: others, end: utcZone(until.slice(0, -1)) } : { rule, end: undefined };
}

function follow(
  event: CalendarEvent,
  given: Rule,
  { from, until }: Window,
  budget: Budget,
  ical: typeof ICAL,
): readonly Moment[] {
  const { start } = event;
  const isDay = start.time === undefined;
  const { rule, end } = isDay ? { rule: given, end: undefined } : endOf(given);
  const last = end === undefined ? undefined : readCivilDate(new Date(end).toISOString().slice(0, 10));
  // Another zone may shift the day by one.
  const wide = {
    from: addDays(from, -1),
    until: addDays(last !== undefined && last < until ? last : until, 1),
  };
  return followRule(rule, start.wall, wide, budget, ical).flatMap((wall): readonly Moment[] => {
    const moment = momentAt(wall, start);
    const isOver = end !== undefined && moment !== undefined && (start.zone ?? utcZone)(wall) > end;
    return moment === undefined || isOver ? [] : [moment];
  });
}

function momentAt(wall: Wall, { time, zone }: Moment): Moment | undefined {
  const day = dayOfWall(wall);
  if (day === undefined) return undefined;
  return time === undefined
    ? { wall: day, day, time, zone }
    : { wall, day, time: readTimeOfDay(wall.slice(11, 16)), zone };
}

export function occurrencesOf(
  event: CalendarEvent,
  replaced: readonly Moment[],
  options: {
    readonly window: Window;
    readonly toLocal: ToLocal;
    readonly budget: Budget;
    readonly ical: typeof ICAL;
  },
): readonly Occurrence[] {
  const { window, toLocal, budget, ical } = options;
  const { rules, start, added, left } = event;
  const followed = rules.flatMap((rule) => follow(event, rule, window, budget, ical));
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
