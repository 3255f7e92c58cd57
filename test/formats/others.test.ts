/** What others' lists, cards and resources hold where a name or a date should be, by its right value. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issueLine } from '../../src/domain/import-issues.ts';
import type { GivenDocument } from '../../src/domain/interchange.ts';
import { readCsv } from '../../src/formats/csv.ts';
import { readMappings } from '../../src/formats/csv-mapping.ts';
import { readFhir } from '../../src/formats/fhir/fhir-reader.ts';
import { readVcards } from '../../src/formats/vcard.ts';
import { day } from '../support/values.ts';

const today = day('2026-03-12');

const shown = ({ patients, faults }: GivenDocument): readonly string[] => [
  ...patients.map(({ fields: { name, birth_date, status, died_on, pronouns } }) =>
    [name, birth_date, status ?? (died_on ? 'died' : undefined), died_on, pronouns]
      .map((one) => one ?? '')
      .join('/')
      .replace(/\/+$/, ''),
  ),
  ...faults.map(issueLine),
];

const csv = async (text: string, ...maps: readonly string[]) =>
  shown(
    await readCsv([text], {
      mappings: readMappings(['name=n', ...maps]),
      cleanNames: false,
      skipBad: true,
      today,
      dateStyle: undefined,
    }),
  );

describe('a list', () => {
  it.each([
    ['n,b,d\nAnn One,1950-01-02,0000-00-00', ['Ann One/1950-01-02']],
    ['n,b,d\nAnn One,1950-00-00,9999-12-31', ['Ann One/1950']],
    ['n,b,d\nAnn One,1950-03-00,01/01/0001', ['Ann One/1950-03']],
    ['n,b,d\nAnn One,NULL,00.00.0000', ['Ann One']],
    ['n,b,d\nAnn One,n/a,-', ['Ann One']],
    ['n,b,d\nAnn One,19500102,20200304', ['Ann One/1950-01-02/died/2020-03-04']],
    ['n,b,d\nAnn One', ['Ann One']],
    ['n,b,d\nAnn One,1950', ['Ann One/1950']],
    ['n,b,d\nAnn One,1950,,,', ['Ann One/1950']],
    ['n,b,d\nAnn One,1950,2020,more', ['line 2: 4 fields, and the first row has 3']],
    ['n,b,d\nann@example.org,1950,', ['line 2: no name, but an e-mail address']],
    ['n,b,d\n+49 (30) 123-4567,1950,', ['line 2: no name, but a telephone number']],
    ['n,b,d\nunknown,1950,', ['line 2: no name']],
    ['n,b,d\nN/A,1950,', ['line 2: no name']],
    ['n,b,d\nAnn Null,1950,', ['Ann Null/1950']],
    ['n,b,d\nAnn\u200b O\u0007ne,1950,', ['Ann One/1950']],
    [
      'n,b,d\nAnn One,02/01/1950,',
      [
        "line 2: birth_date: '02/01/1950' may be 2 jan 1950 or 1 feb 1950: rapport config date-style day-first, or month-first, says which",
      ],
    ],
  ])('%j', async (text, expected) => {
    expect(await csv(text, 'birth_date=b', 'died_on=d')).toEqual(expected);
  });

  it('has any day in one column or in three', async () => {
    const dates = fc
      .date({ min: new Date('1901-01-01'), max: new Date('2025-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    await fc.assert(
      fc.asyncProperty(dates, async (date) => {
        const [year = '', month = '', on = ''] = date.split('-');
        const expected = [`Ann One/${date}`];
        expect(await csv(`n,b\nAnn One,${year}${month}${on}`, 'birth_date=b')).toEqual(expected);
        const apart = `n,y,m,d\nAnn One,${year},${Number(month)},${Number(on)}`;
        expect(await csv(apart, 'birth_date=y+m+d')).toEqual(expected);
        if (Number(on) > 12) expect(await csv(apart, 'birth_date=d+m+y')).toEqual(expected);
        expect(await csv(`n,y,m,d\nAnn One,${year},${Number(month)},`, 'birth_date=y+m+d')).toEqual([
          `Ann One/${year}-${month}`,
        ]);
      }),
    );
  });
});

const cards = (...lines: readonly string[]) =>
  shown(
    readVcards(Buffer.from(['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD', ''].join('\r\n')), {
      cleanNames: false,
      skipBad: false,
      today,
    }),
  );

describe('a card', () => {
  it.each([
    [['FN:Ann One', 'DEATHDATE:20200102'], ['Ann One//died/2020-01-02']],
    [['FN:Ann One', 'X-DEATHDATE:2020-01-02'], ['Ann One//died/2020-01-02']],
    [['FN:Ann One', 'DEATHDATE;VALUE=text:in the war'], ['Ann One//died']],
    [
      ['FN:Ann One', 'item1.X-ABDATE:2020-01-02', 'item1.X-ABLabel:_$!<Death>!$_'],
      ['Ann One//died/2020-01-02'],
    ],
    [['FN:Ann One', 'item1.X-ABDATE:2020-01-02', 'item1.X-ABLabel:_$!<Anniversary>!$_'], ['Ann One']],
    [['FN:Ann One', 'PRONOUNS;LANGUAGE=en:she/her'], ['Ann One////she/her']],
    [['FN:Ann One', 'BDAY:0000-00-00'], ['Ann One']],
    [['FN:Ann One', 'BDAY:19500000'], ['Ann One/1950']],
    [
      ['FN:Ann One', 'BDAY:31.02.1950'],
      ['Ann One', 'line 4: BDAY: "31.02.1950" is not a date'],
    ],
    [
      ['FN:Ann One', 'BDAY:2031-01-01'],
      ['Ann One', 'line 4: BDAY: "2031-01-01" is still ahead'],
    ],
    [['FN:ann@example.org'], ['line 1: a card without a name']],
    [['FN:+49 30 1234567'], ['line 1: a card without a name']],
    [['FN:ann@example.org', 'N:One;Ann;;;'], ['Ann One']],
    [['N:王;秀英;;;'], ['王秀英']],
    [['FN:秀英 王', 'N:王;秀英;;;'], ['王秀英']],
    [['FN:Ann\u202e One\u0007'], ['Ann One']],
  ])('%j', (lines, expected) => {
    expect(cards(...lines)).toEqual(expected);
  });

  it('has line ends of CR CR LF', () => {
    const quoted = ['FN;ENCODING=QUOTED-PRINTABLE:Ann=', '=20One', 'BDAY:19500102'];
    const text = ['BEGIN:VCARD', 'VERSION:2.1', ...quoted, 'END:VCARD', ''].join('\r\r\n');
    const read = readVcards(Buffer.from(text), { cleanNames: false, skipBad: false, today });
    expect(shown(read)).toEqual(['Ann One/1950-01-02']);
  });
});

async function* linesOf(value: unknown): AsyncGenerator<string> {
  yield JSON.stringify(value);
}
const fhir = (value: unknown): Promise<GivenDocument> =>
  readFhir(linesOf(value), {
    today,
    zone: 'UTC',
    toLocal: (instant) => ({ date: day(instant.slice(0, 10)), time: instant.slice(11, 16) as never }),
    identifierSystems: new Set(['https://clinic.example/mrn']),
    cleanNames: false,
    skipBad: true,
    withTasks: true,
  });
const bundle = (...resources: readonly object[]) =>
  fhir({ resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) });

describe('a resource', () => {
  const kovacs = { family: 'Kovács', given: ['János', 'Pál'] };
  it.each([
    [{ ...kovacs, text: 'Kovács János Pál' }, 'Kovács János Pál'],
    [{ ...kovacs, text: 'Dr. Kovács János Pál' }, 'Kovács János Pál'],
    [{ ...kovacs, text: 'Mr. János Pál Kovács' }, 'János Pál Kovács'],
    [{ ...kovacs, text: 'K. János' }, 'János Pál Kovács'],
    [kovacs, 'János Pál Kovács'],
    [{ family: '王', given: ['秀英'] }, '王秀英'],
  ])('has the name %j in its order', async (name, expected) => {
    expect(shown(await fhir({ resourceType: 'Patient', name: [name] }))).toEqual([expected]);
  });

  it('loses an id that holds an identifier which is not kept', async () => {
    const idOf = async (id: string, system: string, value: string) =>
      (
        await fhir({
          resourceType: 'Patient',
          id,
          name: [{ text: 'Ann One' }],
          identifier: [{ system, value }],
        })
      ).patients[0]?.fields.id;
    expect(await idOf('pat-123456-a', 'https://other.example', '12-34-56')).toBe(undefined);
    expect(await idOf('pat-123456-a', 'https://clinic.example/mrn', '123456')).toBe('pat-123456-a');
    expect(await idOf('pat-123456-a', 'https://other.example', '12')).toBe('pat-123456-a');
  });

  it('is read in its newest version, wherever that stands', async () => {
    const version = (name: string, lastUpdated: string) => ({
      resourceType: 'Patient',
      id: 'a',
      meta: { lastUpdated },
      name: [{ text: name }],
    });
    const [older, newer] = [
      version('Ann Old', '2025-01-01T00:00:00Z'),
      version('Ann New', '2026-01-01T00:00:00+01:00'),
    ];
    for (const [one, other] of [
      [older, newer],
      [newer, older],
    ]) {
      const [name, told] = shown(await bundle(one ?? {}, other ?? {}));
      expect(name).toBe('Ann New');
      expect(told).toMatch(/an older version of entry\[\d\]\.resource$/);
    }
  });

  it('of DSTU2 is named', async () => {
    const old = { resourceType: 'Patient', name: [{ family: ['One'], given: ['Ann'] }] };
    expect(shown(await fhir(old))).toEqual(['Patient: FHIR of DSTU2, which is not read; R4 is']);
  });

  it('has no visit of who declined, and calls off the one that was planned', async () => {
    const visit = (status: string) =>
      bundle(
        { resourceType: 'Patient', id: 'ann1', name: [{ text: 'Ann One' }] },
        {
          resourceType: 'Appointment',
          id: 'v',
          status: 'booked',
          start: '2026-04-01T10:00:00Z',
          participant: [{ actor: { reference: 'Patient/ann1' }, status }],
        },
      );
    const contactsOf = async (status: string) =>
      (await visit(status)).patients.flatMap(({ contacts }) => contacts);
    expect(await contactsOf('accepted')).toMatchObject([{ fields: { state: 'planned' } }]);
    expect(await contactsOf('declined')).toMatchObject([{ fields: { state: 'cancelled' }, isChange: true }]);
  });
});
