import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../src/dates/civil.ts';
import {
  addBusinessDays,
  businessDaysBetween,
  closedTest,
  nextOpenDay,
  plainCalendar,
  type WorkCalendar,
} from '../../src/dates/work-calendar.ts';
import { anyDate, day, failureOf } from '../support/values.ts';

const calendar: WorkCalendar = {
  closed_days: [{ on: day('2026-03-19') }],
  away: [{ from: day('2026-03-23'), to: day('2026-03-27') }],
  weekend: [6, 7],
};
const allClosed: WorkCalendar = { closed_days: [], away: [], weekend: [1, 2, 3, 4, 5, 6, 7] };

describe('business days', () => {
  it('closes weekends, closed days and away spans, their ends included', () => {
    expect(
      ['2026-03-18', '2026-03-19', '2026-03-21', '2026-03-23', '2026-03-27', '2026-03-30'].map((text) =>
        closedTest(calendar)(day(text)),
      ),
    ).toEqual([false, true, true, true, true, false]);
  });

  it('skips the day of the promise and every closed day', () => {
    expect(addBusinessDays(day('2026-03-12'), 3, plainCalendar)).toBe('2026-03-17');
    expect(addBusinessDays(day('2026-03-18'), 1, calendar)).toBe('2026-03-20');
    expect(addBusinessDays(day('2026-03-18'), 2, calendar)).toBe('2026-03-30');
    expect(addBusinessDays(day('2026-03-30'), -1, calendar)).toBe('2026-03-20');
    expect(businessDaysBetween(day('2026-03-12'), day('2026-03-20'), plainCalendar)).toBe(6);
    expect(nextOpenDay(day('2026-03-28'), -1, closedTest(calendar))).toBe('2026-03-20');
  });

  it('counts what it adds', () => {
    fc.assert(
      fc.property(anyDate('2000-01-01', '2100-01-01'), fc.integer({ min: 1, max: 60 }), (date, days) => {
        const due = addBusinessDays(date, days, calendar);
        expect(closedTest(calendar)(due)).toBe(false);
        expect(businessDaysBetween(date, due, calendar)).toBe(days);
        expect(businessDaysBetween(date, addDays(due, -1), calendar)).toBe(days - 1);
      }),
    );
  });

  it('ends on a calendar without an open day', () => {
    expect(failureOf(() => addBusinessDays(day('2026-03-12'), 1, allClosed)).exit).toBe('usage');
    expect(nextOpenDay(day('2026-03-12'), -1, closedTest(allClosed))).toBeUndefined();
    expect(failureOf(() => addBusinessDays(day('2200-12-31'), 1, plainCalendar)).exit).toBe('usage');
  });
});
