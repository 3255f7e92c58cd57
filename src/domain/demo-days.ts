/**
 * Records of the demonstration as so many days from today. What lies behind fell on working days, whatever today is;
 * today is today, and what lies ahead is as promised.
 */
import { addDays, addMonths, type CivilDate, weekdayOf } from '../dates/civil.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function around(today: CivilDate) {
  const day = (days: number): CivilDate => addDays(today, days);
  /** A Saturday or Sunday gone by becomes the Friday before. */
  const worked = (days: number): CivilDate =>
    days >= 0 ? day(days) : day(days - Math.max(0, weekdayOf(day(days)) - 5));
  const yearsAgo = (years: number): CivilDate => addMonths(today, -12 * years);
  const yearly = (days: number): string => `-${day(days).slice(4)}`;
  const note = (kind: string, recorded: number, text: string, more: Fields = {}): Fields => ({
    kind,
    text,
    recorded_on: worked(recorded),
    ...more,
  });
  const promise = (made: number, due: number | null, text: string, more: Fields = {}): Fields => ({
    text,
    owner: 'me',
    kind: 'other',
    made_on: worked(made),
    due: due === null ? null : worked(due),
    ...more,
  });
  const kept = (
    [made, due, closed]: readonly [made: number, due: number, closed: number],
    text: string,
    how: string | null = null,
    more: Fields = {},
  ): Fields =>
    promise(made, due, text, { status: 'kept', closed_on: worked(closed), how, who: 'me', ...more });
  const contact = (days: number, channel = 'visit', more: Fields = {}): Fields => ({
    on: worked(days),
    channel,
    state: 'held',
    ...more,
  });
  const visits = (...days: readonly number[]): readonly Fields[] => days.map((one) => contact(one));
  const planned = (days: number, at: string): Fields => contact(days, 'visit', { at, state: 'planned' });
  const called = (days: number): Fields => contact(days, 'call', { direction: 'out' });
  return { day, worked, yearsAgo, yearly, note, promise, kept, contact, visits, planned, called };
}
