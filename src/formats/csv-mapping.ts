/** `--map FIELD=COLUMN[+COLUMN]` maps columns of a CSV list to patient fields; `--map-name` saves that as a setting. */
import * as v from 'valibot';
import { nearestWord } from '../domain/patient-names.ts';
import { usage } from '../errors.ts';
import { readEncoding } from './bytes.ts';

export const csvFields = [
  'name',
  'goes_by',
  'say',
  'pronouns',
  'language',
  'birth_date',
  'first_met',
  'died_on',
  'aliases',
  'handle',
  'id',
] as const;
export type CsvField = (typeof csvFields)[number];

export interface Mapping {
  readonly field: CsvField;
  /** As typed: columns joined by '+', or one column with a '+' in its name. */
  readonly columns: string;
}

const plainName = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** A hint, for a word that is none of them. */
function nearest(word: string, candidates: readonly string[]): readonly string[] {
  const plain = plainName(word);
  const known = new Map(candidates.map((candidate) => [plainName(candidate), candidate]));
  const part = [...known.keys()].find((other) => plain !== '' && other.includes(plain));
  const near = known.get(part ?? nearestWord(plain, [...known.keys()]) ?? '');
  return near ? [`did you mean ${near}?`] : [];
}

export function readMappings(values: readonly string[]): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const value of values) {
    const [left = '', ...right] = value.split('=');
    const name = left.trim().toLowerCase().replaceAll('-', '_');
    const field = csvFields.find((candidate) => candidate === name);
    const columns = right.join('=').trim();
    if (field === undefined)
      throw usage(
        `--map: '${left.trim()}' is not a field`,
        ...nearest(left, csvFields),
        `fields: ${csvFields.join(', ')}`,
      );
    if (columns === '') throw usage(`--map ${field}: which column?`, `write --map ${field}=COLUMN`);
    if (mappings.some((mapping) => mapping.field === field))
      throw usage(`--map ${field} is given twice`, `join columns with +, as in --map name=FIRST+LAST`);
    mappings.push({ field, columns });
  }
  return mappings;
}

// Names of columns that are never kept, as letters and digits only.
const neverKept =
  /^(?:ssn|.*socialsecurity.*|.*passports?(?:no|number|num)?|drivers?(?:licen[cs]e)?(?:no|number|num)?|licen[cs]e(?:no|number|num)?|(?:nhs|medicare|medicaid|insurance|national|tax|fiscal|government|gov|personal)(?:id|no|number|num|identifier)|nin|nif|nie|dni|cpf|curp|mrn|street.*|.*address.*|zip(?:code)?|post(?:al)?code)$/s;

const listing = (header: readonly string[]): string => {
  const names = header.filter((name) => name.trim() !== '');
  return `columns: ${names.slice(0, 60).join(', ')}${names.length > 60 ? ', …' : ''}`;
};

export function placeMappings(mappings: readonly Mapping[], header: readonly string[]) {
  if (!mappings.some(({ field }) => field === 'name') && !mappings.some(({ field }) => field === 'id'))
    throw usage(
      'which column is the name?',
      'say --map name=COLUMN, or --map name=FIRST+LAST',
      listing(header),
    );
  const find = (name: string): readonly number[] => {
    const exact = header.flatMap((column, at) => (column.trim() === name ? [at] : []));
    if (exact.length > 0) return exact;
    return header.flatMap((column, at) =>
      plainName(column) === plainName(name) && plainName(name) !== '' ? [at] : [],
    );
  };
  return mappings.map(({ field, columns }) => {
    const whole = find(columns);
    const names = whole.length > 0 ? [columns] : columns.split('+').map((name) => name.trim());
    const at = names.map((name) => {
      const [place, another] = find(name);
      if (place === undefined)
        throw usage(`--map ${field}: no column '${name}'`, ...nearest(name, header), listing(header));
      if (another !== undefined)
        throw usage(`--map ${field}: there are several columns '${name}'`, listing(header));
      if (neverKept.test(plainName(name)))
        throw usage(
          `--map ${field}: column '${name}' holds what rapport does not keep`,
          'government numbers and addresses belong in the chart',
        );
      return place;
    });
    return { field, at };
  });
}

export const separators: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
};

export function readSeparator(value: string): string {
  const name = value.toLowerCase();
  const mark = Object.hasOwn(separators, name) ? separators[name] : value === '\\t' ? '\t' : value;
  if (mark === undefined || mark.length !== 1 || /[\p{L}\p{N}"\r\n]/u.test(mark))
    throw usage(
      `--separator: '${value.slice(0, 20)}' is not a separator`,
      `use ${Object.keys(separators).join(', ')} or the character itself`,
    );
  return mark;
}

/** How a clinic's list is read: values as typed, and nothing of the file but names of its columns. */
const listHabits = v.object({
  map: v.pipe(v.array(v.string()), v.readonly()),
  separator: v.optional(v.pipe(v.string(), v.transform(readSeparator))),
  encoding: v.optional(v.pipe(v.string(), v.transform(readEncoding))),
});
export type ListHabits = Readonly<v.InferOutput<typeof listHabits>>;

/** The setting in which an import remembers a list. */
export function mapSetting(name: string): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(name))
    throw usage(
      `--map-name: '${name.slice(0, 40)}' is not a name`,
      'use small letters, digits, - and _, 40 at most',
    );
  return `csv.map.${name}`;
}

/** @throws usage for a setting that is absent, or was edited by hand and can't be read */
export function readHabits(value: string | undefined, setting: string): ListHabits {
  const name = setting.replace('csv.map.', '');
  if (value === undefined)
    throw usage(
      `--map-name: no mapping '${name}' is remembered`,
      `say it once: rapport import … --map-name ${name} --map name=COLUMN`,
    );
  try {
    return v.parse(listHabits, JSON.parse(value));
  } catch {
    throw usage(
      `the setting ${setting} can't be read`,
      `rapport config ${setting} --unset, and say --map again`,
    );
  }
}
