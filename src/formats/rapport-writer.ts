/** Writes the interchange document: every field of every record, one record a line. */
import type { GivenAway, GivenClosedDay, WholePatient } from '../domain/interchange.ts';
import { fieldNames, type RecordName } from '../domain/records.ts';
import { escapeJson } from '../domain/text.ts';
import { formatName, formatVersion } from './rapport.ts';

interface ExportedCalendar {
  readonly closed_days: readonly Required<GivenClosedDay>[];
  readonly away: readonly Required<GivenAway>[];
  readonly weekend: readonly number[];
}

interface ExportDocument {
  readonly exportedAt: string;
  readonly patients: Iterable<WholePatient>;
  readonly calendar: ExportedCalendar | undefined;
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

export function* writeRapport(document: ExportDocument): Iterable<string> {
  const head = { format: formatName, version: formatVersion, exported_at: document.exportedAt };
  const headLines = Object.entries(head).map(([key, value]) => `  "${key}": ${json(value)},`);
  yield `{\n${headLines.join('\n')}`;
  // Each patient waits for the next, to know whether a comma follows.
  let before: string | undefined;
  let start = '  "patients": [\n';
  for (const patient of document.patients) {
    if (before !== undefined) {
      yield `${start}${before},`;
      start = '';
    }
    before = `    {\n${patientText(patient)}\n    }`;
  }
  const tail = document.calendar === undefined ? '' : ',';
  yield before === undefined ? `  "patients": []${tail}` : `${start}${before}\n  ]${tail}`;
  if (document.calendar !== undefined) yield `  "calendar": ${json(document.calendar)}`;
  yield '}';
}
