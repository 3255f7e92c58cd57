/** The words of dates as people type them, lower case. */
import { distance } from 'fastest-levenshtein';
import { monthName, weekdayName } from './wording.ts';

export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const numbered = (
  names: readonly string[],
  shortForms: (name: string) => readonly string[],
): ReadonlyMap<string, number> =>
  new Map(
    names.flatMap((name, index) =>
      [name, ...shortForms(name)].map((word): [string, number] => [word, index + 1]),
    ),
  );

const upTo = (last: number, name: (number: number) => string): readonly string[] =>
  Array.from({ length: last }, (_, index) => name(index + 1).toLowerCase());

/** 1 to 12; 'jan', 'january', also 'sept'. */
export const monthWords = lazy(() =>
  numbered(upTo(12, monthName), (name) => (name === 'september' ? ['sep', 'sept'] : [name.slice(0, 3)])),
);

/** ISO, 1 Monday to 7 Sunday; also 'tues', 'weds', 'thur', 'thurs'. */
export const weekdayWords = lazy(() =>
  numbered(upTo(7, weekdayName), (name) => {
    const more: Readonly<Record<string, readonly string[]>> = {
      tuesday: ['tues'],
      wednesday: ['weds'],
      thursday: ['thur', 'thurs'],
    };
    return [name.slice(0, 3), ...(more[name] ?? [])];
  }),
);

const numberWords =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen';

/** '3', 'three', 'a' or 'an'; undefined for anything else, or more than four digits. */
export function readCount(word: string): number | undefined {
  if (/^\d{1,4}$/.test(word)) return Number(word);
  if (word === 'a' || word === 'an') return 1;
  const index = numberWords.split(' ').indexOf(word);
  return index < 0 ? undefined : index + 1;
}

/** NFKC, lower case, single blanks for commas and blanks, no closing punctuation. */
export const plainWords = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s,]+/gu, ' ')
    .trim()
    .replace(/(?<![!?;:])[!?;:]+$/u, '')
    // Keeps the second stop of '3.5.'.
    .replace(/(?<!\.|^\d{1,2}\.\d{1,2})\.+$|(?<=^\d{1,2}\.\d{1,2}\.)\.+$/u, '')
    .trim();

const firstWord = (text: string): string => /^[\p{L}\p{N}'’-]+/u.exec(plainWords(text))?.[0] ?? '';

export const beginsWithMonthOrDigit = (text: string): boolean => {
  const word = firstWord(text);
  return /^(?:--)?\d/.test(word) || monthWords().has(word);
};

/** What follows must be a date then. */
export const beginsLikeDate = (text: string): boolean => {
  const word = firstWord(text);
  return (
    beginsWithMonthOrDigit(text) || weekdayWords().has(word) || /^(?:today|tomorrow|yesterday)$/.test(word)
  );
};

/** The leading date words, then '…': safe to print, since no other word is repeated. */
export function dateWordsOf(text: string): string {
  const words = plainWords(text).split(' ');
  const isDateWord = (word: string): boolean =>
    /^(?:\d{1,4}|\d{1,2}(?:st|nd|rd|th)|\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?)$/.test(
      word,
    ) ||
    monthWords().has(word) ||
    weekdayWords().has(word) ||
    /^(?:in|of|the|end|next|last|this|every|today|tomorrow|yesterday|ago|(?:business|working|day|week|weekend|month|year)s?)$/.test(
      word,
    );
  const end = words.findIndex((word) => !isDateWord(word));
  return end < 0 ? words.join(' ') : [...words.slice(0, end), '…'].join(' ');
}

/** Edit distance, in which one pair of swapped letters is one edit. */
export const edits = (left: string, right: string): number =>
  Math.min(
    distance(left, right),
    ...Array.from({ length: Math.max(0, left.length - 1) }, (_, at) => {
      const [one = '', other = ''] = left.slice(at, at + 2);
      return 1 + distance(left.slice(0, at) + other + one + left.slice(at + 2), right);
    }),
  );

const dayNames = lazy(() => [...upTo(7, weekdayName), 'tomorrow']);

/** A hint where a text is a feast, or begins with a word that is nearly a day. Short forms have too many near words. */
export function nearDayHint(text: string): string | undefined {
  const plain = plainWords(text);
  if (/^(?:christmas|xmas|easter|thanksgiving)$/.test(plain)) return 'write its day: 24 dec';
  const [word = ''] = plain.split(' ');
  const near = dayNames().find((name) => {
    const most = name.length > 7 ? 2 : 1;
    // 'Frida' is a name, 'mondays' no day.
    const isOther = name.startsWith(word) || word.startsWith(name);
    return !isOther && Math.abs(word.length - name.length) <= most && edits(word, name) <= most;
  });
  return near && `did you mean ${near}?`;
}
