/** Whom the words of an event mean: exactly one, a doubt, or nobody; never a guess. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameIndex } from '../../src/domain/event-names.ts';
import { eventTexts, readEventRules } from '../../src/domain/event-rules.ts';
import type { Patient } from '../../src/domain/records.ts';
import { aPatient, stored } from '../support/records.ts';

const patient = (name: string, handle: string, more: Parameters<typeof aPatient>[1] = {}): Patient =>
  stored(handle, aPatient(handle, { name, ...more }));

const patients = [
  patient('María Luisa Razo', 'malu', { goes_by: 'Malu', aliases: ['malu@example.org'], ref: 'k7m2q' }),
  patient('Luisa Razo', 'luisa'),
  patient('Walter Beer', 'walt', {
    goes_by: 'Walt',
    identifiers: [{ system: 'https://x.example', value: 'MRN 7' }],
  }),
  patient('Tom Beer', 'tom'),
  patient('Ann Lee', 'ann'),
  patient('Ann Lee', 'ann-l'),
  patient('Jo Dunn', 'jo', { status: 'died' }),
  patient('Jo Dunn', 'jo-d'),
  patient('王秀英', '王秀英'),
];
const index = nameIndex(patients);

function heard(rule: string, ...texts: readonly string[]): string {
  const said = readEventRules([rule]).map((one) => eventTexts(one, texts));
  const found = index(said);
  if (found.kind === 'known') return found.patient.handle;
  return found.kind === 'none' ? 'nobody' : `? ${found.candidates.map(({ handle }) => handle).join(' ')}`;
}

describe('a rule', () => {
  it('finds what a regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 });
    const surroundings = fc.array(letters, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('*'));
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(surroundings, surroundings, texts, (before, after, text) => {
        fc.pre(!after.startsWith('*'));
        const whole = `^${before}(.+?)${after}$`.replaceAll('*', '.*?');
        const expected = new RegExp(whole, 'isu').exec(text)?.[1];
        const found = readEventRules([`summary=${before}{patient}${after}`]).flatMap((rule) =>
          eventTexts(rule, [text]),
        );
        expect(found.map(({ text: name }) => name)).toEqual(expected === undefined ? [] : [expected]);
      }),
    );
  });
});

describe('any words', () => {
  it('never lead to one of two patients who are called alike, nor to one whose words are not all there', () => {
    const word = fc.constantFrom(
      'Ann',
      'Lee',
      'Tom',
      'Beer',
      'Walter',
      'María',
      'Luisa',
      'Razo',
      'Visit',
      'with',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom(' ', ', ', ' - ', ': '), (words, gap) => {
        const found = heard('summary', words.join(gap));
        if (found.startsWith('?') || found === 'nobody') return;
        const known = patients.find(({ handle }) => handle === found);
        expect(found).not.toMatch(/^ann/);
        for (const part of known?.name.split(' ') ?? []) expect(words).toContain(part);
      }),
    );
  });
});

describe('a title', () => {
  const others = nameIndex([
    patient('Anna Bell', 'anna'),
    patient('Arthur Bell', 'arthur'),
    patient("Sean O'Neil", 'sean'),
    patient('Ann McDonald', 'ann'),
    patient('Đặng Thị Hoa', 'hoa'),
    patient('Lee Park', 'lee'),
    patient('Park Lee', 'park'),
  ]);
  it.each([
    ['Bell Anna', 'anna'],
    ['Visit: BELL ANNA', 'anna'],
    ['Bell, Anna 10:20', 'anna'],
    ['Dr Bell', '? anna arthur'],
    ['Bell A.', '? anna arthur'],
    ['Visit ONeil Sean', 'sean'],
    ["O'Neil Sean", 'sean'],
    ['Ann Mc Donald', 'ann'],
    ['Dang Thi Hoa', 'hoa'],
    // Surname first, or another patient: nobody can tell.
    ['Lee Park', '? lee park'],
    ['Bell tower', 'nobody'],
  ])('%s leads to %s', (text, who) => {
    const found = others([eventTexts(readEventRules(['summary'])[0] ?? expect.fail(), [text])]);
    const handles = found.kind === 'none' ? [] : found.kind === 'known' ? [found.patient] : found.candidates;
    const names = handles.map(({ handle }) => handle).join(' ');
    expect(found.kind === 'doubt' ? `? ${names}` : names || 'nobody').toBe(who);
  });
});
