/**
 * Writes all that is kept on a patient as a page in plain words, for the patient to read: in Markdown (CommonMark), and as
 * one HTML file to print, on A4 and on Letter. Nothing in that runs or is loaded: no script, no picture, no address; and
 * a policy says so to the browser. All text is escaped.
 */
import type { PageItem } from '../domain/page-items.ts';
import type { PatientPage } from '../domain/patient-sections.ts';
import { printableLines } from '../domain/text.ts';

// Special to CommonMark, HTML, and GitHub's tables and formulas.
const marks = /[\\`*_[\]<>&~|$#]/g;
// Special at the start of a line.
const leading = /^(?:[+=-]|(\d+)(?=[.)]))/;

const escapeMarkdown = (line: string): string =>
  line
    .trim()
    .replace(marks, '\\$&')
    .replace(leading, (mark, digits: string | undefined) =>
      digits === undefined ? `\\${mark}` : `${digits}\\`,
    );

const linesOf = (text: string, escaped: (line: string) => string): readonly string[] =>
  printableLines(text)
    .map(escaped)
    .filter((line) => line !== '');

const markdownText = (text: string, indent = ''): string =>
  linesOf(text, escapeMarkdown).join(`\\\n${indent}`);

const markdownLine = (text: string): string => linesOf(text, escapeMarkdown).join(' ');

function itemLines({ when, text, details, below }: PageItem): string {
  const day = when === '' ? '' : `${when}: `;
  const more = details.length === 0 ? '' : ` (${details.map((one) => markdownText(one, '  ')).join('; ')})`;
  return [
    `- ${day}${markdownText(text, '  ')}${more}`,
    ...below.map((one) => `  - ${markdownText(one, '    ')}`),
  ].join('\n');
}

const markdownPage = ({ name, lead, facts, sections }: PatientPage): string =>
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
    yield isFirst ? markdownPage(page) : `\n---\n\n${markdownPage(page)}`;
    isFirst = false;
  }
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (line: string): string => line.trim().replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);

const htmlText = (text: string): string => linesOf(text, escapeHtml).join('<br>');

/** In the direction of what was typed: Arabic and Hebrew run to the left. */
const typed = (element: string, text: string, more = ''): string =>
  `<${element}${more} dir="auto">${htmlText(text)}</${element}>`;

// The margins of the page are left to `@page`, whose size is that of the printer's paper.
const style = `
:root { color-scheme: light; }
body { margin: 0 auto; padding: 1.5rem; max-width: 44rem; color: #000; background: #fff;
  font: 11pt/1.4 Georgia, 'Times New Roman', serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 .3em; font-size: 1.6em; }
h2 { margin: 1.4em 0 .3em; border-bottom: 1px solid #888; font-size: 1.1em; break-after: avoid; }
p { margin: .3em 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15em 1em; margin: .8em 0; }
dd { margin: 0; }
dt, b, small { color: #444; font-weight: normal; }
ul { margin: 0; padding: 0; list-style: none; }
li { display: flex; margin: .35em 0; break-inside: avoid; }
li li { display: block; margin: .1em 0; }
b { flex: 0 0 10em; }
li > div { flex: 1; min-width: 0; }
small { display: block; font-size: .85em; }
article + article { margin-top: 3rem; }
@page { margin: 18mm 16mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  article + article { margin-top: 0; break-before: page; }
  p, li { orphans: 2; widows: 2; }
}
`;

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const headOf = (title: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
</head>
<body>`;

function itemText({ when, text, details, below }: PageItem): string {
  const day = when === '' ? '' : `<b>${htmlText(when)}</b>`;
  const small = details.length === 0 ? '' : typed('small', details.join(' · '));
  const list = below.map((one) => typed('li', one)).join('');
  return `<li>${day}<div>${typed('span', text)}${small}${list === '' ? '' : `<ul>${list}</ul>`}</div></li>`;
}

const htmlPage = ({ name, lead, facts, sections }: PatientPage): string =>
  [
    '<article>',
    typed('h1', name),
    ...lead.map((one) => typed('p', one)),
    '<dl>',
    ...facts.map(([what, value]) => `<dt>${htmlText(what)}</dt>${typed('dd', value)}`),
    '</dl>',
    ...sections.flatMap(({ title, items }) => [
      `<h2>${htmlText(title)}</h2>`,
      '<ul>',
      ...items.map(itemText),
      '</ul>',
    ]),
    '</article>',
  ].join('\n');

/** Yields a page for each patient, without the last line end. The title, which tabs and printers show, names nobody. */
export function* writeHtml(pages: Iterable<PatientPage>): Iterable<string> {
  yield headOf('What is kept in rapport');
  for (const page of pages) yield htmlPage(page);
  yield '</body>\n</html>';
}
