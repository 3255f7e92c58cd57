/** Dates that name a day of the calendar: '2 apr', 'the 20th', '2026-03-20', '3/4/2026'. */
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
  choose,
  type DateContext,
  type DateForm,
  isFailure,
  noSuchDay,
  outOfReach,
  type Reading,
  yearsAround,
} from './context.ts';
import { monthWords, weekdayWords } from './vocabulary.ts';
import { fullDate, monthName, shortMonthName, weekdayName } from './wording.ts';

interface DayAndMonth {
  readonly weekday: string | undefined;
  readonly day: number;
  readonly month: number;
  readonly year: string | undefined;
}

function dayAndMonthOf(text: string): DayAndMonth | undefined {
  const weekday = /^(\p{L}+)\.? /u.exec(text)?.[1];
  const isNamed = weekday !== undefined && weekdayWords().has(weekday);
  const rest = isNamed ? text.replace(/^\S+ /u, '') : text;
  const dayFirst = /^(?:the )?(\d{1,2})(?:st|nd|rd|th)?[ -]?(?:of )?(\p{L}+)\.?(?:[ -](\S+))?$/u.exec(rest);
  const monthFirst = /^(\p{L}+)\.? (?:the )?(\d{1,2})(?:st|nd|rd|th)?(?: (\S+))?$/u.exec(rest);
  const [, day, name = '', year] =
    dayFirst ?? (monthFirst ? [monthFirst[0], monthFirst[2], monthFirst[1], monthFirst[3]] : []);
  const month = monthWords().get(name);
  if (month === undefined || !/^(?:\d{4}|['’]?\d{2})?$/.test(year ?? '')) return undefined;
  return { weekday: isNamed ? weekday : undefined, day: Number(day), month, year };
}

/** The day of a year or, without one, of the year that the direction means. */
function inYear(
  text: string,
  day: number,
  month: number,
  year: number | undefined,
  context: DateContext,
): Reading {
  if (day < 1 || day > daysInMonth(2000, month)) return noSuchDay(text);
  const clamped = (of: number): CivilDate | undefined =>
    civilDate(of, month, Math.min(day, daysInMonth(of, month)));
  const meant =
    year === undefined
      ? choose(
          yearsAround(context.today).flatMap((of) => clamped(of) ?? []),
          context,
        )
      : clamped(year);
  if (meant === undefined) return outOfReach(text);
  if (dayOf(meant) === day) return meant;
  return usage(
    `'${text}' is not a date: ${yearOf(meant)} has no ${day} ${shortMonthName(month)}`,
    'write 28 feb, 1 mar, or the year that you mean',
  );
}

/** '2 apr', 'apr 2', '2nd of april', '2 apr 2027', 'fri 20 mar': a weekday has to agree. */
export const daysAndMonths: DateForm = (text, context) => {
  const parts = dayAndMonthOf(text);
  if (parts === undefined) return undefined;
  if (parts.year !== undefined && parts.year.length < 4)
    return usage(`the year in '${text}' has two digits`, 'write all four');
  const year = parts.year === undefined ? undefined : Number(parts.year);
  const date = inYear(text, parts.day, parts.month, year, context);
  if (date === undefined || isFailure(date) || parts.weekday === undefined) return date;
  const weekday = weekdayWords().get(parts.weekday);
  return weekday === weekdayOf(date)
    ? date
    : usage(`'${text}' is not a date: ${fullDate(date).slice(4)} is a ${weekdayName(weekdayOf(date))}`);
};

/** '20th', 'the 20th': of the month that the direction means. */
export const ordinals: DateForm = (text, context) => {
  const match = /^(?:the )?(\d{1,2})(?:st|nd|rd|th)$/.exec(text);
  if (!match) return undefined;
  const day = Number(match[1]);
  if (day < 1 || day > 31) return noSuchDay(text);
  const first = addDays(context.today, 1 - dayOf(context.today));
  const months = [-1, 0, 1].map((months) => addMonths(first, months));
  const days = months.map((month) =>
    addDays(month, Math.min(day, daysInMonth(yearOf(month), monthOf(month))) - 1),
  );
  const meant = choose(days, context);
  if (meant === undefined || dayOf(meant) === day) return meant;
  return noSuchDay(text, `${monthName(monthOf(meant))} has ${dayOf(meant)} days: write the month too`);
};

/** '2026-03-20', '2026/3/20'. */
export const isoDates: DateForm = (text) => {
  const match = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const isFar = year < firstYear || year > lastYear;
  if (isFar) return outOfReach(text);
  return civilDate(year, month, day) ?? noSuchDay(text);
};

/** '3/4', '3/4/2026', '3.4.', '3.4.2026', '3-4-2026': refused where it could mean two days and no style says which. */
export const numericDates: DateForm = (text, context) => {
  const match = /^(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{2,4})|(\.))?$/.exec(text);
  if (!match) return undefined;
  const [, one, mark, other, year, stop] = match;
  // '3.5' alone may be a value, and '2-3' a span.
  if (year === undefined && mark !== '/' && !(mark === '.' && stop === '.')) return undefined;
  if (year !== undefined && year.length !== 4)
    return usage(`the year in '${text}' has ${year.length} digits`, 'write all four');
  const dayFirst = [Number(one), Number(other)] as const;
  const monthFirst = [Number(other), Number(one)] as const;
  const readings = {
    'day-first': [dayFirst],
    'month-first': [monthFirst],
    either: one === other ? [dayFirst] : [dayFirst, monthFirst],
  }[context.dateStyle ?? 'either'].filter(([day, month]) => civilDate(2000, month, day) !== undefined);
  const [first, second] = readings;
  if (first === undefined) return noSuchDay(text);
  if (second !== undefined) {
    const both = readings
      .map(([day, month]) => [day, shortMonthName(month).toLowerCase(), ...(year ? [year] : [])].join(' '))
      .join(' or ');
    return usage(`'${text}' may be ${both}`, `write ${both}`, 'rapport config date-style day-first');
  }
  return inYear(text, first[0], first[1], year === undefined ? undefined : Number(year), context);
};
