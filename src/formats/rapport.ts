/** Reads the interchange document strictly; a bad record becomes a fault with its path and spoils no other. */
import {
  type Complain,
  type Entries,
  isObject,
  isToken,
  quoted,
  readFields,
  type Values,
} from '../domain/fields.ts';
import { ImportIssues } from '../domain/import-issues.ts';
import type {
  Given,
  GivenCalendar,
  GivenDocument,
  GivenPatient,
  Keyed,
  WholePatient,
} from '../domain/interchange.ts';
import { type CalendarRecords, fieldNames, type RecordName, schemas } from '../domain/records.ts';
import { escapeJson } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import { parseJson } from './bytes.ts';
import { patientDocument } from './patient-values.ts';

const formatName = 'rapport';
const formatVersion = 1;

const mostRecords = 2_000_000;

const partsOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? { ...value } : {});

function documentReading(faults: ImportIssues) {
  const seen = new Map<RecordName, Set<string>>();
  let count = 0;
  const complainAt =
    (path: string): Complain =>
    (what, below = '') =>
      faults.add(path + below, what);

  function each<T>(
    path: string,
    given: unknown,
    read: (value: unknown, path: string) => T | undefined,
  ): readonly T[] {
    if (given === undefined) return [];
    if (!Array.isArray(given)) {
      faults.add(path, given === null ? "can't be null" : 'not a list');
      return [];
    }
    const list: T[] = [];
    for (const [index, value] of given.entries()) {
      const item = read(value, `${path}[${index}]`);
      if (item !== undefined) list.push(item);
      // What was read is let go: a long document is not there twice.
      given[index] = undefined;
    }
    return list;
  }

  function isNew(table: RecordName, id: string): boolean {
    const ids = seen.get(table) ?? new Set();
    seen.set(table, ids);
    return ids.size !== ids.add(id).size;
  }

  function record<T extends RecordName>(table: T, value: unknown, path: string) {
    count += 1;
    if (count > mostRecords)
      throw usage(`more than ${mostRecords.toLocaleString('en')} records`, 'split the document');
    const fields: Given<T> | undefined = readFields(schemas[table], value, complainAt(path));
    const id = fields?.id;
    if (typeof id === 'string' && !isNew(table, id)) {
      faults.add(`${path}.id`, `${quoted(id)}there twice`);
      return undefined;
    }
    return fields && { path, fields };
  }

  /** An entry of the calendar, which has no id: its `keys` are there. */
  function entry<E extends Entries, K extends keyof Values<E> & string>(
    entries: E,
    keys: readonly K[],
    value: unknown,
    path: string,
  ) {
    const complain = complainAt(path);
    const fields = readFields(entries, value, complain);
    const missing = fields === undefined ? [] : keys.filter((key) => fields[key] === undefined);
    for (const key of missing) complain('missing', `.${key}`);
    return missing.length === 0 ? (fields as Keyed<Values<E>, K> | undefined) : undefined;
  }

  return {
    patients: (path: string, given: unknown): readonly GivenPatient[] =>
      each(path, given, (value, at): GivenPatient | undefined => {
        const { people, notes, commitments, contacts, ...own } = partsOf(value);
        const patient = record('patient', isObject(value) ? own : value, at);
        const listOf = <T extends RecordName>(table: T, key: string, list: unknown) =>
          each(`${at}.${key}`, list, (one, place) => record(table, one, place));
        const lists = {
          people: listOf('person', 'people', people),
          notes: listOf('note', 'notes', notes),
          commitments: listOf('commitment', 'commitments', commitments),
          contacts: listOf('contact', 'contacts', contacts),
        };
        return patient && { ...patient, ...lists };
      }),
    calendar(path: string, given: unknown): GivenCalendar {
      const { closed_days: days, away, ...own } = partsOf(given);
      const weekend = { weekend: schemas.weekend.days };
      const read = readFields(weekend, isObject(given) ? own : given, complainAt(path));
      return {
        closed_days: each(`${path}.closed_days`, days, (value, at) =>
          entry(schemas.closed_day, ['on'], value, at),
        ),
        away: each(`${path}.away`, away, (value, at) => {
          const span = entry(schemas.away, ['from', 'to'], value, at);
          if (span === undefined || span.to >= span.from) return span;
          faults.add(at, 'ends before it begins');
          return undefined;
        }),
        ...(read?.weekend && { weekend: read.weekend }),
      };
    },
  };
}

function checkFormat(format: unknown): void {
  if (format === formatName) return;
  const given =
    typeof format === 'string' && quoted(format) !== '' ? `format is "${format}"` : 'no such format';
  throw usage(
    `not a rapport document: ${given}`,
    `such a document begins with {"format": "${formatName}", "version": ${formatVersion}`,
  );
}

function checkVersion(version: unknown): void {
  if (version === formatVersion) return;
  if (typeof version === 'number' && Number.isInteger(version) && version > formatVersion)
    throw conflict(
      `the document has version ${version}, this rapport reads ${formatVersion}`,
      'import it with a newer rapport',
    );
  throw usage(version === undefined ? 'version: missing' : `version: not ${formatVersion}`);
}

export function readRapport(text: string, options: { readonly skipBad: boolean }): GivenDocument {
  const document = parseJson(text);
  if (!isObject(document)) throw usage('not a rapport document: it does not begin with {');
  const { format, version, exported_at: exportedAt, patients, calendar, ...others } = partsOf(document);
  checkFormat(format);
  checkVersion(version);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw usage(`${isToken(unknown) ? unknown : 'a key of the document'}: unknown field`);
  if (exportedAt !== undefined && typeof exportedAt !== 'string') throw usage('exported_at: not an instant');
  const faults = new ImportIssues(options.skipBad);
  const reading = documentReading(faults);
  const read = reading.patients('patients', patients);
  const given = calendar === undefined ? undefined : reading.calendar('calendar', calendar);
  return {
    ...patientDocument(faults, { patients: read, remarks: [], matching: 'id-only' }),
    calendar: given,
  };
}

const json = (value: unknown): string => escapeJson(JSON.stringify(value));

function fieldsOf(table: RecordName, record: object): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, unknown>> = { ...record };
  return Object.fromEntries(fieldNames(table).map((field) => [field, values[field]]));
}

function recordLines(name: string, table: RecordName, records: readonly object[]): string {
  if (records.length === 0) return `      "${name}": []`;
  const lines = records.map((record) => `        ${json(fieldsOf(table, record))}`);
  return `      "${name}": [\n${lines.join(',\n')}\n      ]`;
}

function patientText({ patient, people, notes, commitments, contacts }: WholePatient): string {
  const own = Object.entries(fieldsOf('patient', patient)).map(
    ([key, value]) => `      "${key}": ${json(value)}`,
  );
  return [
    ...own,
    recordLines('people', 'person', people),
    recordLines('notes', 'note', notes),
    recordLines('commitments', 'commitment', commitments),
    recordLines('contacts', 'contact', contacts),
  ].join(',\n');
}

export function* writeRapport(
  patients: Iterable<WholePatient>,
  exported_at: string,
  calendar: CalendarRecords | undefined,
): Iterable<string> {
  const head = { format: formatName, version: formatVersion, exported_at };
  const headLines = Object.entries(head).map(([key, value]) => `  "${key}": ${json(value)},`);
  yield `{\n${headLines.join('\n')}`;
  // Each patient waits for the next, to know whether a comma follows.
  let before: string | undefined;
  let start = '  "patients": [\n';
  for (const patient of patients) {
    if (before !== undefined) {
      yield `${start}${before},`;
      start = '';
    }
    before = `    {\n${patientText(patient)}\n    }`;
  }
  const tail = calendar === undefined ? '' : ',';
  yield before === undefined ? `  "patients": []${tail}` : `${start}${before}\n  ]${tail}`;
  if (calendar !== undefined) yield `  "calendar": ${json(calendar)}`;
  yield '}';
}
