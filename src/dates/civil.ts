/** Civil dates ('YYYY-MM-DD', proleptic Gregorian, 1900 to 2200), never instants; how they are shown; time zones. */
import { UTCDateMini } from '@date-fns/utc/date/mini';
import {
  differenceInMonths,
  differenceInYears,
  getDaysInMonth,
  getISODay,
  addMonths as shiftMonths,
} from 'date-fns';
import { distance as editDistance } from 'fastest-levenshtein';
import { usage } from '../errors.ts';

declare const civil: unique symbol;
declare const partial: unique symbol;
declare const clockTime: unique symbol;

/** 'YYYY-MM-DD'; the day exists. */
export type CivilDate = string & { readonly [civil]: true };
/** 'YYYY-MM-DD', 'YYYY-MM', 'YYYY' or '--MM-DD' (every year). */
export type PartialDate = (string & { readonly [partial]: true }) | CivilDate;
/** 'HH:MM', 24 hours. */
export type TimeOfDay = string & { readonly [clockTime]: true };

export const firstYear = 1900;
export const lastYear = 2200;

const millisecondsADay = 86_400_000;

export const daysInMonth = (year: number, month: number): number =>
  getDaysInMonth(new UTCDateMini(year, month - 1));

export const two = (value: number): string => String(value).padStart(2, '0');

/** Month 1 to 12; undefined where there is no such day. */
export function civilDate(year: number, month: number, day: number): CivilDate | undefined {
  if (!Number.isInteger(year) || year < firstYear || year > lastYear) return undefined;
  if (!Number.isInteger(month) || month < 1 || month > 12) return undefined;
  if (!Number.isInteger(day) || day < 1) return undefined;
  // Fast path: every month has 28 days.
  if (day > 28 && day > daysInMonth(year, month)) return undefined;
  return `${year}-${two(month)}-${two(day)}` as CivilDate;
}

export function readCivilDate(text: string | null): CivilDate | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? '');
  return match ? civilDate(Number(match[1]), Number(match[2]), Number(match[3])) : undefined;
}

export function readPartialDate(text: string): PartialDate | undefined {
  const full = readCivilDate(text);
  if (full !== undefined) return full;
  const yearly = /^--(\d{2})-(\d{2})$/.exec(text);
  // 2000 is a leap year, so --02-29 is valid.
  if (yearly) return civilDate(2000, Number(yearly[1]), Number(yearly[2])) && (text as PartialDate);
  const month = /^(\d{4})(?:-(\d{2}))?$/.exec(text);
  if (month) return civilDate(Number(month[1]), Number(month[2] ?? 1), 1) && (text as PartialDate);
  return undefined;
}

/** 'HH:MM' or 'H:MM'; undefined for anything else. */
export function readTimeOfDay(text: string): TimeOfDay | undefined {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (!match || Number(match[1]) > 23 || Number(match[2]) > 59) return undefined;
  return `${two(Number(match[1]))}:${match[2]}` as TimeOfDay;
}

export const yearOf = (date: string): number => Number(date.slice(0, 4));
export const monthOf = (date: CivilDate): number => Number(date.slice(5, 7));
export const dayOf = (date: CivilDate): number => Number(date.slice(8, 10));

/** Days since 1970-01-01. */
const toDayNumber = (date: CivilDate): number =>
  Date.UTC(yearOf(date), monthOf(date) - 1, dayOf(date)) / millisecondsADay;

export const addDays = (date: CivilDate, days: number): CivilDate =>
  new Date((toDayNumber(date) + days) * millisecondsADay).toISOString().slice(0, 10) as CivilDate;

export const daysBetween = (from: CivilDate, to: CivilDate): number => toDayNumber(to) - toDayNumber(from);

const utc = (date: CivilDate): Date => new UTCDateMini(`${date}T00:00:00Z`);

/** Clamped to the last day of a shorter month. */
export const addMonths = (date: CivilDate, months: number): CivilDate =>
  shiftMonths(utc(date), months).toISOString().slice(0, 10) as CivilDate;

/** ISO weekday: 1 Monday to 7 Sunday. */
export const weekdayOf = (date: CivilDate): number => getISODay(utc(date));

/** Whole years, as birthdays count. */
export const yearsBetween = (from: CivilDate, to: CivilDate): number => differenceInYears(utc(to), utc(from));

export const monthsBetween = (from: CivilDate, to: CivilDate): number =>
  differenceInMonths(utc(to), utc(from));

/** First and last possible day; undefined for a yearly date, and for none. */
export function spanOf(
  date: PartialDate | null,
): { readonly first: CivilDate; readonly last: CivilDate } | undefined {
  const full = readCivilDate(date);
  if (full !== undefined) return { first: full, last: full };
  const match = /^(\d{4})(?:-(\d{2}))?$/.exec(date ?? '');
  if (!match) return undefined;
  const year = Number(match[1]);
  const from = match[2] === undefined ? 1 : Number(match[2]);
  const to = match[2] === undefined ? 12 : from;
  return {
    first: `${year}-${two(from)}-01` as CivilDate,
    last: `${year}-${two(to)}-${two(daysInMonth(year, to))}` as CivilDate,
  };
}

/** 29 February becomes the 28th in other years. @param monthAndDay 'MM-DD' */
export function yearlyDateIn(year: number, monthAndDay: string): CivilDate {
  const month = Number(monthAndDay.slice(0, 2));
  const day = Math.min(Number(monthAndDay.slice(3, 5)), daysInMonth(year, month));
  return `${year}-${two(month)}-${two(day)}` as CivilDate;
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const quarter = 900_000;

/** Milliseconds of '+0130', '-07:52:58'; undefined for anything else. */
export function readOffset(value = ''): number | undefined {
  const [, sign, hours, minutes, seconds = 0] = /^([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?$/.exec(value) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** A zone's offset from UTC at an instant, both in milliseconds. @throws usage for an unknown zone */
export function offsetsOf(name: string): (instant: number) => number {
  if (!isTimeZone(name))
    throw usage(`'${name}' is not a time zone`, 'rapport config time-zone Europe/Madrid');
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'longOffset' });
  // Formatting is slow, and offsets change only on quarter hours.
  const known = new Map<number, number>();
  return (instant) => {
    const key = Math.floor(instant / quarter);
    const found = known.get(key);
    if (found !== undefined) return found;
    // 'GMT+01:00', or 'GMT' alone.
    const text = format
      .formatToParts(instant)
      .find(({ type }) => type === 'timeZoneName')
      ?.value.slice(3);
    const offset = readOffset(text) ?? 0;
    known.set(key, offset);
    return offset;
  };
}

// Shown without a year, a date is the one nearest to today, within 182 days.

/** From the first on: the name, and how else it is typed. */
const wordsInOrder = (list: string) => list.split(/\s+/).map((words) => words.split('='));
const monthWords = wordsInOrder(
  `January=Jan February=Feb March=Mar April=Apr May June=Jun July=Jul August=Aug September=Sept=Sep October=Oct
   November=Nov December=Dec`,
);
const weekdayWords = wordsInOrder(
  'Monday=Mon Tuesday=Tues=Tue Wednesday=Weds=Wed Thursday=Thurs=Thur=Thu Friday=Fri Saturday=Sat Sunday=Sun',
);
const numbersOf = (all: readonly (readonly string[])[]): ReadonlyMap<string, number> =>
  new Map(all.flatMap((words, at) => words.map((word) => [word.toLowerCase(), at + 1])));
/** Words with the same number, from 1 on, joined by '='. */
export const numbered = (list: string): ReadonlyMap<string, number> => numbersOf(wordsInOrder(list));

const nearestDays = 182;
const manyDays = 100;

/** '1 day', '2 people'. */
export const count = (value: number, unit: string, many = `${unit}s`): string =>
  `${value} ${value === 1 ? unit : many}`;

/** Month 1 to 12. */
export const monthName = (month: number): string => monthWords[month - 1]?.[0] ?? '';
export const shortMonthName = (month: number): string => monthName(month).slice(0, 3);
/** ISO weekday, 1 Monday to 7 Sunday. */
export const weekdayName = (weekday: number): string => weekdayWords[weekday - 1]?.[0] ?? '';
/** The same of what is typed, in lower case. */
export const months = numbersOf(monthWords);
export const weekdays = numbersOf(weekdayWords);

const dayAndMonth = (date: CivilDate): string => `${dayOf(date)} ${shortMonthName(monthOf(date))}`;
const shortWeekday = (date: CivilDate): string => weekdayName(weekdayOf(date)).slice(0, 3);
const isNearest = (date: CivilDate, today: CivilDate): boolean =>
  Math.abs(daysBetween(today, date)) <= nearestDays;

/** '9 Dec', or '9 Dec 2024' where it is not the nearest. */
export const shortDate = (date: CivilDate, today: CivilDate): string =>
  isNearest(date, today) ? dayAndMonth(date) : `${dayAndMonth(date)} ${yearOf(date)}`;

/** 'Sat 21 Mar', or with the year where it is not the nearest. */
export const weekdayDate = (date: CivilDate, today: CivilDate): string =>
  `${shortWeekday(date)} ${shortDate(date, today)}`;

export const fullDate = (date: CivilDate): string =>
  `${shortWeekday(date)} ${dayAndMonth(date)} ${yearOf(date)}`;

/** 'in 9 days', 'tomorrow', '5 days ago'; from 100 days on '4 months ago', '3 years ago'. */
export function distance(date: CivilDate, today: CivilDate): string {
  const days = daysBetween(today, date);
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  if (days === -1) return 'yesterday';
  const size = howLong(days < 0 ? date : today, days < 0 ? today : date);
  return days < 0 ? `${size} ago` : `in ${size}`;
}

export function howLong(from: CivilDate, to: CivilDate): string {
  const days = daysBetween(from, to);
  if (days < manyDays) return count(days, 'day');
  const whole = monthsBetween(from, to);
  return whole < 24 ? count(whole, 'month') : count(Math.floor(whole / 12), 'year');
}

/** 'every month', 'every 2 weeks'. @param every '1 month', '2 weeks' */
export const everyWords = (every: string): string => `every ${every.replace(/^1 /, '')}`;

export const daysLate = (days: number): string => `${count(days, 'day')} late`;

/** '86 days late'; from a year on '6 years late'. */
export function lateWords(due: CivilDate, on: CivilDate): string {
  const years = Math.floor(monthsBetween(due, on) / 12);
  return years >= 1 ? `${count(years, 'year')} late` : daysLate(daysBetween(due, on));
}

/** 'Fri 20 Mar, 6 business days'. @param openDays undefined for a closed day */
export const echoDate = (date: CivilDate, today: CivilDate, openDays: number | undefined): string => {
  const said = weekdayDate(date, today);
  if (date === today) return `${said}, today`;
  if (openDays === undefined) return `${said}, a closed day`;
  return `${said}, ${openDays > 0 ? count(openDays, 'business day') : distance(date, today)}`;
};

/** 'Sat 21 Mar', 'in May', 'in May 2027', 'in 2027', '14 Jun' (yearly). */
export function partialDate(date: PartialDate, today: CivilDate): string {
  const full = readCivilDate(date);
  if (full !== undefined) return weekdayDate(full, today);
  if (date.startsWith('--')) return plainDate(date);
  if (date.length === 4) return `in ${date}`;
  const month = Number(date.slice(5, 7));
  const monthsAway = (yearOf(date) - yearOf(today)) * 12 + month - monthOf(today);
  return Math.abs(monthsAway) < 6 ? `in ${monthName(month)}` : `in ${monthName(month)} ${yearOf(date)}`;
}

/** '3 Apr 1961', 'Apr 1961', '1961', '14 Jun': independent of today. */
export function plainDate(date: PartialDate): string {
  if (date.startsWith('--')) return `${Number(date.slice(5))} ${shortMonthName(Number(date.slice(2, 4)))}`;
  const year = date.slice(0, 4);
  if (date.length === 4) return year;
  const month = shortMonthName(Number(date.slice(5, 7)));
  return date.length === 7 ? `${month} ${year}` : `${Number(date.slice(8))} ${month} ${year}`;
}

/** Words with one value, joined by '|'. */
export const valued = <V>(rows: readonly (readonly [words: string, value: V])[]): ReadonlyMap<string, V> =>
  new Map(rows.flatMap(([words, value]) => words.split('|').map((word) => [word, value] as const)));

export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Edit distance, in which one pair of swapped letters is one edit. */
export const edits = (left: string, right: string): number =>
  Math.min(
    editDistance(left, right),
    ...Array.from({ length: Math.max(0, left.length - 1) }, (_, at) => {
      const [one = '', other = ''] = left.slice(at, at + 2);
      return 1 + editDistance(left.slice(0, at) + other + one + left.slice(at + 2), right);
    }),
  );
