/**
 * The date grammar: a text is a date, is none and says why, or is not of its making. `readDate` is what options and
 * prompts call; `dateReading` and `partialReading` serve those who cut dates out of lines (tails.ts).
 * Dates lie between 1900 and 2200. Nothing is guessed: what could mean two days is refused with the ways to say it.
 */
import { type Failure, usage } from '../errors.ts';
import { plainCalendar, type WorkCalendar } from './business-days.ts';
import { daysAndMonths, isoDates, numericDates, ordinals, partialForms } from './calendar-days.ts';
import { type CivilDate, firstYear, lastYear, type PartialDate, readCivilDate, yearOf } from './civil.ts';
import {
  type DateContext,
  type DateStyle,
  type Direction,
  dateHint,
  isFailure,
  outOfReach,
  type Reading,
} from './context.ts';
import { meantHint, nearMiss } from './near-misses.ts';
import { dayWords, distances, ends, stretches, weekdays } from './relative-days.ts';
import { dateWordsOf, monthWords, plainWords } from './vocabulary.ts';

export type { DateStyle, Direction } from './context.ts';

export interface DateOptions {
  readonly today: CivilDate;
  readonly direction: Direction;
  readonly dateStyle?: DateStyle | undefined;
  /** ISO weekday that a week begins with; Monday where it is left out. */
  readonly weekStart?: number | undefined;
  /** For 'in 3 business days' and 'end of week'; Saturdays and Sundays alone are closed where it is left out. */
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

/** Years and months are dates, but not days: said so where a day is asked for. */
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

/** The day, a Failure where the text has the form of a date and is none, or undefined where it has no such form. */
export function dateReading(text: string, context: DateContext): Reading {
  const words = plainWords(text);
  for (const form of forms) {
    const reading = form(words, context);
    if (reading === undefined) continue;
    return isFailure(reading) ? reading : withinReach(words, reading, context);
  }
  return notADay(words);
}

/** As dateReading, for dates that may be a month, a year, or a day of every year. */
export function partialReading(text: string, context: DateContext): PartialDate | Failure | undefined {
  const words = plainWords(text);
  for (const form of partialForms) {
    const reading = form(words, context);
    if (reading !== undefined) return reading;
  }
  return dateReading(text, context);
}

const unknown = (text: string): Failure => {
  const named = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  const near = nearMiss(text);
  return usage(
    text.trim() === '' ? 'a date is missing' : `'${named}' is not a date`,
    ...(near === undefined ? [] : [meantHint(near)]),
    dateHint,
  );
};

/**
 * Reads a date that stands alone, such as an option's value: 'fri', '2 apr', '2026-04-02', 'in 3 business days'.
 * @throws usage for anything that is not one day, and for a day on the wrong side of today
 */
export function readDate(text: string, options: DateOptions): CivilDate {
  const reading = dateReading(text, contextOf(options));
  if (reading === undefined) throw unknown(text);
  if (isFailure(reading)) throw reading;
  return reading;
}

/**
 * Reads a day, a month ('may', 'may 2027', '2026-05'), a year, or a day of every year ('--06-14', 'every 14 jun').
 * @throws usage
 */
export function readPartial(text: string, options: DateOptions): PartialDate {
  const reading = partialReading(text, contextOf(options));
  if (reading === undefined) throw unknown(text);
  if (isFailure(reading)) throw reading;
  return reading;
}

/** When somebody was born: a day, a month or a year, and never of a year that was left out. @throws usage */
export function readBirthDate(text: string, options: Omit<DateOptions, 'direction'>): PartialDate {
  const hasYear = /\d{4}/.test(text);
  // Without a year it is refused whichever day a slash date means.
  const dateStyle = options.dateStyle ?? (hasYear ? undefined : 'day-first');
  const date = readPartial(text, { ...options, dateStyle, direction: 'back' });
  if (!hasYear) throw usage(`'${plainWords(text)}' has no year`, 'write 1950-04-03, or 1950 alone');
  return date;
}

/**
 * A tail that begins like a date and is none; its text is not repeated, but for the words that dates are made of.
 * @param behind what the tail follows, to tell by where none of its words may be repeated: 'on', ','
 */
export const notADate = (tail: string, behind: string): Failure => {
  const words = dateWordsOf(tail);
  const subject = words === '…' ? `the tail after '${behind}'` : `'${words}'`;
  return usage(`${subject} is not a date`, dateHint, 'begin the text with \\ to keep it as it is');
};

export interface LooseDate {
  readonly date: CivilDate;
  /** True where chrono-node read it: ask before it is used. */
  readonly guessed: boolean;
}

/** Only a piece that chrono takes whole, as one day that it is sure of. */
async function guess(text: string, { today, direction }: DateOptions): Promise<CivilDate | undefined> {
  const { casual } = await import('chrono-node');
  // Noon, and fields instead of instants: no time zone can then shift the day.
  const [year, month, day] = today.split('-').map(Number);
  const reference = new Date(year ?? 0, (month ?? 1) - 1, day ?? 1, 12);
  const results = casual.parse(text, reference, { forwardDate: direction === 'forward' });
  const [result] = results;
  if (result === undefined || results.length > 1 || result.end || result.text.length !== text.length)
    return undefined;
  const { start } = result;
  const isDay = start.isCertain('day') || start.isCertain('weekday');
  if (!isDay || start.isCertain('hour')) return undefined;
  const two = (part: number | null): string => String(part ?? 0).padStart(2, '0');
  return readCivilDate(`${start.get('year')}-${two(start.get('month'))}-${two(start.get('day'))}`);
}

/**
 * As readDate, and for a text that is not of its forms the day that chrono-node makes of it, marked as guessed.
 * A date that does not exist, or that could mean two days, is never guessed at.
 * @throws usage
 */
export async function readDateLoosely(text: string, options: DateOptions): Promise<LooseDate> {
  if (dateReading(text, contextOf(options)) !== undefined)
    return { date: readDate(text, options), guessed: false };
  const date = await guess(plainWords(text).replace(/^the /, ''), options);
  const isAllowed =
    date !== undefined &&
    !(options.direction === 'forward' && date < options.today) &&
    !(options.direction === 'back' && date > options.today);
  if (!isAllowed) return { date: readDate(text, options), guessed: false };
  return { date, guessed: true };
}
