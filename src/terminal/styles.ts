/**
 * Tones: code says what a text means, this file how that looks (plain or coloured). The last gate before the screen,
 * which lets no other control code through. And how an error is told.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import { printable, widthOf, wrapToWidth } from '../domain/text.ts';
import { errorCode, exitCodes, Failure } from '../errors.ts';

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

const longest = 400;

/** A message may repeat a long typed text: keep its beginning and its end. */
function oneLine(text: string): string {
  const line = printable(text);
  return line.length <= longest ? line : `${line.slice(0, longest - 120)}…${line.slice(-80)}`;
}

/** Trap: the message of an error that is no Failure may hold a patient's text, so only its class and code are told. */
function defect(error: unknown): Failure {
  const kind = error instanceof Error ? error.name : typeof error;
  const code = errorCode(error) ?? '';
  const named = /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? `${kind}, ${code}` : kind;
  return new Failure('failed', `a fault in rapport itself (${named})`, [
    '--debug shows where; please report it',
  ]);
}

const placesOf = (error: unknown): readonly string[] =>
  error instanceof Error
    ? [...(error.stack ?? '').matchAll(/^ {4}(at .*)$/gm)].map(([, place = '']) => place)
    : [];

/** One cause, details, then `hint:` lines; or the contract's JSON. */
export function failureLines(
  error: unknown,
  { json, debug }: { readonly json: boolean; readonly debug: boolean },
): string {
  const { exit, message, hints, details } = error instanceof Failure ? error : defect(error);
  const stack = debug ? placesOf(error) : [];
  if (json)
    return JSON.stringify({
      error: {
        code: exitCodes[exit],
        name: exit,
        message: oneLine(message),
        hints: hints.map(oneLine),
        ...(details.length > 0 && { details: details.map((line) => oneLine(line).trim()) }),
        ...(debug && { stack }),
      },
    });
  const lines = [
    `rapport: ${oneLine(message)}`,
    ...details.map(oneLine),
    ...hints.map((hint) => `hint: ${oneLine(hint)}`),
    ...stack.map((place) => `  ${place}`),
  ];
  return safeText(lines.join('\n'), false);
}
