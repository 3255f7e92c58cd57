import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHandle } from '../../src/domain/fields.ts';
import { createHandleMaker, makeHandle } from '../../src/domain/patient-names.ts';

const free = (): boolean => false;
const among = (taken: readonly string[]) => (handle: string) => taken.includes(handle);

describe('a handle', () => {
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
