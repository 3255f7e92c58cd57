/**
 * Text as people see it: folding for look-ups, safe display, width in terminal columns (East Asian Width, marks,
 * emoji), cutting and wrapping at words.
 */
import { eastAsianWidth } from 'get-east-asian-width';
import { lazy } from '../dates/civil.ts';

/** ASCII first: compiling a Unicode class takes a millisecond. */
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** Begins in Chinese, Japanese or Korean letters, where the family's name is the first, with no blank behind it. */
export const isFamilyFirst = (name: string): boolean =>
  !isAscii(name) && /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(name);

// Accents, vowel signs of Arabic and Hebrew, and what joins letters or nothing. Other scripts spell with their marks.
const marks =
  /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a]|[\u20d0-\u20f0]|[\ufe20-\ufe2f]|[\u00ad\u0640\u200b-\u200f\u2060\ufeff]/g;

/** Letters that have no accent to lose, as they are typed where a keyboard lacks them. */
const typedAs = lazy(
  () =>
    new Map(
      "ß=ss æ=ae œ=oe ø=o ł=l đ=d ð=d þ=th ħ=h ŧ=t ŋ=n ı=i ĸ=k ƒ=f ə=a ɛ=e ɔ=o ɓ=b ɖ=d ɗ=d ƙ=k ɨ=i ʉ=u ʼ=' ʻ=' ς=σ ٱ=ا ى=ي ی=ي ک=ك ة=ه"
        .split(' ')
        .map((pair) => [pair.charAt(0), pair.slice(2)] as const),
    ),
);

/** The same for texts that differ in case, accents, width and letters that others type as one or two of ASCII. */
export const fold = (text: string): string => {
  if (isAscii(text)) return text.toLowerCase();
  const bare = text.normalize('NFKD').replace(marks, '').toLowerCase();
  return isAscii(bare)
    ? bare
    : bare.replace(/[^\u0000-\u007f]/g, (letter) => typedAs().get(letter) ?? letter).normalize('NFC');
};

export const foldedWords = (text: string): readonly string[] => {
  const folded = fold(text);
  return folded.match(isAscii(folded) ? /[a-z0-9]+/g : /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
};

// Letters that are drawn as nothing: the fillers of Hangul.
const unseen = /[\u115f\u1160\u3164\uffa0]/gu;

/** Whether anything of a name can be seen: blanks, joiners and marks alone can not. */
export const hasVisibleLetter = (text: string): boolean =>
  /[A-Za-z0-9]/.test(text) || /[\p{L}\p{N}]/u.test(text.replace(unseen, ''));

// Cyrillic and Greek letters that are drawn as a Latin one, small or capital.
const drawnAlike = new Map(
  'аa еe оo рp сc уy хx іi јj ѕs ԁd һh ӏl кk мm тt вb нh αa οo ρp νv εe ιi κk υy τt χx βb ηh μm ζz ϲc'
    .split(' ')
    .map(([letter = '', latin = '']) => [letter, latin] as const),
);

/** A name as it looks: what is drawn as nothing left out, what is drawn alike as one letter. For comparing alone. */
export const looksLike = (text: string): string =>
  isAscii(text)
    ? text
    : [...fold(text.replace(/\p{Default_Ignorable_Code_Point}/gu, '').replace(unseen, ''))]
        .map((letter) => drawnAlike.get(letter) ?? letter)
        .join('');

// C0 and C1 controls, which end a line or steer a terminal, and the marks that turn the direction of what follows them.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** One column per character. */
const isPlain = (text: string): boolean =>
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2013-\u2026]*$/.test(text);

const codeOf = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** One safe line: line ends and tabs become blanks, other control characters are escaped visibly. */
export const printable = (text: string): string =>
  isPlain(text) ? text : text.replace(/[\n\t\r]/g, ' ').replace(unsafe, codeOf);

export const printableLines = (text: string): readonly string[] => text.split(/\r\n|\n|\r/).map(printable);

const bytesOf = (text: string): string => Buffer.from(text).toString('hex').replace(/../g, '\\x$&');

/** On one line whatever is in it. Trap: only bash, zsh, ksh and recent sh read $'…'. */
export function shellQuoted(word: string): string {
  if (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word)) return word;
  if (word.search(unsafe) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replace(/['\\]/g, '\\$&').replace(unsafe, bytesOf)}'`;
}

// Allowed raw in JSON, but a terminal would obey or hide them.
const unsafeInJson = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export const escapeJson = (json: string): string =>
  json.replace(unsafeInJson, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Grapheme clusters. Intl.Segmenter is slow to start, so plain text avoids it. */
function* charactersOf(text: string): Generator<{ readonly segment: string; readonly index: number }> {
  if (isPlain(text))
    for (let index = 0; index < text.length; index += 1) yield { segment: text.charAt(index), index };
  else yield* new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
}

/** A letter with its marks, or a whole emoji. Lazy: the pattern is slow to compile. */
const clusters = lazy(() => /\p{RGI_Emoji}|[^\p{Mn}\p{Me}\p{Cf}][\p{Mn}\p{Me}\p{Cf}]*/gv);
const emoji = lazy(() => /^\p{RGI_Emoji}$/v);

const clusterWidth = (text: string): number => {
  const [base = 0, next] = Array.from(text, (one) => one.codePointAt(0));
  return next !== undefined && emoji().test(text) ? 2 : eastAsianWidth(base);
};

export const widthOf = (text: string): number =>
  isPlain(text)
    ? text.length
    : (text.normalize('NFC').match(clusters()) ?? []).reduce((sum, one) => sum + clusterWidth(one), 0);

/** By code units: locale collation is slow to start, and dates and ids need none. */
export const compareText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** Those that are there: `count > 0 && 'some'` is one or none. */
export const present = <T>(...parts: readonly (T | false | null | undefined)[]): readonly T[] =>
  parts.filter((part): part is T => part !== false && part !== null && part !== undefined);

/** Of several, none. */
export const onlyOne = <T>(all: readonly T[]): T | undefined => (all.length === 1 ? all[0] : undefined);

/** A text of those lines that are there. */
export const textOfLines = (...lines: readonly (string | false | null | undefined)[]): string =>
  present(...lines).join('\n');

/** A part of a record as a document has it: its fields in this order. */
export const pick = <T, K extends keyof T>(record: T, ...fields: readonly K[]): Pick<T, K> =>
  Object.fromEntries(fields.map((field) => [field, record[field]])) as Pick<T, K>;

/** By the first of the keys that differs, the smaller first; each is worked out once. */
export const sortedBy = <T>(
  list: Iterable<T>,
  keysOf: (one: T) => readonly (string | number)[],
): readonly T[] =>
  Array.from(list, (one) => ({ one, keys: keysOf(one) }))
    .sort((left, right) => {
      const place = left.keys.findIndex((key, at) => key !== right.keys[at]);
      return place === -1 ? 0 : (left.keys[place] ?? '') < (right.keys[place] ?? '') ? -1 : 1;
    })
    .map(({ one }) => one);

/** What has a key in common, under it, in the order given. */
export function groupBy<V>(
  values: Iterable<V>,
  keys: (value: V) => readonly string[],
): ReadonlyMap<string, readonly V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values)
    for (const key of new Set(keys(value))) {
      const found = groups.get(key);
      if (found === undefined) groups.set(key, [value]);
      else found.push(value);
    }
  return groups;
}

/** ASCII, and the punctuation used in layout. */
const isLatin = (text: string): boolean => /^[\u0000-\u007f\u00b7\u2013-\u2026]*$/.test(text);

const isWord = (run: string): boolean =>
  /[A-Za-z0-9]/.test(run) || (!isLatin(run) && /[\p{L}\p{N}]/u.test(run));

/** Runs of non-spaces with a letter or digit. */
export const countWords = (text: string): number =>
  isLatin(text) ? (text.match(/[A-Za-z0-9]\S*/g)?.length ?? 0) : text.split(/\s+/u).filter(isWord).length;

/** Cuts at a word, or within one where a single word is too long. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 1) return columns === 1 ? '…' : '';
  const room = columns - 1;
  let width = 0;
  let end = 0;
  let lastBreak = 0;
  for (const { segment, index } of charactersOf(text)) {
    if (/^\s/u.test(segment)) lastBreak = index;
    width += widthOf(segment);
    if (width > room) break;
    end = index + segment.length;
  }
  const atWord = /^\s/u.test(text.slice(end)) ? end : lastBreak;
  return `${text.slice(0, atWord > 0 ? atWord : end).replace(/(?<![\s,;:·(–-])[\s,;:·(–-]+$/u, '')}…`;
}

export function cutToWords(text: string, words: number): string {
  let count = 0;
  for (const match of text.matchAll(/\S+/gu)) {
    if (isWord(match[0])) count += 1;
    if (count > words) return `${text.slice(0, match.index).replace(/(?<![\s,;:·(–-])[\s,;:·(–-]+$/u, '')}…`;
  }
  return text;
}

function* cutWord(word: string, columns: number): Generator<string> {
  if (widthOf(word) <= columns) return yield word;
  let [part, width] = ['', 0];
  for (const { segment } of charactersOf(word)) {
    const own = widthOf(segment);
    if (part !== '' && width + own > columns) {
      yield part;
      [part, width] = ['', 0];
    }
    part += segment;
    width += own;
  }
  yield part;
}

/** Wraps at words; breaks a word only where it is longer than a line. */
export function wrapToWidth(text: string, columns: number): readonly string[] {
  const words = text.split(/\s+/u).filter((part) => part !== '');
  const whole = words.join(' ');
  if (widthOf(whole) <= columns) return whole === '' ? [] : [whole];
  const lines: string[] = [];
  let line = '';
  for (const word of words.flatMap((one) => [...cutWord(one, columns)])) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
  }
  if (line !== '') lines.push(line);
  return lines;
}

export const padToWidth = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));

/** A typed text as the lines of a draft: in an editor, lines that begin with # are left out. */
export function draftLinesOf(
  task: 'commit' | 'note' | 'edit',
  text: string,
): readonly { readonly place: 'learn'; readonly text: string }[] {
  const lines = task === 'edit' ? [text] : text.split(/\r?\n/).filter((line) => !line.startsWith('#'));
  return lines.filter((line) => line.trim() !== '').map((line) => ({ place: 'learn' as const, text: line }));
}

export const textOfDraft = (lines: readonly { readonly text: string }[]): string =>
  lines.map(({ text }) => text).join('\n');
