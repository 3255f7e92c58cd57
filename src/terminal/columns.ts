/** Text in columns, measured by display width: cells are made safe, then cut or wrapped to the terminal's width. */

import type CliTable from 'cli-table3';
import { cutToWidth, padToWidth, printable, widthOf, wrapToWidth } from '../domain/text.ts';
import type { TextStyle } from './styles.ts';

interface ToneCell {
  readonly text: string;
  readonly tone?: (text: string) => string;
  /** Display width; set once the text is safe and measured. */
  readonly width?: number;
}
export type Cell = ToneCell | string;
export type Row = readonly Cell[];

export interface Column {
  /** What a column does when space is short: 'keep' stays whole, 'cut' loses words, 'wrap' takes more lines. */
  readonly fit: 'keep' | 'cut' | 'wrap';
  readonly least?: number;
  readonly most?: number;
  readonly align?: 'right';
}

interface Layout {
  readonly columns: readonly Column[];
  /** Display columns, the indent included. */
  readonly width: number;
  readonly indent?: number;
}

const gap = 2;
const narrowest = 8;

const textOf = (cell: Cell | undefined): string => {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return printable(cell);
  return cell.width === undefined ? printable(cell.text) : cell.text;
};

const widthOfCell = (cell: Cell | undefined): number =>
  (typeof cell === 'object' ? cell.width : undefined) ?? widthOf(textOf(cell));

/** Measured once: the layout asks for each width several times. */
const measured = (rows: readonly Row[]): readonly Row[] =>
  rows.map((row) =>
    row.map((cell) => {
      const text = textOf(cell);
      return { ...(typeof cell === 'object' && cell), text, width: widthOf(text) };
    }),
  );

const paint = (cell: Cell | undefined, text: string): string =>
  cell === undefined || typeof cell === 'string' || cell.tone === undefined || text === ''
    ? text
    : cell.tone(text);

/** Below this width a column that gives way is unreadable. */
const leastReadable = { wrap: 14, cut: 16, keep: 0 } as const;

/** Widest cell per column, then the widest flexible column narrowed until all fit. */
function columnWidths(rows: readonly Row[], { columns, width, indent = 0 }: Layout): readonly number[] {
  const widths = columns.map(({ least = 0, most = Number.MAX_SAFE_INTEGER }, place) =>
    Math.min(
      most,
      rows.reduce((widest, row) => Math.max(widest, widthOfCell(row[place])), least),
    ),
  );
  const room = width - indent - gap * (widths.filter((column) => column > 0).length - 1);
  let excess = widths.reduce((sum, column) => sum + column, 0) - room;
  while (excess > 0) {
    const places = columns.flatMap(({ fit }, place) =>
      fit !== 'keep' && (widths[place] ?? 0) > narrowest ? [place] : [],
    );
    const widest = Math.max(...places.map((place) => widths[place] ?? 0));
    const place = places.findLast((candidate) => widths[candidate] === widest);
    if (place === undefined) break;
    widths[place] = widest - 1;
    excess -= 1;
  }
  return widths;
}

function cellLines(cell: Cell | undefined, column: Column, width: number): readonly string[] {
  const text = textOf(cell);
  if (column.fit === 'wrap') return wrapToWidth(text, Math.max(1, width));
  const isCut = (column.fit === 'cut' || column.most !== undefined) && widthOfCell(cell) > width;
  return [isCut ? cutToWidth(text, width) : text];
}

/** False on a terminal so narrow that cells had better follow one another. */
function areReadable(
  rows: readonly Row[],
  widths: readonly number[],
  { columns, width, indent = 0 }: Layout,
): boolean {
  const shown = widths.filter((column) => column > 0);
  const total = shown.reduce((sum, column) => sum + column + gap, indent - gap);
  const isSqueezed = columns.some(
    ({ fit }, place) =>
      (widths[place] ?? 0) < leastReadable[fit] &&
      rows.some((row) => widthOfCell(row[place]) > (widths[place] ?? 0)),
  );
  return total <= width && !isSqueezed;
}

/** The cells of a row one after the other; lines after the first are indented. */
export function flowRow(
  row: Row,
  { width, indent = 0 }: Pick<Layout, 'width' | 'indent'>,
): readonly string[] {
  const further = ' '.repeat(indent + gap);
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let used = indent;
  let isEmpty = true;
  const breakLine = (): void => {
    lines.push(line);
    line = further;
    used = further.length;
    isEmpty = true;
  };
  for (const cell of row) {
    const text = textOf(cell);
    if (text === '') continue;
    if (!isEmpty && used + gap + widthOf(text) > width) breakLine();
    const room = Math.min(width - used - (isEmpty ? 0 : gap), width - further.length);
    for (const [place, part] of wrapToWidth(text, Math.max(1, room)).entries()) {
      if (place > 0) breakLine();
      line += `${isEmpty ? '' : ' '.repeat(gap)}${paint(cell, part)}`;
      used += (isEmpty ? 0 : gap) + widthOf(part);
      isEmpty = false;
    }
  }
  return isEmpty && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

/** A row takes as many lines as its tallest cell. Trailing blanks are removed. */
export function alignColumns(rows: readonly Row[], layout: Layout): readonly string[] {
  return alignRows(rows, layout).flat();
}

/** The same, with each row's lines apart. */
export function alignRows(given: readonly Row[], layout: Layout): readonly (readonly string[])[] {
  const rows = measured(given);
  const widths = columnWidths(rows, layout);
  if (!areReadable(rows, widths, layout)) return rows.map((row) => flowRow(row, layout));
  const shown = layout.columns.flatMap((column, place) => {
    const width = widths[place] ?? 0;
    return width > 0 ? [{ column, place, width }] : [];
  });
  const indent = ' '.repeat(layout.indent ?? 0);
  return rows.map((row) => {
    const cells = shown.map(({ column, place, width }) => {
      const cell = row[place];
      return { cell, column, width, lines: cellLines(cell, column, width) };
    });
    const height = Math.max(1, ...cells.map(({ lines }) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const texts = cells.map(({ cell, column, width, lines }) => {
        const text = lines[line] ?? '';
        const blanks = padToWidth(text, width).slice(text.length);
        return column.align === 'right' ? blanks + paint(cell, text) : paint(cell, text) + blanks;
      });
      return `${indent}${texts.join(' '.repeat(gap))}`.trimEnd();
    });
  });
}

interface TableLayout extends Layout {
  /** Column titles; not printed without rows. */
  readonly head?: readonly string[];
  readonly style: TextStyle;
}

/** A private-use character of width 1: cli-table3 lays these out, then the real texts replace them. */
const standIn = '\ue000';
// cli-table3's layout takes quadratic time in rows.
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

/** @returns the lines joined; an empty string without rows */
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
