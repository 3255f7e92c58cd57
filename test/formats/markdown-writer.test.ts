import { type Node, Parser } from 'commonmark';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import {
  type Commitment,
  type Contact,
  type Note,
  newCommitment,
  newContact,
  newNote,
  newPatient,
  newPerson,
  type Patient,
  type Person,
} from '../../src/domain/records.ts';
import { printableLines } from '../../src/domain/text.ts';
import { type PatientPage, writeMarkdown } from '../../src/formats/markdown.ts';
import { day, partial, time } from '../support/values.ts';

import { wholePatients } from './arbitraries.ts';

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

const asPage = (whole: WholePatient): PatientPage => ({
  ...whole,
  earlier: new Map(),
  drafts: [],
  logged: undefined,
  lastBackup: undefined,
  leftOut: 0,
});
const written = (...pages: readonly PatientPage[]): string =>
  [...writeMarkdown(pages, day('2026-03-12'))].map((chunk) => `${chunk}\n`).join('');

const usual = ['document', 'heading', 'paragraph', 'text', 'linebreak', 'list', 'item', 'thematic_break'];

const base: WholePatient = {
  patient: { ...newPatient({ name: 'Ann Berg', handle: 'ann' }), id: 'ann', ref: 'aaaaa' },
  people: [{ ...newPerson({ patient_id: 'ann', name: 'Bo' }), id: 'bo', ref: 'bbbbb' }],
  notes: [
    {
      ...newNote({ patient_id: 'ann', kind: 'story', text: 'Grows beans', recorded_on: day('2026-01-02') }),
      id: 'n1',
      ref: 'nnnn1',
    },
    // So that not all come from a file.
    {
      ...newNote({ patient_id: 'ann', kind: 'next', text: 'The beans', recorded_on: null }),
      id: 'n2',
      ref: 'nnnn2',
    },
  ],
  commitments: [
    {
      ...newCommitment({
        patient_id: 'ann',
        text: 'Send seeds',
        owner: 'me',
        kind: 'send',
        made_on: day('2026-01-02'),
      }),
      id: 'c1',
      ref: 'ccccc',
    },
  ],
  contacts: [
    {
      ...newContact({ patient_id: 'ann', on: day('2026-01-02'), channel: 'visit', state: 'held' }),
      id: 'v1',
      ref: 'vvvvv',
    },
  ],
};

// What a patient has no use for: ids, and what leads from one record to another by them.
type Said<R> = Omit<R, 'id' | 'ref' | 'patient_id'>;
const patientChanges: { readonly [F in keyof Said<Patient>]: Patient[F] } = {
  name: 'Anna Berg',
  handle: 'anna',
  goes_by: 'Annie',
  say: 'AH-na',
  pronouns: 'she/her',
  language: 'Danish',
  aliases: ['Ann Holm'],
  birth_date: partial('1961-04'),
  first_met: partial('2019'),
  new: true,
  unconfirmed: ['language'],
  declined: ['pronouns'],
  status: 'archived',
  died_on: partial('2026-02-02'),
  cadence_days: 90,
  identifiers: [{ system: 'https://clinic.example/mrn', value: '17' }],
  hold: true,
};
const personChanges: { readonly [F in keyof Said<Person>]: Person[F] } = {
  name: 'Bob',
  relation: 'brother',
  birth_date: partial('1955'),
  status: 'died',
  died_on: partial('2026-02-02'),
};
const noteChanges: { readonly [F in keyof Said<Note>]: Note[F] } = {
  kind: 'interest',
  text: 'Grows peas',
  recorded_on: day('2026-01-03'),
  said_on: day('2025-12-30'),
  confirmed_on: day('2026-02-01'),
  person: 'bo',
  date: partial('--06-14'),
  yearly: true,
  tone: 'hard',
  reach_out: true,
  sensitive: true,
  show_in_brief: true,
  pinned: true,
  status: 'retired',
  answered_on: day('2026-02-03'),
  answer: 'In May',
  replaces: 'n2',
  source: 'imported',
};
const commitmentChanges: { readonly [F in keyof Said<Commitment>]: Commitment[F] } = {
  text: 'Send beans',
  owner: 'staff',
  kind: 'call',
  for_person: 'bo',
  made_on: day('2026-01-03'),
  due: day('2026-02-03'),
  status: 'kept',
  closed_on: day('2026-02-04'),
  how: 'By post',
  who: 'staff',
  reason: 'Moved away',
  told_on: day('2026-02-05'),
  snoozes: [{ on: day('2026-01-20'), from: day('2026-01-21'), to: day('2026-01-28'), reason: 'Snow' }],
  attempts: [{ on: day('2026-01-22'), note: 'Nobody in' }],
};
const contactChanges: { readonly [F in keyof Said<Contact>]: Contact[F] } = {
  on: day('2026-01-05'),
  at: time('10:20'),
  time_zone: 'Europe/Madrid',
  channel: 'home',
  direction: 'in',
  state: 'missed',
  gist: 'Rain',
  uid: 'x1@clinic.example',
  sequence: 4,
  source: 'imported',
};

describe('a page on a patient', () => {
  const page = (change: Partial<PatientPage> = {}): string => written({ ...asPage(base), ...change });
  const first = <R>([head, ...rest]: readonly R[], change: object): readonly R[] => [
    { ...head, ...change } as R,
    ...rest,
  ];
  const { patient, people, notes, commitments, contacts } = base;
  // A death is told by its day only of who died.
  const died = { ...patient, status: 'died' as const };
  it.each([
    ...Object.entries(patientChanges).map(([field, value]): [string, string, string] =>
      field === 'died_on'
        ? [field, page({ patient: died }), page({ patient: { ...died, [field]: value } as Patient })]
        : [field, page(), page({ patient: { ...patient, [field]: value } as Patient })],
    ),
    ...Object.entries(personChanges).map(([field, value]): [string, string, string] => {
      const whose = field === 'died_on' ? first(people, { status: 'died' }) : people;
      return [`person.${field}`, page({ people: whose }), page({ people: first(whose, { [field]: value }) })];
    }),
    ...Object.entries(noteChanges).map(([field, value]): [string, string, string] => [
      `note.${field}`,
      page(),
      page({ notes: first(notes, { [field]: value }) }),
    ]),
    ...Object.entries(commitmentChanges).map(([field, value]): [string, string, string] => [
      `commitment.${field}`,
      page(),
      page({ commitments: first(commitments, { [field]: value }) }),
    ]),
    ...Object.entries(contactChanges).map(([field, value]): [string, string, string] => [
      `contact.${field}`,
      page(),
      page({
        contacts: [
          ...first(contacts, { [field]: value }),
          {
            ...newContact({ patient_id: 'ann', on: day('2026-01-01'), channel: 'call', state: 'held' }),
            id: 'v2',
            ref: 'v',
          },
        ],
      }),
    ]),
  ])('says what %s is', (_, before, after) => expect(after).not.toBe(before));

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
        expect(read).toContain(`${linesOf(words).join('\n')} (noted`);
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
    expect(text).toContain('Not on this page: 2 private notes are kept as well.');
    expect(text).toContain('\n  - until 9 Jan 2026 it read: Grows peas\n');
    expect(text).toContain('## Typed on 12 Mar 2026, not saved yet\n\n- ? can I fly\n');
    expect(text).toContain('looked at or changed: 14 times from 2 Jan 2026 to 11 Mar 2026\n');
    expect(text).toContain('Encrypted backups of all this, the last of 1 Mar 2026\n');
  });
});
