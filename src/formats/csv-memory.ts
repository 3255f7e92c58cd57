/**
 * How a clinic's list is read, remembered under a name (`--map-name clinic`) among the settings: its columns, separator
 * and encoding. Names of columns are all it holds of the file.
 */
import { usage } from '../errors.ts';

export interface ListHabits {
  /** Values of --map, as typed. */
  readonly map: readonly string[];
  readonly separator?: string | undefined;
  readonly encoding?: string | undefined;
}

/** The setting that a mapping is kept in. @throws usage for a name that can't be one */
export function mapSetting(name: string): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,39}$/.test(name))
    throw usage(
      `--map-name: '${name.slice(0, 40)}' is not a name`,
      'use small letters, digits, - and _, 40 at most',
    );
  return `csv.map.${name}`;
}

export const writeHabits = ({ map, separator, encoding }: ListHabits): string =>
  JSON.stringify({ map, ...(separator && { separator }), ...(encoding && { encoding }) });

const isText = (value: unknown): value is string => typeof value === 'string';

/** @throws usage where the setting was spoilt by hand */
export function readHabits(value: string, setting: string): ListHabits {
  let read: unknown;
  try {
    read = JSON.parse(value);
  } catch {
    read = undefined;
  }
  const { map, separator, encoding } = (typeof read === 'object' && read !== null ? read : {}) as Partial<
    Record<keyof ListHabits, unknown>
  >;
  if (!Array.isArray(map) || !map.every(isText))
    throw usage(
      `the setting ${setting} can't be read`,
      `rapport config ${setting} --unset, and say --map again`,
    );
  return {
    map,
    ...(isText(separator) ? { separator } : {}),
    ...(isText(encoding) ? { encoding } : {}),
  };
}
