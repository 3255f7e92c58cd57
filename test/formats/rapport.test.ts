import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GivenDocument } from '../../src/domain/interchange.ts';
import { decodeText } from '../../src/formats/bytes.ts';
import { readRapport, writeRapport } from '../../src/formats/rapport.ts';
import { settleFormat } from '../../src/formats/registry.ts';
import { wholePatients } from '../support/arbitraries.ts';
import { failureOf } from '../support/values.ts';

const documentOf = (patients: unknown, more: object = {}): string =>
  JSON.stringify({ format: 'rapport', version: 1, patients, ...more });
const read = (text: string, skipBad = false): GivenDocument => readRapport(text, { skipBad });

const refusal = (text: string): string => failureOf(() => read(text)).message;

describe('reading the interchange document', () => {
  it('refuses deep nesting without going down itself', () => {
    const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
    const patients = (rest: string): string => `{"format":"rapport","version":1,"patients":${rest}}`;
    expect(refusal(patients(deep))).toBe('patients[0]: not an object');
    expect(refusal(patients(`[{"name":"A","aliases":[${deep}]}]`))).toBe(
      'patients[0].aliases[0]: not a text',
    );
    expect(refusal(`{"a":${deep}}`)).toMatch(/^not a rapport document/);
  });

  it('stops at the first score of faults, and says there are more', () => {
    const failure = failureOf(() => read(documentOf(Array.from({ length: 5000 }, () => ({})).map(() => 1))));
    expect(failure.message).toBe('patients[0]: not an object, and 20 more');
    expect(failure.details).toHaveLength(19);
  });

  it('accepts a byte order mark and CRLF', () => {
    const text = documentOf([{ name: 'A' }]).replaceAll(',', ',\r\n');
    const bytes = new TextEncoder().encode(`\ufeff${text}`);
    expect(read(decodeText(bytes)).patients).toHaveLength(1);
  });

  it('never quotes a sentence back', () => {
    const secret = 'Marker about June';
    const failure = failureOf(() =>
      read(
        documentOf([
          {
            name: 'A',
            handle: secret,
            status: secret,
            birth_date: secret,
            hold: secret,
            [secret]: 1,
            notes: [{ id: secret, kind: secret }],
          },
        ]),
      ),
    );
    expect([failure.message, ...failure.details, ...failure.hints].join()).not.toContain('Marker');
  });
});

describe('writing the interchange document', () => {
  it('is read back without loss', () => {
    fc.assert(
      fc.property(wholePatients, (patients) => {
        const calendar = { closed_days: [], away: [], weekend: [6, 7] };
        const text = [...writeRapport(patients, '2026-03-12T08:00:00.000Z', calendar)].join('\n');
        expect(JSON.parse(text).patients).toHaveLength(patients.length);
        // Nothing in it can steer a terminal.
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        const document = read(text);
        expect(document.calendar).toEqual(calendar);
        const stripped = <R extends { readonly ref: string }>(record: R): object => {
          const { ref: _, ...fields } = { patient_id: '', ...record };
          const { patient_id: __, ...rest } = fields;
          return rest;
        };
        expect(
          document.patients.map(({ fields, people, notes, commitments, contacts }) => ({
            patient: fields,
            people: people.map((record) => record.fields),
            notes: notes.map((record) => record.fields),
            commitments: commitments.map((record) => record.fields),
            contacts: contacts.map((record) => record.fields),
          })),
        ).toEqual(
          patients.map((whole) => ({
            patient: stripped(whole.patient),
            people: whole.people.map(stripped),
            notes: whole.notes.map(stripped),
            commitments: whole.commitments.map(stripped),
            contacts: whole.contacts.map(stripped),
          })),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('formats by their look', () => {
  it.each([
    ['{"format":"rapport"}', 'rapport'],
    ['id,name\n1,Ann', 'csv'],
    ['name;born\nAnn;1961', 'csv'],
    ['{"resourceType":"Patient"}', 'fhir'],
    ['[{"id":"1","resourceType":"Patient"}]', 'fhir'],
    ['begin:vcard\nFN:Ann', 'vcard'],
  ] as const)('%j is %s', (text, format) => expect(settleFormat(text, undefined)).toBe(format));

  it.each([
    ['<Patient xmlns="http://hl7.org/fhir"/>', undefined, "the file looks like XML, which can't be imported"],
    ['BEGIN:VCARD\nFN:Ann', 'csv', 'the file looks like vcard, not csv'],
    ['{"format":"rapport","x":{"resourceType":1}}', 'fhir', 'the file looks like rapport, not fhir'],
    ['name,born\nAnn,1961', 'rapport', 'the file looks like csv, not rapport'],
    ['{"format":"rapport"}', 'csv', 'the file looks like rapport, not csv'],
    ['hello', undefined, "the file's format is not known"],
    [' \n', undefined, 'the file is empty'],
  ] as const)('%j as %s is refused', (text, asked, message) =>
    expect(failureOf(() => settleFormat(text, asked)).message).toBe(message),
  );

  it('believes who asks for FHIR where a long beginning does not tell', () => {
    const text = `{"id":"${'x'.repeat(5000)}","resourceType":"Patient"}`;
    expect(settleFormat(text, 'fhir')).toBe('fhir');
  });
});
