/** Days, months and feasts of the calendar; days and stretches counted from today, and what returns. */
import { usage } from '../errors.ts';
import {
  addDays,
  addMonths,
  type CivilDate,
  civilDate,
  dayOf,
  daysInMonth,
  firstYear,
  fullDate,
  lastYear,
  monthOf,
  months,
  readPartialDate,
  shortMonthName,
  spanOf,
  two,
  weekdayName,
  weekdayOf,
  weekdays,
  yearOf,
} from './civil.ts';
import {
  choose,
  type DateContext,
  dateHint,
  day,
  impossible,
  inSomeYear,
  isDoubtful,
  type Length,
  type Meaning,
  noSuchDay,
  outOfReach,
  type Said,
  type Stretch,
} from './date-context.ts';
import { easterDays, feasts, numbers, ordinals, type Unit, units } from './english.ts';
import { addBusinessDays } from './work-calendar.ts';

/** Two digits are a year near today, or before it where the direction is back. */
function yearSaid(year: string, { today, direction }: DateContext): number | undefined {
  if (/^\d{4}$/.test(year)) return Number(year);
  const near = 2000 + Number(year.replace("'", ''));
  if (direction === 'back') return near > yearOf(today) ? near - 100 : near;
  return near >= yearOf(today) && near <= yearOf(today) + 9 ? near : undefined;
}

export function inYear(
  said: Said,
  dayText: string,
  month: number,
  year: string,
  ctx: DateContext,
): Meaning | undefined {
  const number = ordinals.get(dayText) ?? Number(dayText);
  // 'his 90th July': no day, and none was meant.
  if (number > 39) return undefined;
  if (number < 1 || number > daysInMonth(2000, month)) return noSuchDay(said.text);
  const clamped = (of: number): CivilDate | undefined =>
    civilDate(of, month, Math.min(number, daysInMonth(of, month)));
  if (ctx.returns && year === '') return yearlyDay(said, month, number);
  const saidYear = year === '' ? undefined : yearSaid(year, ctx);
  if (year !== '' && saidYear === undefined) return undefined;
  const meant = inSomeYear(saidYear === undefined ? '' : String(saidYear), ctx, clamped);
  if (meant === undefined || dayOf(meant) === number) return day(meant, said);
  return impossible(
    usage(
      `'${said.text}' is not a date: ${yearOf(meant)} has no ${number} ${shortMonthName(month)}`,
      'write 28 feb, 1 mar, or the year that you mean',
    ),
  );
}

export function numeric(
  said: Said,
  one: string,
  other: string,
  year: string,
  ctx: DateContext,
  style = ctx.dateStyle,
): Meaning | undefined {
  const both = [
    ...(style === 'month-first' ? [] : [[one, other] as const]),
    ...(style === 'day-first' || (style === undefined && one === other) ? [] : [[other, one] as const]),
  ];
  const readings = both.filter(
    ([number, month]) => civilDate(2000, Number(month), Number(number)) !== undefined,
  );
  const [first, second] = readings;
  // What is no day is a value, such as a pressure, unless it says its year.
  if (first === undefined)
    return year.length === 4
      ? noSuchDay(said.text)
      : { is: 'asked', weak: true, failure: usage(`'${said.text}' is not a date`, dateHint) };
  const [met, ...more] = readings.flatMap(
    ([number, month]) => inYear(said, number, Number(month), year, ctx) ?? [],
  );
  if (second === undefined || met === undefined) return met;
  const named = readings
    .map(([number, month]) =>
      [Number(number), shortMonthName(Number(month)).toLowerCase(), ...(year ? [year] : [])].join(' '),
    )
    .join(' or ');
  return {
    is: 'asked',
    either: [met, ...more].flatMap((one) => (one.is === 'day' ? [one.date] : [])),
    failure: usage(
      `'${said.text}' may be ${named}`,
      'rapport config date-style day-first, or month-first, says which',
    ),
  };
}

/** The day where the two agree, else an error that names both. */
export function agreeing(said: Said, weekday: string, inner: Meaning | undefined): Meaning | undefined {
  const number = weekdays.get(weekday);
  if (inner?.is === 'asked') {
    const [only, ...others] = inner.either?.filter((date) => weekdayOf(date) === number) ?? [];
    return only === undefined || others.length > 0 ? inner : { is: 'day', date: only };
  }
  if (inner?.is !== 'day' || weekdayOf(inner.date) === number) return inner;
  return impossible(
    usage(
      `'${said.text}' is not a date: ${fullDate(inner.date).slice(4)} is a ${weekdayName(weekdayOf(inner.date))}`,
    ),
  );
}

export function ordinalDay(said: Said, text: string, ctx: DateContext): Meaning | undefined {
  const number = Number.parseInt(text, 10);
  if (number < 1 || number > 31) return noSuchDay(said.text);
  const first = addDays(ctx.today, 1 - dayOf(ctx.today));
  const days = [-1, 0, 1].map((shift) => {
    const month = addMonths(first, shift);
    return addDays(month, Math.min(number, daysInMonth(yearOf(month), monthOf(month))) - 1);
  });
  // A month apart, the one just past is not meant.
  const meant = choose(days, ctx.direction === 'milestone' ? { ...ctx, direction: 'forward' } : ctx);
  if (meant === undefined || dayOf(meant) === number) return day(meant, said);
  return noSuchDay(
    said.text,
    `${shortMonthName(monthOf(meant))} has ${dayOf(meant)} days: write the month too`,
  );
}

const stretchOf = (said: string, more: Partial<Stretch> = {}): Meaning | undefined => {
  const partial = readPartialDate(said);
  const span = partial && spanOf(partial);
  return partial && span && { is: 'stretch', ...span, partial, ...more };
};
export const monthSpan = (year: number, month: number, more?: Partial<Stretch>): Meaning | undefined =>
  stretchOf(`${year}-${two(month)}`, more);
export const yearSpan = (year: number): Meaning | undefined => stretchOf(String(year));

export const atFirst = (date: CivilDate): CivilDate => addDays(date, 1 - dayOf(date));
const endOfMonth = (date: CivilDate): CivilDate => addDays(addMonths(atFirst(date), 1), -1);

export function namedMonth(said: Said, name: string, year: string, ctx: DateContext): Meaning | undefined {
  const month = months.get(name) ?? 1;
  if (year !== '')
    return Number(year) < firstYear || Number(year) > lastYear
      ? impossible(outOfReach(said.text))
      : monthSpan(Number(year), month);
  const first = inSomeYear('', ctx, (of) => civilDate(of, month, 1), endOfMonth);
  return first && monthSpan(yearOf(first), month, /^\p{L}+\.?$/u.test(said.text) ? isDoubtful(name) : {});
}

/** By the Gregorian computus. */
function easterIn(year: number): CivilDate | undefined {
  const [golden, century] = [year % 19, Math.floor(year / 100)];
  const moon = (19 * golden + century - (century >> 2) - Math.floor((8 * century + 13) / 25) + 15) % 30;
  const full =
    moon - Math.floor(moon / 28) * (1 - Math.floor(29 / (moon + 1)) * Math.floor((21 - golden) / 11));
  const sunday = full - ((year + (year >> 2) + full + 2 - century + (century >> 2)) % 7);
  const month = 3 + Math.floor((sunday + 40) / 44);
  return civilDate(year, month, sunday + 28 - 31 * (month >> 2));
}

export function feastDay(name: string, year: number): CivilDate | undefined {
  const fixed = feasts.get(name);
  if (fixed !== undefined) return civilDate(year, Number(fixed.slice(0, 2)), Number(fixed.slice(3)));
  const sunday = easterIn(year);
  return sunday && addDays(sunday, easterDays.get(name) ?? 0);
}

/** @param first of its month */
export function nthWeekday(which: string, word: string, first: CivilDate): CivilDate | undefined {
  const weekday = weekdays.get(word) ?? 1;
  if (which === 'last') {
    const last = endOfMonth(first);
    return addDays(last, -((weekdayOf(last) - weekday + 7) % 7));
  }
  const nth = ordinals.get(which) ?? Number.parseInt(which, 10);
  const date = addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1));
  return nth >= 1 && monthOf(date) === monthOf(first) ? date : undefined;
}

export function yearlyDay(said: Said, month: number, date: number): Meaning {
  const yearly = readPartialDate(`--${two(month)}-${two(date)}`);
  return yearly === undefined ? noSuchDay(said.text) : { is: 'yearly', date: yearly };
}

export function exactDay(said: Said, year: number, month: number, date: number): Meaning {
  const found = civilDate(year, month, date);
  return found === undefined ? noSuchDay(said.text) : day(found, said);
}

// Days and stretches counted from today, and what returns.

export const singular = (unit: string): Unit =>
  units.get(unit) ?? units.get(unit.replace(/'?s$|\./g, '')) ?? 'day';
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
  if (/^(?:week-?end|wk ?end|wknd|w\/end)$/.test(unit)) return weekend(shift, ctx);
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
