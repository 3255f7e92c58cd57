/**
 * Lists: columns declared once, laid out beside each other where they fit (under a head by cli-table3), one cell after
 * the other on a narrow screen, and as a sentence for a screen reader.
 */
import type CliTable from 'cli-table3';
import { cutToWidth, printable, widthOf, wrapToWidth } from '../domain/text.ts';
import type { TextStyle } from './styles.ts';

type Tone = keyof TextStyle | undefined;
type Toned = string | { readonly text: string; readonly tone?: Tone };

export interface Column<R> {
  /** Over the column where the list has a head; said before each cell to a screen reader. */
  readonly title?: string;
  /** Several cells of a row stand below each other. */
  readonly cell: (row: R) => string | readonly Toned[];
  readonly tone?: Tone | ((row: R) => Tone);
  /** When space is short: 'keep', the default, stays whole, 'cut' loses words, 'wrap' takes more lines. */
  readonly fit?: 'keep' | 'cut' | 'wrap';
  readonly least?: number;
  readonly most?: number;
  readonly align?: 'right';
}

export interface Screen {
  readonly columns: number;
  readonly style: TextStyle;
  readonly screenReader: boolean;
}

interface Layout {
  readonly indent?: number;
  /** Prints the titles over the columns; not on a narrow screen, and not without rows. */
  readonly head?: boolean;
}

interface Cell {
  readonly text: string;
  readonly width: number;
  readonly paint: (text: string) => string;
}
type Row = readonly Cell[];
type Fit = Pick<Column<never>, 'fit' | 'least' | 'most' | 'align'>;

const gap = 2;
const narrowest = 8;
/** Below this width a column that gives way is unreadable. */
const leastReadable = { wrap: 14, cut: 16, keep: 0 } as const;

function cellsOf<R>(row: R, columns: readonly Column<R>[], style: TextStyle): readonly Row[] {
  const stacks = columns.map(({ cell, tone }) => {
    const own = typeof tone === 'function' ? tone(row) : tone;
    return [cell(row)].flat().map((given): Cell => {
      const { text, tone: its = own } = typeof given === 'string' ? { text: given } : given;
      const safe = printable(text);
      return {
        text: safe,
        width: widthOf(safe),
        paint: (part) => (its && part !== '' ? style[its](part) : part),
      };
    });
  });
  return beside(stacks);
}

const blank: Cell = { text: '', width: 0, paint: (text) => text };

/** Cells that stand below each other in their columns, line by line. */
const beside = (stacks: readonly (readonly Cell[])[]): readonly Row[] =>
  Array.from({ length: Math.max(1, ...stacks.map((stack) => stack.length)) }, (_, at) =>
    stacks.map((stack) => stack[at] ?? blank),
  );

/** The widest cell of each column; then the widest flexible column gives way until all fit. */
function columnWidths(rows: readonly Row[], columns: readonly Fit[], room: number): readonly number[] {
  const widths = columns.map(({ least = 0, most = Number.MAX_SAFE_INTEGER }, at) =>
    Math.min(
      most,
      rows.reduce((widest, row) => Math.max(widest, row[at]?.width ?? 0), least),
    ),
  );
  const gaps = gap * (widths.filter((width) => width > 0).length - 1);
  for (let excess = widths.reduce((sum, width) => sum + width, gaps) - room; excess > 0; excess -= 1) {
    const flexible = widths.map((width, at) => ((columns[at]?.fit ?? 'keep') === 'keep' ? 0 : width));
    const widest = Math.max(...flexible);
    if (widest <= narrowest) break;
    widths[flexible.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function areReadable(
  rows: readonly Row[],
  columns: readonly Fit[],
  widths: readonly number[],
  room: number,
): boolean {
  const shown = widths.filter((width) => width > 0);
  const isSqueezed = columns.some(({ fit = 'keep' }, at) => {
    const width = widths[at] ?? 0;
    return width < leastReadable[fit] && rows.some((row) => (row[at]?.width ?? 0) > width);
  });
  return shown.reduce((sum, width) => sum + width + gap, -gap) <= room && !isSqueezed;
}

function linesOfCell(cell: Cell, { fit, most }: Fit, width: number): readonly Cell[] {
  const isCut = (fit === 'cut' || most !== undefined) && cell.width > width;
  const texts =
    fit === 'wrap'
      ? wrapToWidth(cell.text, Math.max(1, width))
      : [isCut ? cutToWidth(cell.text, width) : cell.text];
  return texts.map((text) => ({ ...cell, text, width: widthOf(text) }));
}

/** The cells of a row one after the other; lines after the first are indented. */
function flow(row: Row, width: number, indent: number): readonly string[] {
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
  for (const { text, width: own, paint } of row) {
    if (text === '') continue;
    if (!isEmpty && used + gap + own > width) breakLine();
    const room = Math.min(width - used - (isEmpty ? 0 : gap), width - further.length);
    for (const [at, part] of wrapToWidth(text, Math.max(1, room)).entries()) {
      if (at > 0) breakLine();
      line += `${isEmpty ? '' : ' '.repeat(gap)}${paint(part)}`;
      used += (isEmpty ? 0 : gap) + widthOf(part);
      isEmpty = false;
    }
  }
  return isEmpty && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

const borders =
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid';
const frame = {
  chars: Object.fromEntries([...borders.split(' ').map((name) => [name, '']), ['middle', ' '.repeat(gap)]]),
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/** Of text that is not ASCII, the library thinks other widths than terminals show: that of its own line over it. */
function libraryWidth(painted: string, Table: typeof CliTable): number {
  const plain = painted.replace(/\u001b\[\d+m/g, '');
  if (/^[\u0020-\u007e]*$/.test(plain)) return plain.length;
  const table = new Table({ ...frame, chars: { ...frame.chars, top: '-' } });
  table.push([plain]);
  return table.width;
}

/** A column that the screen shows. */
interface Shown {
  readonly fit: Fit;
  readonly at: number;
  readonly width: number;
}

type Join = (line: Row) => string;

/** Without a head: what is printed every day does not wait for the library, which takes longer than all of `due`. */
const padding =
  (shown: readonly Shown[]): Join =>
  (line) =>
    line
      .map(({ text, width: own, paint }, at) => {
        const room = ' '.repeat(Math.max(0, (shown[at]?.width ?? 0) - own));
        return shown[at]?.fit.align === 'right' ? room + paint(text) : paint(text) + room;
      })
      .join(' '.repeat(gap));

/** With a head, by the library. A table for each line, whose columns are off by as much as the library is about its texts. */
async function tabling(shown: readonly Shown[]): Promise<Join> {
  const { default: Table } = await import('cli-table3');
  const colAligns = shown.map(({ fit }) => fit.align ?? 'left');
  return (line) => {
    const painted = line.map(({ text, paint }) => paint(text));
    const colWidths = line.map(
      ({ width: own }, at) => (shown[at]?.width ?? 0) + libraryWidth(painted[at] ?? '', Table) - own,
    );
    const table = new Table({ ...frame, colWidths, colAligns });
    table.push(painted);
    return table.toString();
  };
}

const sentence = (rows: readonly Row[], columns: readonly Fit[], titles: readonly string[]): string =>
  rows
    .flatMap((row) =>
      columns.flatMap((_, at) => {
        const { text = '', paint = blank.paint } = row[at] ?? {};
        const said = text.trim().replace(/ {2,}/g, ', ');
        return said === '' ? [] : [`${titles[at] ?? ''}${paint(said)}`];
      }),
    )
    .join(', ');

export async function listRows<R>(
  given: readonly R[],
  columns: readonly Column<R>[],
  { columns: width, style, screenReader }: Screen,
  { indent = 0, head = false }: Layout = {},
): Promise<readonly (readonly string[])[]> {
  const rows = given.map((row) => cellsOf(row, columns, style));
  if (rows.length === 0) return [];
  if (screenReader) {
    const titles = columns.map(({ title }) => (title === undefined ? '' : `${title} `));
    return rows.map((parts) => [sentence(parts, columns, titles)]);
  }
  const titles = columns.map(
    ({ title = '' }): Cell => ({ text: title, width: widthOf(title), paint: style.heading }),
  );
  const all = [...(head ? [titles] : []), ...rows.flat()];
  const widths = columnWidths(all, columns, width - indent);
  if (!areReadable(all, columns, widths, width - indent))
    return rows.map((parts) => parts.flatMap((part) => flow(part, width, indent)));
  const shown = columns.flatMap((fit, at) =>
    (widths[at] ?? 0) > 0 ? [{ fit, at, width: widths[at] ?? 0 }] : [],
  );
  const join = head ? await tabling(shown) : padding(shown);
  const lines = all.map((row) =>
    beside(shown.map(({ fit, at, width }) => linesOfCell(row[at] ?? blank, fit, width))).map((line) =>
      `${' '.repeat(indent)}${join(line)}`.trimEnd(),
    ),
  );
  const heads = head ? lines.slice(0, 1) : [];
  const rest = lines.slice(heads.length).values();
  return [...heads, ...rows.map((parts) => parts.flatMap(() => rest.next().value ?? []))];
}

type Listed<R> = Parameters<typeof listRows<R>>;

export const listLines = async <R>(...list: Listed<R>): Promise<readonly string[]> =>
  (await listRows(...list)).flat();

/** A heading and the rows below it; nothing where there are none. */
export async function section<R>(title: string, ...[rows, columns, screen]: Listed<R>) {
  const lines = await listLines(rows, columns, screen, { indent: 1 });
  return lines.length === 0 ? [] : [screen.style.heading(title), ...lines];
}
