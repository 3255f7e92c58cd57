/**
 * Closed days of a file: ISO lines ('2026-12-25 Christmas', '#' starts a comment) or the all-day events of an .ics
 * calendar. Bad lines and events are listed in `faults`, and the rest is read.
 */
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
} from '../dates/civil.ts';
import { nameLimit } from '../domain/records.ts';
import { guessFormat } from './guess.ts';
import {
  type Component,
  cutComponents,
  IcsError,
  type LineFault,
  type Property,
  readProperties,
  textOf,
} from './ics/components.ts';
import { type Budget, dayOfWall, followRule, newBudget, spend } from './ics/recurrence.ts';

interface HolidayDay {
  readonly on: CivilDate;
  readonly name: string | null;
}

export interface HolidayFile {
  /** Sorted, each day once. */
  readonly days: readonly HolidayDay[];
  readonly faults: readonly LineFault[];
  /** How many events were skipped: those with a time of day, and cancelled ones. */
  readonly leftOut: number;
}

/** Joins the names of a day that is listed several times. */
function mergeDays(days: readonly HolidayDay[]): readonly HolidayDay[] {
  const names = new Map<CivilDate, readonly string[]>();
  for (const { on, name } of days) {
    const known = names.get(on) ?? [];
    names.set(on, name === null || known.includes(name) ? known : [...known, name]);
  }
  return [...names]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([on, known]) => ({ on, name: known.length === 0 ? null : known.join(', ').slice(0, nameLimit) }));
}

const noDate = 'no date at its beginning: write 2026-12-25 Christmas';

function readLine(line: string): HolidayDay | string | undefined {
  const text = line.replace(/(?:^|\s)#.*$/s, '').trim();
  if (text === '') return undefined;
  const [, date, name = ''] = /^(\d[\d-]*)[\s,;]*(.*)$/u.exec(text) ?? [];
  if (date === undefined) return noDate;
  const on = readCivilDate(date);
  if (on === undefined)
    return /^\d{4}-\d{2}-\d{2}$/.test(date)
      ? `'${date}' is not a date between ${firstYear} and ${lastYear}`
      : noDate;
  if (name.length > nameLimit) return `a name of ${name.length} characters; the limit is ${nameLimit}`;
  return { on, name: name.trim() === '' ? null : name.trim() };
}

function readLines(text: string): HolidayFile {
  const read = text.split(/\r\n|\n|\r/).map(readLine);
  return {
    days: mergeDays(read.filter((one) => typeof one === 'object')),
    faults: read.flatMap((one, place) => (typeof one === 'string' ? [{ line: place + 1, fault: one }] : [])),
    leftOut: 0,
  };
}

const wanted = new Set(
  'summary dtstart dtend duration rrule rdate exdate recurrence-id status uid'.split(' '),
);

/** Undefined for a value with a time of day. Accepts a date without VALUE=DATE, which ical.js ends in 'T::'. */
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
/** For all events of a file together. */
const mostDays = 200_000;

/** In days. */
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
  /** The day of its series that it replaces. */
  readonly replaces: CivilDate | undefined;
  readonly starts: readonly CivilDate[];
  readonly length: number;
  readonly name: string | null;
  readonly isCancelled: boolean;
}

function readEvent(
  event: Component,
  today: CivilDate,
  budget: Budget,
  room: Budget,
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
    followRule(rule, first, window, budget, ical).flatMap((wall) => dayOfWall(wall) ?? []),
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

async function readEvents(text: string, today: CivilDate): Promise<HolidayFile> {
  const { default: ical } = await import('ical.js');
  const { events: blocks, faults } = cutComponents(text);
  const found: LineFault[] = [...faults];
  const events: Event[] = [];
  const budget = newBudget('holidays');
  const room: Budget = { left: mostDays };
  let leftOut = 0;
  for (const block of blocks) {
    try {
      const event = readEvent(block, today, budget, room, ical);
      if (event === undefined) leftOut += 1;
      else events.push(event);
    } catch (error) {
      // The library's message may quote the file.
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

/** @param today recurrences are expanded for two years from it */
export async function readHolidays(text: string, today: CivilDate): Promise<HolidayFile> {
  return guessFormat(text) === 'ics' ? readEvents(text, today) : readLines(text);
}
