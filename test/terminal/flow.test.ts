/** Rows on a terminal too narrow for columns. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/domain/text.ts';
import { alignColumns, flowRow } from '../../src/terminal/columns.ts';

const words = fc.array(fc.constantFrom('a', 'tea', 'recipe', '李明', 'مريم', '👩‍⚕️', 'x'.repeat(30)), {
  maxLength: 9,
});
const cell = words.map((parts) => parts.join(' '));

describe('a row whose cells follow one another', () => {
  it('loses nothing, in order, and never leaves the width', () => {
    fc.assert(
      fc.property(
        fc.array(cell, { maxLength: 6 }),
        fc.integer({ min: 20, max: 90 }),
        fc.nat(3),
        (row, width, indent) => {
          const lines = flowRow(row, { width, indent });
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
          const bare = (text: string): string => text.replace(/\s/gu, '');
          expect(bare(lines.join(''))).toBe(bare(row.join('')));
        },
      ),
    );
  });

  it('takes the place of columns only where those say too little', () => {
    const rows = [['k7m2q', 'Malu Razo', 'Low-salt recipe sheet', '86 days late']];
    const columns = [{ fit: 'keep' }, { fit: 'cut' }, { fit: 'wrap' }, { fit: 'keep' }] as const;
    expect(alignColumns(rows, { columns, width: 60 })).toEqual([
      'k7m2q  Malu Razo  Low-salt recipe sheet  86 days late',
    ]);
    expect(alignColumns(rows, { columns, width: 30 })).toEqual([
      'k7m2q  Malu Razo',
      '  Low-salt recipe sheet',
      '  86 days late',
    ]);
  });
});
