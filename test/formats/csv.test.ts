import { expect, it } from 'vitest';
import { readCivilDate } from '../../src/dates/civil.ts';
import { readCsv as readChunks } from '../../src/formats/csv.ts';
import { readMappings } from '../../src/formats/csv-mapping.ts';

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
  const options = optionsOf(['name=a']);
  await expect(readCsv('\n\n', options)).rejects.toThrow('the file has no rows');
  await expect(readCsv('x,'.repeat(500_000), options)).rejects.toThrow(/^line 1: too long for a row/);
});
