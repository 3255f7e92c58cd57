/**
 * FHIR's JSON as it is allowed in: each reader takes what it names and passes over all else, so that what is not
 * wanted is never held. What is wrong with a wanted value is told with its path.
 */
import { textLimit } from '../../domain/records.ts';
import { type Complain, textFault } from '../fields.ts';
import type { JsonReader } from '../json-reader.ts';

export type Read<T> = (reader: JsonReader, complain: Complain) => T | undefined;
export type Of<R> = R extends Read<infer T> ? T : never;

/** The same text in memory of its own: a piece of the document would keep all of it alive. */
const ownCopy = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1));

const isTidy = (text: string): boolean => !/^\s|\s$|\s\s|[^\S ]/u.test(text);

/** A text with something in it, without blanks around it. */
export const words: Read<string> = (reader, complain) => {
  const value = reader.scalar();
  if (value === null) return undefined;
  if (typeof value !== 'string') {
    complain('not a text');
    return undefined;
  }
  const text = isTidy(value) ? value : value.replace(/\s+/gu, ' ').trim();
  const fault = textFault(text, textLimit);
  if (fault !== undefined) complain(fault);
  return fault !== undefined || text === '' ? undefined : ownCopy(text);
};

export const truth: Read<boolean> = (reader, complain) => {
  const value = reader.scalar();
  if (typeof value === 'boolean') return value;
  if (value !== null) complain('not true or false');
  return undefined;
};

/** Whether the key is there at all. */
export const presence: Read<true> = (reader) => {
  reader.skip();
  return true;
};

const longestList = 10_000;

/** Items that say nothing are left out. */
export const listOf =
  <T>(item: Read<T>): Read<readonly T[]> =>
  (reader, complain) => {
    if (reader.peek() !== '[') {
      if (reader.scalar() !== null) complain('not a list');
      return undefined;
    }
    const items: T[] = [];
    reader.list((index) => {
      if (index === longestList) complain(`more than ${longestList} items`);
      if (index >= longestList) return reader.skip();
      const value = item(reader, (what, below = '') => complain(what, `[${index}]${below}`));
      if (value !== undefined) items.push(value);
    });
    return items;
  };

/** An object's named parts; others are passed over, and one that is given twice is told. */
export const shape =
  <P extends Readonly<Record<string, Read<unknown>>>>(
    parts: P,
  ): Read<{ readonly [K in keyof P]?: Of<P[K]> | undefined }> =>
  (reader, complain) => {
    if (reader.peek() !== '{') {
      if (reader.scalar() !== null) complain('not an object');
      return undefined;
    }
    const values: Record<string, unknown> = {};
    reader.object((key) => {
      const part = Object.hasOwn(parts, key) ? parts[key] : undefined;
      if (part === undefined) return reader.skip();
      if (Object.hasOwn(values, key)) {
        complain('given twice', `.${key}`);
        return reader.skip();
      }
      values[key] = part(reader, (what, below = '') => complain(what, `.${key}${below}`));
    });
    // Each value came from the reader of its own key.
    return values as { readonly [K in keyof P]?: Of<P[K]> | undefined };
  };
