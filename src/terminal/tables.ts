/**
 * Lists as borderless tables. cli-table3 lays them out; the widths are ours, since its own measure is wrong for
 * several scripts and it knows nothing of the width at hand.
 */
import type CliTable from 'cli-table3';
import {
  areReadable,
  type Cell,
  type Column,
  cellLines,
  columnWidths,
  flowRow,
  gap,
  type Layout,
  paint,
  type Row,
} from './columns.ts';
import type { TextStyle } from './tones.ts';

export interface TableLayout extends Layout {
  /** Titles of the columns; left out where there are no rows. */
  readonly head?: readonly string[];
  readonly style: TextStyle;
}

/** A stand-in of one column each: the table is laid out with these, and then the true texts take their place. */
const standIn = '\ue000';
// Its layout takes time by the square of the rows.
const rowsAtOnce = 100;

const noBorders: Readonly<Record<CliTable.CharName, string>> = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
};

interface LaidCell {
  readonly cell: Cell | undefined;
  readonly lines: readonly string[];
}

/** @returns the lines of the table, joined; an empty string where there are no rows */
export async function renderTable(rows: readonly Row[], layout: TableLayout): Promise<string> {
  if (rows.length === 0) return '';
  const { widthOf } = await import('../domain/text.ts');
  const { default: Table } = await import('cli-table3');
  const head = layout.head?.map((text) => ({ text, tone: layout.style.heading }));
  const all: readonly Row[] = head === undefined ? rows : [head, ...rows];
  const widths = columnWidths(all, layout);
  if (!areReadable(all, widths, layout)) return rows.flatMap((row) => flowRow(row, layout)).join('\n');
  const shown = layout.columns.flatMap((column, place) =>
    (widths[place] ?? 0) > 0 ? [{ column, place }] : [],
  );
  const laid: readonly (readonly LaidCell[])[] = all.map((row) =>
    shown.map(({ column, place }) => ({
      cell: row[place],
      lines: cellLines(row[place], column, widths[place] ?? 0),
    })),
  );
  const table = (slice: readonly (readonly LaidCell[])[]): string => {
    const made = new Table({
      chars: noBorders,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      colWidths: shown.map(({ place }) => widths[place] ?? 0),
      colAligns: shown.map(({ column }: { column: Column }) => column.align ?? 'left'),
    });
    for (const row of slice)
      made.push(row.map(({ lines }) => lines.map((line) => standIn.repeat(widthOf(line))).join('\n')));
    const texts = slice.flatMap((row) => {
      const height = Math.max(...row.map(({ lines }) => lines.length));
      return Array.from({ length: height }, (_, line) =>
        row.flatMap(({ cell, lines }) => {
          const text = lines[line] ?? '';
          return text === '' ? [] : [paint(cell, text)];
        }),
      ).flat();
    });
    let next = 0;
    return made.toString().replace(/\ue000+/gu, () => texts[next++] ?? '');
  };
  const indent = ' '.repeat(layout.indent ?? 0);
  const slices = Array.from({ length: Math.ceil(laid.length / rowsAtOnce) }, (_, slice) =>
    table(laid.slice(slice * rowsAtOnce, (slice + 1) * rowsAtOnce)),
  );
  return slices
    .join('\n')
    .split('\n')
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n');
}
