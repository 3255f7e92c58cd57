/** What a briefing of any patient says of itself, and never prints. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import { countWords } from '../../src/domain/text.ts';
import { aPatient, aPromise, stored } from '../support/records.ts';
import { briefingLines } from '../support/rendering.ts';
import { facts, options } from './generated-facts.ts';

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
    { numRuns: 3000 },
  );
});
