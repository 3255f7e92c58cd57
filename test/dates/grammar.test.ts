import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  type CivilDate,
  dayOf,
  daysBetween,
  monthName,
  monthOf,
  shortMonthName,
  weekdayName,
  weekdayOf,
  yearOf,
} from '../../src/dates/civil.ts';
import type { DateStyle, Direction } from '../../src/dates/date-context.ts';
import { readDate, readPartial } from '../../src/dates/grammar.ts';
import { anyDate, day, failureOf } from '../support/values.ts';

const thursday = day('2026-03-12');
const read = (
  text: string,
  direction: Direction = 'forward',
  today: CivilDate = thursday,
  dateStyle?: DateStyle,
) => readDate(text, { today, direction, dateStyle });
const directions: readonly Direction[] = ['forward', 'back', 'nearest'];
const ordinal = (n: number): string =>
  `${n}${n % 10 === 1 && n !== 11 ? 'st' : n % 10 === 2 && n !== 12 ? 'nd' : n % 10 === 3 && n !== 13 ? 'rd' : 'th'}`;

describe('forms', () => {
  it('takes the end of a month that is shorter', () => {
    expect(read('in a month', 'forward', day('2026-01-31'))).toBe('2026-02-28');
    expect(read('in a month', 'forward', day('2028-01-31'))).toBe('2028-02-29');
    expect(read('a year ago', 'back', day('2028-02-29'))).toBe('2027-02-28');
  });

  it('takes the last day of a week whose open days have passed', () => {
    expect(read('end of week', 'forward', day('2026-03-14'))).toBe('2026-03-15');
    expect(read('end of week', 'forward', day('2026-03-13'))).toBe('2026-03-13');
  });

  it.each([
    [1, 'next sun', '2026-03-15', '2026-03-22'],
    [7, 'next sun', '2026-03-15', '2026-03-22'],
    [7, 'next sat', '2026-03-15', '2026-03-28'],
    [1, 'next sat', '2026-03-15', '2026-03-21'],
    [6, 'next fri', '2026-03-14', '2026-03-27'],
    [1, 'end of week', '2026-03-15', '2026-03-15'],
    [7, 'end of week', '2026-03-15', '2026-03-20'],
    [7, 'end of next week', '2026-03-15', '2026-03-27'],
    [1, 'end of next week', '2026-03-15', '2026-03-20'],
  ])('where a week begins with day %i, %s said on %s is %s', (weekStart, text, today, date) => {
    expect(readDate(text, { today: day(today), direction: 'forward', weekStart })).toBe(date);
  });

  it("a day of next week is always of the week that begins after today's", () => {
    const names = [1, 2, 3, 4, 5, 6, 7].map(weekdayName);
    fc.assert(
      fc.property(
        anyDate(),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(...names),
        (today, weekStart, name) => {
          const next = readDate(`next ${name}`, { today, direction: 'forward', weekStart });
          const days = [1, 2, 3, 4, 5, 6, 7].map((ahead) => addDays(today, ahead));
          const start = days.find((one) => weekdayOf(one) === weekStart) ?? today;
          expect(daysBetween(start, next)).toBeGreaterThanOrEqual(0);
          expect(daysBetween(start, next)).toBeLessThan(7);
          expect(weekdayName(weekdayOf(next))).toBe(name);
        },
      ),
    );
  });

  it('reads a slash date as the setting says, and only then', () => {
    expect(read('3/4', 'forward', thursday, 'day-first')).toBe('2026-04-03');
    expect(read('3/4', 'back', thursday, 'month-first')).toBe('2026-03-04');
    expect(failureOf(() => read('3/4')).message).toBe("'3/4' may be 3 apr or 4 mar");
    const dated = failureOf(() => read('3/4/1950', 'back'));
    expect(dated.message).toBe("'3/4/1950' may be 3 apr 1950 or 4 mar 1950");
    expect(dated.hints).toEqual(['rapport config date-style day-first, or month-first, says which']);
    expect(failureOf(() => read('25/3', 'forward', thursday, 'month-first')).message).toBe(
      "'25/3' is not a date",
    );
  });

  it('counts relative dates from the day given, whatever day it is', () => {
    expect(read('in 3 days', 'forward', day('2025-12-30'))).toBe('2026-01-02');
  });
});

describe('what is no date', () => {
  it.each([
    ['tommorro', 'did you mean tomorrow?'],
    ['fridy', 'did you mean friday?'],
  ])('%s is nearly one', (text, hint) => {
    expect(failureOf(() => read(text)).hints[0]).toBe(hint);
  });

  it.each([
    '31 feb',
    '30 feb 2028',
    '0 may',
    '32 jan',
    '2026-13-01',
    '2026-02-29',
    '13/13',
    'yesterdayish',
    'fri-ish',
    '',
    '   ',
    '2',
    'in 2.5 weeks',
    'sun 20 mar',
    '1/4/27',
    '31 dec 1899',
    '1 jan 2201',
    'in 200 years',
    'in 9999 years',
    '2027',
    'in a few days',
    'early may',
    '\u001b[2J',
    '20 000 leagues',
  ])('%j is refused, in every direction', (text) => {
    for (const direction of directions) expect(failureOf(() => read(text, direction)).exit).toBe('usage');
  });

  it('says which day is missing on 29 February of a common year', () => {
    expect(failureOf(() => read('29 feb')).message).toBe("'29 feb' is not a date: 2027 has no 29 Feb");
    expect(read('29 feb', 'forward', day('2027-06-01'))).toBe('2028-02-29');
    expect(read('29 feb', 'back', day('2028-06-01'))).toBe('2028-02-29');
    expect(read('29 feb 2028')).toBe('2028-02-29');
  });

  it('names the weekday that a date really has', () => {
    expect(failureOf(() => read('thu 20 mar')).message).toBe(
      "'thu 20 mar' is not a date: 20 Mar 2026 is a Friday",
    );
  });

  it('refuses the wrong side of today', () => {
    expect(failureOf(() => read('2026-03-11')).message).toBe("'2026-03-11' has passed");
    expect(failureOf(() => read('tomorrow', 'back')).message).toBe("'tomorrow' is still ahead: 2026-03-13");
  });
});

describe('every date, in each written form', () => {
  const forms: readonly ((date: CivilDate) => string)[] = [
    (date) => date,
    (date) => date.replaceAll('-', '/'),
    (date) => `${yearOf(date)}-${monthOf(date)}-${dayOf(date)}`,
    (date) => `${dayOf(date)} ${shortMonthName(monthOf(date))} ${yearOf(date)}`,
    (date) => `${shortMonthName(monthOf(date)).toLowerCase()} ${dayOf(date)} ${yearOf(date)}`,
    (date) => `${monthName(monthOf(date))} ${ordinal(dayOf(date))}, ${yearOf(date)}`,
    (date) => `the ${ordinal(dayOf(date))} of ${monthName(monthOf(date))} ${yearOf(date)}`,
    (date) => `${weekdayName(weekdayOf(date))} ${dayOf(date)} ${monthName(monthOf(date))} ${yearOf(date)}`,
    (date) => `${dayOf(date)}-${shortMonthName(monthOf(date))}-${yearOf(date)}`,
  ];

  it('reads back as itself where the year is given', () => {
    fc.assert(
      fc.property(anyDate(), anyDate(), fc.constantFrom(...forms), (date, today, form) => {
        expect(readDate(form(date), { today, direction: 'nearest' })).toBe(date);
        const side: Direction = date < today ? 'back' : 'forward';
        expect(readDate(form(date), { today, direction: side })).toBe(date);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back as itself by day and month within reach of the direction', () => {
    const short = (date: CivilDate): string => `${dayOf(date)} ${shortMonthName(monthOf(date))}`;
    fc.assert(
      fc.property(anyDate(), fc.integer({ min: 0, max: 364 }), (today, days) => {
        const ahead = addDays(today, days);
        expect(readDate(short(ahead), { today, direction: 'forward' })).toBe(ahead);
        const behind = addDays(today, -days);
        expect(readDate(short(behind), { today, direction: 'back' })).toBe(behind);
        const near = addDays(today, Math.floor(days / 2));
        expect(readDate(short(near), { today, direction: 'nearest' })).toBe(near);
      }),
      { numRuns: 500 },
    );
  });

  it('reads a weekday as the right one of the seven days on its side', () => {
    fc.assert(
      fc.property(anyDate(), fc.integer({ min: 1, max: 7 }), (today, weekday) => {
        const word = weekdayName(weekday);
        const ahead = readDate(word, { today, direction: 'forward' });
        const behind = readDate(word.slice(0, 3), { today, direction: 'back' });
        const near = readDate(word, { today, direction: 'nearest' });
        for (const date of [ahead, behind, near]) expect(weekdayOf(date)).toBe(weekday);
        expect(daysBetween(today, ahead)).toBeGreaterThanOrEqual(1);
        expect(daysBetween(today, ahead)).toBeLessThanOrEqual(7);
        expect(daysBetween(behind, today)).toBeGreaterThanOrEqual(1);
        expect(daysBetween(behind, today)).toBeLessThanOrEqual(7);
        expect(Math.abs(daysBetween(today, near))).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('partial dates', () => {
  it.each(['--02-30', '--13-01', '2026-13', '1899', '2201', 'maybe', 'every friday', '31 feb'])(
    '%s is refused',
    (text) => {
      expect(failureOf(() => readPartial(text, { today: thursday, direction: 'nearest' })).exit).toBe(
        'usage',
      );
    },
  );
});
