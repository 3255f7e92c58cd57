import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHandle } from '../../src/domain/fields.ts';
import { createHandleMaker, makeHandle } from '../../src/domain/patient-names.ts';

const free = (): boolean => false;
const among = (taken: readonly string[]) => (handle: string) => taken.includes(handle);

describe('a handle', () => {
  it.each([
    ['María Luisa Razo', 'Malu', 'malu'],
    ['María Luisa Razo', null, 'maria'],
    ['Mrs. Jetta DuBuque', null, 'jetta'],
    ['Walter Beer', 'Mr. Beer', 'beer'],
    ['Jackie93 Okuneva707', null, 'jackie'],
    ['Øystein Łoś', null, 'oystein'],
    ["D'Arcy Wu", null, 'darcy'],
    ['Anna-Lena Groß', null, 'anna'],
    ['Мария Иванова', null, 'мария'],
    ['김철수', null, '김철수'],
    ['田中 花子', null, '田中'],
    ['فاطمة', null, 'فاطمة'],
    ['प्रिया शर्मा', null, 'प्रिया'],
    ['Dr.', null, 'dr'],
    ['12', null, '12'],
    ['!?', null, 'patient'],
    ['Ann Lee', '…', 'ann'],
  ])('of %s called %s is %s', (name, goes_by, handle) => {
    expect(makeHandle({ name, goes_by }, free)).toBe(handle);
  });

  it('gets the last name, then a number, where it is taken', () => {
    const ann = { name: 'Ann Lee', goes_by: null };
    expect(makeHandle(ann, among(['ann']))).toBe('ann-l');
    expect(makeHandle(ann, among(['ann', 'ann-l']))).toBe('ann-2');
    expect(makeHandle(ann, among(['ann', 'ann-l', 'ann-2']))).toBe('ann-3');
  });

  it('differs by more than an accent from one that is taken', () => {
    expect(makeHandle({ name: 'Йорик', goes_by: null }, among(['иорик']))).toBe('йорик-2');
  });

  it('is never given twice, however many are made', () => {
    const make = createHandleMaker(among(['ann-7']));
    const made = Array.from({ length: 20_000 }, () => make({ name: 'Ann Lee', goes_by: null }));
    expect(new Set(made).size).toBe(made.length);
    expect(made).not.toContain('ann-7');
  });

  it('can be typed: no blanks, no dash in front, small letters, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.option(fc.string({ unit: 'grapheme' })),
        (name, goes_by) => {
          const handle = makeHandle({ name, goes_by }, free);
          expect(isHandle(handle)).toBe(true);
          expect(handle).not.toMatch(/\s|^-/u);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
