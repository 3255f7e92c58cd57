import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  daysLate,
  distance,
  echoDate,
  fullDate,
  howLong,
  partialDate,
  readPartialDate,
  shortDate,
  weekdayDate,
} from '../../src/dates/civil.ts';
import { readDate } from '../../src/dates/grammar.ts';
import { anyDate, day } from '../support/values.ts';

const today = day('2026-03-12');

describe('wording', () => {
  it('gives the words of the worked examples', () => {
    expect(shortDate(day('2025-12-09'), today)).toBe('9 Dec');
    expect(weekdayDate(day('2026-03-21'), today)).toBe('Sat 21 Mar');
    expect(fullDate(today)).toBe('Thu 12 Mar 2026');
    expect(distance(day('2026-03-21'), today)).toBe('in 9 days');
    expect(distance(day('2026-02-02'), today)).toBe('38 days ago');
    expect(daysLate(86)).toBe('86 days late');
    expect(daysLate(1)).toBe('1 day late');
    expect(echoDate(day('2026-03-20'), today, 6)).toBe('Fri 20 Mar, 6 business days');
    expect(echoDate(day('2026-03-14'), today, undefined)).toBe('Sat 14 Mar, a closed day');
  });

  it('counts far distances in months and years', () => {
    expect(distance(addDays(today, 1), today)).toBe('tomorrow');
    expect(distance(addDays(today, -1), today)).toBe('yesterday');
    expect(distance(day('2026-09-12'), today)).toBe('in 6 months');
    expect(distance(day('2022-03-12'), today)).toBe('4 years ago');
    expect(howLong(day('2024-03-13'), today)).toBe('23 months');
  });

  it('leaves the year out only where the nearest such day is meant', () => {
    fc.assert(
      fc.property(anyDate('1905-01-01', '2195-01-01'), fc.integer({ min: -1500, max: 1500 }), (now, days) => {
        const date = addDays(now, days);
        expect(readDate(shortDate(date, now), { today: now, direction: 'nearest' })).toBe(date);
        expect(readDate(weekdayDate(date, now), { today: now, direction: 'nearest' })).toBe(date);
        expect(readDate(fullDate(date), { today: now, direction: 'nearest' })).toBe(date);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['2026-05', 'in May'],
    ['2027-05', 'in May 2027'],
    ['2025-10', 'in October'],
    ['2025-09', 'in September 2025'],
    ['2027', 'in 2027'],
    ['--06-14', '14 Jun'],
    ['2026-03-21', 'Sat 21 Mar'],
  ])('%s reads %s', (date, words) => {
    const partial = readPartialDate(date);
    expect(partial && partialDate(partial, today)).toBe(words);
  });
});
