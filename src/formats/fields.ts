/**
 * Readers for the fields of a record: each takes one JSON value and gives the field's value, `null` where null clears
 * it, or undefined after saying what is wrong. What is quoted back is a single short token, never a sentence of a patient's.
 */
import {
  type CivilDate,
  type PartialDate,
  readCivilDate,
  readPartialDate,
  readTimeOfDay,
  type TimeOfDay,
} from '../dates/civil.ts';
import type { ImportIssues } from '../domain/import-issues.ts';
import type { Given } from '../domain/interchange.ts';
import type { Compound, JsonReader, Scalar } from './json-reader.ts';

/** Says what is wrong; `below` leads on from the field, such as '[2]'. */
export type Complain = (what: string, below?: string) => void;
export type FieldReader<T> = (reader: JsonReader, complain: Complain) => T | null | undefined;
export type Readers<F> = { readonly [K in keyof F]-?: FieldReader<F[K]> };

const token = /^[A-Za-z0-9_:/.+-]{1,40}$/;

/** A value as it may be quoted: '"2026-13-01" is ', or nothing. */
export function quoted(value: Scalar | Compound): string {
  if (typeof value === 'string') return token.test(value) ? `"${value}" is ` : '';
  return value === null || typeof value === 'object' ? '' : `${value} is `;
}

const loneSurrogate = /\p{Surrogate}/u;

/** What is wrong with a text, or undefined. */
export function textFault(text: string, limit: number): string | undefined {
  if (text.length > limit) return `longer than ${limit.toLocaleString('en')} characters`;
  return loneSurrogate.test(text) ? 'not valid Unicode text' : undefined;
}

function plain<T>(meaning: string, read: (value: Scalar) => T | undefined): FieldReader<T> {
  return (reader, complain) => {
    const value = reader.scalar();
    const known = value === null || typeof value === 'object' ? undefined : read(value);
    if (known === undefined) complain(value === null ? "can't be null" : `${quoted(value)}not ${meaning}`);
    return known;
  };
}

/** The same field where null clears it. */
export const clearable =
  <T>(field: FieldReader<T>): FieldReader<T> =>
  (reader, complain) => {
    if (reader.peek() !== 'n') return field(reader, complain);
    reader.scalar();
    return null;
  };

/** A text with something in it; where blanks clear, they and null give null. */
function textOf(limit: number, blanksClear: boolean): FieldReader<string> {
  return (reader, complain) => {
    const value = reader.scalar();
    if (blanksClear && (value === null || (typeof value === 'string' && value.trim() === ''))) return null;
    if (typeof value !== 'string') complain(value === null ? "can't be null" : 'not a text');
    else {
      const fault = value.trim() === '' ? 'empty' : textFault(value, limit);
      if (fault === undefined) return value;
      complain(fault);
    }
    return undefined;
  };
}

export const text = (limit: number): FieldReader<string> => textOf(limit, false);
export const clearableText = (limit: number): FieldReader<string> => textOf(limit, true);

export const truth: FieldReader<boolean> = plain('true or false', (value) =>
  typeof value === 'boolean' ? value : undefined,
);

export const wholeNumber = (least: number, most: number): FieldReader<number> =>
  plain(`a whole number from ${least} to ${most}`, (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : undefined,
  );

export const oneOf = <const T extends string>(values: readonly T[]): FieldReader<T> =>
  plain(`one of ${values.join(', ')}`, (value) => values.find((candidate) => candidate === value));

export const matching = (meaning: string, isRight: (value: string) => boolean): FieldReader<string> =>
  plain(meaning, (value) => (typeof value === 'string' && isRight(value) ? value : undefined));

export const idPattern = /^[A-Za-z0-9_-]{1,64}$/;
export const id: FieldReader<string> = matching('an id (A-Z, a-z, 0-9, _ and -, 64 at most)', (value) =>
  idPattern.test(value),
);

const readText =
  <T>(read: (text: string) => T | undefined) =>
  (value: Scalar): T | undefined =>
    typeof value === 'string' ? read(value) : undefined;

export const date: FieldReader<CivilDate> = plain('a date', readText(readCivilDate));
/** A year, a month or a day; also '--MM-DD'. */
export const anyDate: FieldReader<PartialDate> = plain('a date', readText(readPartialDate));
export const datedDate: FieldReader<PartialDate> = plain(
  'a date',
  readText((value) => (value.startsWith('--') ? undefined : readPartialDate(value))),
);
export const timeOfDay: FieldReader<TimeOfDay> = plain('a time of day (HH:MM)', readText(readTimeOfDay));

const isListNext = (reader: JsonReader, complain: Complain): boolean => {
  if (reader.peek() === '[') return true;
  complain(reader.scalar() === null ? "can't be null" : 'not a list');
  return false;
};

const longestList = 1000;

/** A list of such values, a thousand at most; one bad item makes the list bad. Items are alike where `same` says so: then one is kept. */
export const listOf =
  <T>(item: FieldReader<T>, same: (left: T, right: T) => boolean = Object.is): FieldReader<readonly T[]> =>
  (reader, complain) => {
    if (!isListNext(reader, complain)) return undefined;
    const items: T[] = [];
    let isGood = true;
    reader.list((index) => {
      if (index >= longestList) {
        if (index === longestList) complain(`more than ${longestList} items`);
        isGood = false;
        reader.skip();
        return;
      }
      const value = item(reader, (what, below = '') => complain(what, `[${index}]${below}`));
      if (value === undefined || value === null) isGood = false;
      else if (!items.some((known) => same(known, value))) items.push(value);
    });
    return isGood ? items : undefined;
  };

/** Reads an object by its readers. Unknown and repeated keys are faults. `others` read keys that are not fields. */
export function readObject<F>(
  reader: JsonReader,
  readers: Readers<F>,
  complain: Complain,
  others: Readonly<Record<string, () => void>> = {},
): Given<F> | undefined {
  if (reader.peek() !== '{') {
    reader.skip();
    complain('not an object');
    return undefined;
  }
  const fields: Record<string, unknown> = {};
  const seen = new Set<string>();
  let isGood = true;
  const wrong: Complain = (what, below) => {
    isGood = false;
    complain(what, below);
  };
  reader.object((key) => {
    const isField = Object.hasOwn(readers, key);
    const other = Object.hasOwn(others, key) ? others[key] : undefined;
    if (seen.has(key)) {
      wrong('given twice', `.${key}`);
      reader.skip();
    } else if (isField) {
      seen.add(key);
      const value = readers[key as keyof F](reader, (what, below = '') => wrong(what, `.${key}${below}`));
      if (value !== undefined) fields[key] = value;
    } else if (other) {
      seen.add(key);
      other();
    } else {
      wrong('unknown field', token.test(key) ? `.${key}` : '');
      reader.skip();
    }
  });
  return isGood ? (fields as Given<F>) : undefined;
}

/** An object as the value of a field, such as one snooze. All of `required` must be there. */
export const objectOf =
  <F>(
    readers: Readers<F>,
    required: readonly (keyof F & string)[],
    finish: (given: Given<F>) => F,
  ): FieldReader<F> =>
  (reader, complain) => {
    const given = readObject(reader, readers, complain);
    if (given === undefined) return undefined;
    const missing = required.filter((key) => given[key] === undefined);
    for (const key of missing) complain('missing', `.${key}`);
    return missing.length === 0 ? finish(given) : undefined;
  };

/** Reads a list of records, each at its own path; a bad one is told and left out. */
export function readEach(
  reader: JsonReader,
  path: string,
  faults: ImportIssues,
  read: (path: string) => void,
): void {
  if (isListNext(reader, (what) => faults.add(path, what))) reader.list((index) => read(`${path}[${index}]`));
}
