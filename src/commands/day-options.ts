/** Options that hold a day or a time: read before the vault is opened, so that a slip asks for no passphrase. */
import type { WorkCalendar } from '../dates/business-days.ts';
import { type CivilDate, readTimeOfDay, type TimeOfDay } from '../dates/civil.ts';
import { type Direction, readDate } from '../dates/grammar.ts';
import { usage } from '../errors.ts';
import type { RawInput } from './command.ts';

/** The day that an option names, or undefined where it was left out. @throws usage */
export function dayOption(raw: RawInput, name: string, direction: Direction): CivilDate | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  return readDate(text, { ...raw.reading, today: raw.reading.today(), direction });
}

/** A day that is read again with the vault's own calendar once that is open: '3 business days ago' rests on it. */
export type AskedDay = (calendar?: WorkCalendar) => CivilDate;

/** As dayOption, for a day that closed days may shift. @throws usage */
export function askedDay(raw: RawInput, name: string, direction: Direction): AskedDay | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  const { today, dateStyle, weekStart } = raw.reading;
  const read: AskedDay = (calendar) =>
    readDate(text, { today: today(), direction, dateStyle, weekStart, calendar });
  read();
  return read;
}

/** A time of day as an option names it. @throws usage */
export function timeOption(raw: RawInput, name: string): TimeOfDay | undefined {
  const text = raw.option(name);
  if (text === undefined) return undefined;
  const time = readTimeOfDay(text);
  if (time === undefined) throw usage(`'${text.slice(0, 40)}' is not a time of day`, 'write 14:40');
  return time;
}
