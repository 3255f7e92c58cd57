/** The date grammar, 1900 to 2200. Nothing is guessed: text that could mean two days is refused. */
import { type Failure, usage } from '../errors.ts';
import { daysAndMonths, isoDates, numericDates, ordinals, partialForms } from './calendar-days.ts';
import { type CivilDate, firstYear, lastYear, type PartialDate, yearOf } from './civil.ts';
import {
  type DateContext,
  type DateStyle,
  type Direction,
  dateHint,
  isFailure,
  outOfReach,
  plainCalendar,
  type Reading,
  type WorkCalendar,
} from './date-form.ts';
import { dayWords, distances, ends, stretches, weekdays } from './relative-days.ts';
import { dateWordsOf, monthWords, nearDayHint, plainWords } from './words.ts';

export type { DateStyle, Direction } from './date-form.ts';

export interface DateOptions {
  readonly today: CivilDate;
  readonly direction: Direction;
  readonly dateStyle?: DateStyle | undefined;
  readonly weekStart?: number | undefined;
  /** For business days and 'end of week'; by default only weekends are closed. */
  readonly calendar?: WorkCalendar | undefined;
}

export const contextOf = (options: DateOptions): DateContext => ({
  today: options.today,
  direction: options.direction,
  dateStyle: options.dateStyle,
  weekStart: options.weekStart ?? 1,
  calendar: options.calendar ?? plainCalendar,
});

const forms = [
  dayWords,
  weekdays,
  isoDates,
  daysAndMonths,
  ordinals,
  numericDates,
  distances,
  ends,
  stretches,
];

function notADay(text: string): Failure | undefined {
  const isYear = /^\d{4}$/.test(text);
  const isMonth = /^\d{4}-(?:0?[1-9]|1[0-2])$/.test(text) || monthWords().has(text.replace(/ \d{4}$/, ''));
  if (!isYear && !isMonth) return undefined;
  return usage(`'${text}' is a ${isYear ? 'year' : 'month'}, not a day`, dateHint);
}

function withinReach(text: string, date: CivilDate, { today, direction }: DateContext): Reading {
  if (!(yearOf(date) >= firstYear && yearOf(date) <= lastYear)) return outOfReach(text);
  if (direction === 'forward' && date < today)
    return usage(`'${text}' has passed: it was ${date}`, `a day from ${today} on is needed here`);
  if (direction === 'back' && date > today)
    return usage(`'${text}' is still ahead: ${date}`, `a day up to ${today} is needed here`);
  return date;
}

/** A day; a Failure where the form fits but is no date; undefined where no form fits. */
export function dateReading(text: string, context: DateContext): Reading {
  const words = plainWords(text);
  for (const form of forms) {
    const reading = form(words, context);
    if (reading === undefined) continue;
    return isFailure(reading) ? reading : withinReach(words, reading, context);
  }
  return notADay(words);
}

export function partialReading(text: string, context: DateContext): PartialDate | Failure | undefined {
  const words = plainWords(text);
  for (const form of partialForms) {
    const reading = form(words, context);
    if (reading !== undefined) return reading;
  }
  return dateReading(text, context);
}

function required<D extends PartialDate>(text: string, reading: D | Failure | undefined): D {
  if (isFailure(reading)) throw reading;
  if (reading !== undefined) return reading;
  const named = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  const near = nearDayHint(text);
  throw usage(
    text.trim() === '' ? 'a date is missing' : `'${named}' is not a date`,
    ...(near === undefined ? [] : [near]),
    dateHint,
  );
}

/**
 * Reads an option's or prompt's date: 'fri', '2 apr', '2026-04-02', 'in 3 business days'.
 * @throws usage for no single day, or a day on the wrong side of today
 */
export const readDate = (text: string, options: DateOptions): CivilDate =>
  required(text, dateReading(text, contextOf(options)));

export const readPartial = (text: string, options: DateOptions): PartialDate =>
  required(text, partialReading(text, contextOf(options)));

/** A day, month or year; the year is required. @throws usage */
export function readBirthDate(text: string, options: Omit<DateOptions, 'direction'>): PartialDate {
  const hasYear = /\d{4}/.test(text);
  // Refused for its missing year either way.
  const dateStyle = options.dateStyle ?? (hasYear ? undefined : 'day-first');
  const date = readPartial(text, { ...options, dateStyle, direction: 'back' });
  if (!hasYear) throw usage(`'${plainWords(text)}' has no year`, 'write 1950-04-03, or 1950 alone');
  return date;
}

/**
 * Trap: `tail` may hold patient text, so only its date words are repeated. @param behind the word or mark before the
 * tail
 */
export const notADate = (tail: string, behind: string): Failure => {
  const words = dateWordsOf(tail);
  const subject = words === '…' ? `the tail after '${behind}'` : `'${words}'`;
  return usage(`${subject} is not a date`, dateHint, 'begin the text with \\ to keep it as it is');
};
