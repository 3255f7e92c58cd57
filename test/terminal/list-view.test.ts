/** Lists on a wide screen, on a narrow one, and for a screen reader. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../../src/domain/text.ts';
import { type Column, listLines, listRows } from '../../src/terminal/list-view.ts';
import { plainStyle, styleFor } from '../../src/terminal/styles.ts';
import { screenOf, taggedStyle } from '../support/rendering.ts';

const coloured = styleFor(process.stdout, {}, 'always');

type Row = readonly string[];
type Parts = Omit<Column<Row>, 'cell'>;
const columnsOf = (...parts: readonly Parts[]): readonly Column<Row>[] =>
  parts.map((part, at) => ({ ...part, cell: (row) => row[at] ?? '' }));
const columns = columnsOf({}, { fit: 'cut', least: 6 }, { fit: 'wrap' });
const any = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('columns', () => {
  const rows = [
    ['a1', 'María José', 'lives by the sea'],
    ['b2', '王小明', 'ends here'],
    ['c3', 'अनीता शर्मा', 'और'],
    ['d4', '👩‍👩‍👧 Ana', 'up'],
  ];

  it.each([plainStyle, coloured])('line up whatever the script', async (style) => {
    const toned = columnsOf({}, { fit: 'cut', tone: 'overdue' }, { fit: 'wrap' });
    const lines = await listLines(rows, toned, screenOf(60, style), { indent: 1 });
    const start = widthOf(' a1  María José  ');
    for (const [place, text] of ['lives', 'ends', 'और', 'up'].entries()) {
      const line = (lines[place] ?? '').replace(/\u001b\[\d+m/g, '');
      expect(widthOf(line.slice(0, line.indexOf(text)))).toBe(start);
    }
  });

  it('cut at a word to fit, and leave empty columns out', async () => {
    const four = columnsOf({}, { fit: 'cut' }, { fit: 'cut' }, {});
    expect(
      await listLines(
        [['k7m2q', '', 'Ask cardiology about a cheaper pill', 'due today']],
        four,
        screenOf(40),
      ),
    ).toEqual(['k7m2q  Ask cardiology about…   due today']);
  });

  it('put numbers to the right, and have heads', async () => {
    const counted = columnsOf({ title: '' }, { title: 'new', align: 'right' });
    const rows = [
      ['a', '9'],
      ['b', '1000'],
    ];
    expect(await listLines(rows, counted, screenOf(40), { head: true })).toEqual([
      '    new',
      'a     9',
      'b  1000',
    ]);
    expect(await listLines([], counted, screenOf(40), { head: true })).toEqual([]);
  });

  it('wrap the column that may', async () => {
    const lines = await listLines(
      [
        ['k7m2q', 'Malu', 'Sings in the parish choir on Thursdays'],
        ['h3p8t', '', 'Short'],
      ],
      columns,
      screenOf(34),
    );
    expect(lines).toEqual([
      'k7m2q  Malu    Sings in the parish',
      '               choir on Thursdays',
      'h3p8t          Short',
    ]);
  });

  it('keep tones on their own cells, and what stands below a cell in its column', async () => {
    const stacked: readonly Column<Row>[] = [
      { cell: ([ref = '']) => ref, tone: 'ref' },
      { cell: ([, text = '', more = '']) => [text, { text: more, tone: 'quiet' }] },
    ];
    expect(await listLines([['a', '王小明', 'b']], stacked, screenOf(60, taggedStyle))).toEqual([
      '<ref>a</ref>  王小明',
      '   <quiet>b</quiet>',
    ]);
  });

  it('stay within the width, in line, for any text, and lose no row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constant('abcde'), any, any), { maxLength: 12 }),
        async (rows) => {
          const lines = await listRows(rows, columns, screenOf(40, coloured));
          expect(lines).toHaveLength(rows.length);
          for (const line of lines.flat()) expect(widthOf(line)).toBeLessThanOrEqual(40);
          for (const [first = ''] of lines) expect(first.startsWith('abcde')).toBe(true);
        },
      ),
    );
  });

  it('show what was typed without its effect', async () => {
    expect(await listLines([['a\u001b[2J', 'b\nc', 'd\u202e']], columns, screenOf(60))).toEqual([
      'a\\u{1b}[2J  b c     d\\u{202e}',
    ]);
  });
});

describe('on a narrow screen', () => {
  const words = fc.array(fc.constantFrom('a', 'tea', 'recipe', '李明', 'مريم', '👩‍⚕️', 'x'.repeat(30)), {
    maxLength: 9,
  });

  it('cells follow one another, lose nothing, and never leave the width', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          words.map((parts) => parts.join(' ')),
          { minLength: 1, maxLength: 6 },
        ),
        fc.integer({ min: 20, max: 90 }),
        fc.nat(3),
        async (row, width, indent) => {
          // A column that can't be narrowed to the screen makes the cells flow.
          const flowing = columnsOf({}, ...row.map(() => ({})));
          const lines = await listLines([['y'.repeat(width), ...row]], flowing, screenOf(width), { indent });
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
          const bare = (text: string): string => text.replace(/\s/gu, '');
          expect(bare(lines.join(''))).toBe('y'.repeat(width) + bare(row.join('')));
        },
      ),
    );
  });

  it('cells take the place of columns only where those say too little', async () => {
    const rows = [['k7m2q', 'Malu Razo', 'Low-salt recipe sheet', '86 days late']];
    const four = columnsOf({}, { fit: 'cut' }, { fit: 'wrap' }, {});
    expect(await listLines(rows, four, screenOf(60))).toEqual([
      'k7m2q  Malu Razo  Low-salt recipe sheet  86 days late',
    ]);
    expect(await listLines(rows, four, screenOf(30))).toEqual([
      'k7m2q  Malu Razo',
      '  Low-salt recipe sheet',
      '  86 days late',
    ]);
  });
});

describe('for a screen reader', () => {
  it('a row is one sentence, with the titles of its columns', async () => {
    const spoken = columnsOf({}, { title: 'seen' }, { align: 'right' });
    const screen = { ...screenOf(40), screenReader: true };
    expect(
      await listLines(
        [
          ['Malu', '9 Dec', '3  days late'],
          ['Ned', '', 'x'],
        ],
        spoken,
        screen,
        { head: true },
      ),
    ).toEqual(['Malu, seen 9 Dec, 3, days late', 'Ned, x']);
  });
});
