/**
 * One event of a calendar as values: when it is, how it recurs, which version of which event it is, and what it says
 * where patients may be named. Of all its other properties nothing is read.
 */
import type ICAL from 'ical.js';
import {
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
import type { Wall } from './recurring.ts';
import { utcZone, type Zone, type Zones } from './zones.ts';

/** A day, or a time on the clock of a zone; without a zone it is the clock of whoever reads it. */
export interface Moment {
  readonly wall: Wall;
  readonly day: CivilDate;
  readonly time: TimeOfDay | undefined;
  readonly zone: Zone | undefined;
}

export interface CalendarEvent {
  /** Of its BEGIN, from 1. */
  readonly line: number;
  readonly uid: string | null;
  readonly sequence: number;
  /** When this version was written: the later of two that are numbered alike. */
  readonly stamp: string;
  /** Which one of a series it stands for. */
  readonly replaces: Moment | undefined;
  readonly start: Moment;
  /** As jCal has them. */
  readonly rules: readonly Readonly<Record<string, unknown>>[];
  readonly added: readonly Moment[];
  readonly left: readonly Moment[];
  readonly isCancelled: boolean;
  /** METHOD of the calendar around it. */
  readonly method: string;
  readonly text: string | null;
  readonly said: readonly (readonly EventText[])[];
}

const always = [
  'uid',
  'sequence',
  'dtstamp',
  'last-modified',
  'recurrence-id',
  'dtstart',
  'rrule',
  'rdate',
  'exdate',
  'status',
  'summary',
];

export function readMoment(value: unknown, tzid: unknown, name: string, zones: Zones): Moment {
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

function momentsOf(properties: readonly Property[], name: string, zones: Zones): readonly Moment[] {
  return properties
    .filter((property) => property.name === name)
    .flatMap(({ parameters, values }) =>
      // Of a period, its start.
      values.map((value) =>
        readMoment(Array.isArray(value) ? value[0] : value, parameters['tzid'], name.toUpperCase(), zones),
      ),
    );
}

const addressOf = (value: string): string => value.replace(/^mailto:/i, '');

/** What an event says in the property of a rule; of people their names and addresses. */
function textsOf(properties: readonly Property[], { property }: EventRule): readonly string[] {
  return properties
    .filter(({ name }) => name === property)
    .flatMap(({ parameters, values }) => [
      ...(typeof parameters['cn'] === 'string' ? [parameters['cn']] : []),
      ...values.flatMap((value) => (typeof value === 'string' ? [addressOf(value)] : [])),
    ]);
}

const longestUid = 1000;

/** @throws IcsError */
export function readEvent(
  component: Component,
  rules: readonly EventRule[],
  zones: Zones,
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
