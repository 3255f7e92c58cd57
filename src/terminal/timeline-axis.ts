/** The axis of a drawn timeline, its signs and their legend. */
import { addMonths, type CivilDate, daysBetween, monthOf, yearOf } from '../dates/civil.ts';
import { shortMonthName } from '../dates/wording.ts';
import type { Timeline, TimelineEvent, TimelineLane, TimelineState } from '../domain/timeline-events.ts';

export interface TimeAxis {
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
const yearSteps = [1, 2, 5, 10, 20, 50, 100] as const;
const monthSteps = [1, 3, 6] as const;

const monthStart = (day: CivilDate): CivilDate => `${day.slice(0, 7)}-01` as CivilDate;
const yearStart = (day: CivilDate): CivilDate => `${day.slice(0, 4)}-01-01` as CivilDate;

const monthsFrom = (start: CivilDate, to: CivilDate): number =>
  (yearOf(to) - yearOf(start)) * 12 + monthOf(to) - monthOf(start);

function yearTicks(start: CivilDate, to: CivilDate, step: number): readonly Tick[] {
  const years = Array.from({ length: yearOf(to) - yearOf(start) + 1 }, (_, index) => yearOf(start) + index);
  return years
    .filter((year) => year % step === 0)
    .map((year) => ({ day: `${year}-01-01` as CivilDate, label: String(year) }))
    .filter(({ day }) => day >= start);
}

function monthTicks(start: CivilDate, to: CivilDate, step: number): readonly Tick[] {
  const months = Array.from({ length: monthsFrom(start, to) + 1 }, (_, index) => addMonths(start, index));
  return months
    .filter((day) => (monthOf(day) - 1) % step === 0)
    .map((day) => ({ day, label: monthOf(day) === 1 ? String(yearOf(day)) : shortMonthName(monthOf(day)) }));
}

function areApart(ticks: readonly Tick[], columnOf: (day: CivilDate) => number): boolean {
  return ticks.every(({ day, label }, place) => {
    const next = ticks[place + 1];
    return next === undefined || columnOf(next.day) - columnOf(day) >= label.length + labelGap;
  });
}

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
  const isShort = monthsFrom(from, to) < fewMonths;
  const start = isShort ? monthStart(from) : yearStart(from);
  const days = Math.max(1, daysBetween(start, to));
  const place = (day: CivilDate): number => Math.round((daysBetween(start, day) / days) * (columns - 1));
  const candidates: readonly (readonly Tick[])[] = [
    ...(isShort ? monthSteps.map((step) => monthTicks(start, to, step)) : []),
    ...yearSteps.map((step) => yearTicks(start, to, step)),
  ];
  const ticks = candidates.find((one) => one.length > 0 && areApart(one, place)) ?? [];
  return {
    columns,
    columnOf: (day) => (day < start || day > to ? undefined : place(day)),
    lines: linesOf(ticks, columns, place),
  };
}

interface Sign {
  readonly sign: string;
  readonly meaning: string;
}

const signs = {
  held: { sign: 'o', meaning: 'visit' },
  call: { sign: 'c', meaning: 'call' },
  message: { sign: 'm', meaning: 'message' },
  letter: { sign: 'l', meaning: 'letter' },
  other: { sign: 'e', meaning: 'else' },
  missed: { sign: '_', meaning: 'missed or cancelled' },
  kept: { sign: '+', meaning: 'kept' },
  keptLate: { sign: '~', meaning: 'kept late' },
  late: { sign: '!', meaning: 'late, open' },
  ahead: { sign: '.', meaning: 'planned or open' },
  dropped: { sign: '-', meaning: 'dropped' },
  milestone: { sign: '@', meaning: 'milestone' },
  loss: { sign: 'x', meaning: 'loss' },
} as const satisfies Readonly<Record<string, Sign>>;

const channelSigns: Readonly<Record<string, Sign>> = {
  call: signs.call,
  message: signs.message,
  letter: signs.letter,
};

const stateSigns: Readonly<Record<Exclude<TimelineState, 'held'>, Sign>> = {
  planned: signs.ahead,
  missed: signs.missed,
  cancelled: signs.missed,
  kept: signs.kept,
  'kept late': signs.keptLate,
  late: signs.late,
  open: signs.ahead,
  dropped: signs.dropped,
  milestone: signs.milestone,
  died: signs.loss,
  loss: signs.loss,
};

export function signOf({ lane, kind, state }: TimelineEvent): Sign {
  if (state !== 'held') return stateSigns[state];
  return lane === 'visits' ? signs.held : (channelSigns[kind] ?? signs.other);
}

function cellOf(events: readonly TimelineEvent[]): string {
  const [first] = events;
  if (first === undefined) return ' ';
  if (events.some(({ state }) => state === 'late')) return signs.late.sign;
  if (events.length === 1) return signOf(first).sign;
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
  const known = Object.values(signs).filter(({ sign }) => used.has(sign));
  const several = cells.some((cell) => /[2-9]/.test(cell)) ? [{ sign: '2-9', meaning: 'so many' }] : [];
  const many = used.has('#') ? [{ sign: '#', meaning: 'ten or more' }] : [];
  const lines: string[] = [];
  for (const { sign, meaning } of [...known, ...several, ...many]) {
    const part = `${sign} ${meaning}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= width)
      lines[lines.length - 1] = `${last}   ${part}`;
    else lines.push(part);
  }
  return lines;
}
