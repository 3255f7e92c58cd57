import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../src/dates/civil.ts';
import { snooze, wantsTelling } from '../../src/domain/due-list.ts';
import { firstDue, lastAttempt, promiseMarks } from '../../src/domain/note-rules.ts';
import type { Commitment } from '../../src/domain/records.ts';
import { aPromise, stored } from '../support/records.ts';
import { day } from '../support/values.ts';

it('tells the newest attempt by its day, whatever was typed last', () => {
  const attempts = [
    { on: day('2026-03-10'), note: 'no answer' },
    { on: day('2026-03-09'), note: 'engaged' },
  ];
  expect(lastAttempt({ attempts })?.note).toBe('no answer');
  expect(promiseMarks(made({ attempts }), today)).toEqual(['(tried 2 times, last 10 Mar)']);
});

const today = day('2026-03-12');
const made = (fields: Parameters<typeof aPromise>[1] = {}): Commitment =>
  stored('c', aPromise('x', { due: today, ...fields }));

describe('putting a promise off', () => {
  it('keeps the first date and every step, however often it is done', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: -30, max: 30 })),
        fc.uniqueArray(fc.integer({ min: 31, max: 400 }), { minLength: 1, maxLength: 8 }),
        (first, steps) => {
          const due = first === null ? null : addDays(today, first);
          let commitment = made({ due });
          for (const step of steps) {
            const to = addDays(today, step);
            commitment = { ...commitment, ...snooze(commitment, 'it', { on: today, to, reason: 'r' }) };
            expect(commitment.due).toBe(to);
          }
          expect(firstDue(commitment)).toBe(due);
          expect(commitment.snoozes.map(({ from }) => from)).toEqual([
            due,
            ...steps.slice(0, -1).map((step) => addDays(today, step)),
          ]);
          expect(wantsTelling(commitment)).toBe(steps.length >= 2);
        },
      ),
    );
  });
});
