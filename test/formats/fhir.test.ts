/** What FHIR's resources mean in our words, reader by reader; whole imports are tried in test/commands. */
import { describe, expect, it } from 'vitest';
import { readCivilDate, readTimeOfDay } from '../../src/dates/civil.ts';
import { issueLine } from '../../src/domain/import-issues.ts';
import type { GivenDocument } from '../../src/domain/interchange.ts';
import { Failure } from '../../src/errors.ts';
import { readFhir } from '../../src/formats/fhir/fhir-reader.ts';
import { NameDigits } from '../../src/formats/patient-values.ts';

const today = readCivilDate('2026-03-12') ?? expect.fail('a date');

interface How {
  readonly withTasks?: boolean;
  readonly cleanNames?: boolean;
  readonly identifierSystems?: readonly string[];
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}

const readText = (text: string, how: How = {}): Promise<GivenDocument> =>
  readFhir(linesOf(text), {
    today,
    zone: 'Asia/Kolkata',
    toLocal: (instant) => {
      const local = new Date(Date.parse(instant) + 330 * 60_000).toISOString();
      return {
        date: readCivilDate(local.slice(0, 10)) ?? expect.fail('a date'),
        time: readTimeOfDay(local.slice(11, 16)) ?? expect.fail('a time'),
      };
    },
    identifierSystems: new Set(how.identifierSystems),
    names: new NameDigits(how.cleanNames ?? false),
    withTasks: how.withTasks ?? false,
    skipBad: true,
  });
const read = (resources: unknown, how?: How): Promise<GivenDocument> =>
  readText(JSON.stringify(resources), how);

const ann = { resourceType: 'Patient', id: 'ann', name: [{ family: 'Lee', given: ['Ann'] }] };
const fieldsOf = async (more: object, how?: How) =>
  (await read({ ...ann, ...more }, how)).patients[0]?.fields;

describe('a Patient', () => {
  it.each([
    [
      'the official name first',
      [
        { use: 'usual', text: 'Annie' },
        { use: 'official', family: 'Lee', given: ['Ann', 'Jo'] },
      ],
      'Ann Jo Lee',
      'Annie',
    ],
    [
      'a nickname',
      [
        { family: 'Lee', given: ['Ann'] },
        { use: 'nickname', given: ['Nan'] },
      ],
      'Ann Lee',
      'Nan',
    ],
    [
      'a usual name with the family',
      [
        { use: 'official', family: 'Lee', given: ['Ann'] },
        { use: 'usual', family: 'Lee', given: ['Nan'] },
      ],
      'Ann Lee',
      'Nan',
    ],
    [
      'the same usual name',
      [
        { use: 'official', family: 'Lee', given: ['Ann'] },
        { use: 'usual', family: 'Lee', given: ['ann'] },
      ],
      'Ann Lee',
      undefined,
    ],
    ['a usual name alone', [{ use: 'usual', family: 'Lee', given: ['Ann'] }], 'Ann Lee', undefined],
    [
      'no old or maiden one',
      [
        { use: 'old', text: 'X' },
        { use: 'maiden', text: 'Y' },
      ],
      undefined,
      undefined,
    ],
    [
      'none whose time is over',
      [{ text: 'X', period: { end: '2002' } }, { text: 'Ann Lee' }],
      'Ann Lee',
      undefined,
    ],
    [
      'the family first where that is the custom',
      [{ use: 'official', family: '李', given: ['小明'] }],
      '李小明',
      undefined,
    ],
    ['text where parts are missing', [{ text: 'Ann  Lee', family: 'Lee' }], 'Ann Lee', undefined],
  ])('has %s', async (_, name, wanted, goesBy) => {
    const document = await read({ ...ann, name });
    expect(document.patients[0]?.fields.name).toBe(wanted);
    expect(document.patients[0]?.fields.goes_by).toBe(goesBy);
    if (wanted === undefined)
      expect(document.faults.map(issueLine)).toEqual([
        'Patient: Patient/ann has no name; rapport makes none up',
      ]);
  });

  const language = (code: string | undefined, more: object = {}, text?: string) => ({
    language: { ...(code ? { coding: [{ code }] } : {}), ...(text ? { text } : {}) },
    ...more,
  });
  it.each([
    ['the preferred one', [language('en'), language('pt-BR', { preferred: true })], 'Portuguese'],
    ['a single one', [language('nl')], 'Dutch'],
    ['none of several', [language('en'), language('nl')], undefined],
    ['none that is not preferred', [language('nl', { preferred: false })], undefined],
    ['words where there is no code', [language(undefined, { preferred: true }, 'Twi')], 'Twi'],
    ['words where the code is unknown', [language('xx-private', {}, 'Shelta')], 'Shelta'],
  ])('speaks %s', async (_, communication, wanted) => {
    expect((await fieldsOf({ communication }))?.language).toBe(wanted);
  });

  const pronouns = (value: object, ...others: readonly object[]) => ({
    extension: [
      {
        extension: [...others, { url: 'value', valueCodeableConcept: value }],
        url: 'http://hl7.org/fhir/StructureDefinition/individual-pronouns',
      },
    ],
  });
  it.each([
    ['by code', pronouns({ coding: [{ system: 'http://loinc.org', code: 'LA29520-6' }] }), 'they/them'],
    ['by words', pronouns({ text: 'xe/xem' }), 'xe/xem'],
    [
      'no longer',
      pronouns({ text: 'he/him' }, { url: 'period', valuePeriod: { end: '2025-01-01' } }),
      undefined,
    ],
    [
      'not where nobody knows',
      pronouns({
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
            code: 'unknown',
            display: 'Unknown',
          },
        ],
      }),
      undefined,
    ],
    [
      'of another extension',
      { extension: [{ url: 'http://x.example/gender', valueString: 'he/him' }] },
      undefined,
    ],
  ])('has pronouns %s', async (_, more, wanted) => expect((await fieldsOf(more))?.pronouns).toBe(wanted));

  it.each([['1974'], ['1974-12'], ['1974-12-25']])('is born %s', async (birthDate) => {
    expect((await fieldsOf({ birthDate }))?.birth_date).toBe(birthDate);
  });
  it.each([['1974-02-30'], ['25/12/1974'], ['1874-01-01'], ['2026-03-13']])(
    'is not born %s',
    async (birthDate) => {
      const { patients, faults } = await read({ ...ann, birthDate });
      expect(patients).toEqual([]);
      expect(faults.map(issueLine)[0]).toMatch(/^Patient\.birthDate: "[^"]+" is (?:not|still)/);
    },
  );

  it('keeps allowed identifiers, and no id that is a number or one of those left out', async () => {
    const identifier = [
      { system: 'https://a.example', value: 'A1' },
      { system: 'https://b.example', value: 'B1' },
      { system: 'https://a.example', value: 'L1', type: { coding: [{ code: 'DL' }] } },
    ];
    const how = { identifierSystems: ['https://a.example'] };
    expect(await fieldsOf({ identifier }, how)).toMatchObject({
      id: 'ann',
      identifiers: [{ system: 'https://a.example', value: 'A1' }],
    });
    for (const id of ['B1', '4711', '999-55-1234', 'a.b'])
      expect((await fieldsOf({ id, identifier }, how))?.id).toBeUndefined();
  });

  it('loses digits of its name where that is asked for, and is counted where not', async () => {
    const name = [{ family: 'Lee93', given: ['Ann7'] }];
    expect((await fieldsOf({ name }, { cleanNames: true }))?.name).toBe('Ann Lee');
    expect((await read({ ...ann, name })).remarks).toEqual([
      expect.stringContaining('--clean-names cuts them'),
    ]);
  });
});

describe('people around a patient', () => {
  const related = (more: object) => ({
    resourceType: 'RelatedPerson',
    patient: { reference: 'Patient/ann' },
    name: [{ text: 'Bo Lee' }],
    ...more,
  });
  it.each([
    ['a kinship code', [{ coding: [{ code: 'N' }, { code: 'DAUC', display: 'Daughter' }] }], 'daughter'],
    ['words', [{ text: 'Aunt by marriage' }], 'Aunt by marriage'],
    ['a standing', [{ coding: [{ code: 'C', display: 'Emergency Contact' }] }], 'emergency contact'],
    ['nothing', [], undefined],
  ])('are called by %s', async (_, relationship, wanted) => {
    const { patients } = await read([ann, related({ relationship })]);
    expect(patients[0]?.people.map(({ fields }) => fields.relation)).toEqual([wanted]);
  });

  it('who are no longer active, or have no name, are left out and told', async () => {
    const { patients, faults } = await read([ann, related({ active: false }), related({ name: [] })]);
    expect(patients[0]?.people).toEqual([]);
    expect(faults.map(issueLine)).toEqual([
      '[1]: a person who is no longer active',
      '[2]: a person without a name',
    ]);
  });
});

describe('an Appointment', () => {
  const appointment = (more: object) => ({
    resourceType: 'Appointment',
    id: 'a',
    status: 'booked',
    start: '2026-03-12T20:00:00Z',
    participant: [{ actor: { reference: 'Patient/ann' } }],
    ...more,
  });
  it.each([
    ['booked', '2026-03-12T20:00:00Z', 'planned', '2026-03-13', '01:30'],
    ['arrived', '2026-03-01T09:00:00+05:30', 'held', '2026-03-01', '09:00'],
    ['fulfilled', '2026-04-01T09:00:00+05:30', 'planned', '2026-04-01', '09:00'],
    ['noshow', '2026-03-01T09:00', 'missed', '2026-03-01', '09:00'],
    ['cancelled', '2026-03-14', 'cancelled', '2026-03-14', null],
  ])('that is %s', async (status, start, state, on, at) => {
    const { patients } = await read([ann, appointment({ status, start })]);
    expect(patients[0]?.contacts.map(({ fields }) => fields)).toMatchObject([
      { state, on, at, time_zone: at === null ? null : 'Asia/Kolkata', uid: 'Appointment/a' },
    ]);
  });

  it.each([
    ['2026-03-12T18:30:00Z', '2026-03-13T18:30:00Z', null],
    ['2026-03-12T18:30:00Z', '2026-03-12T18:30:00Z', '00:00'],
    ['2026-03-12T18:30:00Z', '2026-03-13T09:00:00Z', '00:00'],
    ['2026-03-12T18:30:00Z', 'late', '00:00'],
  ])('from %s to %s is at %s', async (start, end, at) => {
    const { patients } = await read([ann, appointment({ start, end })]);
    expect(patients[0]?.contacts[0]?.fields).toMatchObject({ on: '2026-03-13', at });
  });

  it('of a group goes to each of them; of nobody it is told', async () => {
    const bo = { ...ann, id: 'bo', name: [{ text: 'Bo Wu' }] };
    const actors = ['Patient/ann', 'Practitioner/x', 'Patient/bo'].map((reference) => ({
      actor: { reference },
    }));
    const { patients, faults } = await read([
      ann,
      bo,
      appointment({ participant: actors }),
      appointment({ participant: actors.slice(1, 2) }),
    ]);
    expect(patients.map(({ contacts }) => contacts.length)).toEqual([1, 1]);
    expect(faults.map(issueLine)).toEqual(['[3]: an appointment without a patient']);
  });
});

describe('documents', () => {
  it('are an object, an array, a Bundle in a Bundle, or one resource a line', async () => {
    const texts = [
      JSON.stringify(ann, null, 2),
      JSON.stringify([ann]),
      JSON.stringify({
        resourceType: 'Bundle',
        entry: [{ resource: { entry: [{ resource: ann }], resourceType: 'Bundle' } }],
      }),
      `\n${JSON.stringify(ann)}\n\n`,
      `${JSON.stringify({ resourceType: 'Bundle' })}\n${JSON.stringify(ann)}`,
    ];
    const paths = await Promise.all(
      texts.map(async (text) => (await readText(text)).patients.map(({ path }) => path)),
    );
    expect(paths).toEqual([
      ['Patient'],
      ['[0]'],
      ['entry[0].resource.entry[0].resource'],
      ['Patient'],
      ['line 2: Patient'],
    ]);
  });

  it('with links of merged records give everything to the one that stands', async () => {
    const old = {
      ...ann,
      id: 'old',
      name: [{ text: 'A Lee' }],
      link: [{ type: 'replaced-by', other: { reference: 'Patient/mid' } }],
    };
    const mid = { ...ann, id: 'mid', name: [{ text: 'An Lee' }] };
    const standing = { ...ann, link: [{ type: 'replaces', other: { reference: 'Patient/mid' } }] };
    const person = {
      resourceType: 'RelatedPerson',
      patient: { reference: 'Patient/old' },
      name: [{ text: 'Bo' }],
    };
    const { patients, faults } = await read([old, person, mid, standing]);
    expect(patients.map(({ fields, people }) => [fields.name, people.length])).toEqual([['Ann Lee', 1]]);
    expect(faults.map(issueLine)).toEqual([
      '[0]: merged into another record of the same patient',
      '[2]: merged into another record of the same patient',
    ]);
  });

  it('hold nothing of a resource but what was asked for', async () => {
    const secret = 'secretsecretsecret';
    const document = await read({
      ...ann,
      text: { div: secret },
      address: [{ line: [secret] }],
      telecom: [{ value: secret }],
      photo: [{ data: secret }],
      contained: [{ resourceType: 'Condition', code: { text: secret } }],
      _birthDate: { extension: [{ url: secret, valueDateTime: secret }] },
      extension: [{ url: secret, valueString: secret }],
      identifier: [{ system: secret, value: secret }],
    });
    expect(document.patients).toHaveLength(1);
    expect(JSON.stringify(document)).not.toContain(secret);
  });

  it.each([
    ['a resource that is no object', '[1]', '[0]: not a resource'],
    ['a type that is none', '{"resourceType":7}', 'the file: no resourceType'],
    ['an entry that is none', '{"resourceType":"Bundle","entry":[7]}', 'entry[0]: not an object'],
    ['entries that are none', '{"resourceType":"Bundle","entry":7}', 'entry: 7 is not a list'],
    [
      'a name of a wrong type',
      JSON.stringify({ ...ann, name: [{ family: 7 }] }),
      'Patient.name[0].family: not a text',
    ],
  ])('%s is told by its place', async (_, text, message) => {
    expect((await readText(text)).faults.map(issueLine)).toEqual([message]);
  });

  it.each([
    ['{"resourceType":"Patient"} x', 'not valid JSON'],
    [`${'['.repeat(300)}${']'.repeat(300)}`, 'nested too deeply'],
    [`{"resourceType":"Patient"}\n{"resourceType":"Patient",}`, 'not valid JSON at line 2'],
    ['\n \n', 'the file is empty'],
  ])('%j ends the reading', async (text, message) => {
    await expect(readText(text)).rejects.toThrow(Failure);
    await expect(readText(text)).rejects.toThrow(message);
  });
});
