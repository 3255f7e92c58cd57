import { isDeepStrictEqual } from 'node:util';
import { type Node, Parser } from 'commonmark';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { worldOf } from '../../src/domain/losses.ts';
import { composePage, type PageFacts } from '../../src/domain/patient-sections.ts';
import { type RecordName, recordNames, schemas } from '../../src/domain/records.ts';
import { printableLines } from '../../src/domain/text.ts';
import { writeMarkdown } from '../../src/formats/pages.ts';
import { anyFields, wholePatients } from '../support/arbitraries.ts';
import { aContact, aNote, aPatient, aPerson, aPromise, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

/** Every node of the page in order, as the reference parser of CommonMark sees it. */
function nodesOf(markdown: string): readonly Node[] {
  const walker = new Parser().parse(markdown).walker();
  const nodes: Node[] = [];
  for (let step = walker.next(); step; step = walker.next()) if (step.entering) nodes.push(step.node);
  return nodes;
}

const textOf = (nodes: readonly Node[]): string =>
  nodes.map(({ type, literal }) => (type === 'linebreak' ? '\n' : (literal ?? ''))).join('');

const linesOf = (text: string): readonly string[] =>
  printableLines(text)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const nastyLine = fc.stringMatching(
  /^([-+*=#>~`_|]{1,4}|[0-9]{1,10}[.)]|<[a-z]+>|!?\[a\]\(b\)|&amp;|\\| {4})?[ \t]?[a-z*_`<>&[\]()#\\~|$!:.]{0,12}$/,
);
const text = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.array(nastyLine, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n')),
  )
  .filter((words) => linesOf(words).length > 0);

const today = day('2026-03-12');
const asPage = (whole: WholePatient): PageFacts => ({
  ...whole,
  today,
  world: worldOf(whole, today),
  isPaper: true,
  handles: new Map(),
  earlier: new Map(),
  drafts: [],
  logged: undefined,
  lastBackup: undefined,
  leftOut: 0,
  heldBack: 0,
});
const written = (...pages: readonly PageFacts[]): string =>
  [...writeMarkdown(pages.map(composePage))].map((chunk) => `${chunk}\n`).join('');

const usual = ['document', 'heading', 'paragraph', 'text', 'linebreak', 'list', 'item', 'thematic_break'];

const base: WholePatient = {
  patient: stored('ann', aPatient('ann', { name: 'Ann Berg', birth_date: '1950' })),
  people: [stored('bo', aPerson('Bo', { patient_id: 'ann' }))],
  // The second, so that not all come from a file.
  notes: [
    stored('n1', aNote('Grows beans', { patient_id: 'ann', recorded_on: '2026-01-02' })),
    stored('n2', aNote('The beans', { patient_id: 'ann', recorded_on: null, kind: 'next' })),
  ],
  commitments: [
    stored('c1', aPromise('Send seeds', { patient_id: 'ann', kind: 'send', made_on: '2026-01-02' })),
  ],
  contacts: [
    stored('v1', aContact('2026-01-02', { patient_id: 'ann' })),
    stored('v2', aContact('2026-01-01', { patient_id: 'ann', channel: 'call' })),
  ],
};

/** What leads to another record of the page, and what no record is made up with. */
const known: Readonly<Record<string, unknown>> = {
  unconfirmed: ['birth_date'],
  handle: 'anna',
  person: 'bo',
  for_person: 'bo',
  replaces: 'n2',
};

/** Another value of a field, the first of some that are made up. */
function otherThan(record: RecordName, field: string, value: unknown): unknown {
  const made = fc.sample<object>(anyFields[record], { seed: 1, numRuns: 100 });
  const values = made.map((one) => Object.entries(one).find(([name]) => name === field)?.[1]);
  return known[field] ?? values.find((one) => !isDeepStrictEqual(one, value));
}

const lists = { person: 'people', note: 'notes', commitment: 'commitments', contact: 'contacts' } as const;

/** The page with one field of the first such record changed. */
function changed(whole: WholePatient, record: RecordName, field: string, value?: unknown): WholePatient {
  const change = <R extends object>(one: R): R => {
    const before = Object.entries(one).find(([name]) => name === field)?.[1];
    return { ...one, [field]: value ?? otherThan(record, field, before) };
  };
  if (record === 'patient') return { ...whole, patient: change(whole.patient) };
  const list = lists[record];
  return { ...whole, [list]: whole[list].map((one, place) => (place === 0 ? change(one) : one)) };
}

describe('a page on a patient', () => {
  const page = (change: Partial<PageFacts> = {}): string => written({ ...asPage(base), ...change });
  // Ids are for programs; a former name is never printed, and nobody is to see that a patient is discreet.
  const unsaid = ['id', 'patient', 'quiet', 'former_names'];
  const fields = recordNames.flatMap((record) =>
    Object.keys(schemas[record])
      .filter((field) => !unsaid.includes(field))
      .map((field) => [record, field] as const),
  );
  it.each(fields)('says what %s.%s is', (record, field) => {
    // These are told by their day only of who died or is apart.
    const status = { died_on: 'died', apart_since: 'apart' }[field];
    const before = status === undefined ? base : changed(base, record, 'status', status);
    expect(page(changed(before, record, field))).not.toBe(page(before));
  });

  it('shows a text as it was typed, in a list and in a heading', () => {
    fc.assert(
      fc.property(text, (words) => {
        const [patient, [note]] = [base.patient, base.notes];
        const nodes = nodesOf(
          written(
            asPage({
              ...base,
              patient: { ...patient, name: words },
              notes: note === undefined ? [] : [{ ...note, text: words }],
            }),
          ),
        );
        expect(nodes.map(({ type }) => type).filter((type) => !usual.includes(type))).toEqual([]);
        const read = textOf(nodes);
        expect(read.startsWith(linesOf(words).join(' '))).toBe(true);
        expect(read).toContain(`2 Jan 2026: ${linesOf(words).join('\n')}`);
      }),
      { numRuns: 500 },
    );
  });

  it('has the texts of everything, and makes nothing of them', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const nodes = nodesOf(written(...patients.map(asPage)));
        expect(nodes.map(({ type }) => type).filter((type) => !usual.includes(type))).toEqual([]);
        expect(nodes.filter(({ type, level }) => type === 'heading' && level === 1)).toHaveLength(
          patients.length,
        );
        const read = textOf(nodes);
        for (const whole of patients) {
          const texts = [
            ...whole.notes.flatMap(({ text: words, answer }) => [words, answer]),
            ...whole.commitments.flatMap(({ text: words, how, reason, snoozes, attempts }) => [
              words,
              how,
              reason,
              ...snoozes.map((snooze) => snooze.reason),
              ...attempts.map(({ note }) => note),
            ]),
            ...whole.contacts.flatMap(({ gist, uid }) => [gist, uid]),
          ];
          for (const words of texts) expect(read).toContain(linesOf(words ?? '').join('\n'));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells what is kept besides the records, and that something is not on it', () => {
    const text = page({
      earlier: new Map([['n1', [{ text: 'Grows peas', until: day('2026-01-09') }]]]),
      drafts: [{ on: day('2026-03-12'), lines: ['? can I fly'] }],
      logged: { count: 14, first: day('2026-01-02'), last: day('2026-03-11') },
      lastBackup: day('2026-03-01'),
      leftOut: 2,
    });
    expect(text).toMatch(/^# Ann Berg\n\nWhat is kept on Ann Berg in rapport/);
    expect(text).toContain('Not on this page, and kept as well: 2 private records.');
    expect(text).toContain('\n  - until 9 Jan 2026 it read: Grows peas\n');
    expect(text).toContain('## Typed on 12 Mar 2026, not saved yet\n\n- ? can I fly\n');
    expect(text).toContain('looked at or changed: 14 times from 2 Jan 2026 to 11 Mar 2026\n');
    expect(text).toContain('Encrypted backups of all this, the last of 1 Mar 2026\n');
  });
});
