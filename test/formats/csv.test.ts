import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCivilDate } from '../../src/dates/civil.ts';
import { issueLine } from '../../src/domain/import-issues.ts';
import { Failure } from '../../src/errors.ts';
import { readMappings } from '../../src/formats/csv-mapping.ts';
import { readCsv as readChunks } from '../../src/formats/csv-reader.ts';

const today = readCivilDate('2026-03-12') ?? expect.fail('a date');
const optionsOf = (maps: readonly string[], more: Partial<CsvOptions> = {}): CsvOptions => ({
  mappings: readMappings(maps),
  cleanNames: false,
  skipBad: false,
  today,
  dateStyle: undefined,
  ...more,
});

type CsvOptions = Parameters<typeof readChunks>[1];
const readCsv = (text: string, options: CsvOptions) => readChunks([text], options);

async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

async function fieldsOf(
  text: string,
  maps: readonly string[],
  more?: Partial<CsvOptions>,
): Promise<readonly object[]> {
  const { patients } = await readCsv(text, optionsOf(maps, more));
  return patients.map(({ fields }) => fields);
}

describe('reading a list', () => {
  it('takes what is mapped and nothing else', async () => {
    const text = 'FIRST,LAST,SSN,ADDRESS,BORN,LANG\nAnn,Lee,999-17-5017,1 Main St,1961-04-03,Thai\n';
    expect(await fieldsOf(text, ['name=FIRST+LAST', 'birth_date=BORN', 'language=LANG'])).toEqual([
      {
        name: 'Ann Lee',
        birth_date: '1961-04-03',
        language: 'Thai',
        unconfirmed: ['language', 'birth_date'],
      },
    ]);
  });

  it('reads a byte order mark, CRLF, quoted line ends, semicolons and tabs alike', async () => {
    const rows = [
      ['name', 'goes_by', 'other'],
      ['Ann "A"\nLee', 'Annie', 'x,y;z'],
      ['Bo', '', ''],
    ];
    for (const mark of [',', ';', '\t', '|']) {
      const text = `\ufeff${rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(mark)).join('\r\n')}\r\n\r\n`;
      expect(await fieldsOf(text, ['name=name', 'goes_by=goes_by'])).toEqual([
        { name: 'Ann "A" Lee', goes_by: 'Annie', unconfirmed: ['goes_by'] },
        { name: 'Bo', unconfirmed: [] },
      ]);
    }
  });

  it('finds columns in any case, and one that has a plus in its name', async () => {
    expect(await fieldsOf('First Name,A+B\nAnn,x\n', ['name=first name', 'goes_by=A+B'])).toEqual([
      { name: 'Ann', goes_by: 'x', unconfirmed: ['goes_by'] },
    ]);
  });

  it('cuts digits from names only where asked, and says that there are some', async () => {
    const text = 'A,B\nJackie93,Okuneva707\n';
    expect((await readCsv(text, optionsOf(['name=A+B']))).remarks).toEqual([
      '1 name has digits in it; --clean-names cuts them',
    ]);
    expect(await fieldsOf(text, ['name=A+B'])).toMatchObject([{ name: 'Jackie93 Okuneva707' }]);
    expect(await fieldsOf(text, ['name=A+B'], { cleanNames: true })).toMatchObject([
      { name: 'Jackie Okuneva' },
    ]);
  });

  it('keeps a death, without a time of day', async () => {
    expect(await fieldsOf('n,d\nAnn,2020-05-06T00:00:00Z\nBo,\n', ['name=n', 'died_on=d'])).toEqual([
      { name: 'Ann', died_on: '2020-05-06', unconfirmed: [] },
      { name: 'Bo', unconfirmed: [] },
    ]);
  });

  it('reads slash dates where they can mean one day only, or as the style says', async () => {
    const text = 'n,b\nAnn,03/25/1961\nBo,1961\n';
    expect(await fieldsOf(text, ['name=n', 'birth_date=b'])).toMatchObject([
      { birth_date: '1961-03-25' },
      { birth_date: '1961' },
    ]);
    const failure = await failureOf(() =>
      readCsv('n,b\nAnn,3/4/1961\n', optionsOf(['name=n', 'birth_date=b'])),
    );
    expect(failure.message).toBe("line 2: birth_date: '3/4/1961' may be 3 apr 1961 or 4 mar 1961");
    expect(
      await fieldsOf('n,b\nAnn,3/4/1961\n', ['name=n', 'birth_date=b'], { dateStyle: 'day-first' }),
    ).toMatchObject([{ birth_date: '1961-04-03' }]);
  });

  it('names faults by the line on which the row begins', async () => {
    const text = 'n,b\n"An\nn",1961\n"Bo\n\nLee",31 feb 1961\nCy,tomorrow\n';
    const { faults, patients } = await readCsv(
      text,
      optionsOf(['name=n', 'birth_date=b'], { skipBad: true }),
    );
    expect(patients.map(({ path }) => path)).toEqual(['line 2']);
    expect(faults.map(issueLine)).toEqual([
      'line 4: birth_date: not a date',
      'line 7: birth_date: "tomorrow" is not a date',
    ]);
  });

  it.each([
    ['a row too short', 'a,b\nAnn\n', 'line 2: 1 field, and the first row has 2'],
    ['no name', 'a,b\n,1961\n', 'line 2: no name'],
    ['an open quote', 'a,b\n"Ann,1961\nBo,1962\n', 'line 3: a quote is left open'],
    ['a stray quote', 'a,b\nAnn,"19"61\n', 'line 2: a quote in the wrong place'],
    [
      'a number of the government',
      'a,b\n999-17-5017,1961\n',
      'line 2: name: looks like a government number, which rapport does not keep',
    ],
    ['a date ahead', 'a,b\nAnn,2061-01-01\n', "line 2: birth_date: '2061-01-01' is still ahead: 2061-01-01"],
  ])('refuses %s', async (_, text, message) => {
    expect((await failureOf(() => readCsv(text, optionsOf(['name=a', 'birth_date=b'])))).message).toBe(
      message,
    );
  });

  it('is the same however its text arrives, but for the first line', async () => {
    const text = 'sep=;\r\nn;b\r\n"An\nn; ""Ü""";1961\r\n\r\nBo;31 feb 1961\r\nŻuk;1950-04\r\n"open;1951\r\n';
    const options = optionsOf(['name=n', 'birth_date=b'], { skipBad: true });
    const whole = await readCsv(text, options);
    expect(whole.patients).toHaveLength(2);
    for (let length = 1; length < 12; length += 1) {
      const rest = text.slice(12).match(new RegExp(`[^]{1,${length}}`, 'g')) ?? [];
      expect(await readChunks([text.slice(0, 12), ...rest], options)).toEqual(whole);
    }
  });

  it('refuses an empty file and a file of one endless row', async () => {
    expect((await failureOf(() => readCsv('\n\n', optionsOf(['name=a'])))).message).toBe(
      'the file has no rows',
    );
    expect((await failureOf(() => readCsv('x,'.repeat(500_000), optionsOf(['name=a'])))).message).toMatch(
      /^line 1: too long for a row/,
    );
  });
});

describe('--map', () => {
  const header = 'Id,FIRST,LAST,SSN,ADDRESS\n1,Ann,Lee,2,3\n';

  it.each([
    [['nam=FIRST'], "--map: 'nam' is not a field", 'did you mean name?'],
    [['name='], '--map name: which column?', 'write --map name=COLUMN'],
    [
      ['name=FIRST', 'name=LAST'],
      '--map name is given twice',
      'join columns with +, as in --map name=FIRST+LAST',
    ],
    [['name=FRIST'], "--map name: no column 'FRIST'", 'did you mean FIRST?'],
    [
      ['name=FIRST', 'goes_by=SSN'],
      "--map goes_by: column 'SSN' holds what rapport does not keep",
      'government numbers and addresses belong in the chart',
    ],
    [
      ['name=FIRST', 'language=ADDRESS'],
      "--map language: column 'ADDRESS' holds what rapport does not keep",
      'government numbers and addresses belong in the chart',
    ],
    [['goes_by=FIRST'], 'which column is the name?', 'say --map name=COLUMN, or --map name=FIRST+LAST'],
    [[], 'which column is the name?', 'say --map name=COLUMN, or --map name=FIRST+LAST'],
  ])('%j is refused', async (maps, message, hint) => {
    const failure = await failureOf(() => readCsv(header, optionsOf(maps)));
    expect(failure.message).toBe(message);
    expect(failure.hints[0]).toBe(hint);
    expect(failure.exit).toBe('usage');
  });

  it('lists the columns beside a wrong one, also when bad rows are to be skipped', async () => {
    const failure = await failureOf(() => readCsv(header, optionsOf(['name=Vorname'], { skipBad: true })));
    expect(failure.hints).toEqual(['columns: Id, FIRST, LAST, SSN, ADDRESS']);
  });
});

const list = new URL('../../../shared/inputs/csv/synthea-patients.csv', import.meta.url);
describe.skipIf(!existsSync(list))('the Synthea list (skipped where ../shared is absent)', () => {
  it('is read whole, with its deaths, and without what was not mapped', async () => {
    const text = readFileSync(list, 'utf8');
    const { patients } = await readCsv(
      text,
      optionsOf(['name=FIRST+LAST', 'birth_date=BIRTHDATE', 'died_on=DEATHDATE'], { cleanNames: true }),
    );
    const rows = text.trim().split('\n').slice(1);
    expect(patients).toHaveLength(rows.length);
    expect(patients.filter(({ fields }) => fields.died_on !== undefined)).toHaveLength(
      rows.filter((row) => row.split(',')[2] !== '').length,
    );
    const kept = JSON.stringify(patients);
    expect(kept).not.toMatch(/\d{3}-\d{2}-\d{4}|Massachusetts|S9999|nonhispanic/);
    expect(patients.map(({ fields }) => fields.name).join()).not.toMatch(/\d/);
  });
});
