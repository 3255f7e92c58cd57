/** A time axis of so many columns: which column a day stands in, and ticks with their labels at years or months. */
import { addMonths, type CivilDate, daysBetween, monthOf, yearOf } from '../dates/civil.ts';
import { shortMonthName } from '../dates/wording.ts';

export interface TimeAxis {
  readonly columns: number;
  /** The column of a day, from 0; undefined before the axis and behind it. */
  readonly columnOf: (day: CivilDate) => number | undefined;
  /** The labels of the ticks, and the ticks. */
  readonly lines: readonly [labels: string, ticks: string];
}

interface Tick {
  readonly day: CivilDate;
  readonly label: string;
}

/** Blanks between labels, at least. */
const labelGap = 2;
/** Below so many months, months are told apart as well. */
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

/** True where every label ends before the next begins. */
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

/**
 * The axis from a day to a later one, begun at the first day of its year, or of its month where there are few.
 * @param columns at least 8
 */
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
