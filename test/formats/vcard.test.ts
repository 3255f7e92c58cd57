import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCivilDate } from '../../src/dates/civil.ts';
import { issueLine } from '../../src/domain/import-issues.ts';
import type { GivenDocument } from '../../src/domain/interchange.ts';
import { Failure } from '../../src/errors.ts';
import { readVcards } from '../../src/formats/vcard.ts';
import { fixtureBytes } from '../support/imports.ts';
import { failureOf } from '../support/values.ts';

const today = readCivilDate('2026-03-12') ?? expect.fail('a date');
const read = (content: string | Uint8Array, skipBad = false): GivenDocument =>
  readVcards(typeof content === 'string' ? Buffer.from(content) : content, {
    cleanNames: false,
    skipBad,
    today,
  });
const card = (...lines: readonly string[]): string =>
  ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n');
const fieldsOf = (content: string | Uint8Array) => read(content).patients.map(({ fields }) => fields);
const one = (...lines: readonly string[]) => fieldsOf(card(...lines))[0];

describe('vCards', () => {
  it('of 2.1: a long text of many bytes in quoted printable', () => {
    const note = `NOTE;ENCODING=QUOTED-PRINTABLE:${'世'.repeat(99_900)}`;
    const name = `FN;ENCODING=QUOTED-PRINTABLE:${'世'.repeat(99_900)}`;
    expect(one('FN:Ann Lee', note)).toMatchObject({ name: 'Ann Lee' });
    expect(() => one(name)).toThrow(Failure);
  });

  it('of 2.1: quoted printable, character sets, pictures and cards within cards', () => {
    const fields = fieldsOf(fixtureBytes('vcard/old.vcf'));
    expect(fields).toEqual([
      { name: 'José Luis Nuñez', birth_date: '1961-04-03', unconfirmed: ['birth_date'] },
      { name: 'Jürgen Götz', birth_date: '1950', unconfirmed: ['birth_date'] },
    ]);
    expect(JSON.stringify(fields)).not.toMatch(/word/i);
  });

  it('of 3.0 and 4.0: names without titles, nicknames, languages, folded lines, no organisations', () => {
    const document = read(fixtureBytes('vcard/new.vcf'));
    expect(document.patients.map(({ path, fields }) => [path, fields])).toEqual([
      [
        'line 1',
        {
          name: 'Wanjiru Kamau',
          goes_by: 'Ciru',
          birth_date: '1988-07',
          language: 'Swahili',
          unconfirmed: ['goes_by', 'language', 'birth_date'],
        },
      ],
      ['line 19', { name: 'Turid Moe', unconfirmed: [] }],
      ['line 24', { name: 'Wanjiru Kamau', birth_date: '1988-07', unconfirmed: ['birth_date'] }],
    ]);
    expect(document.faults.map(issueLine)).toEqual(['line 14: no card of a person']);
    expect(document.remarks).toEqual(["birthdays without a year, which can't be kept: 1"]);
    expect(JSON.stringify(document)).not.toMatch(/(?:Note|Phone|Label|Org)word/i);
  });

  it.each([
    ['BDAY:1980-03-22', '1980-03-22'],
    ['BDAY;VALUE=date:19800322', '1980-03-22'],
    ['BDAY:1953-10-15T23:10:00Z', '1953-10-15'],
    ['BDAY:1985', '1985'],
    ['bday;X-APPLE-OMIT-YEAR=1604:1604-05-01', undefined],
    ['BDAY;VALUE=text:circa 1800', undefined],
    ['BDAY:---14', undefined],
  ])('%s is %s', (line, date) => expect(one('FN:Ann Lee', line)?.birth_date).toBe(date));

  it('escapes, groups and preferences are understood', () => {
    expect(one('item1.FN:Ann\\, the\\n second', 'item2.NICKNAME:A\\;n,B')).toMatchObject({
      name: 'Ann, the second',
      goes_by: 'A;n',
    });
    expect(one('FN;PREF=2:Other', 'FN;PREF=1:Ann Lee')?.name).toBe('Ann Lee');
    expect(one('FN;X="a:b;c":Ann Lee')?.name).toBe('Ann Lee');
    expect(one('N:Lee;Ann;Mary Jo;Ms.;PhD', 'FN:Ms. Ann Lee PhD')?.name).toBe('Ann Lee');
    expect(one('N:Lee;Ann;;;')?.name).toBe('Ann Lee');
  });

  it.each([
    ['a card without its end', 'BEGIN:VCARD\nFN:Ann', 'line 1: a card without its end: END:VCARD is missing'],
    [
      'a line outside of a card',
      `${card('FN:Ann')}FN:Bo\n`,
      'line 5: outside of a card: BEGIN:VCARD is missing',
    ],
    ['a line that is none', card('FN:Ann', 'secret story'), 'line 4: not a property of a vCard'],
    ['a birthday that is none', card('FN:Ann', 'BDAY:3/4/1980'), 'line 4: BDAY: "3/4/1980" is not a date'],
    ['a birthday to come', card('FN:Ann', 'BDAY:2030-01-01'), 'line 4: BDAY: "2030-01-01" is still ahead'],
    [
      'another version',
      card('FN:Ann').replace('3.0', '5.0'),
      'line 1: a vCard of a version that is not read; 2.1, 3.0 and 4.0 are',
    ],
    ['a name without end', card(`FN:${'x'.repeat(300)}`), 'line 1: longer than 200 characters'],
  ])('%s is refused by its line', (_, content, message) => {
    expect(failureOf(() => read(content)).message).toBe(message);
    const isOpen = /^BEGIN:VCARD\nFN:Ann$/.test(content);
    const rest = isOpen ? `${content}\nEND:VCARD\n` : content;
    expect(read(`${rest}${card('FN:Ada')}`, true).patients.at(-1)?.fields.name).toBe('Ada');
  });

  it('one bad card takes no other with it', () => {
    const document = read(card('FN:Ann', 'BDAY:soon') + card('FN:Bo') + card('NOTE:no name'), true);
    expect(document.patients.map(({ fields }) => fields.name)).toEqual(['Bo']);
    expect(document.faults.map(issueLine)).toEqual([
      'line 4: BDAY: "soon" is not a date',
      'line 10: a card without a name',
    ]);
  });

  it('takes a picture of any length, folded as often as anybody likes, and no such name', () => {
    const folds = 300_000;
    const long = 'x'.repeat(100_000);
    const pictures = [
      `PHOTO;ENCODING=b:${'abcd\r\n '.repeat(folds)}`,
      `PHOTO;BASE64:\r\n${'abcd\r\n'.repeat(folds)}`,
      `NOTE;QUOTED-PRINTABLE:${'abc=\r\n'.repeat(folds)}d`,
    ];
    for (const picture of pictures) expect(one('FN:Ann', picture, 'BDAY:1980-02-01')?.name).toBe('Ann');
    const { patients, faults } = read(
      card('FN:Ann', `NICKNAME:${long}`) + card(`FN:${long}`, `X;${'TYPE=a;\r\n '.repeat(folds)}:b`, 'FN:Bo'),
      true,
    );
    expect(patients.map(({ fields }) => fields.name)).toEqual(['Ann', 'Bo']);
    expect(faults.map(issueLine)).toEqual([
      'line 4: NICKNAME has more than 100,000 characters',
      'line 8: FN has more than 100,000 characters',
      'line 9: not a property of a vCard',
    ]);
  });

  it('any name comes through its escapes and folds', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
      .map((text) => text.replace(/[\p{Cc}\p{Z}\s\\]+/gu, ' ').trim())
      .filter((text) => text !== '' && !/^vcard$/i.test(text));
    fc.assert(
      fc.property(names, fc.integer({ min: 5, max: 60 }), (name, width) => {
        const escaped = `FN:${name.replace(/[,;]/g, (mark) => `\\${mark}`)}`;
        const folded = [...escaped].reduce(
          (line, one, at) => line + (at > 0 && at % width === 0 ? '\r\n ' : '') + one,
          '',
        );
        expect(one(folded)?.name).toBe(name);
      }),
    );
  });
});
