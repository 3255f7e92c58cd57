/**
 * Columns of text measured as they show: cells are made safe, cut or wrapped to the width at hand, and padded by
 * display width, so that accents, wide characters and emoji stay in line.
 */
import { cutToWidth, padToWidth, printable, widthOf, wrapToWidth } from '../domain/text.ts';

export interface ToneCell {
  readonly text: string;
  readonly tone?: (text: string) => string;
  /** Columns that the text takes, where it was made safe and measured already. */
  readonly width?: number;
}
export type Cell = ToneCell | string;
export type Row = readonly Cell[];

export interface Column {
  /** What happens when the width is short: 'keep' stays whole, 'cut' loses words, 'wrap' takes more lines. */
  readonly fit: 'keep' | 'cut' | 'wrap';
  readonly least?: number;
  readonly most?: number;
  readonly align?: 'right';
}

export interface Layout {
  readonly columns: readonly Column[];
  /** Columns of display width to stay within, the indent included. */
  readonly width: number;
  /** Blanks before each line. */
  readonly indent?: number;
}

export const gap = 2;
const narrowest = 8;

export const textOf = (cell: Cell | undefined): string => {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return printable(cell);
  return cell.width === undefined ? printable(cell.text) : cell.text;
};

const widthOfCell = (cell: Cell | undefined): number =>
  (typeof cell === 'object' ? cell.width : undefined) ?? widthOf(textOf(cell));

/** Made safe and measured once, since laying a table out asks for both many times. */
const measured = (rows: readonly Row[]): readonly Row[] =>
  rows.map((row) =>
    row.map((cell) => {
      const text = textOf(cell);
      return { ...(typeof cell === 'object' && cell), text, width: widthOf(text) };
    }),
  );

export const paint = (cell: Cell | undefined, text: string): string =>
  cell === undefined || typeof cell === 'string' || cell.tone === undefined || text === ''
    ? text
    : cell.tone(text);

/** A column that gives way says little when it is narrower than this. */
const leastReadable = { wrap: 14, cut: 16, keep: 0 } as const;

/** The width of each column: its widest cell, then the widest of those that give way narrowed until all fit. */
export function columnWidths(
  rows: readonly Row[],
  { columns, width, indent = 0 }: Layout,
): readonly number[] {
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

/** The lines that a cell takes in a column of that width. */
export function cellLines(cell: Cell | undefined, column: Column, width: number): readonly string[] {
  const text = textOf(cell);
  if (column.fit === 'wrap') return wrapToWidth(text, Math.max(1, width));
  const isCut = (column.fit === 'cut' || column.most !== undefined) && widthOfCell(cell) > width;
  return [isCut ? cutToWidth(text, width) : text];
}

/** Whether columns of these widths are of use: on a narrow terminal cells had better follow one another. */
export function areReadable(
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

/** The cells of a row one behind the other, in as many lines as they need; what follows the first line is indented. */
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

/** The lines of the rows, in order; a row takes as many as its tallest cell. Trailing blanks are left out. */
export function alignColumns(rows: readonly Row[], layout: Layout): readonly string[] {
  return alignRows(rows, layout).flat();
}

/** The same, with the lines of each row apart. */
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
