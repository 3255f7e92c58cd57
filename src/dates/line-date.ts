/**
 * The date of a typed line: a promise's wherever it stands, a milestone's at the start or the end, a loss's at the end.
 * It is read, or its words are given back as unread, or the line means none. Trap: failures must not hold other text.
 */
import { addDays, type CivilDate, type PartialDate, weekdayOf } from './civil.ts';
import type { DateContext, DateOptions, Meaning } from './date-context.ts';
import { yearlyWords } from './english.ts';
import { contextOf, nextOpen } from './grammar.ts';
import { type Phrase, phrasesIn, plainText, strayWords } from './phrases.ts';
import { eventsIn, judged, type Verdict } from './verdicts.ts';

export interface LineDate<D extends PartialDate = CivilDate> {
  /** Without a date that ends the line. */
  readonly text: string;
  readonly date: D | null;
  /** The words of time that no rule reads, or that could mean two days. */
  readonly unread: string | null;
  /** '1 month', '2 weeks'. */
  readonly every: string | null;
  /** Words of time that mean no date were met: the topic, or the past. */
  readonly isNone: boolean;
  /** The day that unread words are near, to offer where it is asked. */
  readonly about?: CivilDate;
}

type LineOptions = Omit<DateOptions, 'direction'>;

const endTrimmed = (text: string): string => text.replace(/(?<![\s,;:–—(-])[\s,;:–—(-]+$/u, '');
const startTrimmed = (text: string): string => text.replace(/^[\s,;:–—-]+/u, '');

const longestUnread = 80;

/** Up to three words of what is said about an event. */
const eventWords = (line: string, end: number): number => {
  const [words = ''] = /^(?: +[\p{L}\p{N}'’/-]+){1,3}/u.exec(line.slice(end)) ?? [];
  return end + words.length;
};

function unreadWords(line: string, asked: readonly Verdict[]): string {
  const start = Math.min(...asked.map((one) => one.start));
  const end = Math.max(
    ...asked.map(({ end, phrase: { meaning } }) =>
      meaning.is === 'asked' && meaning.event ? eventWords(line, end) : end,
    ),
  );
  return line.slice(start, Math.min(end, start + longestUnread)).trim();
}

const strayIn = (text: string, phrases: readonly Phrase[]): readonly Verdict[] =>
  strayWords(text, phrases).map((phrase) => ({ is: 'asked', phrase, start: phrase.start, end: phrase.end }));

const isEndAfter = (text: string, end: number): boolean => /^[\s.,;!)…-]*$/u.test(text.slice(end));

/** Cuts what ends the line: dates and what goes with them, but no time of day. */
function withoutEnd(line: string, cuttable: readonly Verdict[]): string {
  let text = line;
  for (const { start, end } of cuttable.toReversed()) {
    if (start >= text.length || !isEndAfter(text, end)) break;
    text = endTrimmed(line.slice(0, start));
  }
  return text;
}

type Dated = Verdict & { readonly date: CivilDate };
const isDated = (verdict: Verdict): verdict is Dated => verdict.date !== undefined;

/** The day that all of them agree on. */
function agreedDay(dated: readonly Dated[]): CivilDate | undefined {
  const isExact = ({ phrase: { meaning }, isShifted }: Dated): boolean =>
    isShifted || (meaning.is === 'day' && meaning.weekday === undefined);
  const isWeekday = ({ phrase: { meaning } }: Dated): boolean => meaning.is === 'day';
  const main = dated.find(isExact) ?? dated.find(isWeekday) ?? dated[0];
  if (main === undefined) return undefined;
  const { date } = main;
  const fits = (one: Dated): boolean => {
    if (one.date === date) return true;
    const { meaning } = one.phrase;
    if (isExact(one)) return false;
    if (meaning.is === 'day') return meaning.weekday === weekdayOf(date) && isExact(main);
    return meaning.is === 'stretch' && meaning.first <= date && date <= meaning.last;
  };
  return dated.every(fits) ? date : undefined;
}

const none = { date: null, unread: null, every: null, isNone: false } as const;

/** @throws usage for a day that cannot be */
export function readPromise(line: string, options: LineOptions): LineDate {
  const ctx = contextOf({ ...options, direction: 'forward' });
  const text = plainText(line);
  const phrases = phrasesIn(text, ctx);
  const verdicts = [...phrases.map((one) => judged(text, one, phrases, ctx)), ...eventsIn(text, phrases)];
  const of = (is: Verdict['is']) => verdicts.filter((verdict) => verdict.is === is);
  const isNone = of('none').length > 0;
  const dates = verdicts.filter(isDated).filter(({ is }) => is === 'date');
  const latest = dates.filter(({ rank }) => rank === 'latest');
  const dated = latest.length > 0 ? latest : dates;
  const agreed = agreedDay(dated);
  const asked = of('asked');
  const strong = asked.filter(({ isWeak }) => !isWeak);
  const [every] = of('every');
  const whole = { ...none, text: line, isNone };
  if (dated.length > 0 && agreed === undefined) return { ...whole, unread: unreadWords(line, dated) };
  const isCertain = dated.some(({ rank }) => rank !== undefined);
  if (agreed !== undefined && (strong.length === 0 || isCertain))
    return {
      ...whole,
      text: withoutEnd(
        line,
        verdicts.filter(({ is }) => is === 'date' || is === 'every'),
      ),
      date: agreed,
      every: every?.every ?? null,
    };
  if (strong.length > 0) return { ...whole, unread: unreadWords(line, [...strong, ...dated]) };
  if (every?.date !== undefined)
    return { ...whole, text: withoutEnd(line, [every]), date: every.date, every: every.every ?? null };
  if (of('hour').length + of('soon').length > 0) return { ...whole, date: nextOpen(ctx) };
  const [part] = verdicts.flatMap(({ is, phrase: { meaning } }) =>
    is === 'part' && meaning.is === 'part' && meaning.date !== undefined ? [meaning.date] : [],
  );
  if (part !== undefined) return { ...whole, date: part };
  const last = of('part').filter(({ end }) => isEndAfter(text, end));
  const unsure = [...asked, ...last, ...(isNone ? [] : strayIn(text, phrases))];
  return unsure.length > 0 ? { ...whole, unread: unreadWords(line, unsure) } : whole;
}

/** A whole month or year stays one; a week has no day. */
function wholeDate(meaning: Meaning, ctx: DateContext): PartialDate | undefined {
  if (meaning.is === 'day' || meaning.is === 'yearly') return meaning.date;
  if (meaning.is === 'stretch') return meaning.partial;
  return meaning.is === 'hour' ? ctx.now : undefined;
}

/** The year of a birthday is its first one; without one the day is of every year. */
function yearlyDate(said: PartialDate, words: string, returns: boolean) {
  const yearly = said.startsWith('--') || (said.length === 10 && returns);
  const date = yearly && !/\d{4}/.test(words) ? (`--${said.slice(-5)}` as PartialDate) : said;
  return { date, yearly };
}

/** @throws usage for a day that cannot be */
export function readMilestone(
  line: string,
  options: LineOptions,
): LineDate<PartialDate> & { readonly yearly: boolean } {
  const text = plainText(line);
  const returns = yearlyWords.test(text);
  const ctx = { ...contextOf({ ...options, direction: 'milestone' }), returns };
  const phrases = phrasesIn(text, ctx).filter(({ meaning }) => meaning.is !== 'no');
  const whole = { ...none, text: line, yearly: false };
  const [first] = phrases;
  const isFirst = first !== undefined && /^ *(?:(?:on|in|the|at|from) +)*$/.test(text.slice(0, first.start));
  const isWeak =
    first?.meaning.is === 'asked' ? first.meaning.weak : phrases[1] && first?.meaning.is === 'hour';
  if (first !== undefined && isFirst && !isWeak) {
    const { meaning, end } = first;
    if (meaning.is === 'impossible') throw meaning.failure;
    // '@2 months sober' counts back.
    const isCount = returns && meaning.is === 'day' && meaning.bare;
    const isBare =
      (meaning.is === 'day' || meaning.is === 'stretch') &&
      meaning.doubtful &&
      !/\p{L}/u.test(text.slice(0, first.start));
    const date = isBare || isCount ? undefined : wholeDate(meaning, ctx);
    if (date === undefined)
      return meaning.is === 'part' ? whole : { ...whole, unread: line.slice(0, end).trim() };
    return { ...whole, text: startTrimmed(line.slice(end)), ...yearlyDate(date, first.text, returns) };
  }
  const verdicts = phrases.map((one) => judged(text, one, phrases, ctx));
  const dated = verdicts.flatMap((verdict) => {
    const date = verdict.is === 'date' ? wholeDate(verdict.phrase.meaning, ctx) : undefined;
    return date === undefined ? [] : [{ verdict, date }];
  });
  const [one, ...others] = dated;
  const unread = [
    ...verdicts.filter(
      ({ is, phrase: { meaning } }) =>
        is === 'asked' || (is === 'date' && wholeDate(meaning, ctx) === undefined),
    ),
    ...strayIn(text, phrases),
  ];
  if (one === undefined || others.some(({ date }) => date !== one.date)) {
    const asked = [...unread, ...dated.map(({ verdict }) => verdict)];
    return asked.length > 0 ? { ...whole, unread: unreadWords(line, asked) } : whole;
  }
  return {
    ...whole,
    // '@due 20 apr' is all that is said.
    text:
      withoutEnd(
        line,
        dated.map(({ verdict }) => verdict),
      ) || line,
    ...yearlyDate(one.date, one.verdict.phrase.text, returns),
  };
}

/** Looks back. @throws usage for a day that cannot be */
export function readLoss(line: string, options: LineOptions): LineDate<PartialDate> {
  const ctx = contextOf({ ...options, direction: 'back' });
  const text = plainText(line);
  const whole = { ...none, text: line };
  const comma = text.lastIndexOf(',');
  const isLength = ({ meaning }: Phrase) => meaning.is === 'day' && meaning.bare;
  const isNumber = ({ text: said, end }: Phrase) => /^\d{4}$/.test(said) && !isEndAfter(text, end);
  const phrases = phrasesIn(text, ctx).filter(
    (phrase) =>
      !['no', 'part', 'soon', 'every'].includes(phrase.meaning.is) &&
      !isLength(phrase) &&
      !isNumber(phrase) &&
      !/^at /.test(phrase.text),
  );
  const last = phrases.at(-1);
  if (last === undefined) return whole;
  const { meaning, start, end } = last;
  if (meaning.is === 'impossible') throw meaning.failure;
  const [lead = ''] =
    /(?:^|(?<=[ ,]))(?:(?:on|in|at|over|last|early|late|since|around|about) +)?$/.exec(
      text.slice(0, start),
    ) ?? [];
  const from = start - lead.length;
  const isAlone = meaning.is === 'stretch' && meaning.doubtful !== undefined;
  const isAfterComma = comma >= 0 && text.slice(comma + 1, from).trim() === '';
  const asks = (about?: CivilDate) => ({
    ...whole,
    unread: line.slice(from, end).trim(),
    ...(about && { about }),
  });
  // 'x wife June' names her; after a comma it may be the month.
  if (meaning.is === 'stretch' && lead === '' && (isAlone || /^\p{L}+$/u.test(last.text)))
    return !isAlone || (isAfterComma && isEndAfter(text, end)) ? asks() : whole;
  const isName = meaning.is === 'day' && meaning.doubtful && lead === '' && !isAfterComma;
  const date = isName || meaning.is === 'yearly' ? undefined : wholeDate(meaning, ctx);
  if (date === undefined || date > ctx.today.slice(0, date.length))
    return meaning.is === 'day' && date === undefined
      ? whole
      : asks(meaning.is === 'stretch' ? addDays(ctx.today, -7) : undefined);
  const isEnd = isEndAfter(text, end);
  return { ...whole, text: isEnd ? endTrimmed(line.slice(0, from)) : line, date };
}
