/** The words of time in a text: where they stand and what they mean. */
import { distance as editDistance } from 'fastest-levenshtein';
import { edits, lazy, months, weekdays } from './civil.ts';
import type { DateContext, Meaning } from './date-context.ts';
import { classes, dayWords, doubtful, easterDays, feasts, letters, repeatWords } from './english.ts';
import { forms } from './english-forms.ts';
import { indexOfStarts, startsOf } from './form-starts.ts';
import { type MeaningName, meaningOf } from './meanings.ts';

export interface Phrase {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly meaning: Meaning;
}

/** Lower case, blanks and dashes of one kind, every character in its place. */
export const plainText = (text: string): string =>
  /^[\u0020-\u0040\u005b-\u007e]*$/.test(text)
    ? text
    : Array.from({ length: text.length }, (_, at) => {
        const one = text.charAt(at);
        if (/\s/u.test(one)) return ' ';
        if (/[’‘ʼ]/u.test(one)) return "'";
        // A long dash ends what is before it, with no blank beside it too.
        if (/[—―]/u.test(one)) return ';';
        if (/[‐-–−]/u.test(one)) return '-';
        const plain = one.normalize('NFKC').toLowerCase();
        return plain.length === 1 ? plain : one;
      }).join('');

type FormGroup = (typeof forms)[number][0];

interface Form {
  readonly group: FormGroup;
  readonly meaning: MeaningName;
  readonly starts: () => readonly string[];
  readonly parts: () => readonly (RegExp | FormGroup)[];
}

const classOf = (names: string): string =>
  names
    .split('|')
    .map((name) => classes()[name] ?? name)
    .join('|');

/** @param isLast of its form: where a word ends, so that of 'card|cards' the longer is tried too */
const patternOf = (said: string, isLast: boolean): RegExp =>
  new RegExp(
    `(?:${said
      .replace(/ ([?*+])?/g, (_, times?: string) => (times === '?' || times === '*' ? ' *' : ' +'))
      .replace(/\{~([^}]{1,200})\}/g, (_, names: string) => `(?:${classOf(names)})`)
      .replace(
        /\{([^}\d][^}]{0,200})\}/g,
        (_, names: string) => `(${classOf(names)})`,
      )})${isLast ? '(?![a-z\\d])' : ''}`,
    'uy',
  );

const read = lazy(() =>
  forms.map(
    ([group, form, meaning]): Form => ({
      group,
      meaning,
      starts: lazy(() => startsOf(form, startsOfNamed)),
      parts: lazy(() =>
        form
          .split(/(<(?:length|date|day|stretch)>)/)
          .filter((part) => part !== '')
          .map((part, at, { length }) =>
            /^<\w+>$/.test(part) ? (part.slice(1, -1) as FormGroup) : patternOf(part, at === length - 1),
          ),
      ),
    }),
  ),
);
const inGroup = (group: string): readonly Form[] => read().filter((form) => form.group === group);
const named = new Map<string, readonly string[]>();
/** Of a class, or of a group of forms. */
function startsOfNamed(name: string): readonly string[] {
  const starts =
    named.get(name) ??
    (name.startsWith('<')
      ? inGroup(name.slice(1, -1)).flatMap((form) => form.starts())
      : startsOf(classes()[name] ?? name, startsOfNamed));
  named.set(name, starts);
  return starts;
}

// A stop, slash or colon between digits goes on; so does a hyphen or apostrophe before a letter.
const goesOn = lazy(() => new RegExp(`[${letters}\\d]|['-][${letters}]|[/.:]\\d`, 'uy'));
/** Within a form it may be 'mon-wed' and "a week's time". */
const goesOnWithin = lazy(() => new RegExp(`[${letters}\\d]|[/.:]\\d`, 'uy'));
const wordStarts = lazy(() => {
  const sign = `${letters}\\d`;
  return new RegExp(`(?<![${sign}'/.-])(?:--)?[${sign}]|(?<=[^${sign}]-|^-)(?<!--)[${sign}]`, 'gu');
});
const wordAt = lazy(() => new RegExp(`[${letters}]+`, 'uy'));

interface Met {
  readonly end: number;
  readonly meaning: Meaning;
}

/** A text on a day; what was met within forms is met once. */
interface Scan {
  readonly text: string;
  readonly ctx: DateContext;
  readonly within: Map<string, Met | undefined>;
}

function metBy({ parts, meaning }: Form, scan: Scan, start: number, end = goesOn): Met | undefined {
  const { text, ctx } = scan;
  const kept: string[] = [];
  const inner: Meaning[] = [];
  let at = start;
  for (const part of parts()) {
    if (typeof part === 'string') {
      const met = metWithin(part, scan, at);
      if (met === undefined) return undefined;
      inner.push(met.meaning);
      at = met.end;
      continue;
    }
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) return undefined;
    kept.push(...match.slice(1).map((one) => one?.replace(/ +/g, ' ') ?? ''));
    at = part.lastIndex;
  }
  const further = end();
  further.lastIndex = at;
  if (at === start || further.test(text)) return undefined;
  const said = { text: text.slice(start, at).replace(/ +/g, ' '), kept, inner };
  const meant = meaningOf(meaning, said, ctx);
  return meant && { end: at, meaning: meant };
}

const indexes = new Map<FormGroup, ReturnType<typeof indexOfStarts<Form>>>();
function within(group: FormGroup) {
  const index = indexes.get(group) ?? indexOfStarts(inGroup(group), (form) => form.starts());
  indexes.set(group, index);
  return index;
}

function metWithin(group: FormGroup, scan: Scan, at: number): Met | undefined {
  const key = `${group} ${at}`;
  if (!scan.within.has(key))
    scan.within.set(key, longest(within(group)(scan.text, at), scan, at, goesOnWithin));
  return scan.within.get(key);
}

/** Of equal ends, the later form. */
function longest(candidates: readonly Form[], scan: Scan, at: number, end = goesOn): Met | undefined {
  let best: Met | undefined;
  for (const form of candidates) {
    const met = metBy(form, scan, at, end);
    if (met !== undefined && met.end >= (best?.end ?? 0)) best = met;
  }
  return best;
}

const inner: readonly FormGroup[] = ['length', 'date'];
const whole = lazy(() => read().filter(({ group }) => !inner.includes(group)));
const wholeAt = lazy(() => indexOfStarts(whole(), (form) => form.starts()));

/** The meaning of a text that is one phrase and nothing else. @param text as `plainText` gives it */
export function wholePhrase(text: string, ctx: DateContext): Meaning | undefined {
  const scan: Scan = { text, ctx, within: new Map() };
  const met = wholeAt()(text, 0)
    .map((form) => metBy(form, scan, 0))
    .findLast((one) => one?.end === text.length);
  return met?.meaning;
}

const nearly = lazy(() => [
  ...[...weekdays.keys(), ...months.keys()].filter((word) => word.length > 5),
  ...['tomorrow', 'tonight', 'weekend', 'christmas', 'fortnight', 'fortnightly', 'monthly', 'april', 'today'],
]);

const slips = (name: string): number => (name.length > 7 ? 2 : 1);
/** 'fridya', 'tomorow': a word of time with a slip in it. */
export const nearWord = (word: string): string | undefined =>
  word.length > 4
    ? nearly().find(
        (name) =>
          // 'Frida' is a name, 'mondays' no day.
          !(name.startsWith(word) || word.startsWith(name)) &&
          Math.abs(word.length - name.length) <= slips(name) &&
          editDistance(word, name) <= slips(name) + 1 &&
          edits(word, name) <= slips(name),
      )
    : undefined;

/** Words of time within others that no form reads: 'Ana-fri', '03apr', 'friday-ish'. */
export const strayWords = (text: string, phrases: readonly Phrase[]): readonly Phrase[] =>
  [...text.matchAll(/[^ ]+/g)].flatMap(({ 0: said, index: start }) => {
    const isTime = (word: string) =>
      !doubtful.has(word) &&
      [weekdays, months, dayWords, feasts, easterDays, repeatWords].some((words) => words.has(word));
    const isRead = phrases.some((one) => start < one.end && one.start < start + said.length);
    const isStray = !isRead && (said.match(/[a-z]+/g) ?? []).some(isTime);
    return isStray
      ? [{ start, end: start + said.length, text: said, meaning: { is: 'asked', weak: true } }]
      : [];
  });

const shortNames = lazy(() => [
  ...[...weekdays.keys(), ...months.keys()].filter((word) => word.length < 5),
  'march',
]);
/** 'fir' for 'fri'. */
const isSwapped = (word: string): boolean =>
  word.length > 2 &&
  !weekdays.has(word) &&
  !months.has(word) &&
  shortNames().some(
    (name) => name.length === word.length && edits(word, name) === 1 && editDistance(word, name) === 2,
  );
/** 'in 2 weesk', 'next wek'. */
const isNearUnit = (word: string): boolean =>
  ['day', 'days', 'week', 'weeks', 'month', 'months', 'year', 'years'].some(
    (unit) => word.length > 2 && word[0] === unit[0] && edits(word, unit) === 1,
  );

/** From left to right; of several that begin at one place the longest. @param text as `plainText` gives it */
export function phrasesIn(text: string, ctx: DateContext): readonly Phrase[] {
  const found: Phrase[] = [];
  const scan: Scan = { text, ctx, within: new Map() };
  const starts = wordStarts();
  starts.lastIndex = 0;
  for (let match = starts.exec(text); match !== null; match = starts.exec(text)) {
    const start = match.index;
    const met = longest(wholeAt()(text, start), scan, start);
    if (met !== undefined) {
      found.push({ start, end: met.end, text: text.slice(start, met.end), meaning: met.meaning });
      starts.lastIndex = met.end;
      continue;
    }
    const whole = wordAt();
    whole.lastIndex = start;
    const [word = ''] = whole.exec(text) ?? [];
    const before = text.slice(Math.max(0, start - 20), start);
    const isSlip =
      nearWord(word) !== undefined ||
      (isSwapped(word) && /\b(?:by|on|in|next|this|\d{1,2}(?:st|nd|rd|th)?) +$/.test(before)) ||
      (isNearUnit(word) && /\b(?:(?:in|within|every) +\d+|next|every) +$/.test(before));
    if (isSlip)
      found.push({ start, end: start + word.length, text: word, meaning: { is: 'asked', weak: true } });
  }
  return found;
}
