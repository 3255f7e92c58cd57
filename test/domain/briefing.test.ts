/** What a briefing of any patient says of itself, and never prints. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BriefingFacts } from '../../src/domain/briefing/briefing.ts';
import { type Briefing, composeBriefing } from '../../src/domain/briefing/composition.ts';
import { worldOf } from '../../src/domain/losses.ts';
import { isVisit } from '../../src/domain/records.ts';
import { countWords, widthOf } from '../../src/domain/text.ts';
import { aPatient, aPromise, stored } from '../support/records.ts';
import { briefingLines } from '../support/rendering.ts';
import { facts, options } from './generated-facts.ts';
import { beforeDeath, lives, secret } from './generated-lives.ts';

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
      const notes = given.notes.map((note) => (note.sensitive ? { ...note, text: 'zzsecretzz' } : note));
      const text = briefingLines(composeBriefing({ ...given, notes }, options)).join('\n');
      expect(text).not.toContain('zzsecretzz');
      expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/u);
    }),
  );
});

it('has no more of promises of thousands of words than what can be seen of them', () => {
  const text = Array.from({ length: 5000 }, (_, index) => 'abcdefghij'[index % 10]).join(' ');
  const lines = briefingLines(
    composeBriefing(
      {
        patient: stored('p', aPatient('ana')),
        people: [],
        notes: [],
        answered: [],
        commitments: Array.from({ length: 6 }, (_, index) => stored(`c${index}`, aPromise(text))),
        contacts: [],
        shown: new Map(),
        hasNamesake: false,
      },
      options,
    ),
  );
  expect(lines.filter((line) => line.includes('a b c d e f'))).toHaveLength(4);
});

it('takes a run of non-spaces with a letter or digit in it for a word, of whatever script', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(..."·“…–—éa7٣寿 \u00a0\u2028\n'ª²"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const runs = text.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run));
      expect(countWords(text)).toBe(runs.length);
    }),
    { numRuns: 1000 },
  );
});

/** All that a briefing says, printed or as JSON. */
const saidBy = (briefing: Briefing): string =>
  JSON.stringify([briefingLines(briefing), briefing.sections, briefing.footer]);

it('says nothing of what was written of the dead before they died', () => {
  fc.assert(
    fc.property(lives, fc.boolean(), ({ facts: given }, sensitive) => {
      expect(saidBy(composeBriefing(given, { ...options, sensitive }))).not.toContain(beforeDeath);
    }),
    { numRuns: 100 },
  );
});

it('says no private word, and of a private death nothing', () => {
  fc.assert(
    fc.property(lives, fc.boolean(), ({ facts: given, isDeathPrivate }, all) => {
      const said = saidBy(composeBriefing(given, { ...options, all }));
      expect(said).not.toContain(secret);
      // A made-up word may be 'died'.
      if (isDeathPrivate)
        expect(said).not.toMatch(/(?:june|wife) died|without june|naming june|suicide|suddenly/i);
    }),
    { numRuns: 100 },
  );
});

it('tells of a discreet patient what it would tell if the private records and what they hold back were not there', () => {
  fc.assert(
    fc.property(lives, ({ facts: whole, isDeathPrivate }) => {
      const given = { ...whole, patient: { ...whole.patient, quiet: true } };
      const world = worldOf(given, options.on);
      const isOpenly = (record: { readonly sensitive: boolean }): boolean => !record.sensitive;
      const bare: BriefingFacts = {
        ...given,
        people: given.people.map((person) =>
          isDeathPrivate && person.name === 'June' ? { ...person, status: 'living', died_on: null } : person,
        ),
        notes: given.notes.filter((note) => isOpenly(note) && world.holdsNote(note) === undefined),
        answered: [],
        commitments: given.commitments.filter((promise) => isOpenly(promise) && promise.status === 'open'),
        contacts: given.contacts
          .map((one) => ({ ...one, gist: null }))
          .filter((one) => isOpenly(one) || isVisit(one)),
      };
      const alike = {
        ...given,
        answered: [],
        commitments: given.commitments.filter(({ status }) => status === 'open'),
        contacts: given.contacts.map((one) => ({ ...one, gist: null })),
      };
      expect(briefingLines(composeBriefing(alike, options))).toEqual(
        briefingLines(composeBriefing(bare, options)),
      );
    }),
    { numRuns: 100 },
  );
});

it('keeps the caps of the fullest page, and the same bytes for shuffled records', () => {
  fc.assert(
    fc.property(lives, fc.integer({ min: 0, max: 60 }), ({ facts: given }, repeat) => {
      const long = <R extends { readonly text: string }>(record: R): R => ({
        ...record,
        text: `${record.text} ${'wherever they go and whoever asks '.repeat(repeat % 9)}`,
      });
      const full = { ...given, notes: given.notes.map(long), commitments: given.commitments.map(long) };
      const briefing = composeBriefing(full, options);
      expect(briefing.lines).toBeLessThanOrEqual(22);
      expect(briefing.words).toBeLessThanOrEqual(130);
      for (const line of briefingLines(briefing)) expect(widthOf(line)).toBeLessThanOrEqual(76);
      const turned = <T>(list: readonly T[]): readonly T[] =>
        [...list.slice(repeat % 7), ...list.slice(0, repeat % 7)].reverse();
      const shuffled: BriefingFacts = {
        ...full,
        people: turned(full.people),
        notes: turned(full.notes),
        answered: turned(full.answered),
        commitments: turned(full.commitments),
        contacts: turned(full.contacts),
      };
      expect(saidBy(composeBriefing(shuffled, options))).toBe(saidBy(briefing));
    }),
    { numRuns: 100 },
  );
});
