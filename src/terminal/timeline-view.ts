/** A timeline as a drawing with a legend, and as lines for a screen reader. */
import {
  addMonths,
  count,
  daysLate,
  fullDate,
  howLong,
  monthName,
  type PartialDate,
  plainDate,
} from '../dates/civil.ts';
import { displayName, patientDocument } from '../domain/patient-names.ts';
import { padToWidth, pick, present, printable, wrapToWidth } from '../domain/text.ts';
import {
  type Timeline,
  type TimelineEvent,
  type TimelineLane,
  type TimelineState,
  timelineLanes,
} from '../domain/timeline-events.ts';
import { type Column, listLines, type Screen } from './list-view.ts';
import { laneCells, legend, makeTimeAxis, signOf, todayLine } from './timeline-axis.ts';

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
  const what = {
    kept: 'promise kept',
    'kept late': 'promise kept',
    late: 'promise open',
    open: 'promise open',
  }[state as 'kept'];
  const whose = owner === null || owner === 'me' ? '' : { staff: 'staff ', patient: 'their ' }[owner];
  return with_(whose + (what ?? 'promise dropped') + (days === null ? '' : `, ${daysLate(days)}`));
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
const inOrder = (events: readonly TimelineEvent[]): readonly TimelineEvent[] => [
  ...events.filter(({ yearly }) => !yearly),
  ...events.filter(({ yearly }) => yearly),
];

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
  let year = '';
  for (const event of events.filter(({ yearly }) => !yearly)) {
    if (event.on.slice(0, 4) !== year) {
      year = event.on.slice(0, 4);
      lines.push(`Year ${year}`);
    }
    lines.push(`${dateWords(event.date, false)}, ${wordsOf(event)}`);
  }
  const yearly = events.filter((event) => event.yearly);
  if (yearly.length > 0) lines.push('Every year');
  lines.push(...yearly.map((event) => `${dateWords(event.date, true).slice(6)}, ${wordsOf(event)}`));
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
