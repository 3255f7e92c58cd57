/**
 * Text as people see it: folding for look-ups, making stored text safe to show, display width in columns, and
 * cutting at a word. Pure; widths follow Unicode's East Asian Width, combining marks and emoji.
 */
import { eastAsianWidth } from 'get-east-asian-width';
import { lazy } from '../dates/vocabulary.ts';

/** Most text, and all that the classes of Unicode's letters are not needed for: to compile them takes a millisecond each. */
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** Lower case, without accents: what names and searches are compared by. */
export const fold = (text: string): string =>
  (isAscii(text) ? text : text.normalize('NFKD').replace(/\p{Mn}/gu, '')).toLowerCase();

/** The folded words of a text: runs of letters and digits. */
export const foldedWords = (text: string): readonly string[] => {
  const folded = fold(text);
  return folded.match(isAscii(folded) ? /[a-z0-9]+/g : /[\p{L}\p{N}]+/gu) ?? [];
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

// C0 and C1 controls, and the marks that turn the direction of what follows them.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Every character of it stands for itself and is one column wide. */
const isPlain = (text: string): boolean =>
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2013-\u2026]*$/.test(text);

/** One safe line: line ends and tabs become blanks, other control characters are shown as '\u{1b}' is: visibly, without effect. */
export const printable = (text: string): string => {
  if (isPlain(text)) return text;
  return text.replace(unsafe, (character) => {
    if (character === '\n' || character === '\t' || character === '\r') return ' ';
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
};

/** The same for each line of a text, blank ones too; whatever ended a line, '\n' does now. */
export const printableLines = (text: string): readonly string[] => text.split(/\r\n|\n|\r/).map(printable);

// JSON lets these stand as they are; a terminal would obey some, and hide others.
const unsafeInJson = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON text of the same value in which nothing can steer a terminal. */
export const escapeJson = (json: string): string =>
  json.replace(unsafeInJson, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** What people take for one character, each; segmenting is left to texts that need it, since it is slow to start. */
function* charactersOf(text: string): Generator<{ readonly segment: string; readonly index: number }> {
  if (isPlain(text))
    for (let index = 0; index < text.length; index += 1) yield { segment: text.charAt(index), index };
  else yield* new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
}

/** A letter with the marks on it, or a whole emoji: what stands in one place. Made when wanted: that takes a while. */
const clusters = lazy(() => /\p{RGI_Emoji}|[^\p{Mn}\p{Me}\p{Cf}][\p{Mn}\p{Me}\p{Cf}]*/gv);
const emoji = lazy(() => /^\p{RGI_Emoji}$/v);

const clusterWidth = (text: string): number => {
  const [base = 0, next] = Array.from(text, (one) => one.codePointAt(0));
  return next !== undefined && emoji().test(text) ? 2 : eastAsianWidth(base);
};

/** Display width in terminal columns. */
export const widthOf = (text: string): number =>
  // Nearly all text here is plain Latin, where length is width.
  isPlain(text)
    ? text.length
    : (text.normalize('NFC').match(clusters()) ?? []).reduce((sum, one) => sum + clusterWidth(one), 0);

/** Order by code units, for dates and ids: what collates by language takes longer to start than all else here. */
export const compareText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** No letters or digits but ASCII's: besides that at most the dots, dashes and quotes that lines are laid out with. */
const isLatin = (text: string): boolean => /^[\u0000-\u007f\u00b7\u2013-\u2026]*$/.test(text);

const isWord = (run: string): boolean =>
  /[A-Za-z0-9]/.test(run) || (!isLatin(run) && /[\p{L}\p{N}]/u.test(run));

/** Words as the briefing counts them: runs of non-spaces with a letter or digit in them. */
export const countWords = (text: string): number =>
  isLatin(text) ? (text.match(/[A-Za-z0-9]\S*/g)?.length ?? 0) : text.split(/\s+/u).filter(isWord).length;

/** The text where it fits the columns, else cut at a word (within one where a word alone is too long) with '…'. */
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

/** The first so many words (as countWords counts them) with '…', or the text itself where it has no more. */
export function cutToWords(text: string, words: number): string {
  let count = 0;
  for (const match of text.matchAll(/\S+/gu)) {
    if (isWord(match[0])) count += 1;
    if (count > words) return `${text.slice(0, match.index).replace(/(?<![\s,;:·(–-])[\s,;:·(–-]+$/u, '')}…`;
  }
  return text;
}

/** Breaks text at words into lines of at most so many columns; a longer word is broken within. */
export function wrapToWidth(text: string, columns: number): readonly string[] {
  const words = text.split(/\s+/u).filter((part) => part !== '');
  const whole = words.join(' ');
  if (widthOf(whole) <= columns) return whole === '' ? [] : [whole];
  const lines: string[] = [];
  let line = '';
  for (let word of words) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= columns) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(word) > columns) {
      let head = '';
      for (const { segment } of charactersOf(word)) {
        if (head !== '' && widthOf(head + segment) > columns) break;
        head += segment;
      }
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  if (line !== '') lines.push(line);
  return lines;
}

export const padToWidth = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));
