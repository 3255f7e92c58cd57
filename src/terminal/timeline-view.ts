/** A timeline as a drawing, an axis with signs and their legend, and as lines for a screen reader. */
import {
  addMonths,
  type CivilDate,
  count,
  daysBetween,
  daysLate,
  fullDate,
  howLong,
  monthName,
  monthOf,
  type PartialDate,
  plainDate,
  shortMonthName,
  yearOf,
} from '../dates/civil.ts';
import { displayName, patientDocument } from '../domain/patient-names.ts';
import { padToWidth, pick, present, printable, sortedBy, wrapToWidth } from '../domain/text.ts';
import {
  type Timeline,
  type TimelineEvent,
  type TimelineLane,
  type TimelineState,
  timelineLanes,
} from '../domain/timeline-events.ts';
import { type Column, listLines, type Screen } from './list-view.ts';

const labelGap = 2;
const fewMonths = 20;
/** Months between two ticks. */
const steps = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200] as const;
const year = 12;

const monthNumber = (day: CivilDate): number => yearOf(day) * year + monthOf(day) - 1;

/** @param start the first of a month */
function ticksEvery(step: number, start: CivilDate, to: CivilDate) {
  const length = monthNumber(to) - monthNumber(start) + 1;
  return Array.from({ length }, (_, index) => addMonths(start, index))
    .filter((day) => monthNumber(day) % step === 0)
    .map((day) => ({ day, label: monthOf(day) === 1 ? String(yearOf(day)) : shortMonthName(monthOf(day)) }));
}

/** Starts at the first day of the year, or of the month where there are few. @param columns at least 8 */
function makeTimeAxis(from: CivilDate, to: CivilDate, columns: number) {
  const isShort = monthNumber(to) - monthNumber(from) < fewMonths;
  const start = `${from.slice(0, isShort ? 7 : 4)}${isShort ? '' : '-01'}-01` as CivilDate;
  const days = Math.max(1, daysBetween(start, to));
  const place = (day: CivilDate): number => Math.round((daysBetween(start, day) / days) * (columns - 1));
  const candidates = steps
    .filter((step) => isShort || step >= year)
    .map((step) => ticksEvery(step, start, to).map((tick) => ({ ...tick, column: place(tick.day) })));
  const ticks =
    candidates.find(
      (some) =>
        some.length > 0 &&
        some.every(({ column, label }, at) => {
          const next = some[at + 1];
          return next === undefined || next.column - column >= label.length + labelGap;
        }),
    ) ?? [];
  let labels = '';
  const marks = Array.from({ length: columns }, () => '-');
  for (const { column, label } of ticks) {
    marks[column] = '|';
    if (column + label.length <= columns) labels = labels.padEnd(column) + label;
  }
  return {
    columns,
    columnOf: (day: CivilDate): number | undefined => (day < start || day > to ? undefined : place(day)),
    lines: [labels, marks.join('')] as const,
  };
}
type TimeAxis = ReturnType<typeof makeTimeAxis>;

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

function signOf({ lane, kind, state }: TimelineEvent): Sign {
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

function laneCells(timeline: Timeline, lane: TimelineLane, axis: TimeAxis): readonly string[] {
  const cells: TimelineEvent[][] = Array.from({ length: axis.columns }, () => []);
  for (const event of timeline.events) {
    if (event.lane !== lane) continue;
    for (const day of event.days) cells[axis.columnOf(day) ?? -1]?.push(event);
  }
  return cells.map(cellOf);
}

function todayLine(axis: TimeAxis, on: CivilDate): string {
  const column = axis.columnOf(on) ?? 0;
  const label = 'today';
  return column >= label.length + 1 && column + label.length + 2 > axis.columns
    ? `${' '.repeat(column - label.length - 1)}${label} ^`
    : `${' '.repeat(column)}^ ${label}`;
}

function legend(cells: readonly string[], width: number): readonly string[] {
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

const labelWidth = Math.max(...timelineLanes.map((lane) => lane.length)) + 2;

/** '3 Apr 1961', 'April 1961', '1961', 'every 14 Jun'. */
function dateWords(date: PartialDate, yearly: boolean): string {
  if (yearly) return `every ${plainDate(`--${date.slice(-5)}` as PartialDate)}`;
  return date.length === 7 ? `${monthName(Number(date.slice(5)))} ${date.slice(0, 4)}` : plainDate(date);
}

const contactWords: Readonly<Record<string, string>> = { home: 'home visit', other: 'contact' };

function wordsOf(event: TimelineEvent): string {
  const { record, lane, kind, state, text, words, owner, daysLate: days, isTold } = event;
  const said = printable(words ?? text)
    .replace(/\s+/gu, ' ')
    .trim();
  const with_ = (what: string): string => (said === '' ? what : `${what}: ${said}`);
  if (record === 'contact') return with_(`${contactWords[kind] ?? kind} ${state}`);
  if (lane === 'losses') return (isTold ? 'told: ' : '') + said;
  if (state === 'milestone') return with_('milestone');
  const what = state === 'dropped' ? state : state.startsWith('kept') ? 'kept' : 'open';
  const whose = owner === null || owner === 'me' ? '' : { staff: 'staff ', patient: 'their ' }[owner];
  return with_(`${whose}promise ${what}` + (days === null ? '' : `, ${daysLate(days)}`));
}

/** '14 visits, 6 other contacts, 9 promises kept, 1 of them late, 1 late and open' */
function summary({ events }: Timeline): string {
  const number = (wanted: TimelineState): number => events.filter(({ state }) => state === wanted).length;
  const held = (wanted: TimelineLane): number =>
    events.filter(({ lane, state }) => lane === wanted && state === 'held').length;
  const keptLate = number('kept late');
  const kept = number('kept') + keptLate;
  const late = number('late');
  const calls = held('contacts');
  return present(
    count(held('visits'), 'visit'),
    calls > 0 && count(calls, 'other contact'),
    kept > 0 && `${count(kept, 'promise')} kept${keptLate > 0 ? `, ${keptLate} of them late` : ''}`,
    late > 0 && `${late} late and open`,
  ).join(', ');
}

const leftOut = (timeline: Timeline, handle: string): readonly string[] =>
  present(
    timeline.undated > 0 && `${timeline.undated} without a date`,
    timeline.heldBack > 0 && `${timeline.heldBack} held back: rapport brief ${handle} --all`,
    timeline.private > 0 && `+ ${timeline.private} private: rapport timeline ${handle} --sensitive`,
  );

/** What returns every year stands at the end. */
const inOrder = (events: readonly TimelineEvent[]): readonly TimelineEvent[] =>
  sortedBy(events, ({ yearly }) => [Number(yearly)]);

const eventColumns = (hasAxis: boolean): readonly Column<TimelineEvent>[] => [
  // Without the axis nothing says what the sign means.
  { cell: (event) => (hasAxis ? signOf(event) : '') },
  { cell: ({ date, yearly }) => dateWords(date, yearly), tone: 'quiet' },
  {
    fit: 'wrap',
    cell: wordsOf,
    tone: ({ lane, state }) => (state === 'late' ? 'overdue' : lane === 'losses' ? 'caution' : undefined),
  },
];

function drawing(timeline: Timeline, { columns, style }: Screen): readonly string[] {
  const axis = makeTimeAxis(timeline.from, timeline.to, columns - labelWidth);
  const [labels, ticks] = axis.lines;
  const indent = ' '.repeat(labelWidth);
  const lanes = timelineLanes
    .map((lane) => ({ lane, cells: laneCells(timeline, lane, axis) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ' '));
  return [
    `${indent}${labels}`.trimEnd(),
    `${indent}${style.quiet(ticks)}`,
    ...lanes.map(({ lane, cells }) => {
      const text = cells.join('').trimEnd();
      const painted = lane === 'losses' ? style.caution(text) : text.replaceAll('!', style.overdue('!'));
      return style.heading(padToWidth(lane.toUpperCase(), labelWidth)) + painted;
    }),
    `${indent}${style.quiet(todayLine(axis, timeline.on))}`,
    ...legend(
      lanes.flatMap(({ cells }) => cells),
      columns,
    ).map(style.quiet),
    '',
  ];
}

/** @param handle quoted for a shell. @param isList without the axis, as where all of it is less than a year old */
export async function renderTimeline(
  timeline: Timeline,
  handle: string,
  screen: Screen,
  isList: boolean,
): Promise<string> {
  const { columns, style } = screen;
  const { from, on, patient, events } = timeline;
  const below = leftOut(timeline, handle)
    .flatMap((line) => wrapToWidth(line, columns))
    .map(style.quiet);
  const name = printable(displayName(patient));
  if (events.length === 0)
    return [...wrapToWidth(name, columns).map(style.title), 'Nothing with a date yet', ...below].join('\n');
  const since = from < on ? `, ${howLong(from, on)} since ${fullDate(from)}` : '';
  const hasAxis = !isList && addMonths(from, 12) <= on;
  return [
    ...wrapToWidth(`${name}${since}`, columns).map(style.title),
    ...wrapToWidth(summary(timeline), columns),
    '',
    ...(hasAxis ? drawing(timeline, screen) : []),
    ...(await listLines(inOrder(events), eventColumns(hasAxis), screen)),
    ...below,
  ].join('\n');
}

/** For a screen reader: a year at a time, no columns, no signs. */
export function speakTimeline(timeline: Timeline, handle: string): string {
  const { events, on, patient } = timeline;
  const lines = [printable(displayName(patient)), `Today is ${fullDate(on)}. ${summary(timeline)}`];
  let heading = '';
  for (const event of inOrder(events)) {
    const own = event.yearly ? 'Every year' : `Year ${event.on.slice(0, 4)}`;
    if (own !== heading) lines.push(own);
    heading = own;
    lines.push(`${dateWords(event.date, event.yearly).replace('every ', '')}, ${wordsOf(event)}`);
  }
  return [...lines, ...leftOut(timeline, handle)].join('\n');
}

export const timelineDocument = (timeline: Timeline) => ({
  on: timeline.on,
  patient: patientDocument(timeline.patient),
  ...pick(timeline, 'from', 'to'),
  events: timeline.events.map(({ daysLate: days_late, isTold: told, days, yearly, words: _, ...event }) => ({
    ...event,
    yearly,
    days,
    days_late,
    told,
  })),
  ...pick(timeline, 'undated', 'private'),
  held_back: timeline.heldBack,
});
