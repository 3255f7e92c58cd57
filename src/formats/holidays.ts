/** Reads closed days from lines ('2026-12-25 Christmas', '#' starts a comment) or the all-day events of an .ics file. */
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
import { type ClosedDay, nameLimit } from '../domain/records.ts';
import {
  type Component,
  cutComponents,
  guard,
  IcsError,
  isCalendar,
  rawOf,
  readProperties,
} from './content-lines.ts';
import { type Moment, momentsOf, occurrencesOf, readEvent } from './ics/events.ts';
import { type Budget, ever, newBudget, spend, utcClock, utcZone, type Window } from './ics/times.ts';

/** `leftOut` is how many events were skipped: those with a time of day, and cancelled ones. */
export type HolidayFile = Awaited<ReturnType<typeof readHolidays>>;

function mergeDays(days: readonly ClosedDay[]): readonly ClosedDay[] {
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

function readLine(line: string): ClosedDay | string | undefined {
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

function readLines(text: string) {
  const read = text.split(/\r\n|\n|\r/).map(readLine);
  return {
    days: mergeDays(read.filter((one) => typeof one === 'object')),
    faults: read.flatMap((one, place) => (typeof one === 'string' ? [{ line: place + 1, fault: one }] : [])),
    leftOut: 0,
  };
}

const longestEvent = 366;
/** For all events of a file together. */
const mostDays = 200_000;
const yearsAhead = 2;

/** Events with a time of day are only left out, so any zone serves. */
const anyZone = { of: () => utcZone };
const endNames = new Set(['DTEND', 'DURATION']);

function lengthOf(component: Component, start: CivilDate): number {
  const properties = readProperties(component, endNames);
  const [end] = momentsOf(properties, 'DTEND', anyZone);
  const [, weeks = 0, days = 0] = /^P(?:(\d+)W)?(?:(\d+)D)?/.exec(rawOf(properties, 'DURATION') ?? '') ?? [];
  const length = end === undefined ? Number(weeks) * 7 + Number(days) : daysBetween(start, end.day);
  if (length > longestEvent) throw new IcsError('an event of more than a year');
  return Math.max(1, length);
}

async function readEvents(text: string, today: CivilDate) {
  const { RRuleTemporal: Rule } = await import('rrule-temporal');
  const { events: components, faults } = cutComponents(text);
  const budget = newBudget('holidays');
  const room: Budget = { left: mostDays };
  const recurring: Window = { from: today, until: addMonths(today, 12 * yearsAhead) };
  const replaced = new Map<string | null, Moment[]>();
  let leftOut = 0;
  const events = components.flatMap((component) => {
    const event = guard(faults, component.line, () => readEvent(component, [], anyZone));
    if (event === undefined) return [];
    const { uid, replaces, start, isCancelled } = event;
    if (replaces !== undefined) replaced.set(uid, [...(replaced.get(uid) ?? []), replaces]);
    const isDay = start.time === undefined;
    if (!isDay || isCancelled) leftOut += 1;
    return isDay && !isCancelled ? [{ component, event }] : [];
  });
  const days = events.flatMap(({ component, event }) => {
    const { uid, replaces, start, rules, text: name, line } = event;
    const found = guard(faults, line, () => {
      const length = lengthOf(component, start.day);
      const gone = replaces === undefined ? (replaced.get(uid) ?? []) : [];
      const window = rules.length === 0 ? ever : recurring;
      const starts = occurrencesOf(event, gone, { window, toLocal: utcClock, budget, Rule });
      spend(room, starts.length * length);
      return starts.flatMap(({ on }) =>
        Array.from({ length }, (_, place) => ({ on: addDays(on, place), name })),
      );
    });
    return found ?? [];
  });
  return {
    days: mergeDays(days.filter(({ on }) => yearOf(on) <= lastYear)),
    faults: faults.toSorted((left, right) => left.line - right.line),
    leftOut,
  };
}

/** @param today recurrences are expanded for two years from it */
export async function readHolidays(text: string, today: CivilDate) {
  return isCalendar(text) ? readEvents(text, today) : readLines(text);
}
