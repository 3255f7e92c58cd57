/** What a review counts, and what counts as unconfirmed. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonths, fromDayNumber, toDayNumber } from '../../src/dates/civil.ts';
import { composeBriefing } from '../../src/domain/briefing/composition.ts';
import { lastingKinds, lastStaleDay, unconfirmedNotes } from '../../src/domain/note-threads.ts';
import { composeReview, joinYears, usualSince } from '../../src/domain/practice-review.ts';
import { type Commitment, newNote, noteKinds, owners, type Patient } from '../../src/domain/records.ts';
import { aPatient, aPromise, stored } from '../support/records.ts';
import { commitmentStatuses } from '../support/sample.ts';
import { day } from '../support/values.ts';

type ReviewFacts = Parameters<typeof composeReview>[0];

const on = day('2026-03-12');
const patientOf = (id: string): Patient => stored(id, aPatient(id));
const nothing: ReviewFacts = {
  patients: [patientOf('ana'), patientOf('bo')],
  commitments: [],
  questions: [],
  unconfirmed: new Map(),
};
const promise = (fields: Parameters<typeof aPromise>[1]): Commitment =>
  stored('c', aPromise('x', { patient_id: 'ana', made_on: '2025-01-01', ...fields }));
const kept = (
  due: string | null,
  closed_on: string,
  fields: Parameters<typeof aPromise>[1] = {},
): Commitment => promise({ due, status: 'kept', closed_on, ...fields });
const review = (facts: Partial<ReviewFacts>, since = usualSince(on)) =>
  composeReview({ ...nothing, ...facts }, { on, since });

describe('a review of promises', () => {
  it('tells kept by their date from kept late and by how much, and what is open', () => {
    const commitments = [
      kept('2026-01-10', '2026-01-10'),
      kept('2026-01-10', '2026-01-11'),
      kept('2026-01-10', '2026-01-14'),
      kept('2026-01-10', '2026-02-09'),
      kept('2026-01-10', '2026-01-30'),
      kept(null, '2026-02-01'),
      kept('2026-02-01', '2026-03-30'),
      kept('2020-01-01', '2025-03-31'),
      promise({ due: on }),
      promise({ due: day('2026-03-11') }),
      promise({ due: day('2024-03-12') }),
      promise({
        due: null,
        snoozes: [{ on, from: null, to: on, reason: null }],
      }),
      promise({ status: 'dropped', closed_on: day('2026-02-01') }),
    ];
    expect(review({ commitments }).promises).toEqual({
      keptByDate: 1,
      keptLate: { count: 4, medianDays: 12, longestDays: 30 },
      keptUndated: 1,
      dropped: 1,
      open: 4,
      openLate: { count: 2, medianDays: 365.5, longestDays: 730 },
      putOff: 1,
    });
  });

  it("never counts what patients undertook, and takes staff's with mine", () => {
    const commitments = owners.flatMap((owner) => [
      kept('2026-01-10', '2026-01-12', { owner }),
      promise({ owner, due: day('2026-01-10') }),
    ]);
    expect(review({ commitments }).promises).toMatchObject({ keptLate: { count: 2 }, open: 2 });
  });

  it('goes by month from the first to the last, empty ones too', () => {
    const commitments = [
      kept('2026-01-10', '2026-01-10'),
      kept('2026-01-10', '2026-02-10'),
      promise({ due: day('2025-04-01') }),
      promise({ due: day('2025-03-31') }),
    ];
    const { months } = review({ commitments });
    expect(months.map(({ month }) => month)).toEqual([
      ...['2025-04', '2025-05', '2025-06', '2025-07', '2025-08', '2025-09', '2025-10', '2025-11', '2025-12'],
      ...['2026-01', '2026-02', '2026-03'],
    ]);
    expect(months[0]).toEqual({ month: '2025-04', kept: 0, keptLate: 0, late: 1 });
    expect(months.slice(-3)).toEqual([
      { month: '2026-01', kept: 1, keptLate: 0, late: 0 },
      { month: '2026-02', kept: 0, keptLate: 1, late: 0 },
      { month: '2026-03', kept: 0, keptLate: 0, late: 0 },
    ]);
    // Years before the first promise are left out, but never so that less than a year is shown.
    expect(review({ commitments }, day('1900-01-01')).months[0]?.month).toBe('2025-03');
    expect(review({}, day('1900-01-01')).months).toHaveLength(12);
    expect(joinYears(months).map((year) => Object.values(year))).toEqual([
      ['2025', 0, 0, 1],
      ['2026', 1, 1, 0],
    ]);
  });

  it('loses nothing: what it counts are the promises of mine and staff’s in its time', () => {
    const dates = fc
      .integer({ min: toDayNumber(day('2024-01-01')), max: toDayNumber(on) })
      .map(fromDayNumber);
    const commitments = fc.array(
      fc
        .record({
          owner: fc.constantFrom(...owners),
          status: fc.constantFrom(...commitmentStatuses),
          due: fc.option(dates, { nil: null }),
          closed_on: dates,
        })
        .map((fields) =>
          promise({ ...fields, closed_on: fields.status === 'open' ? null : fields.closed_on }),
        ),
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
        expect(review({ commitments: list.toReversed() }, since)).toEqual(
          review({ commitments: list }, since),
        );
      }),
    );
  });
});

describe('questions in a review', () => {
  it('wait the longest first, with sensitive ones only counted', () => {
    const question = (id: string, patient_id: string, fields: Partial<Parameters<typeof newNote>[0]>) => ({
      ...newNote({ patient_id, kind: 'question', text: 'x', recorded_on: on, ...fields }),
      id,
      ref: id,
    });
    const { questions, privateQuestions } = review({
      questions: [
        question('undated', 'ana', { recorded_on: null }),
        question('new', 'ana', {}),
        question('old', 'bo', { said_on: day('2024-01-01') }),
        question('same day', 'bo', {}),
        question('secret', 'bo', { sensitive: true }),
      ],
    });
    expect(questions.map(({ note, patient, askedOn }) => [note.id, patient.id, askedOn])).toEqual([
      ['old', 'bo', '2024-01-01'],
      ['new', 'ana', on],
      ['same day', 'bo', on],
      ['undated', 'ana', null],
    ]);
    expect(privateQuestions).toBe(1);
  });

  it('never order patients by how many notes they have', () => {
    const unconfirmed = new Map([
      ['bo', 90],
      ['ana', 1],
    ]);
    expect(review({ unconfirmed }).unconfirmed.map(({ patient }) => patient.id)).toEqual(['ana', 'bo']);
  });
});

describe('what nothing has confirmed for two years', () => {
  it('ends on the last day of which it is more than two years', () => {
    const days = fc
      .integer({ min: toDayNumber(day('1990-01-01')), max: toDayNumber(day('2090-01-01')) })
      .map(fromDayNumber);
    fc.assert(
      fc.property(fc.oneof(days, fc.constantFrom(day('2028-02-29'), day('2026-02-28'))), (today) => {
        const last = lastStaleDay(today);
        expect(addMonths(last, 24) < today).toBe(true);
        expect(addMonths(fromDayNumber(toDayNumber(last) + 1), 24) < today).toBe(false);
      }),
    );
  });

  it('is what a briefing prints the year of', () => {
    const date = fc
      .integer({ min: toDayNumber(day('2023-12-01')), max: toDayNumber(day('2024-06-01')) })
      .map(fromDayNumber);
    fc.assert(
      fc.property(fc.constantFrom('story' as const, 'explain' as const), date, (kind, recorded_on) => {
        const note = {
          ...newNote({ patient_id: 'ana', kind, text: 'Bakes', recorded_on }),
          id: 'n',
          ref: 'n',
        };
        const briefing = composeBriefing(
          {
            patient: patientOf('ana'),
            people: [],
            notes: [note],
            commitments: [],
            contacts: [],
            shown: new Map(),
            hasNamesake: false,
          },
          { on, all: false, sensitive: false, ownLanguage: 'English' },
        );
        const text = briefing.sections.find(({ items }) => items.length > 0)?.items[0]?.text;
        expect(/^Bakes \(202[34]\)$/.test(text ?? '')).toBe(unconfirmedNotes([note], on).length > 0);
      }),
    );
  });

  it('holds only for what lasts', () => {
    const notes = noteKinds.map((kind) => ({
      ...newNote({ patient_id: 'ana', kind, text: 'x', recorded_on: day('2020-01-01') }),
      id: kind,
      ref: kind,
    }));
    expect(unconfirmedNotes(notes, on).map(({ kind }) => kind)).toEqual(lastingKinds);
  });
});
