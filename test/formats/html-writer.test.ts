/** The page to print: as written, whatever was typed, and as a real browser shows and prints it where there is one. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { worldOf } from '../../src/domain/losses.ts';
import { composePage } from '../../src/domain/patient-sections.ts';
import { printableLines } from '../../src/domain/text.ts';
import { writeHtml } from '../../src/formats/pages.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { temporaryFolder } from '../support/folders.ts';
import { aNote, aPatient, aPromise, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

const today = day('2026-03-12');
const written = (...patients: readonly WholePatient[]): string =>
  [
    ...writeHtml(
      patients.map((whole) =>
        composePage({
          ...whole,
          ...{ today, world: worldOf(whole, today), isPaper: true, handles: new Map(), earlier: new Map() },
          ...{ drafts: [], logged: undefined, lastBackup: undefined, leftOut: 0, heldBack: 0 },
        }),
      ),
    ),
  ].join('\n');

const hostile = `<script>alert(1)</script> "> <img src=x onerror='x'> & &amp; </li></body> javascript: 李明 שלום`;
const patientOf = (name: string, notes: number): WholePatient => ({
  patient: stored('ann', aPatient('ann', { name })),
  people: [],
  notes: Array.from({ length: notes }, (_, at) =>
    stored(`n${at}`, aNote(`${at}: ${hostile}`, { patient_id: 'ann', kind: 'story' })),
  ),
  commitments: [stored('c1', aPromise(hostile, { patient_id: 'ann', due: '2026-03-20' }))],
  contacts: [],
});

const signs: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const readBack = (html: string): string =>
  html
    .replace(/<br>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&([^;]*);/g, (_, name: string) => signs[name] ?? `?${name}?`);

/** What stands between `<` and `>` in the body: only what the page itself writes. */
const ours =
  /^(?:br|\/?(?:article|dl|dt|b|div|ul|li|h2)|\/?(?:h1|p|dd|span|small|li)|(?:h1|p|dd|span|small|li) dir="auto")$/;

function checkBody(html: string): void {
  const body = html.slice(html.indexOf('<body>') + 6, html.indexOf('</body>'));
  const open: string[] = [];
  for (const [, tag = ''] of body.matchAll(/<([^>]*)>/g)) {
    expect(tag).toMatch(ours);
    const [name = ''] = tag.split(' ');
    if (name.startsWith('/')) expect(open.pop()).toBe(name.slice(1));
    else if (name !== 'br') open.push(name);
  }
  expect(open).toEqual([]);
}

describe('a page to print', () => {
  it('has the texts of everything as text alone', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const html = written(...patients);
        checkBody(html);
        const read = readBack(html);
        for (const { notes, commitments, contacts } of patients)
          for (const text of [
            ...notes.flatMap((note) => [note.text, note.answer]),
            ...commitments.flatMap(({ text: said, how }) => [said, how]),
            ...contacts.map(({ gist }) => gist),
          ])
            for (const line of printableLines(text ?? '')) expect(read).toContain(line.trim());
      }),
      { numRuns: 60 },
    );
  });

  it('is one file that loads and runs nothing, in English, for paper', () => {
    const html = written(patientOf(hostile, 1));
    checkBody(html);
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">/);
    expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(html).toMatch(/@page \{[^}]*margin[^}]*\}[\s\S]*@media print \{/);
    const [head = ''] = html.split('<body>');
    expect(html.match(/<(?:script|link|img|iframe|object|base|form)\b|\b(?:url\(|@import)/g)).toBeNull();
    expect(head).toContain('<title>What is kept in rapport</title>');
    expect(head).not.toContain('alert');
  });
});

const browser = ['chromium', 'google-chrome', 'chromium-browser']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

describe.skipIf(browser === undefined)('in a browser (needs chromium or google-chrome)', () => {
  const folder = temporaryFolder();
  const page = join(folder, 'page.html');
  const see = (...words: readonly string[]): string => {
    const usual = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(folder, 'own')}`];
    const { stdout, status } = spawnSync(browser ?? '', [...usual, ...words, pathToFileURL(page).href], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status).toBe(0);
    return stdout;
  };

  it('is read as it was written', { timeout: 120_000 }, () => {
    writeFileSync(page, written(patientOf(hostile, 2)));
    const dom = see('--dump-dom');
    checkBody(dom.replaceAll(/&nbsp;/g, ' '));
    expect(readBack(dom)).toContain(hostile);
  });

  it.each([
    ['a4', 595, 842],
    ['letter', 612, 792],
  ])('prints on %s, each patient on a page of their own', { timeout: 120_000 }, (size, width, height) => {
    const html = written(patientOf('Ann Berg', 60), patientOf('Bo Lind', 1));
    writeFileSync(page, html.replace('@page {', `@page { size: ${size};`));
    see('--no-pdf-header-footer', `--print-to-pdf=${join(folder, 'page.pdf')}`);
    const pdf = readFileSync(join(folder, 'page.pdf'), 'latin1');
    const sizes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(sizes.length).toBeGreaterThan(2);
    for (const [, wide, high] of sizes)
      expect([Math.round(Number(wide)), Math.round(Number(high))]).toEqual([width, height]);
  });
});
