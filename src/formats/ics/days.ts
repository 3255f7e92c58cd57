/** All-day events of an .ics file as closed days: of their properties only those that tell days and names are looked at. */
import type ICAL from 'ical.js';
import {
  addDays,
  addMonths,
  type CivilDate,
  daysBetween,
  firstYear,
  lastYear,
  readCivilDate,
  yearOf,
} from '../../dates/civil.ts';
import { type HolidayDay, type HolidayFault, type HolidayFile, mergeDays } from '../holiday-days.ts';
import {
  type Component,
  cutComponents,
  IcsError,
  type Property,
  readProperties,
  textOf,
} from './components.ts';
import { dayOfWall, followRule, newPatience, type Patience, spend } from './recurring.ts';

const wanted = new Set([
  'summary',
  'dtstart',
  'dtend',
  'duration',
  'rrule',
  'rdate',
  'exdate',
  'recurrence-id',
  'status',
  'uid',
]);

/** The day of a value, undefined where it has a time of day. A date without its VALUE parameter still is one. */
function dayOf(value: unknown): CivilDate | undefined {
  const text = String(value).replace(/T::$/, '');
  if (text.includes('T')) return undefined;
  const day = readCivilDate(text);
  if (day === undefined)
    throw new IcsError(`a date in it does not exist, or not between ${firstYear} and ${lastYear}`);
  return day;
}

const daysOf = (properties: readonly Property[], name: string): readonly CivilDate[] =>
  properties
    .filter((property) => property.name === name)
    .flatMap(({ values }) => values.flatMap((value) => dayOf(value) ?? []));

const longestEvent = 366;
/** Of all events of a file together. */
const mostDays = 200_000;

/** How many days an event takes. */
function lengthOf(properties: readonly Property[], start: CivilDate): number {
  const [end] = daysOf(properties, 'dtend');
  const duration = /^P(?:(\d+)W)?(?:(\d+)D)?/.exec(textOf(properties, 'duration') ?? '');
  const days =
    end !== undefined ? daysBetween(start, end) : Number(duration?.[1] ?? 0) * 7 + Number(duration?.[2] ?? 0);
  if (days > longestEvent) throw new IcsError('an event of more than a year');
  return Math.max(1, days);
}

const yearsAhead = 2;

interface Event {
  readonly line: number;
  readonly uid: string | undefined;
  /** The day of the series that it stands for. */
  readonly replaces: CivilDate | undefined;
  readonly starts: readonly CivilDate[];
  readonly length: number;
  readonly name: string | null;
  readonly isCancelled: boolean;
}

function readEvent(
  event: Component,
  today: CivilDate,
  patience: Patience,
  room: Patience,
  ical: typeof ICAL,
): Event | undefined {
  const properties = readProperties(event, wanted, ical);
  const start = properties.find(({ name }) => name === 'dtstart')?.values[0];
  if (start === undefined) throw new IcsError('an event without a start');
  const first = dayOf(start);
  if (first === undefined) return undefined;
  const [replaces] = daysOf(properties, 'recurrence-id');
  const rules = properties.filter(({ name }) => name === 'rrule').map(({ values }) => values[0] as object);
  const window = { from: today, until: addMonths(today, 12 * yearsAhead) };
  const followed = rules.flatMap((rule) =>
    followRule(rule, first, window, patience, ical).flatMap((wall) => dayOfWall(wall) ?? []),
  );
  const starts = new Set([...(rules.length === 0 ? [first] : followed), ...daysOf(properties, 'rdate')]);
  for (const day of daysOf(properties, 'exdate')) starts.delete(day);
  const length = lengthOf(properties, first);
  spend(room, starts.size * length);
  return {
    line: event.line,
    uid: textOf(properties, 'uid'),
    replaces,
    starts: [...starts],
    length,
    name: textOf(properties, 'summary') ?? null,
    isCancelled: textOf(properties, 'status')?.toUpperCase() === 'CANCELLED',
  };
}

export async function readIcsDays(text: string, today: CivilDate): Promise<HolidayFile> {
  const { default: ical } = await import('ical.js');
  const { events: blocks, faults } = cutComponents(text);
  const found: HolidayFault[] = [...faults];
  const events: Event[] = [];
  const patience = newPatience('holidays');
  const room: Patience = { left: mostDays };
  let leftOut = 0;
  for (const block of blocks) {
    try {
      const event = readEvent(block, today, patience, room, ical);
      if (event === undefined) leftOut += 1;
      else events.push(event);
    } catch (error) {
      // What the library says may repeat the file's text.
      found.push({
        line: block.line,
        fault: error instanceof IcsError ? error.message : "an event that can't be read",
      });
    }
  }
  const replaced = new Set(
    events.flatMap(({ uid, replaces }) => (replaces === undefined ? [] : [`${uid} ${replaces}`])),
  );
  const days = events.flatMap((event): readonly HolidayDay[] => {
    if (event.isCancelled) leftOut += 1;
    const own = event.isCancelled
      ? []
      : event.starts.filter(
          (start) => event.replaces !== undefined || !replaced.has(`${event.uid} ${start}`),
        );
    return own.flatMap((start) =>
      Array.from({ length: event.length }, (_, place) => ({ on: addDays(start, place), name: event.name })),
    );
  });
  return {
    days: mergeDays(days.filter(({ on }) => yearOf(on) <= lastYear)),
    faults: found.toSorted((left, right) => left.line - right.line),
    leftOut,
  };
}
