/**
 * Closed days from a file: ISO lines ('2026-12-25 Christmas', remarks behind '#') or an .ics calendar. What can't be
 * read is named by its line, and the rest is kept: whoever asked decides whether that will do.
 */
import { type CivilDate, firstYear, lastYear, readCivilDate } from '../dates/civil.ts';
import { nameLimit } from '../domain/records.ts';
import { guessFormat } from './guess.ts';
import { type HolidayDay, type HolidayFile, mergeDays } from './holiday-days.ts';

export type { HolidayDay, HolidayFault, HolidayFile } from './holiday-days.ts';

const noDate = 'no date at its beginning: write 2026-12-25 Christmas';

function readLine(line: string): HolidayDay | string | undefined {
  const text = line.replace(/(?:^|\s)#.*$/s, '').trim();
  if (text === '') return undefined;
  const [, date, name = ''] = /^(\d[\d-]*)[\s,;]*(.*)$/u.exec(text) ?? [];
  if (date === undefined) return noDate;
  const on = readCivilDate(date);
  if (on === undefined)
    return /^\d{4}-\d{2}-\d{2}$/.test(date)
      ? `'${date}' is not a date between ${firstYear} and ${lastYear}`
      : noDate;
  if (name.length > nameLimit) return `a name of ${name.length} characters; the limit is ${nameLimit}`;
  return { on, name: name.trim() === '' ? null : name.trim() };
}

function readLines(text: string): HolidayFile {
  const read = text.split(/\r\n|\n|\r/).map(readLine);
  return {
    days: mergeDays(read.filter((one) => typeof one === 'object')),
    faults: read.flatMap((one, place) => (typeof one === 'string' ? [{ line: place + 1, fault: one }] : [])),
    leftOut: 0,
  };
}

/** @param today recurrences are followed for two years from it */
export async function readHolidays(text: string, today: CivilDate): Promise<HolidayFile> {
  if (guessFormat(text) !== 'ics') return readLines(text);
  const { readIcsDays } = await import('./ics/days.ts');
  return readIcsDays(text, today);
}
