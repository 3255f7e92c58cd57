/** A review as it is drawn and as it is read aloud. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Review } from '../../src/domain/practice-review.ts';
import { newNote, newPatient } from '../../src/domain/records.ts';
import { widthOf } from '../../src/domain/text.ts';
import { renderReview, speakReview } from '../../src/terminal/review-view.ts';
import { screenOf } from '../support/rendering.ts';
import { day } from '../support/values.ts';

const on = day('2026-03-12');
const numbers = fc.oneof(fc.nat(3), fc.nat(5000));
const reviews: fc.Arbitrary<Review> = fc
  .record({
    months: fc.array(fc.record({ kept: numbers, keptLate: numbers, late: numbers }), { maxLength: 60 }),
    names: fc.array(fc.constantFrom('Ana Berg', '李明', 'x'.repeat(120), '\u001b[31m red'), {
      maxLength: 45,
    }),
    privateQuestions: numbers,
  })
  .map(({ months, names, privateQuestions }) => {
    const patients = names.map((name, index) => ({
      ...newPatient({ name, handle: `p${index}` }),
      id: `p${index}`,
      ref: 'ppppp',
    }));
    const lateness = { count: 4, medianDays: 2.5, longestDays: 4000 };
    return {
      on,
      since: day('2021-04-01'),
      promises: {
        keptByDate: 3,
        keptLate: lateness,
        keptUndated: 1,
        dropped: 2,
        open: 9,
        openLate: lateness,
        putOff: 2,
      },
      months: months.map((month, index) => ({
        month: `${2021 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`,
        ...month,
      })),
      questions: patients.map((patient, index) => ({
        note: {
          ...newNote({ patient_id: patient.id, kind: 'question', text: 'zzquestionzz', recorded_on: on }),
          id: `n${index}`,
          ref: 'aaaaa',
        },
        patient,
        askedOn: on,
      })),
      privateQuestions,
      unconfirmed: patients.map((patient) => ({ patient, notes: 3 })),
      ...{ overAYear: [], again: [], toConfirm: [], learned: [], heldBack: 0 },
      unasked: patients.map((patient) => ({ patient, seenOn: on })),
    };
  });

describe('a drawn review', () => {
  it('fits every width from 40 to 200', async () => {
    await fc.assert(
      fc.asyncProperty(
        reviews,
        fc.integer({ min: 40, max: 200 }),
        fc.boolean(),
        async (review, columns, all) => {
          const text = await renderReview(review, all, screenOf(columns));
          for (const line of text.split('\n')) {
            expect(widthOf(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/[\u0000-\u001f]/u);
          }
        },
      ),
    );
  });

  it('lists twenty and says how many more there are', async () => {
    await fc.assert(
      fc.asyncProperty(reviews, async (review) => {
        const lines = (await renderReview(review, false, screenOf(200))).split('\n');
        const more = review.questions.length - 20;
        expect(lines.filter((line) => line.startsWith(' aaaaa'))).toHaveLength(
          Math.min(20, review.questions.length),
        );
        expect(lines.filter((line) => line === `+ ${more} more: rapport review --all`)).toHaveLength(
          more > 0 ? 2 : 0,
        );
        const whole = (await renderReview(review, true, screenOf(200))).split('\n');
        expect(whole.filter((line) => line.startsWith(' aaaaa'))).toHaveLength(review.questions.length);
      }),
    );
  });

  it('draws a sign for each promise while they fit', async () => {
    await fc.assert(
      fc.asyncProperty(reviews, fc.nat(40), fc.nat(40), fc.nat(40), async (review, kept, keptLate, late) => {
        const one = { ...review, months: [{ month: '2026-03', kept, keptLate, late }] };
        const lines = (await renderReview(one, false, screenOf(200))).split('\n');
        const bar = '+'.repeat(kept) + '~'.repeat(keptLate) + '!'.repeat(late);
        expect(lines.find((line) => line.startsWith(' Mar 2026'))?.split(/ +/)[3]).toBe(
          bar === '' ? '0' : bar,
        );
      }),
    );
  });
});

describe('a spoken review', () => {
  it('says every month in which there was anything, and draws nothing', () => {
    fc.assert(
      fc.property(reviews, (review) => {
        const months = review.months.slice(-24);
        const text = speakReview({ ...review, months }, false);
        expect(text).not.toMatch(/[~!|#│─·]|\+\+/u);
        const said = months.filter(({ kept, keptLate, late }) => kept + keptLate + late > 0).length;
        expect(text.match(/^\p{Lu}\p{Ll}+ 20\d\d: /gmu) ?? []).toHaveLength(said);
      }),
    );
  });
});
