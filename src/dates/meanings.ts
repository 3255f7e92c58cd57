/** What each form of time means: a day, a stretch of days, what returns, or a word of time that names no day. */
import { Failure } from '../errors.ts';
import {
  addLength,
  agreeing,
  atFirst,
  dayIn,
  exactDay,
  feastDay,
  firstOfWeek,
  inWeek,
  inYear,
  length,
  lengthIn,
  monthSpan,
  namedMonth,
  nthWeekday,
  numeric,
  ordinalDay,
  repeat,
  shiftOf,
  singular,
  sizeOf,
  weekdayDay,
  weekend,
  whichStretch,
  whichWeekday,
  yearlyDay,
  yearSpan,
} from './calendar-days.ts';
import {
  addDays,
  addMonths,
  type CivilDate,
  civilDate,
  dayOf,
  firstYear,
  lastYear,
  monthOf,
  months,
  weekdays,
  yearOf,
} from './civil.ts';
import {
  type DateContext,
  day,
  impossible,
  inSomeYear,
  isDoubtful,
  type Meaning,
  noSuchDay,
  outOfReach,
  type Read,
  type Said,
} from './date-context.ts';
import { dayWords, repeatWords, units } from './english.ts';

const onWeekday = (word: string, ctx: DateContext): CivilDate | undefined => {
  const weekday = weekdays.get(word);
  return weekday === undefined ? undefined : weekdayDay(weekday, ctx);
};
const itself: Read = ({ inner }) => inner[0];

const meanings = {
  itself,
  length: (_, __, ...kept) => length(kept),
  /** n/7 and n/12 are months' and days' shorthand only where the month does not come first. */
  shorthand: (_, { dateStyle }, ...kept) => (dateStyle === 'month-first' ? undefined : length(kept)),
  /** Where the month comes first, 3/12 is twelve March as well. */
  'shorthand or date': (_, { dateStyle }) => (dateStyle === 'month-first' ? { is: 'asked' } : undefined),
  'day and month': (said, ctx, ...kept) => {
    const [date = '', year = ''] = kept.filter((one) => one !== '' && !months.has(one));
    return inYear(said, date, months.get(kept.find((one) => months.has(one)) ?? '') ?? 1, year, ctx);
  },
  iso: (said, _, ...kept) => {
    const [year = 0, month = 0, date = 0] = kept.filter((one) => one !== '').map(Number);
    return year < firstYear || year > lastYear
      ? impossible(outOfReach(said.text))
      : exactDay(said, year, month, date);
  },
  slashed: (said, ctx, ...kept) => {
    const [one = '', other = '', year = ''] = kept.filter((part) => part !== '');
    return numeric(said, one, other, year, ctx);
  },
  /** A stop is the day's, wherever the month comes first. */
  dotted: (said, ctx, ...kept) => {
    const [one = '', other = '', year = ''] = kept.filter((part) => part !== '');
    const read = numeric(said, one, other, year, ctx, 'day-first');
    return read?.is === 'asked' && year === '' ? undefined : read;
  },
  'weekday and date': (said, _, weekday = '') => agreeing(said, weekday, said.inner[0]),
  'weekday and ordinal': (said, ctx, weekday = '', date = '') =>
    agreeing(said, weekday, ordinalDay(said, date, ctx)),
  /** 'mon 16 letters' may count them, where that is no day. */
  'weekday and number': (said, ctx, weekday = '', date = '') => {
    const read = agreeing(said, weekday, ordinalDay(said, date, ctx));
    return read?.is === 'day' ? read : { is: 'asked' };
  },
  ordinal: (said, ctx, date = '') => ordinalDay(said, date, ctx),
  'ordinal of month': (said, ctx, date = '', which = '') => {
    const first = addMonths(atFirst(ctx.today), shiftOf(which));
    return exactDay(said, yearOf(first), monthOf(first), Number.parseInt(date, 10));
  },
  'nth weekday': (said, ctx, which = '', weekday = '', month = '', year = '') => {
    const number = months.get(month);
    const next = addMonths(atFirst(ctx.today), month === 'next month' ? 1 : 0);
    const dayFrom = (first: CivilDate | undefined) => first && nthWeekday(which, weekday, first);
    const date =
      number === undefined ? dayFrom(next) : inSomeYear(year, ctx, (of) => dayFrom(civilDate(of, number, 1)));
    return date === undefined ? noSuchDay(said.text) : day(date, said);
  },
  feast: (said, ctx, name = '', year = '') =>
    day(
      inSomeYear(year, ctx, (of) => feastDay(name, of)),
      said,
    ),
  'day word': (said, { today }, word = '') => day(addDays(today, dayWords.get(word) ?? 0), said),
  weekday: (said, ctx, word = '') => {
    const weekday = weekdays.get(word) ?? 1;
    return day(weekdayDay(weekday, ctx), said, { weekday, ...isDoubtful(word) });
  },
  'which weekday': (said, ctx, which = '', word = '') => day(whichWeekday(which, word, ctx), said),
  'weekday of week': (said, ctx, ...kept) => {
    const [weekday = 1] = kept.flatMap((one) => weekdays.get(one) ?? []);
    return day(inWeek(weekday, shiftOf(...kept), ctx), said);
  },
  /** 'monday week', 'a week tomorrow' */
  'week from day': (said, ctx, ...kept) => {
    const [unit = ''] = kept.filter((one) => units.has(one));
    const [word = ''] = kept.filter((one) => one !== unit);
    const from = dayIn(said) ?? onWeekday(word, ctx) ?? addDays(ctx.today, dayWords.get(word) ?? 0);
    return day(addLength(from, { size: 1, unit: singular(unit) }, ctx), said);
  },
  'in length': (said, ctx, ago = '') => {
    const { size, unit } = lengthIn(said);
    return day(addLength(ctx.today, { size: ago === '' ? size : -size, unit }, ctx), said);
  },
  'in unit': (said, ctx, ...units) =>
    day(addLength(ctx.today, { size: 1, unit: singular(units.join('')) }, ctx), said),
  /** 'a week' and 'forty years' are of something else without 'in'. */
  'bare length': (said, ctx) => {
    const length = lengthIn(said);
    return length.unit === 'year' || /^an? /.test(said.text)
      ? { is: 'asked', weak: true }
      : day(addLength(ctx.today, length, ctx), said, { bare: true });
  },
  /** So long after it, or before it. */
  'beside day': (said, ctx, before = '') => {
    const { size, unit } = said.inner.length > 1 ? lengthIn(said) : { size: 1, unit: 'day' as const };
    const from = dayIn(said);
    return from && day(addLength(from, { size: before === '' ? size : -size, unit }, ctx), said);
  },
  'length from word': (said, ctx, word = '') => {
    const days = dayWords.get(word) ?? -1;
    return days < 0 ? undefined : day(addLength(addDays(ctx.today, days), lengthIn(said), ctx), said);
  },
  'which stretch': (_, ctx, ...kept) => whichStretch(shiftOf(...kept), kept.at(-1) ?? '', ctx),
  'over weekend': (_, ctx, ...kept) => {
    const read = weekend(shiftOf(...kept), ctx);
    return read.is === 'stretch' ? { ...read, over: true } : read;
  },
  end: (_, ctx, ...kept) => {
    const unit = kept.at(-1) ?? '';
    const plain = { eow: 'week', eom: 'month', eoy: 'year' }[unit] ?? unit.replace(/(?:'s)?[ -]end$/, '');
    const read = whichStretch(shiftOf(...kept), plain, ctx);
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
  'year and month': (said, _, year = '', month = '') =>
    monthSpan(Number(year), Number(month)) ?? noSuchDay(said.text),
  /** A promise is due on its 15th. */
  'mid month': (said, ctx, name = '', year = '') => {
    const read = namedMonth(said, name, year, ctx);
    const middle = read?.is === 'stretch' ? addDays(read.first, 14) : undefined;
    return middle && read?.is === 'stretch' ? { ...read, first: middle, last: middle, over: true } : read;
  },
  year: (said, _, year = '') => yearSpan(Number(year)) ?? impossible(outOfReach(said.text)),
  /** In a promise a number alone is none. */
  'bare year': (_, { direction }, year = '') =>
    direction === 'forward' ? undefined : yearSpan(Number(year)),
  'year ahead': (_, { direction }) => (direction === 'forward' ? { is: 'asked' } : undefined),
  'week of': ({ inner }, { weekStart }) => {
    const [date] = inner;
    if (date?.is !== 'day') return date;
    const first = firstOfWeek(date.date, weekStart);
    return { is: 'stretch', first, last: addDays(first, 6) };
  },
  yearly: (said, _, month = '', date = '') => yearlyDay(said, Number(month), Number(date)),
  'every date': (said) => {
    const [date] = said.inner;
    return date?.is === 'day' ? yearlyDay(said, monthOf(date.date), dayOf(date.date)) : date;
  },
  hour: () => ({ is: 'hour' }),
  part: () => ({ is: 'part' }),
  'in the morning': (_, { today }) => ({ is: 'part', date: addDays(today, 1) }),
  soon: () => ({ is: 'soon' }),
  'every length': (said, ctx) => {
    const { size, unit } = lengthIn(said);
    return repeat(size, unit, ctx);
  },
  'every some': (_, ctx, other = '', word = '') => {
    const first = onWeekday(word, ctx);
    return repeat(other === '' ? 1 : 2, first === undefined ? singular(word) : 'week', ctx, first);
  },
  'monthly on': (said, ctx, ...dates) => {
    const first = ordinalDay(said, dates.join(''), ctx);
    return first?.is === 'day' ? repeat(1, 'month', ctx, first.date) : first;
  },
  'repeat word': (_, ctx, word = '', on = '') => {
    const [size, unit] = repeatWords.get(word) ?? [1, 'month' as const];
    const read = repeat(size, unit, ctx, onWeekday(on, ctx));
    return on === '' && read.is === 'every' ? { ...read, last: true } : read;
  },
  'count repeat': (_, ctx, size = '', word = '') =>
    repeat(sizeOf(size), repeatWords.get(word)?.[1] ?? 'month', ctx),
  asked: () => ({ is: 'asked' }),
  /** 'fri or mon': asked about, but where it is one day. */
  'two days': ({ inner: [one, other] }) =>
    one?.is === 'day' && other?.is === 'day' && one.date === other.date ? one : { is: 'asked' },
  vague: () => ({ is: 'asked', weak: true }),
  /** Of a loss it is yesterday; of a promise, asked about. */
  'last night': (said, { today, direction }) =>
    direction === 'back' ? day(addDays(today, -1), said) : { is: 'asked', weak: true },
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
