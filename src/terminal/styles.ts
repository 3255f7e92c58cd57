/**
 * Tones: code says what a text means, this file how that looks (plain or coloured). And the last gate before the
 * screen, which lets no other control code through.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import { printable, widthOf, wrapToWidth } from '../domain/text.ts';

/** Of the eight basic colours only red and magenta are readable on white and on black in the usual palettes. */
const paintsOf = (chalk: ChalkInstance) => ({
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
});
export type TextStyle = Readonly<Record<keyof ReturnType<typeof paintsOf>, (text: string) => string>>;

/** Each takes one text alone: chalk would join what else `map` hands over. */
const styleOf = (level: 0 | 1): TextStyle =>
  Object.fromEntries(
    Object.entries(paintsOf(new Chalk({ level }))).map(([tone, paint]) => [
      tone,
      (text: string) => paint(text),
    ]),
  ) as TextStyle;

export const plainStyle = styleOf(0);
export const colouredStyle = (): TextStyle => styleOf(1);

// The SGR codes that these tones write: bold, dim, italic, red, magenta, and their ends.
const passes = /(\r?\n|\u001b\[(?:1|2|3|22|23|31|35|39)m)/u;
// What printable() changes, without line ends; most text has none of it.
const suspect =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Text as it may be written to a terminal. @param coloured false also removes colour codes */
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
