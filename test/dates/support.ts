import fc from 'fast-check';
import { type CivilDate, fromDayNumber, readCivilDate, toDayNumber } from '../../src/dates/civil.ts';
import { Failure } from '../../src/errors.ts';

/** A date literal that has to exist. */
export function day(text: string): CivilDate {
  const date = readCivilDate(text);
  if (date === undefined) throw new Error(`no such day in a test: ${text}`);
  return date;
}

export const anyDate = (from = '1901-01-01', to = '2199-12-31'): fc.Arbitrary<CivilDate> =>
  fc.integer({ min: toDayNumber(day(from)), max: toDayNumber(day(to)) }).map(fromDayNumber);

/** The failure that a call ends in; anything else that it throws, or no throw at all, is a failed test. */
export function failureOf(call: () => unknown): Failure {
  try {
    call();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** What a call returns, or undefined where it ends in a Failure; every other throw goes on. */
export function unlessFailure<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
