import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issueLine } from '../../src/domain/import-issues.ts';
import type { GivenDocument } from '../../src/domain/interchange.ts';
import { Failure } from '../../src/errors.ts';
import { decodeText, settleFormat } from '../../src/formats/guess.ts';
import { readRapport } from '../../src/formats/rapport.ts';
import { writeRapport } from '../../src/formats/rapport-writer.ts';
import { wholePatients } from './arbitraries.ts';

const documentOf = (patients: unknown, more: object = {}): string =>
  JSON.stringify({ format: 'rapport', version: 1, patients, ...more });
const read = (text: string, skipBad = false): GivenDocument => readRapport(text, { skipBad });

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
const refusal = (text: string): string => failureOf(() => read(text)).message;

describe('reading the interchange document', () => {
  it('keeps absent and null apart', () => {
    const [patient] = read(documentOf([{ name: 'Ann', goes_by: null, language: ' ' }])).patients;
    expect(patient?.fields).toEqual({ name: 'Ann', goes_by: null, language: null });
  });

  it.each([
    [
      { name: 'A', notes: [{ text: 'w' }, { text: 'x', date: '2026-13-01' }] },
      'patients[0].notes[1].date: "2026-13-01" is not a date',
    ],
    [{ name: 'A', birth_date: '--04-03' }, 'patients[0].birth_date: "--04-03" is not a date'],
    [{ name: 'A', died_on: 'when June died' }, 'patients[0].died_on: not a date'],
    [{ name: 'A', colour: 'red' }, 'patients[0].colour: unknown field'],
    [{ name: 'A', 'a colour': 'red' }, 'patients[0]: unknown field'],
    [{ name: 'A', constructor: 1 }, 'patients[0].constructor: unknown field'],
    [{ name: 7 }, 'patients[0].name: not a text'],
    [{ name: ' ' }, 'patients[0].name: empty'],
    [{ name: 'A'.repeat(201) }, 'patients[0].name: longer than 200 characters'],
    [
      { name: 'A', notes: [{ text: 'x'.repeat(10_001) }] },
      'patients[0].notes[0].text: longer than 10,000 characters',
    ],
    [
      { name: 'A', notes: [{ text: 'x', kind: 'poem' }] },
      /^patients\[0\]\.notes\[0\]\.kind: "poem" is not one of story, interest/,
    ],
    [{ name: 'A', id: 'no blanks' }, /^patients\[0\]\.id: not an id/],
    [{ name: 'A', id: 'x'.repeat(65) }, /^patients\[0\]\.id: not an id/],
    [{ name: 'A', aliases: ['b', 3] }, 'patients[0].aliases[1]: not a text'],
    [{ name: 'A', notes: {} }, 'patients[0].notes: not a list'],
    [{ name: 'A', notes: null }, "patients[0].notes: can't be null"],
    [{ name: 'A', cadence_days: 0.5 }, 'patients[0].cadence_days: 0.5 is not a whole number from 1 to 3650'],
    [{ name: 'A', hold: 'yes' }, 'patients[0].hold: "yes" is not true or false'],
    [{ name: 'A', handle: 'Ann B' }, /^patients\[0\]\.handle: not a handle/],
    [
      { name: 'A', contacts: [{ on: '2026-03-12', at: '24:00' }] },
      'patients[0].contacts[0].at: "24:00" is not a time of day (HH:MM)',
    ],
    [
      { name: 'A', contacts: [{ on: '2026-03-12', time_zone: 'Mars/Base' }] },
      'patients[0].contacts[0].time_zone: "Mars/Base" is not a time zone',
    ],
    [
      { name: 'A', commitments: [{ text: 'x', snoozes: [{ on: '2026-01-01' }] }] },
      'patients[0].commitments[0].snoozes[0].to: missing',
    ],
    [
      { name: 'A', commitments: [{ text: 'x', attempts: [[[[]]]] }] },
      'patients[0].commitments[0].attempts[0]: not an object',
    ],
    ['Ann', 'patients[0]: not an object'],
    [{ name: '\ud800' }, 'patients[0].name: not valid Unicode text'],
  ])('names the fault in %j', (patient, message) => {
    if (typeof message === 'string') expect(refusal(documentOf([patient]))).toBe(message);
    else expect(refusal(documentOf([patient]))).toMatch(message);
  });

  it('refuses an id that is given twice, also among different patients', () => {
    const patients = [
      { name: 'A', notes: [{ id: 'n', text: 'x' }] },
      { name: 'B', notes: [{ id: 'n', text: 'y' }] },
    ];
    expect(refusal(documentOf(patients))).toBe('patients[1].notes[0].id: "n" is there twice');
    expect(
      refusal(
        documentOf([
          { id: 'a', name: 'A' },
          { id: 'a', name: 'B' },
        ]),
      ),
    ).toBe('patients[1].id: "a" is there twice');
  });

  it('tells a newer version from a fault, wherever the version stands', () => {
    for (const text of [
      '{"format":"rapport","version":2,"patients":[{"mood":1}]}',
      '{"patients":[{"mood":1}],"moods":[],"version":2,"format":"rapport"}',
    ]) {
      const failure = failureOf(() => read(text));
      expect(failure.exit).toBe('conflict');
      expect(failure.message).toBe('the document has version 2, this rapport reads 1');
    }
  });

  it('reads parts that stand before format and version', () => {
    expect(read('{"patients":[{"name":"A"}],"version":1,"format":"rapport"}').patients).toHaveLength(1);
    expect(refusal('{"patients":[{"nam":"A"}],"version":1,"format":"rapport"}')).toBe(
      'patients[0].nam: unknown field',
    );
  });

  it.each([
    ['{"format":"other","version":1}', 'not a rapport document: format is "other"'],
    ['{"version":1,"patients":[]}', 'not a rapport document: no such format'],
    ['{}', 'not a rapport document: no such format'],
    ['{"format":"rapport"}', 'version: missing'],
    ['{"format":"rapport","version":"1"}', 'version: not 1'],
    ['{"format":"rapport","version":1,"moods":[]}', 'moods: unknown field'],
    ['{"format":"rapport","version":1,', /^not valid JSON/],
    ['{"format":"rapport",\n"version":1,\n"patients":[{"name":"A}]}', 'not valid JSON at line 3'],
    ['{"format":"rapport","version":1,"patients":[{"name":"Marker}]}', /^not valid JSON(?!.*Marker)/],
    ['{"format":"rapport","version":1} Marker', /^not valid JSON(?!.*Marker)/],
    ['[]', 'not a rapport document: it does not begin with {'],
  ])('refuses %s', (text, message) => {
    if (typeof message === 'string') expect(refusal(text)).toBe(message);
    else expect(refusal(text)).toMatch(message);
  });

  it('refuses deep nesting without going down itself', () => {
    const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
    const patients = (rest: string): string => `{"format":"rapport","version":1,"patients":${rest}}`;
    expect(refusal(patients(deep))).toBe('patients[0]: not an object');
    expect(refusal(patients(`[{"name":"A","aliases":[${deep}]}]`))).toBe(
      'patients[0].aliases[0]: not a text',
    );
    expect(refusal(`{"a":${deep}}`)).toMatch(/^not a rapport document/);
  });

  it('reads a calendar', () => {
    const calendar = {
      closed_days: [{ on: '2026-12-25', name: 'Christmas' }],
      away: [{ from: '2026-08-01', to: '2026-08-14' }],
      weekend: [6, 7],
    };
    expect(read(documentOf([], { calendar })).calendar).toEqual(calendar);
    expect(refusal(documentOf([], { calendar: { away: [{ from: '2026-08-14', to: '2026-08-01' }] } }))).toBe(
      'calendar.away[0]: ends before it begins',
    );
    expect(refusal(documentOf([], { calendar: { weekend: [8] } }))).toBe(
      'calendar.weekend[0]: 8 is not a whole number from 1 to 7',
    );
  });

  it('leaves out bad records and keeps the good ones where asked', () => {
    const text = documentOf([
      { name: 'A', notes: [{ text: 'good' }, { text: 'bad', date: '31 feb' }, { text: 'good too' }] },
      { name: 'B', mood: 1, notes: [{ text: 'gone with B' }] },
      { name: 'C' },
    ]);
    const { patients, faults } = read(text, true);
    expect(patients.map(({ fields }) => fields.name)).toEqual(['A', 'C']);
    expect(patients[0]?.notes.map(({ path }) => path)).toEqual([
      'patients[0].notes[0]',
      'patients[0].notes[2]',
    ]);
    expect(faults.map(issueLine)).toEqual([
      'patients[0].notes[1].date: not a date',
      'patients[1].mood: unknown field',
    ]);
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
        const text = [...writeRapport({ exportedAt: '2026-03-12T08:00:00.000Z', patients, calendar })].join(
          '\n',
        );
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

  it('reads UTF-16, and names the first line that is not UTF-8', () => {
    expect(decodeText(new Uint8Array([0xff, 0xfe, 0x41, 0]))).toBe('A');
    expect(failureOf(() => decodeText(new Uint8Array([0x41, 0x0a, 0x41, 0xc3, 0x28]))).message).toBe(
      'line 2: not UTF-8 text',
    );
  });
});

const examples = new URL('../../../shared/design/examples/', import.meta.url);
describe.skipIf(!existsSync(examples))('the worked examples (skipped where ../shared is absent)', () => {
  it.each(['malu', 'ned', 'walt'])('%s.json is read', (name) => {
    const document = read(readFileSync(new URL(`${name}.json`, examples), 'utf8'));
    expect(document.patients.map(({ fields }) => fields.id)).toEqual([name]);
    expect(document.patients[0]?.notes.length).toBeGreaterThan(1);
  });
});
