/**
 * The fallback for prompts: a piece that the grammar does not know goes to chrono-node, and what comes back is marked
 * as guessed, so that the prompt can say the date in full and ask. Nothing that runs without a person uses it.
 */
import { type CivilDate, readCivilDate } from './civil.ts';
import { contextOf, type DateOptions, dateReading, readDate } from './grammar.ts';
import { plainWords } from './vocabulary.ts';

export interface LooseDate {
  readonly date: CivilDate;
  /** True where chrono-node read it: ask before it is used. */
  readonly guessed: boolean;
}

/** Only a piece that chrono takes whole, as one day that it is sure of. */
async function guess(text: string, { today, direction }: DateOptions): Promise<CivilDate | undefined> {
  const { casual } = await import('chrono-node');
  // Noon, and fields instead of instants: no time zone can then shift the day.
  const [year, month, day] = today.split('-').map(Number);
  const reference = new Date(year ?? 0, (month ?? 1) - 1, day ?? 1, 12);
  const results = casual.parse(text, reference, { forwardDate: direction === 'forward' });
  const [result] = results;
  if (result === undefined || results.length > 1 || result.end || result.text.length !== text.length)
    return undefined;
  const { start } = result;
  const isDay = start.isCertain('day') || start.isCertain('weekday');
  if (!isDay || start.isCertain('hour')) return undefined;
  const two = (part: number | null): string => String(part ?? 0).padStart(2, '0');
  return readCivilDate(`${start.get('year')}-${two(start.get('month'))}-${two(start.get('day'))}`);
}

/**
 * As readDate, and for a text that is not of its forms the day that chrono-node makes of it, marked as guessed.
 * A date that does not exist, or that could mean two days, is never guessed at.
 * @throws usage
 */
export async function readDateLoosely(text: string, options: DateOptions): Promise<LooseDate> {
  if (dateReading(text, contextOf(options)) !== undefined)
    return { date: readDate(text, options), guessed: false };
  const date = await guess(plainWords(text).replace(/^the /, ''), options);
  const isAllowed =
    date !== undefined &&
    !(options.direction === 'forward' && date < options.today) &&
    !(options.direction === 'back' && date > options.today);
  if (!isAllowed) return { date: readDate(text, options), guessed: false };
  return { date, guessed: true };
}
