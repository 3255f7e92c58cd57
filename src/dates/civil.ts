/** Civil dates ('YYYY-MM-DD', proleptic Gregorian, 1900 to 2200), never instants. */
import { UTCDateMini } from '@date-fns/utc/date/mini';
import {
  differenceInMonths,
  differenceInYears,
  getDaysInMonth,
  getISODay,
  addMonths as shiftMonths,
} from 'date-fns';

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

const two = (value: number): string => String(value).padStart(2, '0');

/** Month 1 to 12; undefined where there is no such day. */
export function civilDate(year: number, month: number, day: number): CivilDate | undefined {
  if (!Number.isInteger(year) || year < firstYear || year > lastYear) return undefined;
  if (!Number.isInteger(month) || month < 1 || month > 12) return undefined;
  if (!Number.isInteger(day) || day < 1) return undefined;
  // Fast path: every month has 28 days.
  if (day > 28 && day > daysInMonth(year, month)) return undefined;
  return `${year}-${two(month)}-${two(day)}` as CivilDate;
}

export function readCivilDate(text: string): CivilDate | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
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

const fromDayNumber = (day: number): CivilDate =>
  new Date(day * millisecondsADay).toISOString().slice(0, 10) as CivilDate;

export const addDays = (date: CivilDate, days: number): CivilDate => fromDayNumber(toDayNumber(date) + days);

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

/** First and last possible day; undefined for a yearly date. */
export function spanOf(
  date: PartialDate,
): { readonly first: CivilDate; readonly last: CivilDate } | undefined {
  const full = readCivilDate(date);
  if (full !== undefined) return { first: full, last: full };
  const match = /^(\d{4})(?:-(\d{2}))?$/.exec(date);
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
