/**
 * Writes the interchange document: every field of every record, one record a line, patient by patient, so that
 * neither memory nor a reader's patience is tried by a large vault.
 */
import type { Given, GivenAway, GivenClosedDay, PatientFields, WholePatient } from '../domain/interchange.ts';
import { escapeJson } from '../domain/text.ts';
import type { Readers } from './fields.ts';
import {
  commitmentFields,
  contactFields,
  formatName,
  formatVersion,
  noteFields,
  patientFields,
  personFields,
} from './rapport-fields.ts';

interface ExportedCalendar {
  readonly closed_days: readonly Required<GivenClosedDay>[];
  readonly away: readonly Required<GivenAway>[];
  readonly weekend: readonly number[];
}

interface ExportDocument {
  /** ISO instant. */
  readonly exportedAt: string;
  readonly patients: Iterable<WholePatient>;
  readonly calendar: ExportedCalendar | undefined;
}

const json = (value: unknown): string => escapeJson(JSON.stringify(value));

const pick = <F>(record: F, readers: Readers<F>): Given<F> =>
  Object.fromEntries(Object.keys(readers).map((key) => [key, record[key as keyof F]])) as Given<F>;

function recordLines<F>(name: string, records: readonly F[], readers: Readers<F>): string {
  if (records.length === 0) return `      "${name}": []`;
  const lines = records.map((record) => `        ${json(pick(record, readers))}`);
  return `      "${name}": [\n${lines.join(',\n')}\n      ]`;
}

function patientText({ patient, people, notes, commitments, contacts }: WholePatient): string {
  const own = Object.entries(pick<PatientFields>(patient, patientFields)).map(
    ([key, value]) => `      "${key}": ${json(value)}`,
  );
  return [
    ...own,
    recordLines('people', people, personFields),
    recordLines('notes', notes, noteFields),
    recordLines('commitments', commitments, commitmentFields),
    recordLines('contacts', contacts, contactFields),
  ].join(',\n');
}

/** Writes a document: every field of every record, in chunks of whole lines (each without its last line end). */
export function* writeRapport(document: ExportDocument): Iterable<string> {
  const head = { format: formatName, version: formatVersion, exported_at: document.exportedAt };
  const headLines = Object.entries(head).map(([key, value]) => `  "${key}": ${json(value)},`);
  yield `{\n${headLines.join('\n')}`;
  // Each patient waits for the next, to know whether a comma follows.
  let before: string | undefined;
  let isFirst = true;
  for (const patient of document.patients) {
    if (before !== undefined) {
      yield `${isFirst ? '  "patients": [\n' : ''}    {\n${before}\n    },`;
      isFirst = false;
    }
    before = patientText(patient);
  }
  const tail = document.calendar === undefined ? '' : ',';
  if (before === undefined) yield `  "patients": []${tail}`;
  else yield `${isFirst ? '  "patients": [\n' : ''}    {\n${before}\n    }\n  ]${tail}`;
  if (document.calendar !== undefined) yield `  "calendar": ${json(document.calendar)}`;
  yield '}';
}
