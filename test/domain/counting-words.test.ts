import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countWords } from '../../src/domain/text.ts';

const plainly = (text: string): number =>
  text.split(/\s+/u).filter((run) => /[\p{L}\p{N}]/u.test(run)).length;

it('a word is a run of non-spaces with a letter or digit in it, of whatever script and by whatever way it is counted', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '·',
      '“',
      '…',
      '–',
      '—',
      'é',
      'a',
      '7',
      '٣',
      '寿',
      ' ',
      '\u00a0',
      '\u2028',
      '\n',
      "'",
      'ª',
      '²',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      expect(countWords(text)).toBe(plainly(text));
    }),
    { numRuns: 3000 },
  );
});
