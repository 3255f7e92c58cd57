/** Dates that are less than a day: a month, a year, a day of every year. They take text as plainWords leaves it. */
import { type Failure, usage } from '../errors.ts';
import { daysAndMonths } from './calendar-days.ts';
import {
  civilDate,
  firstYear,
  lastYear,
  monthOf,
  type PartialDate,
  readPartialDate,
  yearOf,
} from './civil.ts';
import { type DateContext, isFailure, noSuchDay, outOfReach } from './context.ts';
import { monthWords } from './vocabulary.ts';

type PartialForm = (text: string, context: DateContext) => PartialDate | Failure | undefined;

const yearMonth = (year: number, month: number): string => `${year}-${String(month).padStart(2, '0')}`;

/** On the right side of today, and a year that is taken. */
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

/** '--06-14', 'every 14 jun', '14 jun every year', 'yearly 14 jun'. */
const everyYear: PartialForm = (text, context) => {
  const exact = /^--(\d{1,2})-(\d{1,2})$/.exec(text);
  const said =
    /^(?:every|yearly|every year)(?: on)? (.+)$/.exec(text) ?? /^(.+) (?:every year|yearly)$/.exec(text);
  if (!exact && !said) return undefined;
  const named = said?.[1] ?? '';
  // Any leap year will do: the year is dropped, and 29 February stays possible.
  const leap = civilDate(2024, 6, 30);
  const day = exact
    ? (civilDate(2024, Number(exact[1]), Number(exact[2])) ?? noSuchDay(text))
    : leap && daysAndMonths(`${named} 2024`, { ...context, today: leap });
  if (day === undefined || isFailure(day)) return day;
  if (context.direction === 'back')
    return usage(`'${text}' is a day of every year, and one day is needed here`);
  return readPartialDate(`--${day.slice(5)}`);
};

/** '2026', 'next year'. */
const years: PartialForm = (text, context) => {
  const which = /^(?:in )?(?:(\d{4})|(this|next|last) year)$/.exec(text);
  if (!which) return undefined;
  const shift = { this: 0, next: 1, last: -1 }[which[2] ?? ''] ?? 0;
  return checked(text, which[1] ?? String(yearOf(context.today) + shift), context);
};

/** '2026-05', 'may 2027', 'next month', and 'may': the nearest one that the direction allows. */
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
