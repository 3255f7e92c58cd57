/** A text that is a date and nothing else, 1900 to 2200. Nothing is guessed: what could mean two days is refused. */
import { Failure, usage } from '../errors.ts';
import { addDays, type CivilDate, firstYear, lastYear, lazy, type PartialDate, yearOf } from './civil.ts';
import { type DateContext, type DateOptions, dateHint, type Meaning, outOfReach } from './date-context.ts';
import { nearWord, plainText, wholePhrase } from './phrases.ts';
import { closedTest, nextOpenDay, plainCalendar } from './work-calendar.ts';

const nobody: ReadonlySet<string> = new Set();

export function contextOf(options: DateOptions): DateContext {
  const { today, now = today, weekStart = 1, calendar = plainCalendar, names = nobody } = options;
  const isClosed = lazy(() => closedTest(calendar));
  return { ...options, now, weekStart, calendar, names, isClosed: (date) => isClosed()(date) };
}

function lastOpen(from: CivilDate, to: CivilDate, { isClosed }: DateContext): CivilDate | undefined {
  for (let date = to; date >= from; date = addDays(date, -1)) if (!isClosed(date)) return date;
  return undefined;
}

/**
 * The last open day of a stretch; where that has passed or there is none, the last open day before it, if that is
 * ahead, else its last day.
 */
export function dueIn(
  { first, last, over }: Extract<Meaning, { is: 'stretch' }>,
  ctx: DateContext,
): CivilDate {
  if (over) return last;
  const open = lastOpen(first, last, ctx);
  if (open !== undefined && open >= ctx.today) return open;
  return lastOpen(ctx.today, addDays(first, -1), ctx) ?? last;
}

/** Today, or the next open day where it is closed. */
export const nextOpen = ({ now, isClosed }: DateContext): CivilDate =>
  isClosed(now) ? (nextOpenDay(now, 1, isClosed) ?? now) : now;

function withinReach(text: string, date: CivilDate, { today, direction }: DateContext): CivilDate | Failure {
  if (!(yearOf(date) >= firstYear && yearOf(date) <= lastYear)) return outOfReach(text);
  const [was, is] = text === date ? ['', ''] : [`: it was ${date}`, `: ${date}`];
  if (direction === 'forward' && date < today)
    return usage(`'${text}' has passed${was}`, `a day from ${today} on is needed here`);
  if (direction === 'back' && date > today)
    return usage(`'${text}' is still ahead${is}`, `a day up to ${today} is needed here`);
  return date;
}

const noDay = (text: string, meaning: Meaning | undefined): Failure | undefined => {
  if (meaning === undefined || meaning.is === 'no' || meaning.is === 'part') return undefined;
  if (meaning.is === 'impossible') return meaning.failure;
  if (meaning.is === 'asked' && meaning.failure !== undefined) return meaning.failure;
  if (meaning.is === 'stretch' && meaning.partial !== undefined)
    return usage(`'${text}' is a ${meaning.partial.length === 4 ? 'year' : 'month'}, not a day`, dateHint);
  return usage(`'${text}' names no day`, "write 'end of next week', 'next fri' or 'in 2 weeks'");
};

const trimmed = (text: string): string =>
  plainText(text)
    .trim()
    .replace(/(?<![!?;:,])[!?;:,]+$/, '')
    .replace(/(?<!\.|\d)\.+$/, '');

/** A day; a Failure where the words are of time but name no day on that side of today; undefined for other words. */
function dateReading(text: string, ctx: DateContext): CivilDate | Failure | undefined {
  const words = trimmed(text);
  const meaning = wholePhrase(words, ctx);
  if (meaning?.is === 'day') return withinReach(words, meaning.date, ctx);
  if (meaning?.is === 'hour') return ctx.now;
  if (meaning?.is === 'stretch' && ctx.direction === 'forward')
    return withinReach(words, dueIn(meaning, ctx), ctx);
  return noDay(words, meaning);
}

/** A month or year by itself too, and a day of every year where it is no past one that is wanted. */
export function partialReading(text: string, options: DateOptions): PartialDate | Failure | undefined {
  const ctx = contextOf(options);
  const words = trimmed(text);
  const meaning = wholePhrase(words, ctx);
  if (meaning?.is === 'yearly')
    return ctx.direction === 'back'
      ? usage(`'${words}' is a day of every year, and one day is needed here`)
      : meaning.date;
  if (meaning?.is !== 'stretch' || meaning.partial === undefined) return dateReading(text, ctx);
  const { partial } = meaning;
  const now = ctx.today.slice(0, partial.length);
  if (ctx.direction === 'back' && partial > now) return usage(`'${words}' is still ahead`);
  return ctx.direction === 'forward' && partial < now ? usage(`'${words}' has passed`) : partial;
}

function required<D extends PartialDate>(text: string, reading: D | Failure | undefined): D {
  if (reading instanceof Failure) throw reading;
  if (reading !== undefined) return reading;
  const named = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  const near = nearWord(trimmed(text));
  throw usage(
    text.trim() === '' ? 'a date is missing' : `'${named}' is not a date`,
    ...(near === undefined ? [] : [`did you mean ${near}?`]),
    dateHint,
  );
}

/**
 * Reads an option's or prompt's date: 'fri', '2 apr', '2026-04-02', 'in 3 business days'; forward also the last open
 * day of 'next week'. @throws usage for no single day, or a day on the wrong side of today
 */
export const readDate = (text: string, options: DateOptions): CivilDate =>
  required(text, dateReading(text, contextOf(options)));

export const readPartial = (text: string, options: DateOptions): PartialDate =>
  required(text, partialReading(text, options));

const birthHint = 'write a day, a month or a year: 3 apr 1961, apr 1961 or 1961';

/** A day, month or year; the year is required. @throws usage, in words of birth dates */
export function readBirthDate(text: string, options: Omit<DateOptions, 'direction'>): PartialDate {
  const words = trimmed(text);
  const hasYear = /\d{4}/.test(words);
  // Refused for its missing year either way.
  const dateStyle = options.dateStyle ?? (hasYear ? undefined : 'day-first');
  const said = { ...options, dateStyle, direction: 'nearest' } as const;
  const date = partialReading(text, said);
  const meaning = wholePhrase(words, contextOf(said));
  if (meaning?.is === 'asked' && meaning.either !== undefined && meaning.failure) throw meaning.failure;
  if (date === undefined || date instanceof Failure)
    throw usage(`'${words.slice(0, 40)}' is not a birth date`, birthHint);
  if (!hasYear) throw usage(`'${words}' has no year`, birthHint);
  if (date > options.today.slice(0, date.length))
    throw usage(`'${words}' is still ahead, so it is no birth date`, birthHint);
  return date;
}
