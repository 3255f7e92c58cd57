import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate, dayOf, monthOf, shortMonthName, yearOf } from '../../src/dates/civil.ts';
import { type CaptureOptions, captureLine, captureText } from '../../src/domain/capture.ts';
import { noteKinds, textLimit } from '../../src/domain/records.ts';
import { anyDate, day, failureOf, unlessFailure } from '../support/values.ts';

const on = day('2026-03-12');
const capture = (line: string, options: Partial<CaptureOptions> = {}) =>
  captureLine(line, { on, defaultKind: 'story', ...options });

it('a megabyte is refused at once, and the longest text is not', () => {
  expect(failureOf(() => capture('x '.repeat(500_000))).message).toMatch(/characters; the limit is/);
  expect(capture(`? ${'a'.repeat(textLimit)}`)).toMatchObject({ kind: 'question' });
});

it('many lines leave out the comments of an editor, and only of an editor', () => {
  expect(captureText('# a comment\nso', { on, defaultKind: 'story', comments: true })).toHaveLength(1);
  expect(captureText('# a heading\nso', { on, defaultKind: 'story' })).toHaveLength(2);
});

describe('any line', () => {
  const defaultKinds = fc.constantFrom(...noteKinds, 'promise' as const);
  const lines = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(
        fc.constantFrom('!', '! ', '?', '@', 'x ', '> ', '\\', 'me:', 'staff: ', 'loss: ', 'family:', ''),
        fc.array(
          fc.constantFrom(
            ...'by on in fri 2 apr 31 feb 2026 , wife June 3/4 \\ : end of month \u0007'.split(' '),
          ),
        ),
      )
      .map(([mark, words]) => mark + words.join(' ')),
  );

  it('is an entry with text, nothing, or a Failure; a promise is never in the past and a loss never ahead', () => {
    fc.assert(
      fc.property(lines, defaultKinds, anyDate(), (line, defaultKind, visit) => {
        const entry = unlessFailure(() => captureLine(line, { on: visit, defaultKind }));
        if (entry === undefined) return;
        expect(entry.text).not.toBe('');
        expect(line).toContain(entry.text);
        if (entry.type === 'commitment' && entry.due !== null) expect(entry.due >= visit).toBe(true);
        if (entry.type === 'loss' && entry.date !== null)
          expect(entry.date <= visit.slice(0, entry.date.length)).toBe(true);
        if (entry.type === 'note' && entry.kind !== 'milestone') expect(entry.date).toBeNull();
      }),
      { numRuns: 3000 },
    );
  });

  it('gives back each date within reach, in the form that a line has for it', () => {
    const named = (date: CivilDate): string =>
      `${dayOf(date)} ${shortMonthName(monthOf(date)).toLowerCase()}`;
    fc.assert(
      fc.property(anyDate('1905-01-01', '2190-01-01'), fc.integer({ min: 0, max: 360 }), (visit, days) => {
        const due = addDays(visit, days);
        expect(captureLine(`! call her by ${named(due)}`, { on: visit, defaultKind: 'story' })).toMatchObject(
          {
            text: 'call her',
            due,
          },
        );
        const died = addDays(visit, -days);
        expect(captureLine(`x wife June, ${named(died)}`, { on: visit, defaultKind: 'story' })).toMatchObject(
          {
            text: 'wife June',
            date: died,
          },
        );
        const milestone = addDays(visit, days * 3);
        const whole = `${named(milestone)} ${yearOf(milestone)}`;
        expect(captureLine(`@${whole} the play`, { on: visit, defaultKind: 'story' })).toMatchObject({
          text: 'the play',
          date: milestone,
        });
      }),
      { numRuns: 500 },
    );
  });
});
