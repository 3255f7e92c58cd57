/** The briefing's promises over generated patients: the caps, nothing lost in silence, the same bytes each time. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween } from '../../src/dates/civil.ts';
import type { BriefingFacts } from '../../src/domain/briefing/briefing.ts';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import {
  type Commitment,
  type Contact,
  type Note,
  owners,
  type Patient,
  type Person,
} from '../../src/domain/records.ts';
import { countWords } from '../../src/domain/text.ts';
import { aContact, aNote, aPatient, aPerson, aPromise, stored } from '../support/records.ts';
import { briefingLines } from '../support/rendering.ts';
import { day, partial } from '../support/values.ts';
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
const someone = (id: string, name: string, fields: Parameters<typeof aPerson>[1]): Person =>
  stored(id, aPerson(name, { ...own, ...fields }));

describe('promises of thousands of words', () => {
  it('cost no more than what can be seen of them', () => {
    const text = Array.from({ length: 5000 }, (_, index) => 'abcdefghij'[index % 10]).join(' ');
    const commitments = Array.from({ length: 6 }, (_, index) => promise(`c${index}`, { text }));
    const lines = textOf({ ...plain, commitments });
    expect(lines.filter((line) => line.includes('a b c d e f'))).toHaveLength(4);
  });
});

const section = (given: BriefingFacts, id: string, asked = options): readonly string[] =>
  composeBriefing(given, asked)
    .sections.find((one) => one.id === id)
    ?.items.map((item) => item.text.replace(/ {2,}/g, '  ')) ?? [];

describe('what a briefing says', () => {
  it('says "Nothing open" where nothing is promised', () => {
    expect(textOf(plain)).toEqual([
      'ANA BERG · goes by Ana · she/her',
      'With you 2 months · last seen 10 Jan',
      '',
      'YOU PROMISED',
      ' · Nothing open',
    ]);
  });

  it('keeps one of four places for something due today', () => {
    const late = [1, 2, 3, 4, 5].map((day) => promise(`late${day}`, { due: `2026-03-0${day}` }));
    const given = { ...plain, commitments: [...late, promise('today', { due: on })] };
    const items = section(given, 'promised');
    expect(items).toHaveLength(4);
    expect(items.at(-1)).toContain('due today');
    expect(textOf(given)).toContain('YOU PROMISED  +2 more');
  });

  it("never calls the patient's own undertaking late", () => {
    const given = {
      ...plain,
      commitments: [promise('diary', { owner: 'patient', due: '2026-03-01' })],
    };
    expect(section(given, 'promised')).toEqual(['theirs: diary  due 1 Mar']);
  });

  it('puts mine before staff’s before theirs', () => {
    const commitments = owners.toReversed().map((owner) => promise(owner, { owner, due: on }));
    expect(section({ ...plain, commitments }, 'promised').map((text) => text.split(' ')[0])).toEqual([
      'me',
      'staff:',
      'theirs:',
    ]);
  });

  it('ends a note about a living child with the age, and stops ages at a death', () => {
    const child = (fields: Parameters<typeof aPerson>[1]) =>
      someone('leo', 'Leo', { birth_date: '2016-05-01', ...fields });
    const notes = [note('n', { kind: 'story', text: 'Draws trains', person: 'leo' })];
    expect(section({ ...plain, people: [child({})], notes }, 'life')).toEqual(['Draws trains (Leo, 9)']);
    expect(section({ ...plain, people: [child({ birth_date: '2016' })], notes }, 'life')).toEqual([
      'Draws trains (Leo, about 10)',
    ]);
    expect(section({ ...plain, people: [child({ status: 'died' })], notes }, 'life')).toEqual([
      'Draws trains',
    ]);
  });

  it('counts yearly milestones without the dead up to the third', () => {
    const june = (year: number) => someone('june', 'June', { status: 'died', died_on: `${year}-02-02` });
    const notes = [
      note('n', {
        kind: 'milestone',
        text: 'Anniversary',
        person: 'june',
        date: '--03-28',
        yearly: true,
      }),
    ];
    const said = [2026, 2025, 2024, 2023].map(
      (year) => section({ ...plain, people: [june(year)], notes }, 'life')[0],
    );
    expect(said).toEqual([
      'Anniversary, Sat 28 Mar, first without June',
      'Anniversary, Sat 28 Mar, second without June',
      'Anniversary, Sat 28 Mar, third without June',
      'Anniversary, Sat 28 Mar, in 16 days',
    ]);
  });

  it('shows the newest of a thread once', () => {
    const notes = [
      note('old', { kind: 'story', text: 'Works at the mill' }),
      note('new', { kind: 'story', text: 'Retired from the mill', replaces: 'old' }),
    ];
    expect(section({ ...plain, notes }, 'life')).toEqual(['Retired from the mill']);
  });

  it('prints the year of what nobody confirmed for two years', () => {
    const notes = [note('n', { kind: 'interest', text: 'Plays chess', recorded_on: '2023-05-02' })];
    expect(section({ ...plain, notes }, 'life')).toEqual(['Plays chess (2023)']);
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

  it('says only that a patient died, and what is still promised', () => {
    const given: BriefingFacts = {
      ...plain,
      patient: { ...patient, status: 'died', died_on: partial('2026-02-02') },
      notes: [note('n', { kind: 'milestone', text: 'Birthday', date: '--03-20' })],
      commitments: [promise('Letter', { due: '2026-03-20' })],
    };
    expect(textOf(given).slice(2)).toEqual([
      '',
      'TREAD GENTLY',
      ' · Died 2 Feb, 38 days ago',
      'YOU PROMISED',
      expect.stringMatching(/^ · Letter +due Fri 20 Mar$/),
    ]);
  });

  it('counts private cautions on a line of their own, and other private notes on their heading', () => {
    const notes = [
      note('a', { kind: 'avoid', text: 'x', sensitive: true }),
      note('q', { kind: 'question', text: 'y', sensitive: true }),
      note('r', { kind: 'question', text: 'Why?' }),
    ];
    const lines = textOf({ ...plain, notes });
    expect(lines).toContain(' · 1 private caution: rapport brief ana --sensitive');
    expect(lines).toContain('ASKED, STILL OPEN  +1 private');
    expect(section({ ...plain, notes }, 'open', { ...options, sensitive: true })).toHaveLength(2);
  });

  it.each(['2024-02-29', '2026-01-31', '2026-12-31', '2028-02-29', '2026-03-01'])('works on %s', (text) => {
    const today = day(text);
    const birthday = note('b', {
      kind: 'milestone',
      text: 'Birthday',
      date: '--02-29',
      yearly: true,
    });
    const lines = textOf(
      { ...plain, notes: [birthday], contacts: [visit('2023-06-01')] },
      { ...options, on: today },
    );
    expect(lines.join('\n')).toMatch(/Birthday, \w{3} (?:28|29) Feb/);
  });
});

describe('a death without a date', () => {
  it('is a caution too, behind those with one', () => {
    const mia = someone('m', 'Mia', { relation: 'wife', status: 'died' });
    expect(section({ ...plain, people: [mia] }, 'gentle')).toEqual(['Wife Mia died']);
    const old = { ...mia, died_on: partial('2019-01-01') };
    expect(section({ ...plain, people: [old] }, 'gentle')).toEqual([]);
  });
});
