/** Writes all that is kept on a patient as a Markdown page (CommonMark) in plain words, for the patient to read. */
import type { PageItem } from '../domain/page-items.ts';
import type { PatientPage } from '../domain/patient-sections.ts';
import { printableLines } from '../domain/text.ts';

// Special to CommonMark, HTML, and GitHub's tables and formulas.
const marks = /[\\`*_[\]<>&~|$#]/g;
// Special at the start of a line.
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

const markdownText = (text: string, indent = ''): string => linesOf(text).join(`\\\n${indent}`);

const markdownLine = (text: string): string => linesOf(text).join(' ');

function itemLines({ when, text, details, below }: PageItem): string {
  const day = when === '' ? '' : `${when}: `;
  const more = details.length === 0 ? '' : ` (${details.map((one) => markdownText(one, '  ')).join('; ')})`;
  return [
    `- ${day}${markdownText(text, '  ')}${more}`,
    ...below.map((one) => `  - ${markdownText(one, '    ')}`),
  ].join('\n');
}

const pageText = ({ name, lead, facts, sections }: PatientPage): string =>
  [
    `# ${markdownLine(name)}`,
    ...lead.map(markdownLine),
    `## Who\n\n${facts.map(([what, value]) => `- ${what}: ${markdownText(value, '    ')}`).join('\n')}`,
    ...sections.map(({ title, items }) => `## ${title}\n\n${items.map(itemLines).join('\n')}`),
  ].join('\n\n');

/** Yields a page for each patient, with a rule between them, without the last line end. */
export function* writeMarkdown(pages: Iterable<PatientPage>): Iterable<string> {
  let isFirst = true;
  for (const page of pages) {
    yield isFirst ? pageText(page) : `\n---\n\n${pageText(page)}`;
    isFirst = false;
  }
}
