/** Closed days from lines and from .ics files: what is read, what is named as bad, and that every file comes to an end. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../src/dates/civil.ts';
import { readHolidays } from '../../src/formats/holidays.ts';
import { anyDate, day } from '../support/values.ts';

const today = day('2026-03-12');
const compact = (date: string): string => date.replaceAll('-', '');
const calendarOf = (...events: readonly (readonly string[])[]): string =>
  [
    'BEGIN:VCALENDAR',
    ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
    'END:VCALENDAR',
    '',
  ].join('\r\n');
const allDay = (date: string): string => `DTSTART;VALUE=DATE:${compact(date)}`;
const daysOf = async (...events: readonly (readonly string[])[]): Promise<readonly string[]> =>
  (await readHolidays(calendarOf(...events), today)).days.map(({ on }) => on);

describe('closed days in lines', () => {
  it('are read back as they were written, whatever stands between', async () => {
    const name = fc
      .stringMatching(/^[\p{L}][\p{L}\p{N} '’.-]{0,40}$/u)
      .map((text) => text.trim())
      .filter((text) => text !== '');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(anyDate(), name), { selector: ([on]) => on, maxLength: 20 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom(' ', '\t', ', ', ' ; '),
        async (days, end, gap) => {
          const lines = days.flatMap(([on, text]) => ['# remark', '', `${on}${gap}${text}  # why`]);
          const file = await readHolidays(lines.join(end), today);
          expect(file.faults).toEqual([]);
          expect(file.days).toEqual(
            days
              .map(([on, text]) => ({ on, name: text }))
              .toSorted((left, right) => (left.on < right.on ? -1 : 1)),
          );
        },
      ),
    );
  });

  it('name each bad line by its number and never its text, and keep the rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(anyDate(), fc.constantFrom('secret of hers', '2026-02-30', '26 dec', '1899-01-01')),
          {
            maxLength: 12,
          },
        ),
        async (lines) => {
          const { days, faults } = await readHolidays(lines.join('\n'), today);
          const bad = lines.flatMap((line, place) =>
            /^(?:secret|2026-02-30|26 |1899)/.test(line) ? [place + 1] : [],
          );
          expect(faults.map(({ line }) => line)).toEqual(bad);
          expect(JSON.stringify(faults)).not.toContain('secret');
          expect(days.length).toBe(
            new Set(lines.filter((line) => !/^(?:secret|2026-02-30|26 |1899)/.test(line))).size,
          );
        },
      ),
    );
  });
});

describe('closed days in an .ics file', () => {
  it('take every day of an event, its end left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDate('1950-01-01', '2150-01-01'),
        fc.integer({ min: 1, max: 40 }),
        async (start, length) => {
          const found = await daysOf([allDay(start), `DTEND;VALUE=DATE:${compact(addDays(start, length))}`]);
          expect(found).toEqual(Array.from({ length }, (_, place) => addDays(start, place)));
          expect(await daysOf([allDay(start), `DURATION:P${length}D`])).toEqual(found);
        },
      ),
      { numRuns: 40 },
    );
  });

  // Each of these has no end in the library, or a wrong one.
  it.each([
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31',
    'FREQ=DAILY;INTERVAL=7;BYDAY=MO',
    'FREQ=SECONDLY',
    'FREQ=HOURLY;BYHOUR=25',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4',
    'FREQ=YEARLY;BYYEARDAY=400',
  ])('come to an end with %s', async (rule) => {
    const file = await readHolidays(
      calendarOf([allDay('2026-01-01'), `RRULE:${rule}`], [allDay('2026-05-01')]),
      today,
    );
    expect(file.days.map(({ on }) => on)).toContain('2026-05-01');
    expect(file.days.some(({ on }) => on.slice(5) === '03-02')).toBe(false);
  });

  const inputs = fileURLToPath(new URL('../../../shared/inputs/ics/', import.meta.url));
  it.runIf(existsSync(inputs))('are found in calendars that others wrote', async () => {
    const found = await Promise.all(
      readdirSync(inputs).map(async (name) => {
        const { days, leftOut, faults } = await readHolidays(readFileSync(`${inputs}${name}`, 'utf8'), today);
        return [name, [days.length, leftOut, faults.length]] as const;
      }),
    );
    const counts = Object.fromEntries(found);
    expect(counts['blank_line_mid.ics']).toEqual([0, 0, 0]);
    expect(counts['minimal.ics']).toEqual([0, 1, 0]);
    expect(counts['timezone_from_file.ics']).toEqual([0, 1, 0]);
    expect(counts['google_birthday.ics']?.[2]).toBe(0);
    expect(counts['google_birthday.ics']?.[0]).toBeGreaterThan(0);
    // Every weekday for two years.
    expect(counts['day_long_recur_yearly.ics']?.[0]).toBeGreaterThan(500);
  });
});
