import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WholePatient } from '../../src/domain/interchange.ts';
import { printableLines } from '../../src/domain/text.ts';
import { writeCsv } from '../../src/formats/csv.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { aNote, aPatient, stored } from '../support/records.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[ \t\r\n'"]{0,3}[=+\-@\uff1d\uff20][a-z"';,\r\n|!()1]{0,12}$/),
);
const shown = (value: string): string => printableLines(value).join('\n');
/** As the format says that it is undone. */
const unguarded = (cell: string): string =>
  cell.replace(/(^|[;\n\t])'(?=(?:['"]|[^\S\n\t])*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu, '$1');
const read = (csv: string): string[][] => parse(csv, { bom: true, relax_column_count: false });

const whole = (patients: readonly WholePatient[], marked = false): string =>
  [...writeCsv(patients, marked)].map((chunk) => `${chunk}\r\n`).join('');

/** A patient with one note for each text. */
const noted = (texts: readonly string[]): WholePatient => ({
  patient: stored('ann', aPatient('ann', { name: 'Ann Berg' })),
  people: [],
  notes: texts.map((words, at) => stored(`n${at}`, aNote(words))),
  commitments: [],
  contacts: [],
});

describe('a cell of CSV', () => {
  it('is read by another library as it was, and never begins a formula', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), (values) => {
        const [columns = [], , ...rows] = read(whole([noted(values)]));
        const cells = rows.map((row) => row[columns.indexOf('text')] ?? '');
        expect(cells.map(unguarded)).toEqual(values.map(shown));
        // Whatever a program takes for the end of a cell, and for its quotes.
        for (const part of cells.flatMap((cell) => cell.split(/[;\t\n]/)))
          expect(part).not.toMatch(/^[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/u);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['=cmd|"/c calc"!A1', `"'=cmd|""/c calc""!A1"`],
    ['  +1', "'  +1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['--06-14', "'--06-14"],
    ["'=1", "''=1"],
    ['a;=1', `"a;'=1"`],
    ['a\n -1', `"a\n' -1"`],
    ["'tis", "'tis"],
    ['one, two', '"one, two"'],
    ['two\r\nlines', '"two\nlines"'],
    ['\u001b[31m', '\\u{1b}[31m'],
  ])('%j is %j', (value, cell) => expect(whole([noted([value])])).toContain(`,${cell},`));
});

describe('a table of records', () => {
  it('has a row for each record, with all of its fields but those that are told to nobody', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const [columns = [], ...rows] = read(whole(patients));
        expect(columns.slice(0, 3)).toEqual(['record', 'patient_id', 'patient_name']);
        const records = patients.flatMap(({ patient, people, notes, commitments, contacts }) =>
          [
            { record: 'patient', of: [patient] },
            { record: 'person', of: people },
            { record: 'note', of: notes },
            { record: 'commitment', of: commitments },
            { record: 'contact', of: contacts },
          ].flatMap(({ record, of }) =>
            of.map((one) => ({
              record,
              fields: one as object,
              patient_id: patient.id,
              patient_name: patient.name,
            })),
          ),
        );
        expect(rows).toHaveLength(records.length);
        for (const [place, { fields, ...own }] of records.entries()) {
          const row = new Map(columns.map((column, at) => [column, unguarded(rows[place]?.[at] ?? '')]));
          expect(row.get('record')).toBe(own.record);
          for (const [name, value] of Object.entries({ ...fields, ...own })) {
            // Nobody is told so, nor called so any more.
            if (name === 'quiet' || name === 'former_names') expect(columns).not.toContain(name);
            if (name === 'ref' || !columns.includes(name)) continue;
            const lists = Array.isArray(value) && value.every((one) => typeof one === 'string');
            const wanted = lists
              ? value.join('; ')
              : Array.isArray(value)
                ? JSON.stringify(value)
                : String(value ?? '');
            expect(row.get(name), name).toBe(shown(wanted));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is marked as UTF-8 in a file', () => {
    expect(whole([], true)).toBe(`\ufeff${whole([])}`);
    expect(whole([])).toMatch(/^record,patient_id,patient_name,[a-z_,]+\r\n$/);
  });
});
