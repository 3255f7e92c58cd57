/** Values that a test writes as text, and what calls end in. */
import fc from 'fast-check';
import {
  addDays,
  type CivilDate,
  daysBetween,
  type PartialDate,
  readCivilDate,
  readPartialDate,
  readTimeOfDay,
  type TimeOfDay,
} from '../../src/dates/civil.ts';
import { Failure } from '../../src/errors.ts';

const sure = <T>(value: T | undefined, text: string): T => {
  if (value === undefined) throw new Error(`'${text}' is nothing of the kind`);
  return value;
};
export const day = (text: string): CivilDate => sure(readCivilDate(text), text);
export const partial = (text: string): PartialDate => sure(readPartialDate(text), text);
export const time = (text: string): TimeOfDay => sure(readTimeOfDay(text), text);

export const anyDate = (from = '1901-01-01', to = '2199-12-31'): fc.Arbitrary<CivilDate> =>
  fc.integer({ min: 0, max: daysBetween(day(from), day(to)) }).map((days) => addDays(day(from), days));

export const anyTime: fc.Arbitrary<TimeOfDay> = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([hour, minute]) => time([hour, minute].map((part) => String(part).padStart(2, '0')).join(':')));

/** What a call returns, or undefined where it ends in a Failure; every other throw goes on. */
export function unlessFailure<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

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
