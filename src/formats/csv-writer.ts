/** Writes all records as rows of one table (RFC 4180), with the interchange document's fields as columns. */
import type { WholePatient } from '../domain/interchange.ts';
import { fieldNames, recordNames } from '../domain/records.ts';
import { printableLines } from '../domain/text.ts';

const fields = [...new Set(recordNames.flatMap(fieldNames))];
const columns: readonly string[] = ['record', 'patient_id', 'patient_name', ...fields];

// An apostrophe before a sign that starts a formula keeps spreadsheets from running it, also where a program splits at
// semicolons or tabs or ignores quotes.
const formula = /(^|[;\n\t])(?=(?:['"]|[^\S\n\t])*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

function csvCell(text: string): string {
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
 * Yields the header, then all rows of a patient at a time, without the last line end.
 * @param marked starts with a byte order mark, without which Excel assumes another encoding
 */
export function* writeCsv(patients: Iterable<WholePatient>, marked: boolean): Iterable<string> {
  yield (marked ? '\ufeff' : '') + columns.join(',');
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
