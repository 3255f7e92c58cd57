/** Days and stretches counted from today, and what returns. */
import { monthSpan, yearSpan } from './calendar-days.ts';
import { addDays, addMonths, type CivilDate, monthOf, weekdayOf, weekdays, yearOf } from './civil.ts';
import type { DateContext, Length, Meaning, Said } from './date-context.ts';
import { numbers, type Unit, units } from './english.ts';
import { addBusinessDays } from './work-calendar.ts';

export const singular = (unit: string): Unit =>
  units.get(unit) ?? units.get(unit.replace(/s$|\./g, '')) ?? 'day';
export const sizeOf = (word: string): number => numbers.get(word) ?? Number(word);

export function addLength(date: CivilDate, { size, unit }: Omit<Length, 'is'>, ctx: DateContext): CivilDate {
  if (unit === 'business day') return addBusinessDays(date, size, ctx.calendar);
  if (unit === 'month' || unit === 'year') return addMonths(date, unit === 'year' ? 12 * size : size);
  const days = { minute: 0, hour: 1 / 24, day: 1, week: 7, fortnight: 14 }[unit];
  return addDays(date, Math.trunc(size * days));
}

export const firstOfWeek = (date: CivilDate, weekStart: number): CivilDate =>
  addDays(date, -((weekdayOf(date) - weekStart + 7) % 7));

export function weekdayDay(weekday: number, { today, direction }: DateContext): CivilDate {
  const ahead = (weekday - weekdayOf(today) + 7) % 7;
  const back = (7 - ahead) % 7;
  if (direction === 'nearest') return addDays(today, ahead <= back ? ahead : -back);
  // Today's own weekday is a week away.
  return direction === 'back' ? addDays(today, -(back || 7)) : addDays(today, ahead || 7);
}

export const inWeek = (weekday: number, shift: number, { today, weekStart }: DateContext): CivilDate =>
  addDays(firstOfWeek(today, weekStart), 7 * shift + ((weekday - weekStart + 7) % 7));

export function whichWeekday(which: string, word: string, ctx: DateContext): CivilDate {
  const weekday = weekdays.get(word) ?? 1;
  if (which === 'last') return weekdayDay(weekday, { ...ctx, direction: 'back' });
  if (which.endsWith('coming')) return weekdayDay(weekday, { ...ctx, direction: 'forward' });
  return inWeek(weekday, shiftOf(which), ctx);
}

/** Weeks, months or years from this one, by a word among these. */
export const shiftOf = (...kept: readonly string[]): number =>
  kept.some((one) => /^ne?xt$/.test(one)) ? 1 : kept.includes('last') ? -1 : 0;

/** The closed weekdays of this week or another; today's own where it is one of them. */
export function weekend(shift: number, ctx: DateContext): Meaning {
  const { weekend: closed } = ctx.calendar;
  const days = closed.length === 0 || closed.length === 7 ? [6, 7] : closed;
  const start = firstOfWeek(ctx.today, ctx.weekStart);
  const isOf = (date: CivilDate) => days.includes(weekdayOf(date));
  let first = addDays(start, 7 * shift);
  while (!isOf(first)) first = addDays(first, 1);
  let last = first;
  while (isOf(addDays(last, 1))) last = addDays(last, 1);
  return shift === 0 && last < ctx.today ? weekend(1, ctx) : { is: 'stretch', first, last };
}

export function whichStretch(shift: number, unit: string, ctx: DateContext): Meaning | undefined {
  if (/^(?:week-?end|wk ?end|w\/end)$/.test(unit)) return weekend(shift, ctx);
  if (units.get(unit) === 'week') {
    const first = addDays(firstOfWeek(ctx.today, ctx.weekStart), 7 * shift);
    return { is: 'stretch', first, last: addDays(first, 6) };
  }
  const date = addMonths(ctx.today, (unit === 'year' ? 12 : 1) * shift);
  return unit === 'year' ? yearSpan(yearOf(date)) : monthSpan(yearOf(date), monthOf(date));
}

const longestEvery = 999;
export function repeat(size: number, unit: Unit, ctx: DateContext, first?: CivilDate): Meaning {
  const [times, plain] = unit === 'fortnight' ? [2 * size, 'week' as const] : [size, unit];
  if (!['day', 'week', 'month', 'year'].includes(plain) || times < 1 || times > longestEvery)
    return { is: 'asked' };
  const date = first ?? addLength(ctx.today, { size: times, unit: plain }, ctx);
  return { is: 'every', every: `${times} ${plain}${times === 1 ? '' : 's'}`, date };
}

export const lengthIn = ({ inner }: Said): Omit<Length, 'is'> => {
  const [length] = inner;
  return length?.is === 'length' ? length : { size: 0, unit: 'day' };
};
export const dayIn = ({ inner }: Said): CivilDate | undefined => {
  const last = inner.at(-1);
  return last?.is === 'day' ? last.date : undefined;
};
/** @param kept one number or two, of which the second counts, and the unit */
export const length = (kept: readonly string[]): Meaning => ({
  is: 'length',
  size: sizeOf(kept.slice(0, -1).findLast((one) => one !== '') ?? ''),
  unit: singular(kept.at(-1) ?? ''),
});
