/**
 * Every record as a row of one table, for a spreadsheet: what it is, whose it is, then the fields of the interchange
 * document, each in a column of its name, empty where a record of that sort has none. RFC 4180: commas, CRLF, quotes
 * where they are needed. No cell is a formula to a spreadsheet: what would begin one has an apostrophe before it, and so
 * has what begins with apostrophes before such a sign, so that taking one away gives the text back. The same behind
 * what ends a cell for a program that splits at semicolons or tabs, or takes no notice of our quotes.
 */
import type { WholePatient } from '../domain/interchange.ts';
import { printableLines } from '../domain/text.ts';
import {
  commitmentFields,
  contactFields,
  noteFields,
  patientFields,
  personFields,
} from './rapport-fields.ts';

const fields = [
  ...new Set(
    [patientFields, personFields, noteFields, commitmentFields, contactFields].flatMap((readers) =>
      Object.keys(readers),
    ),
  ),
];
export const csvColumns: readonly string[] = ['record', 'patient_id', 'patient_name', ...fields];

// Signs that begin a formula, blanks before them or not, and their full-width forms.
const formula = /(^|[;\n\t])(?=(?:['"]|[^\S\n\t])*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/** One cell: printable, no formula, quoted where it must be. */
export function csvCell(text: string): string {
  // Most cells of a row are another record's.
  if (text === '') return '';
  const safe = printableLines(text).join('\n');
  const guarded = safe.replace(formula, "$1'");
  return /[",;\n]|^\s|\s$/u.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (!Array.isArray(value)) return String(value);
  if (value.every((one) => typeof one === 'string')) return value.join('; ');
  return JSON.stringify(value);
}

const lineEnd = '\r\n';

/**
 * In chunks of whole rows, each without its last line end: the columns' names, then all rows of a patient.
 * @param marked with a byte order mark, without which Excel takes a file for one of another encoding
 */
export function* writeCsv(patients: Iterable<WholePatient>, marked: boolean): Iterable<string> {
  yield (marked ? '\ufeff' : '') + csvColumns.join(',');
  for (const { patient, people, notes, commitments, contacts } of patients) {
    const row = (record: string, values: object): string => {
      const known: Readonly<Record<string, unknown>> = { ...values };
      const own = fields.map((field) => csvCell(valueText(known[field])));
      return [record, csvCell(patient.id), csvCell(patient.name), ...own].join(',');
    };
    yield [
      row('patient', patient),
      ...people.map((person) => row('person', person)),
      ...notes.map((note) => row('note', note)),
      ...commitments.map((commitment) => row('commitment', commitment)),
      ...contacts.map((contact) => row('contact', contact)),
    ].join(lineEnd);
  }
}
