/**
 * Cuts the date out of a typed line: a promise's after its last preposition or as a closing day word, a milestone's
 * at the start, a loss's after a comma.
 */
import { type Failure, usage } from '../errors.ts';
import type { CivilDate, PartialDate } from './civil.ts';
import { type DateContext, isFailure, type Reading } from './date-form.ts';
import { contextOf, type DateOptions, dateReading, notADate, partialReading } from './grammar.ts';
import { beginsLikeDate, beginsWithMonthOrDigit, nearDayHint, plainWords, weekdayWords } from './words.ts';

interface CutLine<D extends PartialDate = CivilDate> {
  readonly text: string;
  readonly date: D | null;
}

const endTrimmed = (text: string): string => text.replace(/(?<![\s,;:–—-])[\s,;:–—-]+$/u, '');
const startTrimmed = (text: string): string => text.replace(/^[\s,;:–—-]+/u, '');

function known<D extends PartialDate>(reading: D | Failure | undefined): D | undefined {
  if (isFailure(reading)) throw reading;
  return reading;
}

/** After 'in' only lengths of time: 'out in the sun' is text. */
function readTail(preposition: string, tail: string, context: DateContext): Reading {
  if (preposition !== 'in' && preposition !== 'within')
    return dateReading(tail, context) ?? (beginsLikeDate(tail) ? notADate(tail, preposition) : undefined);
  const length = dateReading(`in ${tail}`, context);
  if (length !== undefined) return length;
  return beginsWithMonthOrDigit(tail) || /^(?:the )?end of/.test(plainWords(tail))
    ? (dateReading(tail, context) ?? notADate(tail, preposition))
    : undefined;
}

const prepositions = /(?<=^|\s)(by|on|in|within|before)(?=\s+\S)/giu;
const untils = /(?<=^|\s)(until|till)(?=\s+\S)/giu;
/** Without 'in', which has too many other tails. */
const dayPrepositions = /(?<=^|\s)(by|on|before|within|until|till)(?=\s+\S)/giu;

function lastOf(
  pattern: RegExp,
  line: string,
): { readonly at: number; readonly word: string; readonly tail: string } | undefined {
  const match = [...line.matchAll(pattern)].at(-1);
  if (!match) return undefined;
  const [word] = match;
  return { at: match.index, word: word.toLowerCase(), tail: line.slice(match.index + word.length).trim() };
}

/** 'call until fri' is by Friday; 'until 3 tablets are left' is text. */
function untilDay(line: string, context: DateContext): CutLine | undefined {
  const until = lastOf(untils, line);
  const date = until && dateReading(until.tail, context);
  if (until === undefined || date === undefined || isFailure(date)) return undefined;
  return { text: endTrimmed(line.slice(0, until.at)), date };
}

/** Refused, since a promise that loses its date is easily forgotten. */
function refuseNearMiss(line: string): void {
  const { tail = '' } = lastOf(dayPrepositions, line) ?? {};
  const near = nearDayHint(tail);
  if (near === undefined) return;
  const [word = ''] = plainWords(tail).split(' ');
  throw usage(`'${word}' is not a date`, near, 'begin the text with \\ to keep it as it is');
}

/** Words that bind a closing day to the sentence: 'every friday', 'what happened last monday'. */
const bindsDay = /(?:^|\s)(?:last|every|each|until|till|since|from|of|and|or|to|than|not|the|a)$/iu;
/** 'sat', 'sun' and 'wed' are also words: 'how long she sat', 'more sun'. */
const bindsWord =
  /(?:^|\s)(?:i|you|he|she|we|they|who|it|never|just|newly|in|more|less|much|some|no|any|has|had|have|is|was|were|are|be|been|get|got|when|where|how)$/iu;

function closingDay(line: string, context: DateContext): CutLine | undefined {
  const match = /(?:^|\s)((?:(?:this|next)\s+)?(\p{L}+))[.!;,]*$/iu.exec(line);
  if (!match) return undefined;
  const [, phrase = '', word = ''] = match;
  const day = word.toLowerCase();
  if (!weekdayWords().has(day) && day !== 'today' && day !== 'tomorrow') return undefined;
  const text = line.slice(0, match.index);
  if (bindsDay.test(text) || (/^(?:sat|sun|wed)$/.test(day) && bindsWord.test(text))) return undefined;
  const date = known(dateReading(phrase, context));
  return date === undefined ? undefined : { text: endTrimmed(text), date };
}

/** Relative dates count from `today`. @throws usage */
export function cutPromise(line: string, options: Omit<DateOptions, 'direction'>): CutLine {
  const context = contextOf({ ...options, direction: 'forward' });
  const until = untilDay(line, context);
  if (until !== undefined) return until;
  const preposition = lastOf(prepositions, line);
  if (preposition !== undefined) {
    const date = known(readTail(preposition.word, preposition.tail, context));
    if (date !== undefined) return { text: endTrimmed(line.slice(0, preposition.at)), date };
  }
  refuseNearMiss(line);
  return closingDay(line, context) ?? { text: line, date: null };
}

const longestDate = 8;

export function cutMilestone(line: string, options: Omit<DateOptions, 'direction'>): CutLine<PartialDate> {
  const context = contextOf({ ...options, direction: 'nearest' });
  const ends = [...line.matchAll(/\S+/gu)].slice(0, longestDate).map((word) => word.index + word[0].length);
  for (const end of ends.toReversed()) {
    const piece = line.slice(0, end);
    // '@1st birthday' counts birthdays.
    if (/^\s*\d{1,2}(?:st|nd|rd|th)[\s,.:;]*$/i.test(piece)) continue;
    const date = known(partialReading(piece, context));
    if (date !== undefined) return { text: startTrimmed(line.slice(end)), date };
  }
  if (beginsLikeDate(line)) throw notADate(line, '@');
  return { text: line, date: null };
}

export function cutLoss(line: string, options: Omit<DateOptions, 'direction'>): CutLine<PartialDate> {
  const context = contextOf({ ...options, direction: 'back' });
  const commas = [...line.matchAll(/,(?=\s|\d|\p{L})/gu)].map((comma) => comma.index);
  for (const comma of commas) {
    const tail = line.slice(comma + 1).trim();
    const reading = partialReading(tail.replace(/^(?:on|in)\s+(?=\S+)/iu, ''), context);
    if (reading === undefined && comma !== commas.at(-1)) continue;
    if (/^(?:jan|april|may|june|august)$/i.test(tail))
      throw usage(
        `'${tail.toLowerCase()}' may be a month or a name`,
        `write 'in ${tail.toLowerCase()}' for the month; a name goes before the comma`,
      );
    const date = known(reading);
    if (date !== undefined) return { text: endTrimmed(line.slice(0, comma)), date };
    if (beginsLikeDate(tail)) throw notADate(tail, ',');
  }
  return { text: line, date: null };
}

export function mentionsDate(text: string, options: Omit<DateOptions, 'direction'>): boolean {
  const context = contextOf({ ...options, direction: 'nearest' });
  // Only the last words: a date meant as one is near the end.
  const words = plainWords(text).split(' ').slice(-40);
  const pieces = words.flatMap((_, start) =>
    [1, 2, 3].flatMap((length) =>
      start + length <= words.length ? [words.slice(start, start + length).join(' ')] : [],
    ),
  );
  return pieces.some((piece) => {
    if (/^(?:may|sun|sat|wed|tonight)$/.test(piece)) return false;
    const reading = dateReading(piece, context);
    return reading !== undefined && !isFailure(reading);
  });
}
