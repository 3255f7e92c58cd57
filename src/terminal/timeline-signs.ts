/** The signs of a drawn timeline: one for each event, what stands in a lane's columns, and the legend below. */
import type { CivilDate } from '../dates/civil.ts';
import type { Timeline, TimelineEvent, TimelineLane, TimelineState } from '../domain/timeline.ts';
import type { TimeAxis } from './time-axis.ts';

interface Sign {
  readonly sign: string;
  readonly meaning: string;
}

/** In the order of the legend. */
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

/** One cell of a lane: its sign, how many there are where there are several, and always what is still late. */
function cellOf(events: readonly TimelineEvent[]): string {
  const [first] = events;
  if (first === undefined) return ' ';
  if (events.some(({ state }) => state === 'late')) return signs.late.sign;
  if (events.length === 1) return signOf(first).sign;
  return events.length > 9 ? '#' : String(events.length);
}

/** What stands in each column of a lane. */
export function laneCells(timeline: Timeline, lane: TimelineLane, axis: TimeAxis): readonly string[] {
  const cells: TimelineEvent[][] = Array.from({ length: axis.columns }, () => []);
  for (const event of timeline.events) {
    if (event.lane !== lane) continue;
    for (const day of event.days) cells[axis.columnOf(day) ?? -1]?.push(event);
  }
  return cells.map(cellOf);
}

/** Where today is. */
export function todayLine(axis: TimeAxis, on: CivilDate): string {
  const column = axis.columnOf(on) ?? 0;
  const label = 'today';
  return column >= label.length + 1 && column + label.length + 2 > axis.columns
    ? `${' '.repeat(column - label.length - 1)}${label} ^`
    : `${' '.repeat(column)}^ ${label}`;
}

/** What the signs of these cells mean, as lines. */
export function legend(cells: readonly string[], width: number): readonly string[] {
  const used = new Set(cells);
  const known = Object.values(signs).filter(({ sign }) => used.has(sign));
  const several = cells.some((cell) => /[2-9]/.test(cell)) ? [{ sign: '2-9', meaning: 'so many' }] : [];
  const many = used.has('#') ? [{ sign: '#', meaning: 'ten or more' }] : [];
  return joinWithin(
    [...known, ...several, ...many].map(({ sign, meaning }) => `${sign} ${meaning}`),
    width,
  );
}

/** Parts beside one another, as many as a line holds. */
function joinWithin(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= width)
      lines[lines.length - 1] = `${last}   ${part}`;
    else lines.push(part);
  }
  return lines;
}
