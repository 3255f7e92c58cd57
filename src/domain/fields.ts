/**
 * What the fields of records are made of: each reads one value of a file strictly, says what is wrong with it, and knows
 * what it is where nothing was said. What is quoted back is a single short token, never a sentence of a patient's.
 */
import * as v from 'valibot';
import {
  type CivilDate,
  type PartialDate,
  readCivilDate,
  readPartialDate,
  readTimeOfDay,
} from '../dates/civil.ts';

/** Says what is wrong; `below` leads on from where it is, such as '[2].to'. */
export type Complain = (what: string, below?: string) => void;

export const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_:/.+-]{1,40}$/.test(value);

/** A value as it may be quoted: '"2026-13-01" is ', or nothing. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return isToken(value) ? `"${value}" is ` : '';
  return typeof value === 'number' || typeof value === 'boolean' ? `${value} is ` : '';
}

/** '"2026-13-01" is not a date'. */
export const wrongValue = (value: unknown, meaning: string): string =>
  value === null ? "can't be null" : `${quoted(value)}not ${meaning}`;

const loneSurrogate = /\p{Surrogate}/u;

/** What is wrong with a text, or undefined. */
export function textFault(text: string, limit: number): string | undefined {
  if (text.length > limit) return `longer than ${limit.toLocaleString('en')} characters`;
  return loneSurrogate.test(text) ? 'not valid Unicode text' : undefined;
}

/** How long a text may be, in characters; more belongs in the chart or in several notes. */
export const textLimit = 10_000;
export const nameLimit = 200;
const longestList = 1000;

/** What is wrong with a value that is not what it should be. */
const not =
  (meaning: string) =>
  ({ input }: { readonly input: unknown }): string =>
    wrongValue(input, meaning);

const hasWords = (text: string): boolean => text.trim() !== '';
const anyText = (limit: number) =>
  v.pipe(
    v.string(({ input }) => (input === null ? "can't be null" : 'not a text')),
    v.maxLength(limit, ({ input }) => textFault(input, limit) ?? ''),
    v.check(
      (text) => textFault(text, limit) === undefined,
      ({ input }) => textFault(input, limit) ?? '',
    ),
  );
export const text = (limit: number) => v.pipe(anyText(limit), v.check(hasWords, 'empty'));
/** Read by a function that gives undefined where the text is none. */
const readBy = <const T extends string>(meaning: string, read: (text: string) => T | undefined) =>
  v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }): T => {
      const known = typeof value === 'string' ? read(value) : undefined;
      if (known === undefined) addIssue({ message: wrongValue(value, meaning) });
      return known ?? NEVER;
    }),
  );
export const matching = (meaning: string, isRight: (text: string) => boolean) =>
  readBy<string>(meaning, (text) => (isRight(text) ? text : undefined));
export const oneOf = <const T extends readonly string[]>(values: T) =>
  v.picklist(values, not(`one of ${values.join(', ')}`));
export const wholeNumber = (least: number, most: number) => {
  const wrong = not(`a whole number from ${least} to ${most}`);
  return v.pipe(v.number(wrong), v.integer(wrong), v.minValue(least, wrong), v.maxValue(most, wrong));
};

/** May be left out, and is null then. */
export const maybe = <const S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema), null);
/** May be left out, and has a value of its own then. */
export const usually = <const T extends readonly string[]>(values: T, value: T[number]) =>
  v.optional(oneOf(values), value);
export const flag = v.optional(v.boolean(not('true or false')), false);
/** One that says nothing is null. */
export const maybeText = (limit: number) =>
  maybe(
    v.pipe(
      anyText(limit),
      v.transform((said) => (hasWords(said) ? said : null)),
    ),
  );

/** Whether two items of a list say the same. */
export function isSameItem(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right;
  const other = new Map<string, unknown>(Object.entries(right));
  const own = Object.entries(left);
  return own.length === other.size && own.every(([key, value]) => other.get(key) === value);
}

/** One for all: long lists have many of them. */
const none: readonly never[] = [];
/** A list that has to be there; of items that say the same one is kept. */
export const items = <const S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.array(item, ({ input }) => (input === null ? "can't be null" : 'not a list')),
    v.maxLength(longestList, `more than ${longestList} items`),
    v.transform((list) => list.filter((one, at) => list.findIndex((other) => isSameItem(one, other)) === at)),
    v.readonly(),
  );
export const listOf = <const S extends v.GenericSchema>(item: S) => v.optional(items(item), none);
export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const item = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.custom<object>(isObject, 'not an object'),
    v.strictObject(entries, ({ expected }) => (expected === 'never' ? 'unknown field' : 'missing')),
  );

export const isId = (text: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(text);
export const idMeaning = 'an id (A-Z, a-z, 0-9, _ and -, 64 at most)';
/** Letters and digits of any script, then also marks, '.', '_' and '-'; lower case; 40 at most. */
export const isHandle = (text: string): boolean =>
  /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,39}$/u.test(text) && text === text.toLowerCase();

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const id = matching(idMeaning, isId);
export const day = readBy<CivilDate>('a date', readCivilDate);
/** A year, a month, a day, or a day of every year. */
export const anyDate = readBy<PartialDate>('a date', readPartialDate);
export const pastDate = readBy<PartialDate>('a date', (text) =>
  text.startsWith('--') ? undefined : readPartialDate(text),
);
export const time = readBy('a time of day (HH:MM)', readTimeOfDay);

export type Entries = Readonly<Record<string, v.GenericSchema>>;
/** What the fields are once all is said or taken for granted. */
export type Values<E extends Entries> = { readonly [K in keyof E]: v.InferOutput<E[K]> };
/** Those that need not be said. */
export type Granted<E extends Entries> = {
  [K in keyof E]: E[K] extends { readonly type: 'optional' } ? K : never;
}[keyof E];

/** How a field stands in its column: as it is, as 0 or 1, or as JSON. */
export type ColumnKind = 'plain' | 'flag' | 'json';
export function columnKind(schema: v.GenericSchema): ColumnKind {
  if ('wrapped' in schema) return columnKind(schema.wrapped as v.GenericSchema);
  return schema.type === 'boolean' ? 'flag' : schema.type === 'array' ? 'json' : 'plain';
}

/** What the fields are that need not be said. */
export const defaultsOf = <const E extends Entries>(entries: E): Pick<Values<E>, Granted<E>> =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([field, schema]) =>
      schema.type === 'optional' ? [[field, v.getDefault(schema)]] : [],
    ),
  ) as Pick<Values<E>, Granted<E>>;

const firstFault = { abortEarly: true, abortPipeEarly: true };

/** Where in a field's value the fault is: '[2].to'. */
const placeOf = ({ path }: v.BaseIssue<unknown>): string =>
  (path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : isToken(key) ? `.${key}` : ''))
    .join('');

/**
 * Some of a record's fields, as a file gives them: null clears what has a default, other names than the fields' and
 * `others` are faults. Undefined where there is one.
 */
export function readFields<const E extends Entries>(
  entries: E,
  given: unknown,
  complain: Complain,
  others: readonly string[] = [],
): { readonly [K in keyof E]?: Values<E>[K] | null } | undefined {
  if (!isObject(given)) {
    complain('not an object');
    return undefined;
  }
  const fields: Record<string, unknown> = {};
  let isGood = true;
  const wrong: Complain = (what, below) => {
    isGood = false;
    complain(what, below);
  };
  for (const [key, value] of Object.entries(given)) {
    const schema = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (schema === undefined) {
      if (!others.includes(key)) wrong('unknown field', isToken(key) ? `.${key}` : '');
    } else if (value === null && schema.type === 'optional') fields[key] = null;
    else {
      const { issues, output } = v.safeParse(schema, value, firstFault);
      if (issues === undefined) fields[key] = output;
      else wrong(issues[0].message, `.${key}${placeOf(issues[0])}`);
    }
  }
  return isGood ? (fields as { [K in keyof E]?: Values<E>[K] | null }) : undefined;
}
