/** What is typed without its accents finds what has them, and never another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameKey, nameWords, narrow } from '../../src/domain/patient-names.ts';
import { fold, foldedWords } from '../../src/domain/text.ts';
import { aPatient, stored } from '../support/records.ts';

describe('a folded text', () => {
  it.each([
    ['Øyvind Åsen', 'oyvind asen'],
    ['Łukasz Żak', 'lukasz zak'],
    ['Đặng Thị Hoa', 'dang thi hoa'],
    ['Straße, STRAẞE', 'strasse, strasse'],
    ['Ægir, Œuvre, Þór, Guðrún', 'aegir, oeuvre, thor, gudrun'],
    ['Işık', 'isik'],
    ['Ёлкин', 'елкин'],
    ['Ｔｅａ ﾕｰｻﾞｰ', 'tea ユーザー'],
    ['كَتَبَ', 'كتب'],
    ['שָׁלוֹם', 'שלום'],
    ['Πέτρος', 'πετροσ'],
    // Marks of these scripts are vowels of their own: another mark is another name.
    ['प्रिया', 'प्रिया'],
    ['กี', 'กี'],
    ['が', 'が'],
    ['한', '한'],
  ])('of %s is %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it('has the same base letters, by the rules of collation, and folds no further', () => {
    const sameBase = new Intl.Collator('en', { sensitivity: 'base' });
    const letter = fc
      .integer({ min: 0x41, max: 0x24f })
      .map((code) => String.fromCodePoint(code))
      .filter(
        (one) => /\p{L}/u.test(one) && !/[þĸŋıǝƏƎ]/iu.test(one) && sameBase.compare(one, fold(one)) === 0,
      );
    fc.assert(
      fc.property(fc.string({ unit: letter, minLength: 1 }), fc.constantFrom('NFC', 'NFD'), (text, form) => {
        const folded = fold(text.normalize(form));
        expect(sameBase.compare(text, folded)).toBe(0);
        expect(fold(folded)).toBe(folded);
        expect(fold(text)).toBe(folded);
        expect(fold(text.toUpperCase())).toBe(fold(text.toUpperCase().normalize(form)));
      }),
    );
  });

  it('keeps words whole whose vowels are marks', () => {
    expect(foldedWords('राम और प्रिया')).toEqual(['राम', 'और', 'प्रिया']);
  });
});

describe('a name', () => {
  it.each([
    ["O'Neil", 'ONeil'],
    ['O’Neil', "o'neil"],
    ['Mc Donald', 'McDonald'],
    ['van der Berg', 'Vanderberg'],
    ['Kaʻiulani', 'kaiulani'],
    ['D’Angelo Russo', 'dangelo russo'],
  ])('%s is %s', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  it('is found by its parts, and by them as one', () => {
    expect(nameWords("Anne-Marie O'Neil")).toEqual(['anne', 'marie', 'o', 'neil', 'oneil']);
    expect(nameWords('Jo Mc Donald')).toEqual(['jo', 'mc', 'donald', 'mcdonald']);
    // Words that are names of their own are not joined.
    expect(nameWords('Anna Bell')).toEqual(['anna', 'bell']);
  });
});

describe('of several who may be meant', () => {
  const patient = (name: string, handle: string, goes_by: string | null = null) =>
    stored(handle, aPatient(handle, { name, goes_by }));
  const angelo = patient("D'Angelo Russo", 'dangelo');
  const hoa = patient('Đặng Thị Hoa', 'hoa', 'Hoa');

  it('a whole word comes before the beginning of a handle', () => {
    expect(narrow('dang', [angelo, hoa])).toEqual([hoa]);
    expect(narrow('Đặng', [angelo, hoa])).toEqual([hoa]);
    expect(narrow('dan', [angelo, hoa])).toEqual([angelo, hoa]);
  });

  it('a whole word does not come before the beginning of a name', () => {
    const [ann, anna] = [patient('Ann Lee', 'lee'), patient('Anna Bell', 'bell')];
    expect(narrow('ann', [ann, anna])).toEqual([ann, anna]);
  });
});
