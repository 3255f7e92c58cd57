/** What each form of time means: a day, a stretch of days, what returns, or a word of time that names no day. */
import { Failure } from '../errors.ts';
import {
  agreeing,
  atFirst,
  dayOrNone,
  feastDay,
  inYear,
  monthSpan,
  namedMonth,
  nthWeekday,
  numeric,
  ordinalDay,
  yearlyDay,
  yearSpan,
} from './calendar-days.ts';
import { addDays, addMonths, civilDate, firstYear, lastYear, monthOf, weekdays, yearOf } from './civil.ts';
import {
  choose,
  type DateContext,
  day,
  impossible,
  isDoubtful,
  type Meaning,
  noSuchDay,
  outOfReach,
  type Read,
  type Said,
  yearsAround,
} from './date-context.ts';
import { dayWords, months, repeatWords } from './english.ts';
import {
  addLength,
  dayIn,
  everyWeekday,
  firstOfWeek,
  inWeek,
  length,
  lengthIn,
  repeat,
  shiftOf,
  singular,
  sizeOf,
  weekdayDay,
  weekend,
  whichStretch,
  whichWeekday,
} from './relative-days.ts';

const itself: Read = ({ inner }) => inner[0];

const meanings = {
  itself,
  length: (_, __, size = '', more = '', unit = '') => length(size, more, unit),
  couple: (_, __, unit = '') => length('2', '', unit),
  /** n/7 and n/12 are months' and days' shorthand only where the month does not come first. */
  shorthand: (_, { dateStyle }, size = '', more = '', unit = '') =>
    dateStyle === 'month-first' ? undefined : length(size, more, unit),
  /** Where the month comes first, 3/12 is twelve March as well. */
  'shorthand or date': (_, { dateStyle }) => (dateStyle === 'month-first' ? { is: 'asked' } : undefined),
  'day and month': (said, ctx, date = '', month = '', year = '') =>
    inYear(said, date, months.get(month) ?? 1, year, ctx),
  'month and day': (said, ctx, month = '', date = '', year = '') =>
    inYear(said, date, months.get(month) ?? 1, year, ctx),
  iso: (said, _, year = '', month = '', date = '') =>
    Number(year) < firstYear || Number(year) > lastYear
      ? impossible(outOfReach(said.text))
      : (dayOrNone(said, Number(year), Number(month), Number(date)) ?? noSuchDay(said.text)),
  slashed: (said, ctx, one = '', other = '', year = '') => numeric(said, one, other, year, ctx),
  /** A stop is the day's, wherever the month comes first. */
  dotted: (said, ctx, one = '', other = '', year = '') => {
    const read = numeric(said, one, other, year, ctx, 'day-first');
    return read?.is === 'day' || year !== '' ? read : undefined;
  },
  'weekday and date': (said, _, weekday = '') => agreeing(said, weekday, said.inner[0]),
  'date and weekday': (said, _, weekday = '') => agreeing(said, weekday, said.inner[0]),
  'weekday and ordinal': (said, ctx, weekday = '', date = '') =>
    agreeing(said, weekday, ordinalDay(said, date, ctx)),
  ordinal: (said, ctx, date = '') => ordinalDay(said, date, ctx),
  'ordinal of month': (said, ctx, date = '', which = '') => {
    const first = addMonths(atFirst(ctx.today), shiftOf(which));
    return dayOrNone(said, yearOf(first), monthOf(first), Number.parseInt(date, 10)) ?? noSuchDay(said.text);
  },
  'nth weekday': (said, ctx, which = '', weekday = '', month = '', year = '') => {
    const number = months.get(month);
    if (number === undefined)
      return nthWeekday(said, which, weekday, addMonths(atFirst(ctx.today), month === 'next month' ? 1 : 0));
    const years = year === '' ? yearsAround(ctx) : [Number(year)];
    const days = years.flatMap((of) => {
      const first = civilDate(of, number, 1);
      const read = first && nthWeekday(said, which, weekday, first);
      return read?.is === 'day' ? [read.date] : [];
    });
    return day(year === '' ? choose(days, ctx) : days[0], said);
  },
  feast: (said, ctx, name = '', year = '') =>
    day(
      year === ''
        ? choose(
            yearsAround(ctx).flatMap((of) => feastDay(name, of) ?? []),
            ctx,
          )
        : feastDay(name, Number(year)),
      said,
    ),
  'day word': (said, { today }, word = '') => day(addDays(today, dayWords.get(word) ?? 0), said),
  'day after word': (said, { today }, word = '') => {
    const days = dayWords.get(word) ?? 0;
    return days === 0 ? undefined : day(addDays(today, 2 * days), said);
  },
  weekday: (said, ctx, word = '') => {
    const weekday = weekdays.get(word) ?? 1;
    return day(weekdayDay(weekday, ctx), said, { weekday, ...isDoubtful(word) });
  },
  'which weekday': (said, ctx, which = '', word = '') => day(whichWeekday(which, word, ctx), said),
  'weekday of week': (said, ctx, word = '', which = '') =>
    day(inWeek(weekdays.get(word) ?? 1, shiftOf(which), ctx), said),
  'week and weekday': (said, ctx, which = '', _ = '', word = '') =>
    day(inWeek(weekdays.get(word) ?? 1, shiftOf(which), ctx), said),
  'day and week': (said, ctx, word = '', unit = '') => {
    const weekday = weekdays.get(word);
    const from =
      weekday === undefined ? addDays(ctx.today, dayWords.get(word) ?? 0) : weekdayDay(weekday, ctx);
    return day(addLength(from, { size: 1, unit: singular(unit) }, ctx), said);
  },
  'week from day': (said, ctx, unit = '', word = '') => {
    const from = word === '' ? dayIn(said) : addDays(ctx.today, dayWords.get(word) ?? 0);
    return from && day(addLength(from, { size: 1, unit: singular(unit) }, ctx), said);
  },
  'in length': (said, ctx) => day(addLength(ctx.today, lengthIn(said), ctx), said),
  'in unit': (said, ctx, unit = '') =>
    day(addLength(ctx.today, { size: 1, unit: singular(unit) }, ctx), said),
  /** 'a week' and 'forty years' are of something else without 'in'. */
  'bare length': (said, ctx) => {
    const length = lengthIn(said);
    return length.unit === 'year' || /^an? /.test(said.text)
      ? { is: 'asked', weak: true }
      : day(addLength(ctx.today, length, ctx), said, { bare: true });
  },
  ago: (said, ctx) => {
    const { size, unit } = lengthIn(said);
    return day(addLength(ctx.today, { size: -size, unit }, ctx), said);
  },
  'length from day': (said, ctx) => {
    const from = dayIn(said);
    return from && day(addLength(from, lengthIn(said), ctx), said);
  },
  'length from word': (said, ctx, word = '') => {
    const days = dayWords.get(word) ?? -1;
    return days < 0 ? undefined : day(addLength(addDays(ctx.today, days), lengthIn(said), ctx), said);
  },
  'length before day': (said, ctx) => {
    const { size, unit } = lengthIn(said);
    const from = dayIn(said);
    return from && day(addLength(from, { size: -size, unit }, ctx), said);
  },
  'day before day': (said) => {
    const from = dayIn(said);
    return from && day(addDays(from, -1), said);
  },
  'day after day': (said) => {
    const from = dayIn(said);
    return from && day(addDays(from, 1), said);
  },
  'which stretch': (_, ctx, ...kept) =>
    whichStretch(kept.length > 1 ? (kept[0] ?? '') : '', kept.at(-1) ?? '', ctx),
  'over weekend': (_, ctx, ...kept) => {
    const read = weekend(kept.some((one) => shiftOf(one) === 1) ? 1 : 0, ctx);
    return read.is === 'stretch' ? { ...read, over: true } : read;
  },
  end: (_, ctx, ...kept) => {
    const unit = kept.at(-1) ?? '';
    const plain = { eow: 'week', eom: 'month', eoy: 'year' }[unit] ?? unit.replace(/[ -]end$/, '');
    const read = whichStretch(kept.some((one) => shiftOf(one) === 1) ? 'next' : '', plain, ctx);
    return read?.is === 'stretch' ? { is: 'stretch', first: read.first, last: read.last, end: true } : read;
  },
  month: (said, ctx, name = '', year = '') => namedMonth(said, name, year, ctx),
  'end of month': (said, ctx, name = '', year = '') => {
    const read = namedMonth(said, name, year, ctx);
    return read?.is === 'stretch' ? { ...read, end: true } : read;
  },
  'which month': (_, ctx, which = '', name = '') => {
    const month = months.get(name) ?? 1;
    const ahead = (month - monthOf(ctx.today) + 12) % 12;
    const shift = which === 'last' ? (ahead || 12) - 12 : shiftOf(which) === 1 ? ahead || 12 : ahead;
    const date = addMonths(atFirst(ctx.today), shift);
    return monthSpan(yearOf(date), month);
  },
  'year and month': (_, __, year = '', month = '') => monthSpan(Number(year), Number(month)),
  'mid month': (said, ctx, name = '', year = '') => {
    const middle = yearsAround(ctx).flatMap((of) => civilDate(of, months.get(name) ?? 1, 15) ?? []);
    const date = year === '' ? choose(middle, ctx) : civilDate(Number(year), months.get(name) ?? 1, 15);
    const whole = date && monthSpan(yearOf(date), monthOf(date));
    return date && whole?.is === 'stretch'
      ? { ...whole, first: date, last: date, over: true }
      : day(date, said);
  },
  year: (said, _, year = '') => yearSpan(Number(year)) ?? impossible(outOfReach(said.text)),
  /** In a promise a number alone is none. */
  'bare year': (_, { direction }, year = '') =>
    direction === 'forward' ? undefined : yearSpan(Number(year)),
  'week of': ({ inner }, { weekStart }) => {
    const [date] = inner;
    if (date?.is !== 'day') return date;
    const first = firstOfWeek(date.date, weekStart);
    return { is: 'stretch', first, last: addDays(first, 6) };
  },
  yearly: (said, _, month = '', date = '') => yearlyDay(said, month, date),
  'every date': (said) => {
    const [date] = said.inner;
    return date?.is === 'day' ? yearlyDay(said, date.date.slice(5, 7), date.date.slice(8)) : date;
  },
  hour: () => ({ is: 'hour' }),
  part: () => ({ is: 'part' }),
  'in the morning': (_, { today }) => ({ is: 'part', date: addDays(today, 1) }),
  soon: () => ({ is: 'soon' }),
  'every length': (said, ctx) => {
    const { size, unit } = lengthIn(said);
    return repeat(size, unit, ctx);
  },
  'every unit': (_, ctx, unit = '') => repeat(1, singular(unit), ctx),
  'every other': (_, ctx, unit = '') => {
    const weekday = weekdays.get(unit);
    return weekday === undefined ? repeat(2, singular(unit), ctx) : everyWeekday(2, weekday, ctx);
  },
  'monthly on': (said, ctx, date = '') => {
    const first = ordinalDay(said, date, ctx);
    return first?.is === 'day' ? repeat(1, 'month', ctx, { date: first.date, named: true }) : first;
  },
  'every weekday': (_, ctx, word = '') => everyWeekday(1, weekdays.get(word) ?? 1, ctx),
  'repeat word': (_, ctx, word = '') => {
    const [size, unit] = repeatWords.get(word) ?? [1, 'month' as const];
    return repeat(size, unit, ctx, { last: true });
  },
  'repeat on weekday': (_, ctx, word = '', weekday = '') => {
    const [size, unit] = repeatWords.get(word) ?? [1, 'week' as const];
    const date = weekdayDay(weekdays.get(weekday) ?? 1, { ...ctx, direction: 'forward' });
    return repeat(size, unit, ctx, { date, named: true });
  },
  'count repeat': (_, ctx, size = '', word = '') =>
    repeat(sizeOf(size), repeatWords.get(word)?.[1] ?? 'month', ctx),
  asked: () => ({ is: 'asked' }),
  /** 'fri or mon': asked about, but where it is one day. */
  'two days': ({ inner: [one, other] }) =>
    one?.is === 'day' && other?.is === 'day' && one.date === other.date ? one : { is: 'asked' },
  vague: () => ({ is: 'asked', weak: true }),
  event: () => ({ is: 'asked', event: true }),
  no: () => ({ is: 'no' }),
} as const satisfies Readonly<Record<string, Read>>;
export type MeaningName = keyof typeof meanings;

export const meaningOf = (name: MeaningName, said: Said, ctx: DateContext): Meaning | undefined => {
  const read: Read = meanings[name];
  try {
    return read(said, ctx, ...said.kept);
  } catch (failure) {
    // A calendar without an open day.
    if (failure instanceof Failure) return impossible(failure);
    throw failure;
  }
};
