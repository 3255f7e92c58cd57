/** Dates counted from today: 'tomorrow', 'next fri', 'in 3 business days', '2 weeks ago', 'end of month'. */
import { usage } from '../errors.ts';
import {
  addDays,
  addMonths,
  type CivilDate,
  civilDate,
  dayOf,
  daysInMonth,
  firstYear,
  lastYear,
  monthOf,
  weekdayOf,
  yearOf,
} from './civil.ts';
import {
  addBusinessDays,
  choose,
  type DateForm,
  noSuchDay,
  type WorkCalendar,
  yearsAround,
} from './date-form.ts';
import { monthWords, readCount, weekdayWords } from './words.ts';

const daysAway: ReadonlyMap<string, number> = new Map([
  ['today', 0],
  ['tonight', 0],
  ['tomorrow', 1],
  ['yesterday', -1],
  ['day after tomorrow', 2],
  ['day before yesterday', -2],
]);

export const dayWords: DateForm = (text, { today }) => {
  const days = daysAway.get(text.replace(/^the /, ''));
  return days === undefined ? undefined : addDays(today, days);
};

const firstOfWeek = (day: CivilDate, weekStart: number): CivilDate =>
  addDays(day, -((weekdayOf(day) - weekStart + 7) % 7));

/** 'fri', 'this fri', 'next fri' or 'fri next week', 'last fri' (before today). */
export const weekdays: DateForm = (text, { today, direction, weekStart }) => {
  const match = /^(?:(this|next|last) )?(\p{L}+)$/u.exec(text.replace(/^(\p{L}+) next week$/u, 'next $1'));
  const weekday = weekdayWords().get(match?.[2] ?? '');
  if (!match || weekday === undefined) return undefined;
  const now = weekdayOf(today);
  const ahead = (weekday - now + 7) % 7;
  const back = (now - weekday + 7) % 7;
  if (match[1] === 'next') return addDays(firstOfWeek(today, weekStart), 7 + ((weekday - weekStart + 7) % 7));
  if (match[1] === 'last') return addDays(today, -(back === 0 ? 7 : back));
  if (direction === 'nearest') return addDays(today, ahead <= back ? ahead : -back);
  // Today's own weekday is a week away, except after 'this'.
  const same = match[1] === 'this' ? 0 : 7;
  return direction === 'forward'
    ? addDays(today, ahead === 0 ? same : ahead)
    : addDays(today, -(back === 0 ? same : back));
};

/** 'in 2 weeks', 'within a month', 'in 3 business days', '2 weeks ago', '3 days from now'. */
export const distances: DateForm = (text, { today, calendar }) => {
  const match =
    /^((?:in|within) (?:the next )?)?(\S+) ((?:business |working )?day|week|fortnight|month|year)s?(['’]? time| from (?:now|today)| ago)?$/.exec(
      text,
    );
  const [, lead, amount = '', unit, tail = ''] = match ?? [];
  const isWhole = lead === undefined ? /^ (?:from|ago)/.test(tail) : tail === '' || tail.endsWith(' time');
  const size = readCount(amount);
  if (!isWhole || size === undefined) return undefined;
  const count = tail === ' ago' ? -size : size;
  switch (unit) {
    case 'day':
      return addDays(today, count);
    case 'week':
      return addDays(today, 7 * count);
    case 'fortnight':
      return addDays(today, 14 * count);
    case 'month':
      return addMonths(today, count);
    case 'year':
      // Far beyond any valid date, within what Date can compute.
      return size > 500 ? noSuchDay(text) : addMonths(today, 12 * count);
    default:
      return addBusinessDays(today, count, calendar);
  }
};

function endOfWeek(first: CivilDate, { weekend }: WorkCalendar): CivilDate {
  const days = [6, 5, 4, 3, 2, 1, 0].map((later) => addDays(first, later));
  return days.find((day) => !weekend.includes(weekdayOf(day))) ?? addDays(first, 6);
}

const lastOfMonth = (year: number, month: number): CivilDate | undefined =>
  civilDate(year, month, daysInMonth(year, month));

/** 'end of week', 'end of next month', 'end of april', 'end of the year'. */
export const ends: DateForm = (text, context) => {
  const { today, calendar } = context;
  const match = /^(?:the )?end of (?:the )?(?:(this|next) )?(\p{L}+)(?: (\d{4}))?$/u.exec(text);
  if (!match) return undefined;
  const [, which, unit = '', year] = match;
  const month = monthWords().get(unit);
  if (month !== undefined) {
    if (which !== undefined) return undefined;
    const years = year === undefined ? yearsAround(today) : [Number(year)];
    const days = years.flatMap((of) =>
      of < firstYear || of > lastYear ? [] : (lastOfMonth(of, month) ?? []),
    );
    return year === undefined ? choose(days, context) : (days[0] ?? noSuchDay(text));
  }
  if (year !== undefined) return undefined;
  const next = which === 'next' ? 1 : 0;
  if (unit === 'week') {
    const thisWeek = endOfWeek(firstOfWeek(today, context.weekStart), calendar);
    const passed = which === undefined && thisWeek < today;
    return next || (passed && context.direction === 'forward') ? addDays(thisWeek, 7) : thisWeek;
  }
  if (unit === 'month') {
    const within = addMonths(addDays(today, 1 - dayOf(today)), next);
    return lastOfMonth(yearOf(within), monthOf(within));
  }
  return unit === 'year' ? civilDate(yearOf(today) + next, 12, 31) : undefined;
};

const vague =
  /^(?:(?:the |this |next )?weekend|(?:this|next|the next|last) (?:week|month|year)|(?:in |within )?(?:a few|a couple of|some|several) (?:business |working )?(?:day|week|month|year)s|(?:the )?(?:early|late|mid|beginning of|start of|middle of)[ -](?:next )?\p{L}+)$/u;

/** Stretches of time name no day; guessing one would break a promise. */
export const stretches: DateForm = (text) => {
  if (!vague.test(text)) return undefined;
  const named = /^(?:the )?(?:early|late|mid|beginning of|start of|middle of)[ -](?:next )?(\p{L}+)$/u.exec(
    text,
  )?.[1];
  if (named !== undefined && !monthWords().has(named) && !/^(?:week|month|year)$/.test(named))
    return undefined;
  return usage(`'${text}' names no day`, "write 'end of next week', 'next fri' or 'in 2 weeks'");
};
