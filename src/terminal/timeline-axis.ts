/** The axis of a drawn timeline, its signs and their legend. */
import { addMonths, type CivilDate, daysBetween, monthOf, shortMonthName, yearOf } from '../dates/civil.ts';
import type { Timeline, TimelineEvent, TimelineLane, TimelineState } from '../domain/timeline-events.ts';

interface TimeAxis {
  readonly columns: number;
  readonly columnOf: (day: CivilDate) => number | undefined;
  readonly lines: readonly [labels: string, ticks: string];
}

interface Tick {
  readonly day: CivilDate;
  readonly label: string;
}

const labelGap = 2;
const fewMonths = 20;
/** Months between two ticks. */
const steps = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200] as const;
const year = 12;

const monthNumber = (day: CivilDate): number => yearOf(day) * year + monthOf(day) - 1;

/** @param start the first of a month */
function ticksEvery(step: number, start: CivilDate, to: CivilDate): readonly Tick[] {
  const length = monthNumber(to) - monthNumber(start) + 1;
  return Array.from({ length }, (_, index) => addMonths(start, index))
    .filter((day) => monthNumber(day) % step === 0)
    .map((day) => ({ day, label: monthOf(day) === 1 ? String(yearOf(day)) : shortMonthName(monthOf(day)) }));
}

const areApart = (ticks: readonly Tick[], columnOf: (day: CivilDate) => number): boolean =>
  ticks.every(({ day, label }, place) => {
    const next = ticks[place + 1];
    return next === undefined || columnOf(next.day) - columnOf(day) >= label.length + labelGap;
  });

function linesOf(
  ticks: readonly Tick[],
  columns: number,
  columnOf: (day: CivilDate) => number,
): TimeAxis['lines'] {
  let labels = '';
  const marks = Array.from({ length: columns }, () => '-');
  for (const { day, label } of ticks) {
    const column = columnOf(day);
    marks[column] = '|';
    if (column + label.length <= columns) labels = labels.padEnd(column) + label;
  }
  return [labels, marks.join('')];
}

/** Starts at the first day of the year, or of the month where there are few. @param columns at least 8 */
export function makeTimeAxis(from: CivilDate, to: CivilDate, columns: number): TimeAxis {
  const isShort = monthNumber(to) - monthNumber(from) < fewMonths;
  const start = `${from.slice(0, isShort ? 7 : 4)}${isShort ? '' : '-01'}-01` as CivilDate;
  const days = Math.max(1, daysBetween(start, to));
  const place = (day: CivilDate): number => Math.round((daysBetween(start, day) / days) * (columns - 1));
  const candidates = steps
    .filter((step) => isShort || step >= year)
    .map((step) => ticksEvery(step, start, to));
  const ticks = candidates.find((one) => one.length > 0 && areApart(one, place)) ?? [];
  return {
    columns,
    columnOf: (day) => (day < start || day > to ? undefined : place(day)),
    lines: linesOf(ticks, columns, place),
  };
}

const meanings = {
  o: 'visit',
  c: 'call',
  m: 'message',
  l: 'letter',
  e: 'else',
  _: 'missed or cancelled',
  '+': 'kept',
  '~': 'kept late',
  '!': 'late, open',
  '.': 'planned or open',
  '-': 'dropped',
  '@': 'milestone',
  x: 'loss',
} as const;
type Sign = keyof typeof meanings;

const channelSigns: Readonly<Record<string, Sign>> = { call: 'c', message: 'm', letter: 'l' };

const stateSigns: Readonly<Record<Exclude<TimelineState, 'held'>, Sign>> = {
  planned: '.',
  missed: '_',
  cancelled: '_',
  kept: '+',
  'kept late': '~',
  late: '!',
  open: '.',
  dropped: '-',
  milestone: '@',
  died: 'x',
  loss: 'x',
};

export function signOf({ lane, kind, state }: TimelineEvent): Sign {
  if (state !== 'held') return stateSigns[state];
  return lane === 'visits' ? 'o' : (channelSigns[kind] ?? 'e');
}

function cellOf(events: readonly TimelineEvent[]): string {
  const [first] = events;
  if (first === undefined) return ' ';
  if (events.some(({ state }) => state === 'late')) return '!';
  if (events.length === 1) return signOf(first);
  return events.length > 9 ? '#' : String(events.length);
}

export function laneCells(timeline: Timeline, lane: TimelineLane, axis: TimeAxis): readonly string[] {
  const cells: TimelineEvent[][] = Array.from({ length: axis.columns }, () => []);
  for (const event of timeline.events) {
    if (event.lane !== lane) continue;
    for (const day of event.days) cells[axis.columnOf(day) ?? -1]?.push(event);
  }
  return cells.map(cellOf);
}

export function todayLine(axis: TimeAxis, on: CivilDate): string {
  const column = axis.columnOf(on) ?? 0;
  const label = 'today';
  return column >= label.length + 1 && column + label.length + 2 > axis.columns
    ? `${' '.repeat(column - label.length - 1)}${label} ^`
    : `${' '.repeat(column)}^ ${label}`;
}

export function legend(cells: readonly string[], width: number): readonly string[] {
  const used = new Set(cells);
  const signs = [...Object.entries(meanings), ['2-9', 'so many'], ['#', 'ten or more']] as const;
  const shown = signs.filter(([sign]) =>
    sign === '2-9' ? cells.some((cell) => /[2-9]/.test(cell)) : used.has(sign),
  );
  const lines: string[] = [];
  for (const [sign, meaning] of shown) {
    const part = `${sign} ${meaning}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= width)
      lines[lines.length - 1] = `${last}   ${part}`;
    else lines.push(part);
  }
  return lines;
}
