/**
 * Tone apart from words: code says what a text means, and this file alone says how that looks. The decision about
 * colour is made once, outside; here there are three sets: plain, coloured, and one that writes tags for golden files.
 */
import { Chalk } from 'chalk';
import { printable, widthOf, wrapToWidth } from '../domain/text.ts';

export const toneNames = [
  'title',
  'heading',
  'caution',
  'overdue',
  'due',
  'quiet',
  'ref',
  'good',
  'error',
  'hint',
  'why',
] as const;
export type ToneName = (typeof toneNames)[number];
export type TextStyle = Readonly<Record<ToneName, (text: string) => string>>;

const styleOf = (paint: (tone: ToneName, text: string) => string): TextStyle =>
  Object.fromEntries(toneNames.map((tone) => [tone, (text: string) => paint(tone, text)])) as Record<
    ToneName,
    (text: string) => string
  >;

export const plainStyle: TextStyle = styleOf((_, text) => text);
export const taggedStyle: TextStyle = styleOf((tone, text) => `<${tone}>${text}</${tone}>`);

/**
 * Weight, and two colours: of the eight that every terminal has, red and magenta alone stand out from white and from
 * black in the usual palettes. Yellow, green and cyan vanish on light backgrounds, blue on dark ones.
 */
export function colouredStyle(): TextStyle {
  const chalk = new Chalk({ level: 1 });
  const paints: Readonly<Record<ToneName, (text: string) => string>> = {
    title: chalk.bold,
    heading: chalk.bold,
    caution: chalk.magenta,
    overdue: chalk.red,
    due: chalk.bold,
    quiet: chalk.dim,
    ref: chalk.dim,
    good: chalk.bold,
    error: chalk.red.bold,
    hint: chalk.dim,
    why: chalk.dim.italic,
  };
  return styleOf((tone, text) => paints[tone](text));
}

// The codes that tones.ts writes: bold, dim, italic, two colours, and what ends them.
const passes = /(\r?\n|\u001b\[(?:1|2|3|22|23|31|35|39)m)/u;
// What printable changes, line ends aside: most text holds none of it.
const suspect =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** The text as it may be written out; without colours where they are not wanted. */
export function safeText(text: string, coloured: boolean): string {
  if (!suspect.test(text)) return text;
  return text
    .split(passes)
    .map((part, place) => {
      const isPassage = place % 2 === 1;
      return isPassage && (coloured || part.endsWith('\n')) ? part : printable(part);
    })
    .join('');
}

/**
 * Sentences that are longer than the screen, broken at words; what follows stands below the first word behind 'hint:' and
 * the like. Lines with columns of their own, or with colours, stay as they are.
 */
export function fitToScreen(text: string, columns: number): string {
  const fit = (line: string): readonly string[] => {
    if (widthOf(line) <= columns || /\S {2,}\S|\u001b/u.test(line)) return [line];
    const [lead = ''] = /^ *(?:(?:hint|rapport|next): )?/.exec(line) ?? [];
    const indent = ' '.repeat(lead.length);
    return wrapToWidth(line.slice(lead.length), Math.max(20, columns - lead.length)).map(
      (part, place) => (place === 0 ? lead : indent) + part,
    );
  };
  return text.split('\n').flatMap(fit).join('\n');
}
