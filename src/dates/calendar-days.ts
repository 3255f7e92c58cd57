/** Dates that name a day of the calendar ('2 apr', '2026-03-20'), a month, a year or a day of every year. */
import { type Failure, usage } from '../errors.ts';
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
  type PartialDate,
  readPartialDate,
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
} from './date-form.ts';
import { fullDate, monthName, monthWords, shortMonthName, weekdayName, weekdayWords } from './words.ts';

function dayAndMonthOf(text: string) {
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

/** Without a year, the one that the direction means. */
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

/** '2 apr', 'apr 2', '2nd of april', 'fri 20 mar' (the weekday must agree). */
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

export const isoDates: DateForm = (text) => {
  const match = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[3]), Number(match[4])];
  if (year < firstYear || year > lastYear) return outOfReach(text);
  return civilDate(year, month, day) ?? noSuchDay(text);
};

/** '3/4', '3/4/2026', '3.4.', '3-4-2026'. Refused where two days are possible and no date style is set. */
export const numericDates: DateForm = (text, context) => {
  const match = /^(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{2,4})|(\.))?$/.exec(text);
  if (!match) return undefined;
  const [, one, mark, other, year, stop] = match;
  // '3.5' may be a value, '2-3' a span.
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

type PartialForm = (text: string, context: DateContext) => PartialDate | Failure | undefined;

const yearMonth = (year: number, month: number): string => `${year}-${String(month).padStart(2, '0')}`;

function checked(text: string, value: string, { today, direction }: DateContext): PartialDate | Failure {
  const date = readPartialDate(value);
  if (date === undefined) {
    const year = yearOf(value);
    return year < firstYear || year > lastYear ? outOfReach(text) : noSuchDay(text);
  }
  const now = today.slice(0, value.length);
  if (direction === 'back' && value > now) return usage(`'${text}' is still ahead`);
  if (direction === 'forward' && value < now) return usage(`'${text}' has passed`);
  return date;
}

/** '--06-14', 'every 14 jun', '14 jun every year'. */
const everyYear: PartialForm = (text, context) => {
  const exact = /^--(\d{1,2})-(\d{1,2})$/.exec(text);
  const said =
    /^(?:every|yearly|every year)(?: on)? (.+)$/.exec(text) ?? /^(.+) (?:every year|yearly)$/.exec(text);
  if (!exact && !said) return undefined;
  const named = said?.[1] ?? '';
  // Parsed in a leap year, so that 29 February is possible.
  const leap = civilDate(2024, 6, 30);
  const day = exact
    ? (civilDate(2024, Number(exact[1]), Number(exact[2])) ?? noSuchDay(text))
    : leap && daysAndMonths(`${named} 2024`, { ...context, today: leap });
  if (day === undefined || isFailure(day)) return day;
  if (context.direction === 'back')
    return usage(`'${text}' is a day of every year, and one day is needed here`);
  return readPartialDate(`--${day.slice(5)}`);
};

const years: PartialForm = (text, context) => {
  const which = /^(?:in )?(?:(\d{4})|(this|next|last) year)$/.exec(text);
  if (!which) return undefined;
  const shift = { this: 0, next: 1, last: -1 }[which[2] ?? ''] ?? 0;
  return checked(text, which[1] ?? String(yearOf(context.today) + shift), context);
};

/** '2026-05', 'may 2027', 'next month', 'may'. */
const months: PartialForm = (text, context) => {
  const { today, direction } = context;
  const exact = /^(\d{4})-(\d{1,2})$/.exec(text);
  if (exact) return checked(text, yearMonth(Number(exact[1]), Number(exact[2])), context);
  const now = yearOf(today) * 12 + monthOf(today) - 1;
  const ofIndex = (index: number): string => yearMonth(Math.floor(index / 12), (index % 12) + 1);
  const which = /^(this|next|last) month$/.exec(text)?.[1];
  if (which !== undefined)
    return checked(text, ofIndex(now + ({ this: 0, next: 1, last: -1 }[which] ?? 0)), context);
  const named = /^(?:in )?(\p{L}+)\.?(?:[ -](\d{4}))?$/u.exec(text);
  const month = monthWords().get(named?.[1] ?? '');
  if (!named || month === undefined) return undefined;
  if (named[2] !== undefined) return checked(text, yearMonth(Number(named[2]), month), context);
  const ahead = (month - monthOf(today) + 12) % 12;
  const isBack = direction === 'back' ? ahead > 0 : direction === 'nearest' && ahead > 6;
  return checked(text, ofIndex(now + (isBack ? ahead - 12 : ahead)), context);
};

export const partialForms: readonly PartialForm[] = [everyYear, years, months];
