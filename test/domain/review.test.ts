/** What a review counts, and what counts as unconfirmed. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths } from '../../src/dates/civil.ts';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import { lastStaleDay, unconfirmedNotes } from '../../src/domain/note-rules.ts';
import { composeReview, usualSince } from '../../src/domain/practice-review.ts';
import { type Commitment, type Note, owners, type Patient } from '../../src/domain/records.ts';
import { aNote, aPatient, aPromise, stored } from '../support/records.ts';
import { commitmentStatuses } from '../support/sample.ts';
import { anyDate, day } from '../support/values.ts';

type ReviewFacts = Parameters<typeof composeReview>[0];

const on = day('2026-03-12');
const patientOf = (id: string): Patient => stored(id, aPatient(id));
const nothing: ReviewFacts = {
  patients: [patientOf('ana'), patientOf('bo')],
  commitments: [],
  questions: [],
  privateQuestions: 0,
  unconfirmed: new Map(),
  toConfirm: [],
  learned: [],
  heldBack: 0,
  matters: new Set(),
  lastSeen: new Map(),
};
const promise = (fields: Parameters<typeof aPromise>[1]): Commitment =>
  stored('c', aPromise('x', { patient_id: 'ana', made_on: '2025-01-01', ...fields }));
const review = (facts: Partial<ReviewFacts>, since = usualSince(on)) =>
  composeReview({ ...nothing, ...facts }, { on, since });

it('a review loses nothing: what it counts are the promises of mine and staff’s in its time', () => {
  const dates = anyDate('2024-01-01', on);
  const fields = fc.record({
    owner: fc.constantFrom(...owners),
    status: fc.constantFrom(...commitmentStatuses),
    due: fc.option(dates, { nil: null }),
    closed_on: dates,
  });
  const commitments = fc.array(fields).map((all) =>
    all.map(({ closed_on, ...one }, at) => ({
      ...promise({ ...one, closed_on: one.status === 'open' ? null : closed_on }),
      id: `c${at}`,
    })),
  );
  fc.assert(
    fc.property(commitments, dates, (list, since) => {
      const { promises, months } = review({ commitments: list }, since);
      const ours = list.filter(({ owner }) => owner !== 'patient');
      const closed = ours.filter(({ closed_on }) => closed_on !== null && closed_on >= since);
      const open = ours.filter(({ status }) => status === 'open');
      expect(promises.keptByDate + promises.keptLate.count + promises.keptUndated + promises.dropped).toBe(
        closed.length,
      );
      expect(promises.open).toBe(open.length);
      const sum = (what: 'kept' | 'keptLate' | 'late'): number =>
        months.reduce((total, month) => total + month[what], 0);
      expect(sum('kept')).toBe(promises.keptByDate + promises.keptUndated);
      expect(sum('keptLate')).toBe(promises.keptLate.count);
      expect(sum('late')).toBe(open.filter(({ due }) => due !== null && due >= since && due < on).length);
      expect(review({ commitments: list.toReversed() }, since)).toEqual(review({ commitments: list }, since));
    }),
  );
});

it('a review lists what is late by a year, what is to be looked at again, whom nobody asked, and what was learned', () => {
  const due = (id: string, text: string, date: string | null, owner: 'me' | 'patient' = 'me') =>
    stored<Commitment>(id, aPromise(text, { patient_id: 'ana', due: date, owner }));
  const taught = (id: string, recorded_on: string | null) =>
    stored<Note>(id, aNote(id, { patient_id: 'bo', kind: 'learned', recorded_on }));
  const found = review({
    commitments: [
      due('year', 'x', '2025-03-12'),
      due('less', 'x', '2025-03-13'),
      due('theirs', 'x', '2020-01-01', 'patient'),
      due('later', 'Look at it again: walking', '2026-08-01'),
      due('soon', 'Look at it again: swimming', '2026-04-01'),
      due('no decision', 'Look at it again: ', '2026-04-01'),
    ],
    toConfirm: Array.from({ length: 12 }, (_, at) =>
      stored<Note>(`n${at}`, aNote('x', { patient_id: 'ana' })),
    ),
    matters: new Set(['ana']),
    lastSeen: new Map([
      ['ana', on],
      ['bo', on],
    ]),
    learned: [taught('first', '2025-04-01'), taught('last', '2026-03-01')],
  });
  expect(found.overAYear.map(({ promise: { id } }) => id)).toEqual(['year']);
  expect(found.again.map(({ decision }) => decision)).toEqual(['swimming', 'walking']);
  expect(found.toConfirm.map(({ note: { id } }) => id)).toEqual(
    Array.from({ length: 10 }, (_, at) => `n${at}`),
  );
  expect(found.unasked.map(({ patient: { id } }) => id)).toEqual(['bo']);
  expect(found.learned.map(({ note: { id } }) => id)).toEqual(['last', 'first']);
});

describe('what nothing has confirmed for two years', () => {
  it('ends on the last day of which it is more than two years', () => {
    const days = anyDate('1990-01-01', '2090-01-01');
    fc.assert(
      fc.property(fc.oneof(days, fc.constantFrom(day('2028-02-29'), day('2026-02-28'))), (today) => {
        const last = lastStaleDay(today);
        expect(addMonths(last, 24) < today).toBe(true);
        expect(addMonths(addDays(last, 1), 24) < today).toBe(false);
      }),
    );
  });

  it('is what a briefing prints the year of', () => {
    const date = anyDate('2023-12-01', '2024-06-01');
    fc.assert(
      fc.property(fc.constantFrom('story' as const, 'explain' as const), date, (kind, recorded_on) => {
        const note: Note = stored('n', aNote('Bakes', { patient_id: 'ana', kind, recorded_on }));
        const briefing = composeBriefing(
          {
            patient: patientOf('ana'),
            people: [],
            notes: [note],
            answered: [],
            commitments: [],
            contacts: [],
            shown: new Map(),
            hasNamesake: false,
          },
          { on, all: false, sensitive: false, ownLanguage: 'English', privateCounts: true },
        );
        const text = briefing.sections.find(({ id }) => id === 'life' || id === 'said' || id === 'explain')
          ?.items[0]?.text;
        expect(/^Bakes \(202[34]\)$/.test(text ?? '')).toBe(unconfirmedNotes([note], on).length > 0);
      }),
    );
  });
});
