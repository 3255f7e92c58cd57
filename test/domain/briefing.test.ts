/** The briefing's promises over generated patients: the caps, nothing lost in silence, the same bytes each time. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween } from '../../src/dates/civil.ts';
import type { BriefingFacts } from '../../src/domain/briefing/briefing.ts';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import type { Commitment, Contact, Note, Patient } from '../../src/domain/records.ts';
import { countWords } from '../../src/domain/text.ts';
import { aContact, aNote, aPatient, aPromise, stored } from '../support/records.ts';
import { briefingLines } from '../support/rendering.ts';
import { day } from '../support/values.ts';
import { facts, on, options } from './generated-facts.ts';

const textOf = (given: BriefingFacts, asked = options): readonly string[] =>
  briefingLines(composeBriefing(given, asked));

describe('a briefing of any patient', () => {
  it('counts what it measures', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const briefing = composeBriefing(given, options);
        const lines = briefingLines(briefing);
        expect(briefing.lines).toBe(lines.length);
        expect(briefing.words).toBe(lines.reduce((sum, line) => sum + countWords(line), 0));
      }),
    );
  });

  it('never prints a sensitive note, nor a control character', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const marked = given.notes.map((note) => (note.sensitive ? { ...note, text: 'zzsecretzz' } : note));
        const text = textOf({ ...given, notes: marked }).join('\n');
        expect(text).not.toContain('zzsecretzz');
        expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/u);
      }),
    );
  });
});

const patient: Patient = stored(
  'p',
  aPatient('ana', { name: 'Ana Berg', goes_by: 'Ana', pronouns: 'she/her' }),
);
const own = { patient_id: 'p' };
const told = '2026-01-10';
const visit = (on: string): Contact => stored(on, aContact(on, own));
const plain: BriefingFacts = {
  patient,
  people: [],
  notes: [],
  commitments: [],
  contacts: [visit('2026-01-10')],
  shown: new Map(),
  hasNamesake: false,
};
const note = (id: string, { text = id, ...fields }: Parameters<typeof aNote>[1] = {}): Note =>
  stored(id, aNote(text, { ...own, recorded_on: told, ...fields }));
const promise = (id: string, { text = id, ...fields }: Parameters<typeof aPromise>[1] = {}): Commitment =>
  stored(id, aPromise(text, { ...own, made_on: told, ...fields }));
describe('promises of thousands of words', () => {
  it('cost no more than what can be seen of them', () => {
    const text = Array.from({ length: 5000 }, (_, index) => 'abcdefghij'[index % 10]).join(' ');
    const commitments = Array.from({ length: 6 }, (_, index) => promise(`c${index}`, { text }));
    const lines = textOf({ ...plain, commitments });
    expect(lines.filter((line) => line.includes('a b c d e f'))).toHaveLength(4);
  });
});

it('halves once what two briefings showed, and never what is pinned', () => {
  const notes = [
    note('n', { kind: 'story', text: 'Bakery' }),
    note('p', { kind: 'story', text: 'Choir', pinned: true }),
  ];
  const scores = (shown: ReadonlyMap<string, number>) =>
    composeBriefing({ ...plain, notes, shown }, options)
      .sections.find(({ id }) => id === 'life')
      ?.items.map(({ score }) => score);
  const fresh = 40 * 0.5 ** (daysBetween(day(told), on) / 180);
  expect(scores(new Map())).toEqual([100, fresh]);
  expect(scores(new Map([['n', 1]]))).toEqual([100, fresh]);
  expect(
    scores(
      new Map([
        ['n', 5],
        ['p', 5],
      ]),
    ),
  ).toEqual([100, fresh / 2]);
});
