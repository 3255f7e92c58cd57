import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCivilDate } from '../../src/dates/civil.ts';
import { issueLine } from '../../src/domain/import-issues.ts';
import type { GivenDocument } from '../../src/domain/interchange.ts';
import { Failure } from '../../src/errors.ts';
import { noNameFault } from '../../src/formats/patient-values.ts';
import { readVcards } from '../../src/formats/vcard.ts';

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
      .filter((text) => text !== '' && !/^vcard$/i.test(text) && noNameFault(text) === undefined);
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
