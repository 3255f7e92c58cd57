/** Whatever is typed ends in a date on its side of today, or in a Failure. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Direction } from '../../src/dates/date-context.ts';
import { readDate, readPartial } from '../../src/dates/grammar.ts';
import { readPromise } from '../../src/dates/line-date.ts';
import { anyDate, day, unlessFailure } from '../support/values.ts';

const directions: readonly Direction[] = ['forward', 'back', 'nearest'];

describe('any text at all', () => {
  const pieces = fc.constantFrom(
    ...'in on by next last this end of the a 2 31 29 0 13 2026 2027 99999 feb apr may fri thu week weeks business days ago month every 1st 3/4 3.4. - -- , . 00'.split(
      ' ',
    ),
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 7 }).map((words) => words.join(' ')),
  );

  it('is a day on the right side of today, or a Failure', () => {
    fc.assert(
      fc.property(texts, anyDate(), fc.constantFrom(...directions), (text, today, direction) => {
        const date = unlessFailure(() => readDate(text, { today, direction }));
        if (date === undefined) return;
        expect(date).toBe(day(date));
        if (direction === 'forward') expect(date >= today).toBe(true);
        if (direction === 'back') expect(date <= today).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('is a partial date or a Failure', () => {
    fc.assert(
      fc.property(texts, anyDate(), fc.constantFrom(...directions), (text, today, direction) => {
        const date = unlessFailure(() => readPartial(text, { today, direction }));
        if (date !== undefined) expect(date).toMatch(/^(?:\d{4}(?:-\d\d(?:-\d\d)?)?|--\d\d-\d\d)$/);
      }),
      { numRuns: 3000 },
    );
  });
});

it('a promise is never in the past, and loses no word to its date', () => {
  const words = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...'call send by on in before fri 2 apr the end of month 31 feb weeks today sun next last'.split(' '),
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 9 },
  );
  fc.assert(
    fc.property(words, anyDate(), (line, on) => {
      const text = line.join(' ');
      const cut = unlessFailure(() => readPromise(text, { today: on }));
      if (cut === undefined) return;
      expect(text.startsWith(cut.text)).toBe(true);
      if (cut.date === null) expect(cut.text).toBe(text);
      else expect(cut.date >= on).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['ring Léon fri', 'ring Léon'],
  ['ring Zoë on fri', 'ring Zoë'],
  ['ring 林 fri', 'ring 林'],
  ['позвонить Льву by fri', 'позвонить Льву'],
  ['ring Benoît-Luc “by fri”', 'ring Benoît-Luc “by fri”'],
])('a letter of another script is one: %s', (line, text) => {
  expect(readPromise(line, { today: day('2026-03-12') }).text).toBe(text);
});
