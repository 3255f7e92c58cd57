/** A timeline as a drawing with a legend, and as lines for a screen reader. */
import {
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
import { laneCells, legend, makeTimeAxis, signOf, type TimeAxis, todayLine } from './timeline-axis.ts';

const labelWidth = Math.max(...timelineLanes.map((lane) => lane.length)) + 2;
const mostTold = 12;

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

/** What of the events is neither drawn nor told below the drawing. */
function notShown({ events }: Timeline, axis: TimeAxis, handle: string): readonly string[] {
  const isDrawn = ({ days }: TimelineEvent): boolean => days.some((day) => axis.columnOf(day) !== undefined);
  const earlier = events.filter(isTelling).length - mostTold;
  const beyond = events.filter((event) => !isTelling(event) && !isDrawn(event)).length;
  const how = `rapport timeline ${handle} --screen-reader`;
  return present(
    earlier > 0 && `+ ${earlier} earlier: ${how}`,
    beyond > 0 && `+ ${beyond} beyond this time: ${how}`,
  );
}

const isTelling = ({ lane, state }: TimelineEvent): boolean =>
  lane === 'milestones' || lane === 'losses' || state === 'late';

const tellingColumns: readonly Column<TimelineEvent>[] = [
  { cell: (event) => signOf(event) },
  { cell: ({ date, yearly }) => dateWords(date, yearly), tone: 'quiet' },
  { fit: 'wrap', cell: wordsOf },
];

/** @param handle quoted for a shell */
export async function renderTimeline(timeline: Timeline, handle: string, screen: Screen): Promise<string> {
  const { columns, style } = screen;
  const quiet = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => wrapToWidth(line, columns)).map(style.quiet);
  if (timeline.events.length === 0)
    return [
      ...wrapToWidth(printable(displayName(timeline.patient)), columns).map(style.title),
      'Nothing with a date yet',
      ...quiet(leftOut(timeline, handle)),
    ].join('\n');
  const axis = makeTimeAxis(timeline.from, timeline.to, columns - labelWidth);
  const [labels, ticks] = axis.lines;
  const indent = ' '.repeat(labelWidth);
  const lanes = timelineLanes
    .map((lane) => ({ lane, cells: laneCells(timeline, lane, axis) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ' '));
  const told = await listLines(timeline.events.filter(isTelling).slice(-mostTold), tellingColumns, screen);
  const { from, on, patient } = timeline;
  const since = from < on ? `, ${howLong(from, on)} since ${fullDate(from)}` : '';
  return [
    ...wrapToWidth(`${printable(displayName(patient))}${since}`, columns).map(style.title),
    ...wrapToWidth(summary(timeline), columns),
    '',
    `${indent}${labels}`.trimEnd(),
    `${indent}${style.quiet(ticks)}`,
    ...lanes.map(({ lane, cells }) => {
      const text = cells.join('').trimEnd();
      const painted = lane === 'losses' ? style.caution(text) : text.replaceAll('!', style.overdue('!'));
      return style.heading(padToWidth(lane.toUpperCase(), labelWidth)) + painted;
    }),
    `${indent}${style.quiet(todayLine(axis, on))}`,
    ...legend(
      lanes.flatMap(({ cells }) => cells),
      columns,
    ).map(style.quiet),
    ...(told.length === 0 ? [] : ['', ...told]),
    ...quiet([...notShown(timeline, axis, handle), ...leftOut(timeline, handle)]),
  ].join('\n');
}

/** For a screen reader: a year at a time, no columns, no signs. */
export function speakTimeline(timeline: Timeline, handle: string): string {
  const { events, on, patient } = timeline;
  const lines = [printable(displayName(patient)), `Today is ${fullDate(on)}. ${summary(timeline)}`];
  let year = '';
  for (const event of events) {
    if (event.yearly) continue;
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
