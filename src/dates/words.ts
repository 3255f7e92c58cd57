/** Dates and numbers as they are shown. */
// Shown without a year, a date is the one nearest to today, within 182 days.
import { distance as editDistance } from 'fastest-levenshtein';
import {
  type CivilDate,
  dayOf,
  daysBetween,
  monthOf,
  monthsBetween,
  type PartialDate,
  readCivilDate,
  weekdayOf,
  yearOf,
} from './civil.ts';

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const weekdays = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

const nearestDays = 182;
const manyDays = 100;

/** '1 day', '2 people'. */
export const count = (value: number, unit: string, many = `${unit}s`): string =>
  `${value} ${value === 1 ? unit : many}`;

/** Month 1 to 12. */
export const monthName = (month: number): string => months[month - 1] ?? '';
export const shortMonthName = (month: number): string => monthName(month).slice(0, 3);
/** ISO weekday, 1 Monday to 7 Sunday. */
export const weekdayName = (weekday: number): string => weekdays[weekday - 1] ?? '';

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
