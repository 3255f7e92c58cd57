/** Reads a patient list as CSV: the first row names the columns, and only mapped columns are kept. */
import type { CsvError, Parser } from 'csv-parse';
import { type CivilDate, type PartialDate, readPartialDate } from '../dates/civil.ts';
import type { DateStyle } from '../dates/date-context.ts';
import { partialReading } from '../dates/grammar.ts';
import { idMeaning, isHandle, isId, quoted, textFault } from '../domain/fields.ts';
import { ImportIssues } from '../domain/import-issues.ts';
import {
  barePatient,
  type Given,
  type GivenDocument,
  type GivenPatient,
  type WholePatient,
} from '../domain/interchange.ts';
import { fieldNames, nameLimit, recordNames, unconfirmedAmong } from '../domain/records.ts';
import { printableLines } from '../domain/text.ts';
import { Failure, usage } from '../errors.ts';
import { type CsvField, type Mapping, placeMappings, separators } from './csv-mapping.ts';
import {
  cleanText,
  isAhead,
  isNoDate,
  isPlaceholder,
  knownParts,
  nameDigits,
  noNameFault,
  patientDocument,
} from './patient-values.ts';

interface CsvOptions {
  readonly mappings: readonly Mapping[];
  readonly cleanNames: boolean;
  readonly skipBad: boolean;
  /** One character; by default the most frequent one in the first row. */
  readonly separator?: string | undefined;
  readonly today: CivilDate;
  readonly dateStyle: DateStyle | undefined;
}

const mostRows = 200_000;
/** A longer row means an unclosed quote, or no CSV. */
const longestRow = 200_000;

/** Excel's first line 'sep=;'. */
const stated = /^\ufeff?sep=([^\r\n])(?=\r|\n)/i;

function separatorOf(text: string): string {
  const line = (/^[^\r\n]*/.exec(text.slice(0, longestRow))?.[0] ?? '').replace(/"[^"]*"/g, '');
  const counted = Object.values(separators).map((mark) => ({ mark, count: line.split(mark).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}

/** Our own words for a parser error, whose message would quote the row. */
function sentenceOf(error: Pick<CsvError, 'code'>): string {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return 'too long for a row: is a quote left open?';
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is left open';
  if (/QUOTE/.test(error.code)) return 'a quote in the wrong place';
  return 'not a row of CSV';
}

const lineOf = (error: unknown): string =>
  String((error as { readonly lines?: number } | undefined)?.lines ?? '?');

/** The parser gives the last line of a row; faults name the first. */
const lineEndsIn = (cells: readonly string[]): number =>
  cells.reduce((count, cell) => count + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);

const oneLine = (cell: string): string => cell.replace(/(?<!\s)\s*[\r\n]\s*/gu, ' ').trim();

const isNameField = (field: CsvField): boolean => /^(?:name|goes_by|aliases)$/.test(field);
/** There are people called Null. */
const noPartOfName = (part: string): boolean => /^(?:NULL|#?N\/A|[-–—?.*_]+)$/.test(part);

function rowReading(options: CsvOptions, faults: ImportIssues) {
  const patients: GivenPatient[] = [];
  const names = nameDigits(options.cleanNames);
  let placed: ReturnType<typeof placeMappings> = [];
  let width = 0;
  let rows = 0;

  function header(columns: readonly string[]): void {
    width = columns.length;
    placed = placeMappings(options.mappings, columns);
  }

  function addRow(cells: readonly string[], line: number): void {
    const path = `line ${line}`;
    rows += 1;
    if (rows > mostRows) throw usage(`more than ${mostRows.toLocaleString('en')} rows`, 'split the list');
    // Some programs leave out the empty cells at the end of a row, or add some.
    if (cells.slice(width).some((cell) => cell.trim() !== '')) {
      faults.add(path, `${cells.length} fields, and the first row has ${width}`);
      return;
    }
    const before = faults.count;
    const fields: Record<string, unknown> = {};
    for (const { field, at } of placed) {
      const parts = at
        .map((place) => cleanText(oneLine(cells[place] ?? '')))
        .filter((part) => part !== '' && !(isNameField(field) ? noPartOfName : isPlaceholder)(part));
      const value = parts.length === 0 ? undefined : readCell(field, parts, `${path}: ${field}`);
      if (value !== undefined) fields[field] = value;
    }
    if (faults.count > before) return;
    const noName = noNameFault(String(fields['name'] ?? ''));
    if (noName !== undefined && fields['name'] !== undefined) {
      faults.leaveOut(path, noName);
      return;
    }
    if (fields['name'] === undefined && fields['id'] === undefined) {
      // Of a row that says nothing at all of anybody nothing is lost.
      if (cells.some((cell) => isPlaceholder(cell))) faults.leaveOut(path, 'no name');
      else faults.add(path, 'no name');
      return;
    }
    fields['unconfirmed'] = unconfirmedAmong(fields);
    patients.push(barePatient(path, fields as Given<'patient'>));
  }

  function readCell(field: CsvField, parts: readonly string[], path: string): unknown {
    const joined = parts.join(' ');
    const complain = (what: string): undefined => void faults.add(path, what);
    const fault = textFault(joined, nameLimit);
    if (fault !== undefined) return complain(fault);
    if (/^\d{3}-\d{2}-\d{4}$/.test(joined))
      return complain('looks like a government number, which rapport does not keep');
    switch (field) {
      case 'birth_date':
      case 'first_met':
      case 'died_on':
        return isNoDate(joined) ? undefined : dateOf(parts, complain);
      case 'name':
      case 'goes_by':
        return names.clean(joined) || complain('nothing but digits');
      case 'aliases':
        return [...new Set(parts.flatMap((part) => part.split(/[;|]/)).map((part) => part.trim()))].filter(
          Boolean,
        );
      case 'id':
        return isId(joined) ? joined : complain(`${quoted(joined)}not ${idMeaning}`);
      case 'handle':
        return isHandle(joined.toLowerCase())
          ? joined.toLowerCase()
          : complain(`${quoted(joined)}not a handle`);
      default:
        return joined;
    }
  }

  /** @param parts one text, or year, month and day in the order of their columns */
  function dateOf(parts: readonly string[], complain: (what: string) => undefined): PartialDate | undefined {
    const { today, dateStyle } = options;
    const text = parts.join(' ');
    const apart = parts.length > 1 && parts.every((part) => /^\d{1,4}$/.test(part));
    const mark = parts[0]?.length === 4 ? '-' : '/';
    const joined = apart ? parts.map((part) => part.padStart(2, '0')).join(mark) : text;
    const whole = knownParts(joined).replace(/^(\d{4})(\d{2})(\d{2})(?:\.0)?$/, '$1-$2-$3');
    const day = whole.replace(/(\d)(?:T|\s+)\d{1,2}:\d{2}.*$/, '$1');
    const isWhole = /\d{4}/.test(day) && !day.startsWith('--');
    // As most lists have it: a hundred thousand rows are read without the grammar of typed dates.
    const exact = isWhole ? readPartialDate(day) : undefined;
    if (exact !== undefined && !isAhead(exact, today)) return exact;
    const reading = isWhole ? partialReading(day, { today, direction: 'back', dateStyle }) : undefined;
    if (reading !== undefined && !(reading instanceof Failure)) return reading;
    const setting = reading?.hints.find((hint) => hint.includes('date-style'));
    if (reading !== undefined && setting !== undefined) return complain(`${reading.message}: ${setting}`);
    const isToken = quoted(text) !== '';
    return complain(reading instanceof Failure && isToken ? reading.message : `${quoted(text)}not a date`);
  }

  return { patients, names, header, addRow };
}

const feed = (parser: Parser, chunk?: string): Promise<void> =>
  new Promise((done, fail) => {
    const next = (error?: Error | null): void => (error ? fail(error) : done());
    if (chunk === undefined) parser.end(next);
    else parser.write(chunk, next);
  });

/**
 * @param chunks the first holds at least the start of the first row
 * @throws usage (a column that is missing, a fault without `skipBad`)
 */
export async function readCsv(chunks: Iterable<string>, options: CsvOptions): Promise<GivenDocument> {
  const { parse, CsvError: ParserError } = await import('csv-parse');
  const faults = new ImportIssues(options.skipBad);
  const rows = rowReading(options, faults);
  let isHeader = true;
  const parserFor = (beginning: string, said: string | undefined): Parser =>
    parse({
      bom: true,
      delimiter: options.separator ?? said ?? separatorOf(beginning),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: longestRow,
      skip_records_with_error: options.skipBad,
      on_skip: (error) =>
        void faults.add(
          `line ${lineOf(error)}`,
          sentenceOf(error ?? { code: 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE' }),
        ),
      // Null keeps nothing of the row in memory.
      on_record: (cells: string[], { lines }) => {
        if (isHeader) rows.header(cells);
        else if (cells.some((cell) => cell.trim() !== '')) rows.addRow(cells, lines - lineEndsIn(cells));
        isHeader = false;
        return null;
      },
    })
      .on('error', () => undefined)
      .resume();
  let parser: Parser | undefined;
  try {
    for (const chunk of chunks) {
      // The line end stays, so that line numbers match the file.
      const ownWord = parser === undefined ? stated.exec(chunk) : null;
      const text = ownWord === null ? chunk : chunk.slice(ownWord[0].length);
      parser ??= parserFor(text, ownWord?.[1]);
      await feed(parser, text);
    }
    if (parser !== undefined) await feed(parser);
  } catch (error) {
    if (!(error instanceof ParserError)) throw error;
    throw usage(
      `line ${lineOf(error)}: ${sentenceOf(error)}`,
      'mend the row; --skip-bad leaves out what it can',
    );
  }
  if (isHeader) throw usage('the file has no rows');
  const { patients, names } = rows;
  return patientDocument(faults, { patients, remarks: names.remarks, matching: 'name-and-birth' });
}

/** A list tells neither who is discreet nor how anybody was called. */
const untold: readonly string[] = ['quiet', 'former_names'];
const fields = [...new Set(recordNames.flatMap(fieldNames))].filter((field) => !untold.includes(field));
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
  if (!Array.isArray(value)) return String(value ?? '');
  return value.every((one) => typeof one === 'string') ? value.join('; ') : JSON.stringify(value);
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
