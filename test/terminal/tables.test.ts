import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/domain/text.ts';
import { alignColumns, type Column, type Row, renderTable } from '../../src/terminal/columns.ts';
import { colouredStyle, plainStyle } from '../../src/terminal/styles.ts';
import { taggedStyle } from '../support/rendering.ts';

const columns: readonly Column[] = [{ fit: 'keep' }, { fit: 'cut', least: 6 }, { fit: 'wrap' }];

const rows: readonly Row[] = [
  ['a1', 'María José', 'lives by the sea'],
  ['b2', '王小明', 'ends here'],
  ['c3', 'अनीता शर्मा', 'और'],
  ['d4', '👩‍👩‍👧 Ana', ''],
];

describe('columns', () => {
  it('line up whatever the script', () => {
    const lines = alignColumns(rows, { columns, width: 60, indent: 1 });
    const start = widthOf(' a1  María José   '.replace(/ $/, ''));
    expect(lines[0]).toContain('lives by the sea');
    for (const [place, text] of [
      [0, 'lives'],
      [1, 'ends'],
      [2, 'और'],
    ] as const) {
      const line = lines[place] ?? '';
      expect(widthOf(line.slice(0, line.indexOf(text)))).toBe(start);
    }
  });

  it('cut at a word to fit, and leave empty columns out', () => {
    expect(
      alignColumns([['k7m2q', '', 'Ask cardiology about a cheaper pill', 'due today']], {
        columns: [{ fit: 'keep' }, { fit: 'cut' }, { fit: 'cut' }, { fit: 'keep' }],
        width: 40,
      }),
    ).toEqual(['k7m2q  Ask cardiology about…   due today']);
  });

  it('put numbers to the right', () => {
    expect(
      alignColumns(
        [
          ['a', '9'],
          ['b', '10'],
        ],
        {
          columns: [{ fit: 'keep' }, { fit: 'keep', align: 'right' }],
          width: 40,
        },
      ),
    ).toEqual(['a   9', 'b  10']);
  });
});

const cell = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('tables', () => {
  it('are borderless, wrap the column that may, and head their columns', async () => {
    const table = await renderTable(
      [
        ['k7m2q', { text: 'Malu', tone: plainStyle.title }, 'Sings in the parish choir on Thursdays'],
        ['h3p8t', '', 'Short'],
      ],
      { columns, width: 34, head: ['ref', 'who', 'what'], style: plainStyle },
    );
    expect(table).toBe(
      [
        'ref    who     what',
        'k7m2q  Malu    Sings in the parish',
        '               choir on Thursdays',
        'h3p8t          Short',
      ].join('\n'),
    );
  });

  it('keep tones on their own cells', async () => {
    const style = taggedStyle;
    const table = await renderTable([['a', { text: '王小明', tone: style.overdue }, 'b']], {
      columns,
      width: 40,
      style,
    });
    expect(table).toBe('a  <overdue>王小明</overdue>  b');
  });

  it('stay within the width, in line, for any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constant('abcde'), cell, cell), { maxLength: 12 }),
        async (any) => {
          const table = await renderTable(any, { columns, width: 40, style: colouredStyle() });
          for (const line of table.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40);
          expect(table.split('\n').filter((line) => line.startsWith('abcde')).length).toBe(any.length);
        },
      ),
    );
  });

  it('lose no row of a long list', async () => {
    const many = Array.from({ length: 450 }, (_, place) => [`r${place}`, 'x', '']);
    const lines = (await renderTable(many, { columns, width: 40, style: plainStyle })).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(many.map(([ref]) => ref));
  });

  it('are nothing without rows', async () => {
    expect(await renderTable([], { columns, width: 40, head: ['a', 'b', 'c'], style: plainStyle })).toBe('');
  });
});
