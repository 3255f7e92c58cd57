/**
 * Text as Markdown (CommonMark) that reads as it was typed: nothing of it becomes a heading, a link, a list or HTML.
 */
import { printableLines } from '../domain/text.ts';

// Whatever Markdown, HTML in it, GitHub's tables or formulas would make something of.
const marks = /[\\`*_[\]<>&~|$#]/g;
// And what it minds at the beginning of a line only.
const leading = /^(?:[+=-]|(\d+)(?=[.)]))/;

const escapeLine = (line: string): string =>
  line
    .trim()
    .replace(marks, '\\$&')
    .replace(leading, (mark, digits: string | undefined) =>
      digits === undefined ? `\\${mark}` : `${digits}\\`,
    );

const linesOf = (text: string): readonly string[] =>
  printableLines(text)
    .map(escapeLine)
    .filter((line) => line !== '');

/** Text as it was typed, whatever it looks like, with its lines kept. `indent` is that of the item it stands in. */
export const markdownText = (text: string, indent = ''): string => linesOf(text).join(`\\\n${indent}`);

/** The same on one line. */
export const markdownLine = (text: string): string => linesOf(text).join(' ');

export type Words = string | null | undefined | false;

export const stated = (words: readonly Words[]): readonly string[] =>
  words.filter((word) => typeof word === 'string');
/** A text with what is known of it, and lines below: '- Sings in the choir (noted 9 Dec 2025)'. */
export function item(text: string, details: readonly Words[], below: readonly Words[] = []): string {
  const known = stated(details);
  const line = `- ${markdownText(text, '  ')}${known.length === 0 ? '' : ` (${known.join('; ')})`}`;
  return [line, ...stated(below).map((words) => `  - ${words}`)].join('\n');
}

export const section = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [`${title}\n\n${items.join('\n')}`];
