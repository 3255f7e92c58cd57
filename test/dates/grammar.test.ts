import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  type CivilDate,
  dayOf,
  daysBetween,
  monthOf,
  weekdayOf,
  yearOf,
} from '../../src/dates/civil.ts';
import {
  type DateStyle,
  type Direction,
  readDate,
  readDateLoosely,
  readPartial,
} from '../../src/dates/grammar.ts';
import { monthName, shortMonthName, weekdayName } from '../../src/dates/wording.ts';
import { anyDate, day, failureOf, unlessFailure } from '../support/values.ts';

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
  it.each([
    ['today', '2026-03-12'],
    ['tomorrow', '2026-03-13'],
    ['day after tomorrow', '2026-03-14'],
    ['fri', '2026-03-13'],
    ['Friday', '2026-03-13'],
    ['FRI.', '2026-03-13'],
    ['thu', '2026-03-19'],
    ['this thu', '2026-03-12'],
    ['next friday', '2026-03-20'],
    ['2 apr', '2026-04-02'],
    ['apr 2', '2026-04-02'],
    ['12 mar', '2026-03-12'],
    ['11 mar', '2027-03-11'],
    ['2nd of april', '2026-04-02'],
    ['the 2nd of April', '2026-04-02'],
    ['april 2nd, 2027', '2027-04-02'],
    ['2 sept', '2026-09-02'],
    ['fri 20 mar', '2026-03-20'],
    ['friday, march 20th', '2026-03-20'],
    ['the 20th', '2026-03-20'],
    ['in 2 weeks', '2026-03-26'],
    ['in two weeks', '2026-03-26'],
    ['in a fortnight', '2026-03-26'],
    ['in a month', '2026-04-12'],
    ['in 3 business days', '2026-03-17'],
    ['in 1 working day', '2026-03-13'],
    ['3 days from now', '2026-03-15'],
    ['end of week', '2026-03-13'],
    ['end of next week', '2026-03-20'],
    ['end of month', '2026-03-31'],
    ['the end of the month', '2026-03-31'],
    ['end of next month', '2026-04-30'],
    ['end of february', '2027-02-28'],
    ['end of the year', '2026-12-31'],
    ['2026/3/20', '2026-03-20'],
    ['25/3', '2026-03-25'],
    ['3/25/2026', '2026-03-25'],
    ['5.5.2026', '2026-05-05'],
  ])('%s, forward from Thu 12 Mar 2026', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ['thu', 'back', '2026-03-05'],
    ['last friday', 'back', '2026-03-06'],
    ['2 weeks ago', 'back', '2026-02-26'],
    ['a month ago', 'back', '2026-02-12'],
    ['2 feb', 'back', '2026-02-02'],
    ['2 apr', 'back', '2025-04-02'],
    ['yesterday', 'back', '2026-03-11'],
    ['thu', 'nearest', '2026-03-12'],
    ['sun', 'nearest', '2026-03-15'],
    ['mon', 'nearest', '2026-03-09'],
    ['10 sep', 'nearest', '2026-09-10'],
    ['12 sep', 'nearest', '2025-09-12'],
    ['21 mar', 'nearest', '2026-03-21'],
  ] as const)('%s, %s', (text, direction, expected) => {
    expect(read(text, direction)).toBe(expected);
  });

  it('takes the end of a month that is shorter', () => {
    expect(read('in a month', 'forward', day('2026-01-31'))).toBe('2026-02-28');
    expect(read('in a month', 'forward', day('2028-01-31'))).toBe('2028-02-29');
    expect(read('a year ago', 'back', day('2028-02-29'))).toBe('2027-02-28');
  });

  it('moves the end of the week on once it has passed', () => {
    expect(read('end of week', 'forward', day('2026-03-14'))).toBe('2026-03-20');
    expect(read('end of week', 'forward', day('2026-03-13'))).toBe('2026-03-13');
  });

  it.each([
    [1, 'next sun', '2026-03-15', '2026-03-22'],
    [7, 'next sun', '2026-03-15', '2026-03-22'],
    [7, 'next sat', '2026-03-15', '2026-03-28'],
    [1, 'next sat', '2026-03-15', '2026-03-21'],
    [6, 'next fri', '2026-03-14', '2026-03-27'],
    [1, 'end of week', '2026-03-15', '2026-03-20'],
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
    expect(dated.hints[0]).toBe('write 3 apr 1950 or 4 mar 1950');
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
    ['tomorow', 'did you mean tomorrow?'],
    ['monn', 'did you mean mon?'],
    ['fridy', 'did you mean friday?'],
    ['christmas', 'write its day: 24 dec'],
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
    'friday week',
    '',
    '   ',
    '2',
    'in 2.5 weeks',
    'in 2-3 weeks',
    'sun 20 mar',
    '2 apr 27',
    '1/4/27',
    '31 dec 1899',
    '1 jan 2201',
    'in 200 years',
    'in 9999 years',
    'may',
    '2027',
    '2026-05',
    'next week',
    'the weekend',
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
    expect(failureOf(() => read('2026-03-11')).message).toBe("'2026-03-11' has passed: it was 2026-03-11");
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

describe('partial dates', () => {
  it.each([
    ['21 mar', '2026-03-21'],
    ['--06-14', '--06-14'],
    ['--02-29', '--02-29'],
    ['every 14 june', '--06-14'],
    ['14 jun every year', '--06-14'],
    ['2026-05', '2026-05'],
    ['may 2027', '2027-05'],
    ['in May', '2026-05'],
    ['sep', '2026-09'],
    ['oct', '2025-10'],
    ['2026', '2026'],
    ['next month', '2026-04'],
    ['next year', '2027'],
  ])('%s', (text, expected) => {
    expect(readPartial(text, { today: thursday, direction: 'nearest' })).toBe(expected);
  });

  it.each(['--02-30', '--13-01', '2026-13', '1899', '2201', 'maybe', 'every friday', '31 feb'])(
    '%s is refused',
    (text) => {
      expect(failureOf(() => readPartial(text, { today: thursday, direction: 'nearest' })).exit).toBe(
        'usage',
      );
    },
  );

  it('looks back for a loss', () => {
    expect(readPartial('oct', { today: thursday, direction: 'back' })).toBe('2025-10');
    expect(readPartial('mar', { today: thursday, direction: 'back' })).toBe('2026-03');
    expect(failureOf(() => readPartial('2027', { today: thursday, direction: 'back' })).exit).toBe('usage');
    expect(failureOf(() => readPartial('--02-02', { today: thursday, direction: 'back' })).exit).toBe(
      'usage',
    );
  });
});

describe('the fallback', () => {
  const loosely = (text: string) => readDateLoosely(text, { today: thursday, direction: 'forward' });

  it('marks what the grammar does not know as guessed', async () => {
    expect(await loosely('friday next week')).toEqual({ date: '2026-03-20', guessed: true });
    expect(await loosely('the first of may')).toEqual({ date: '2026-05-01', guessed: true });
    expect(await loosely('fri')).toEqual({ date: '2026-03-13', guessed: false });
  });

  it.each([
    '31 feb',
    '3/4',
    'yesterdayish',
    'next week',
    'friday week',
    'call me on friday',
    'at 10',
    '1 apr 2020',
  ])('does not guess at %s', async (text) => {
    await expect(loosely(text)).rejects.toMatchObject({ exit: 'usage' });
  });
});
