/**
 * Tone apart from words: code says what a text means, and this file alone says how that looks. The decision about
 * colour is made once, outside; here there are three sets: plain, coloured, and one that writes tags for golden files.
 */
import { Chalk } from 'chalk';

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
