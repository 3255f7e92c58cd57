/**
 * What the fields of records are made of: each reads one value of a file strictly, says what is wrong with it, and
 * knows what it is where nothing was said. Trap: only a single short token is quoted back.
 */
import * as v from 'valibot';
import {
  type CivilDate,
  lazy,
  type PartialDate,
  readCivilDate,
  readPartialDate,
  readTimeOfDay,
} from '../dates/civil.ts';

/** Says what is wrong; `below` leads on from where it is, such as '[2].to'. */
export type Complain = (what: string, below?: string) => void;

export const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_:/.+-]{1,40}$/.test(value);

export function quoted(value: unknown): string {
  if (typeof value === 'string') return isToken(value) ? `"${value}" is ` : '';
  return typeof value === 'number' || typeof value === 'boolean' ? `${value} is ` : '';
}

const wrongValue = (value: unknown, meaning: string): string =>
  value === null ? "can't be null" : `${quoted(value)}not ${meaning}`;

const loneSurrogate = /[\ud800-\udfff]/u;

export function textFault(text: string, limit: number): string | undefined {
  if (text.length > limit) return `longer than ${limit.toLocaleString('en')} characters`;
  return loneSurrogate.test(text) ? 'not valid Unicode text' : undefined;
}

/** How long a text may be, in characters; more belongs in the chart or in several notes. */
export const textLimit = 10_000;
export const nameLimit = 200;
const longestList = 1000;

const not =
  (meaning: string) =>
  ({ input }: { readonly input: unknown }): string =>
    wrongValue(input, meaning);

/** How a field is stored in its column: as it is, as 0 or 1, or as JSON. */
export type ColumnKind = 'plain' | 'flag' | 'json';

/** A field without a default: a new record needs it, and null never clears it. */
interface Field<out T> {
  readonly column: ColumnKind;
  /** Of a free text, or of the texts in a list: how long it may be. */
  readonly limit?: number;
  /** A program gave that text: it is no words. */
  readonly isCode?: boolean;
  /** Of an item, or of the items in a list. */
  readonly fields?: Entries;
  readonly granted?: T;
  /** Built when it is first asked for: most commands read no file. */
  readonly schema: () => v.GenericSchema<unknown, T>;
}
interface Granted<out T> extends Field<T> {
  readonly granted: T;
}

const field = <T>(make: () => v.GenericSchema<unknown, T>, column: ColumnKind = 'plain'): Field<T> => ({
  column,
  schema: lazy(make),
});
const orElse = <T>(known: Field<T>, granted: NoInfer<T>): Granted<T> => ({ ...known, granted });

const hasWords = (said: string): boolean => said.trim() !== '';
const anyText = (limit: number) =>
  v.pipe(
    v.string(({ input }) => (input === null ? "can't be null" : 'not a text')),
    v.maxLength(limit, ({ input }) => textFault(input, limit) ?? ''),
    v.check(
      (said) => textFault(said, limit) === undefined,
      ({ input }) => textFault(input, limit) ?? '',
    ),
  );
export const text = (limit: number): Field<string> => ({
  ...field(() => v.pipe(anyText(limit), v.check(hasWords, 'empty'))),
  limit,
});
export const maybeText = (limit: number): Granted<string | null> =>
  maybe({
    ...field(() =>
      v.pipe(
        anyText(limit),
        v.transform((said) => (hasWords(said) ? said : null)),
      ),
    ),
    limit,
  });
export const code = <F extends Field<unknown>>(known: F): F => ({ ...known, isCode: true });

/** Read by a function that gives undefined where the text is none. */
const readBy = <T extends string>(meaning: string, read: (text: string) => T | undefined): Field<T> =>
  field(() =>
    v.pipe(
      v.unknown(),
      v.rawTransform(({ dataset: { value }, addIssue, NEVER }): T => {
        const known = typeof value === 'string' ? read(value) : undefined;
        if (known === undefined) addIssue({ message: wrongValue(value, meaning) });
        return known ?? NEVER;
      }),
    ),
  );
export const matching = (meaning: string, isRight: (text: string) => boolean): Field<string> =>
  readBy(meaning, (said) => (isRight(said) ? said : undefined));
export const oneOf = <const T extends string>(values: readonly T[]): Field<T> =>
  field(() => v.picklist(values, not(`one of ${values.join(', ')}`)));
export const wholeNumber = (least: number, most: number): Field<number> =>
  field(() => {
    const wrong = not(`a whole number from ${least} to ${most}`);
    return v.pipe(v.number(wrong), v.integer(wrong), v.minValue(least, wrong), v.maxValue(most, wrong));
  });
export const flag = orElse<boolean>(
  field(() => v.boolean(not('true or false')), 'flag'),
  false,
);

export const maybe = <T>(known: Field<T>): Granted<T | null> => orElse<T | null>(known, null);
export const usually = <const T extends string>(values: readonly T[], granted: NoInfer<T>): Granted<T> =>
  orElse(oneOf(values), granted);

export function isSameItem(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return left === right;
  const other = new Map<string, unknown>(Object.entries(right));
  const own = Object.entries(left);
  return own.length === other.size && own.every(([key, value]) => other.get(key) === value);
}

const isSameList = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((one) => right.some((other) => isSameItem(one, other)));

/** What of the fields given a record has otherwise; lists are the same in any order. */
export const differing = <F extends object>(
  given: F,
  record: Readonly<Partial<Record<keyof F, unknown>>>,
): F =>
  Object.fromEntries(
    Object.entries(given).filter(([field, value]) => {
      const own = record[field as keyof F];
      return Array.isArray(own) && Array.isArray(value) ? !isSameList(own, value) : own !== value;
    }),
  ) as F;

/** A list that has to be there; of items that say the same one is kept. */
export const items = <T>({ granted: _, ...item }: Field<T>): Field<readonly T[]> => ({
  ...item,
  ...field(
    () =>
      v.pipe(
        v.array(item.schema(), ({ input }) => (input === null ? "can't be null" : 'not a list')),
        v.maxLength(longestList, `more than ${longestList} items`),
        v.transform((list) =>
          list.filter((one, at) => list.findIndex((other) => isSameItem(one, other)) === at),
        ),
      ),
    'json',
  ),
});
/** One for all: long lists have many of them. */
const none: readonly never[] = [];
export const listOf = <T>(item: Field<T>): Granted<readonly T[]> => orElse(items(item), none);

export type Entries = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer T> ? T : never;
export type Values<E extends Entries> = { readonly [K in keyof E]: ValueOf<E[K]> };
export type GrantedName<E extends Entries> = {
  [K in keyof E]: E[K] extends { readonly granted: unknown } ? K : never;
}[keyof E];

/** The schema of a field as a whole: null where that clears it, and its default. */
export const wholeSchema = ({ schema, granted }: Field<unknown>): v.GenericSchema =>
  granted === undefined ? schema() : v.optional(granted === null ? v.nullable(schema()) : schema(), granted);

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const item = <E extends Entries>(entries: E): Field<Values<E>> => ({
  fields: entries,
  ...field(() => {
    const schemas = Object.entries(entries).map(([name, one]) => [name, wholeSchema(one)] as const);
    return v.pipe(
      v.unknown(),
      v.check(isObject, 'not an object'),
      v.strictObject(Object.fromEntries(schemas), ({ expected }) =>
        expected === 'never' ? 'unknown field' : 'missing',
      ),
    ) as unknown as v.GenericSchema<unknown, Values<E>>;
  }, 'json'),
});

export const isId = (said: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(said);
export const idMeaning = 'an id (A-Z, a-z, 0-9, _ and -, 64 at most)';
/** Letters and digits of any script, then also marks, '.', '_' and '-'; lower case; 40 at most. */
export const isHandle = (said: string): boolean =>
  /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,39}$/u.test(said) && said === said.toLowerCase();
export const id = matching(idMeaning, isId);
/** '1 month', '2 weeks'. */
export const interval = matching('an interval such as "1 month" or "2 weeks"', (said) =>
  /^(?:1 (?:day|week|month|year)|(?:[2-9]|[1-9]\d{1,2}) (?:day|week|month|year)s)$/.test(said),
);
export const day = readBy<CivilDate>('a date', readCivilDate);
/** A year, a month, a day, or a day of every year. */
export const anyDate = readBy<PartialDate>('a date', readPartialDate);
export const pastDate = readBy<PartialDate>('a date', (said) =>
  said.startsWith('--') ? undefined : readPartialDate(said),
);
export const time = readBy('a time of day (HH:MM)', readTimeOfDay);

/** What the fields are that need not be said. */
export const grantedOf = <const E extends Entries>(entries: E): Pick<Values<E>, GrantedName<E>> =>
  Object.fromEntries(
    Object.entries(entries).flatMap(([name, { granted }]) =>
      granted === undefined ? [] : [[name, granted]],
    ),
  ) as Pick<Values<E>, GrantedName<E>>;

type ReadText = (text: string, field: Field<unknown>, name: string) => string | null;

function readIn(field: Field<unknown> | undefined, value: unknown, read: ReadText, name: string): unknown {
  if (field === undefined) return value;
  if (typeof value === 'string') return field.limit === undefined ? value : read(value, field, name);
  if (Array.isArray(value))
    return value.map((one) => readIn(field, one, read, name)).filter((one) => one !== null);
  if (field.fields === undefined || !isObject(value)) return value;
  const { fields } = field;
  const made = withTexts(fields, value, read);
  const isWhole = Object.entries(made).every(([name, one]) => one !== null || fields[name]?.granted === null);
  return isWhole ? made : null;
}

/** The same with all its texts, those in its lists too, read otherwise. @param read null takes the text out */
export const withTexts = <R extends object>(entries: Entries, record: R, read: ReadText): R =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, readIn(entries[name], value, read, name)]),
  ) as R;

const firstFault = { abortEarly: true, abortPipeEarly: true };

export const placeOf = ({ path }: v.BaseIssue<unknown>): string =>
  (path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : isToken(key) ? `.${key}` : ''))
    .join('');

/**
 * Reads a record's fields in place, as a file gives them, so that a long file is not in memory twice. Null clears what has
 * a default; a name that is no field's is a fault. Undefined where there is a fault.
 */
export function readFields<const E extends Entries>(
  entries: E,
  given: unknown,
  complain: Complain,
): { readonly [K in keyof E]?: Values<E>[K] | null } | undefined {
  if (!isObject(given)) {
    complain('not an object');
    return undefined;
  }
  const fields = given as Record<string, unknown>;
  let isGood = true;
  const wrong: Complain = (what, below) => {
    isGood = false;
    complain(what, below);
  };
  for (const key of Object.keys(fields)) {
    const known = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (known === undefined) wrong('unknown field', isToken(key) ? `.${key}` : '');
    else if (fields[key] !== null || known.granted === undefined) {
      const { issues, output } = v.safeParse(known.schema(), fields[key], firstFault);
      if (issues === undefined) fields[key] = output;
      else wrong(issues[0].message, `.${key}${placeOf(issues[0])}`);
    }
  }
  return isGood ? (given as { [K in keyof E]?: Values<E>[K] | null }) : undefined;
}
