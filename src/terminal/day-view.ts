/** The clinic day, one line a visit without anything that was said; and the calendar of closed days. */
import type { CivilDate } from '../dates/civil.ts';
import { fullDate, weekdayName } from '../dates/wording.ts';
import { type DayVisit, notStored, type UnmatchedEvent } from '../domain/clinic-day.ts';
import { displayName, marksApart } from '../domain/patient-names.ts';
import { printable } from '../domain/text.ts';
import type { CalendarRecords, ClosedDay } from '../store/calendar-repository.ts';
import { alignColumns, type Column, type Row } from './columns.ts';
import type { TextStyle } from './styles.ts';

interface DayView {
  readonly on: CivilDate;
  readonly zone: string;
  readonly visits: readonly DayVisit[];
  /** Schedule events that match no patient. */
  readonly unmatched: readonly UnmatchedEvent[];
  readonly columns: number;
  readonly style: TextStyle;
}

/** 'tread gently, first visit, 1 overdue, 2 due today'. */
function marksOf({ patient, contact, ...visit }: DayVisit): string {
  const { channel } = contact;
  const marks = [
    channel === 'visit' ? '' : channel === 'home' ? 'home visit' : channel,
    patient.status === 'died' ? 'died' : visit.gentle > 0 ? 'tread gently' : '',
    visit.isFirstVisit ? 'first visit' : '',
    visit.overdue > 0 ? `${visit.overdue} overdue` : '',
    visit.dueToday > 0 ? `${visit.dueToday} due today` : '',
    visit.closedDayAhead > 0 ? `${visit.closedDayAhead} before a closed day` : '',
  ];
  return marks.filter((mark) => mark !== '').join(', ');
}

const states = { ahead: '', not_written_up: 'not written up', held: 'written up', missed: 'missed' } as const;

function stateCell({ state, hasDraft }: DayVisit, style: TextStyle): Row[number] {
  if (hasDraft) return { text: 'not saved yet', tone: style.due };
  return { text: states[state], tone: state === 'not_written_up' ? style.due : style.quiet };
}

const columns: readonly Column[] = [
  { fit: 'keep' },
  { fit: 'cut', least: 13 },
  { fit: 'wrap', least: 30 },
  { fit: 'wrap' },
];

function unmatchedLines({ unmatched, columns: width, style }: DayView): readonly string[] {
  if (unmatched.length === 0) return [];
  const rows = unmatched.map(
    ({ at, text, path, why }): Row => [
      at ?? '     ',
      printable(text ?? 'no words'),
      { text: `${path}: ${why}`, tone: style.quiet },
    ],
  );
  const layout: readonly Column[] = [{ fit: 'keep' }, { fit: 'cut', least: 13 }, { fit: 'wrap', least: 30 }];
  return ['', style.heading('NOT MATCHED'), ...alignColumns(rows, { columns: layout, width, indent: 1 })];
}

export function renderDay(view: DayView): string {
  const { on, zone, visits, columns: width, style } = view;
  const header = `${style.title(fullDate(on))}, ${zone}`;
  const unmatched = unmatchedLines(view);
  if (visits.length === 0) return [header, '', 'No visits', ...unmatched].join('\n');
  const marks = marksApart(new Map(visits.map(({ patient }) => [patient.id, patient])).values());
  const rows = visits.map((visit): Row => {
    const { contact, patient } = visit;
    const [name, mark] = [displayName(patient), marks.get(patient.id)];
    return [
      contact.at ?? '     ',
      mark === undefined ? name : `${name} (${mark})`,
      {
        text: marksOf(visit),
        ...(visit.gentle > 0 ? { tone: style.caution } : visit.overdue > 0 ? { tone: style.overdue } : {}),
      },
      stateCell(visit, style),
    ];
  });
  return [header, '', ...alignColumns(rows, { columns, width, indent: 1 }), ...unmatched].join('\n');
}

export const visitDocument = ({ contact, patient, ...visit }: DayVisit) => ({
  // Null for a visit that exists only in a schedule file.
  id: contact.ref === notStored ? null : contact.id,
  ref: contact.ref === notStored ? null : contact.ref,
  at: contact.at,
  channel: contact.channel,
  state: visit.state,
  patient: {
    id: patient.id,
    ref: patient.ref,
    name: patient.name,
    goes_by: patient.goes_by,
    handle: patient.handle,
    status: patient.status,
  },
  first_visit: visit.isFirstVisit,
  tread_gently: visit.gentle,
  overdue: visit.overdue,
  due_today: visit.dueToday,
  closed_day: visit.closedDayAhead,
  draft: visit.hasDraft,
});

interface CalendarLook {
  readonly columns: number;
  readonly style: TextStyle;
}

/** 'Mon 3 Aug 2026 to Fri 21 Aug 2026', or the one day. */
export const spanWords = (from: CivilDate, to: CivilDate): string =>
  from === to ? fullDate(from) : `${fullDate(from)} to ${fullDate(to)}`;

export const weekendWords = (weekend: readonly number[]): string =>
  weekend.length === 0 ? 'no day' : weekend.map(weekdayName).join(', ');

const rows = (lines: readonly Row[], { columns }: CalendarLook): readonly string[] =>
  alignColumns(lines, { columns: [{ fit: 'keep' }, { fit: 'wrap' }], width: columns, indent: 1 });

/** @param earlier number of past entries that are not shown */
export function renderCalendar(calendar: CalendarRecords, earlier: number, look: CalendarLook): string {
  const { closed_days, away, weekend } = calendar;
  const { heading, quiet } = look.style;
  return [
    heading('CLOSED DAYS'),
    ...(closed_days.length === 0 ? [' none ahead'] : []),
    ...rows(
      closed_days.map(({ on, name }) => [fullDate(on), name ?? '']),
      look,
    ),
    ...(away.length === 0 ? [] : [heading('AWAY')]),
    ...rows(
      away.map(({ from, to, reason }) => [spanWords(from, to), reason ?? '']),
      look,
    ),
    heading('WEEKEND'),
    ` ${weekendWords(weekend)}`,
    ...(earlier > 0 ? [quiet(`+ ${earlier} that passed: rapport calendar list --all`)] : []),
  ].join('\n');
}

/** `line` counts from 1. */
interface LineFault {
  readonly line: number;
  readonly fault: string;
}

const shownFaults = 20;

export function faultLines(faults: readonly LineFault[]): readonly string[] {
  const lines = faults.slice(0, shownFaults).map(({ line, fault }) => `  line ${line}: ${fault}`);
  return faults.length > shownFaults ? [...lines, `  and ${faults.length - shownFaults} more`] : lines;
}

export const dayLines = (days: readonly ClosedDay[], look: CalendarLook): readonly string[] =>
  rows(
    days.map(({ on, name }) => [fullDate(on), name ?? '']),
    look,
  );
