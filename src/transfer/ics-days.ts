/**
 * All-day events of an .ics file as closed days. Each event is cut out of the file and read by itself, so that one that
 * is broken spoils no other; of its properties only those that tell days and names are looked at. ical.js parses them
 * and follows recurrences, within a limit: some rules never come to an end there.
 */
import type ICAL from 'ical.js';
import {
  addDays,
  addMonths,
  type CivilDate,
  daysBetween,
  firstYear,
  lastYear,
  monthOf,
  readCivilDate,
  yearOf,
} from '../dates/civil.ts';
import { type HolidayDay, type HolidayFault, type HolidayFile, mergeDays } from './holidays.ts';

interface Block {
  /** Of its BEGIN, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

interface Cut {
  readonly blocks: readonly Block[];
  readonly faults: readonly HolidayFault[];
}

/** The events of a file, without what is nested in them (alarms) and without blank lines. */
function cutEvents(text: string): Cut {
  const blocks: Block[] = [];
  const faults: HolidayFault[] = [];
  let open: { readonly line: number; readonly lines: string[] } | undefined;
  let nested: string | undefined;
  const unended = (line: number): void => void faults.push({ line, fault: 'an event without an end' });
  for (const [place, line] of text.split(/\r\n|\n|\r/).entries()) {
    const [, verb, name = ''] = /^(BEGIN|END):\s*([\w-]+)\s*$/i.exec(line) ?? [];
    const isEvent = name.toUpperCase() === 'VEVENT';
    if (verb?.toUpperCase() === 'BEGIN') {
      if (isEvent) {
        if (open !== undefined) unended(open.line);
        open = { line: place + 1, lines: [] };
        nested = undefined;
      } else nested ??= name;
    } else if (verb?.toUpperCase() === 'END') {
      if (isEvent && open !== undefined) {
        blocks.push(open);
        open = undefined;
      } else if (name === nested) nested = undefined;
    } else if (open !== undefined && nested === undefined && line.trim() !== '') open.lines.push(line);
  }
  if (open !== undefined) unended(open.line);
  return { blocks, faults };
}

const wanted = /^(?:SUMMARY|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|STATUS|UID)[;:]/i;

/** As jCal has it: name, parameters, type, values. */
type Property = readonly [name: string, parameters: object, type: string, ...values: readonly unknown[]];

/** Ended by a fault that is said to the person. */
class Fault extends Error {}

function parseBlock({ lines }: Block, ical: typeof ICAL): readonly Property[] {
  const properties = lines
    .join('\n')
    .replace(/\n[ \t]/g, '')
    .split('\n')
    .filter((line) => wanted.test(line));
  const parsed: unknown = ical.parse(['BEGIN:VEVENT', ...properties, 'END:VEVENT'].join('\r\n'));
  return Array.isArray(parsed) && Array.isArray(parsed[1]) ? (parsed[1] as Property[]) : [];
}

const textOf = (properties: readonly Property[], name: string): string | undefined => {
  const value = properties.find(([own]) => own === name)?.[3];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
};

/** The day of a value, undefined where it has a time of day. A date without its VALUE parameter still is one. */
function dayOf(value: unknown): CivilDate | undefined {
  const text = String(value).replace(/T::$/, '');
  if (text.includes('T')) return undefined;
  const day = readCivilDate(text);
  if (day === undefined)
    throw new Fault(`a date in it does not exist, or not between ${firstYear} and ${lastYear}`);
  return day;
}

const daysOf = (properties: readonly Property[], name: string): readonly CivilDate[] =>
  properties
    .filter(([own]) => own === name)
    .flatMap(([, , , ...values]) => values.flatMap((value) => dayOf(value) ?? []));

const longestEvent = 366;

/** How many days an event takes. */
function lengthOf(properties: readonly Property[], start: CivilDate): number {
  const [end] = daysOf(properties, 'dtend');
  const duration = /^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?/.exec(textOf(properties, 'duration') ?? '');
  const days =
    end !== undefined ? daysBetween(start, end) : Number(duration?.[1] ?? 0) * 7 + Number(duration?.[2] ?? 0);
  if (days > longestEvent) throw new Fault('an event of more than a year');
  return Math.max(1, days);
}

const yearsAhead = 2;
const stepsOfRule = 60_000;
const stepsOfFile = 200_000;

/** Counts down what following rules may take: of one rule, and of the whole file. */
interface Patience {
  left: number;
}

/** The days of a rule from today to two years ahead. */
function followRule(
  rule: object,
  start: CivilDate,
  today: CivilDate,
  patience: Patience,
  ical: typeof ICAL,
): readonly CivilDate[] {
  const recurrence = ical.Recur.fromData(rule);
  const steps = recurrence.iterator(ical.Time.fromDateString(start));
  const months: readonly number[] = recurrence.parts.BYMONTH ?? [];
  let left = Math.min(stepsOfRule, patience.left);
  const take = (): void => {
    left -= 1;
    patience.left -= 1;
    if (left < 0) throw new Fault('it recurs too often to be followed, or never');
  };
  // Its own loop has no end where a rule never fits a day.
  const { check_contracting_rules: check } = steps;
  steps.check_contracting_rules = () => {
    take();
    return check.call(steps);
  };
  const until = addMonths(today, 12 * yearsAhead);
  const days: CivilDate[] = [];
  for (let next = steps.next(); next; next = steps.next()) {
    take();
    const day = readCivilDate(next.toString().slice(0, 10));
    if (day === undefined || day > until) break;
    // It makes 2 March of 30 February.
    const isMeant = months.length === 0 || months.includes(monthOf(day));
    if (day >= today && isMeant) days.push(day);
  }
  return days;
}

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

function readEvent(block: Block, today: CivilDate, patience: Patience, ical: typeof ICAL): Event | undefined {
  const properties = parseBlock(block, ical);
  const start = properties.find(([name]) => name === 'dtstart')?.[3];
  if (start === undefined) throw new Fault('an event without a start');
  const first = dayOf(start);
  if (first === undefined) return undefined;
  const [replaces] = daysOf(properties, 'recurrence-id');
  const rules = properties.filter(([name]) => name === 'rrule').map(([, , , rule]) => rule as object);
  const followed = rules.flatMap((rule) => followRule(rule, first, today, patience, ical));
  const starts = new Set([...(rules.length === 0 ? [first] : followed), ...daysOf(properties, 'rdate')]);
  for (const day of daysOf(properties, 'exdate')) starts.delete(day);
  return {
    line: block.line,
    uid: textOf(properties, 'uid'),
    replaces,
    starts: [...starts],
    length: lengthOf(properties, first),
    name: textOf(properties, 'summary') ?? null,
    isCancelled: textOf(properties, 'status')?.toUpperCase() === 'CANCELLED',
  };
}

export async function readIcsDays(text: string, today: CivilDate): Promise<HolidayFile> {
  const { default: ical } = await import('ical.js');
  const { blocks, faults } = cutEvents(text);
  const found: HolidayFault[] = [...faults];
  const events: Event[] = [];
  const patience: Patience = { left: stepsOfFile };
  let leftOut = 0;
  for (const block of blocks) {
    try {
      const event = readEvent(block, today, patience, ical);
      if (event === undefined) leftOut += 1;
      else events.push(event);
    } catch (error) {
      // What the library says may repeat the file's text.
      found.push({
        line: block.line,
        fault: error instanceof Fault ? error.message : "an event that can't be read",
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
