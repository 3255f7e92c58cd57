/** The clinic day, or several, one line a visit without anything that was said; and the calendar of closed days. */
import { type CivilDate, fullDate, weekdayDate, weekdayName } from '../dates/civil.ts';
import { type DayVisit, notStored, type UnmatchedEvent } from '../domain/clinic-day.ts';
import { displayName, marksApart, patientDocument } from '../domain/patient-names.ts';
import type { CalendarRecords, ClosedDay } from '../domain/records.ts';
import { pick, present, widthOf } from '../domain/text.ts';
import { type Column, listLines, listRows, type Screen, section } from './list-view.ts';

interface DayOfSeveral {
  readonly on: CivilDate;
  readonly isClosed: boolean;
  readonly visits: readonly DayVisit[];
}

interface DaysView {
  readonly days: readonly [DayOfSeveral, ...DayOfSeveral[]];
  readonly zone: string;
  readonly unmatched: readonly UnmatchedEvent[];
}

function marksOf({ patient, contact, ...visit }: DayVisit): string {
  const { channel } = contact;
  return present(
    channel !== 'visit' && (channel === 'home' ? 'home visit' : channel),
    patient.status === 'died' ? 'died' : visit.gentle > 0 && 'tread gently',
    visit.isFirstVisit && 'first visit',
    visit.overdue > 0 && `${visit.overdue} overdue`,
    visit.dueToday > 0 && `${visit.dueToday} due today`,
    visit.closedDayAhead > 0 && `${visit.closedDayAhead} before a closed day`,
  ).join(', ');
}

const states = { ahead: '', not_written_up: 'not written up', held: 'written up', missed: 'missed' } as const;

const visitColumns = (marks: ReadonlyMap<string, string>): readonly Column<DayVisit>[] => [
  { cell: ({ contact }) => contact.at ?? '     ' },
  {
    fit: 'cut',
    least: 13,
    cell: ({ patient }) =>
      displayName(patient) + (marks.has(patient.id) ? ` (${marks.get(patient.id)})` : ''),
  },
  {
    fit: 'wrap',
    least: 30,
    cell: marksOf,
    tone: ({ gentle, overdue }) => (gentle > 0 ? 'caution' : overdue > 0 ? 'overdue' : undefined),
  },
  {
    fit: 'wrap',
    cell: ({ state, hasDraft }) => (hasDraft ? 'not saved yet' : states[state]),
    tone: ({ state, hasDraft }) => (hasDraft || state === 'not_written_up' ? 'due' : 'quiet'),
  },
];

const unmatchedColumns: readonly Column<UnmatchedEvent>[] = [
  { cell: ({ at }) => at ?? '     ' },
  { fit: 'cut', least: 13, cell: ({ text }) => text ?? 'no words' },
  { fit: 'wrap', least: 30, cell: ({ path, why }) => `${path}: ${why}`, tone: 'quiet' },
];

/** One day is its list; of several each has a heading, which says of a day without visits that it has none. */
export async function renderDays({ days, zone, unmatched }: DaysView, screen: Screen): Promise<string> {
  const { style, columns } = screen;
  const [{ on: first }, last] = [days[0], days.at(-1) ?? days[0]];
  const span = spanWords(first, last.on);
  const fits = widthOf(`${span}, ${zone}`) <= columns;
  const visits = days.flatMap((day) => day.visits);
  const marks = marksApart(new Map(visits.map(({ patient }) => [patient.id, patient])).values());
  const rows = (await listRows(visits, visitColumns(marks), screen, { indent: 1 })).values();
  const lines = days.flatMap(({ on, isClosed, visits: own }) => {
    const remark = isClosed ? 'closed' : own.length === 0 && 'no visits';
    const heading = style.heading(present(weekdayDate(on, first), remark).join(', '));
    return [...(days.length > 1 ? [heading] : []), ...own.flatMap(() => rows.next().value ?? [])];
  });
  const others = await section('NOT MATCHED', unmatched, unmatchedColumns, screen);
  return [
    ...(fits ? [`${style.title(span)}, ${zone}`] : [style.title(span), zone]),
    '',
    ...(visits.length === 0 ? ['No visits'] : lines),
    ...(others.length === 0 ? [] : ['', ...others]),
  ].join('\n');
}

export const visitDocument = ({ contact, patient, ...visit }: DayVisit) => ({
  // Null for a visit that exists only in a schedule file.
  id: contact.ref === notStored ? null : contact.id,
  ref: contact.ref === notStored ? null : contact.ref,
  ...pick(contact, 'on', 'at', 'channel'),
  state: visit.state,
  patient: { ...patientDocument(patient), status: patient.status },
  first_visit: visit.isFirstVisit,
  tread_gently: visit.gentle,
  overdue: visit.overdue,
  due_today: visit.dueToday,
  closed_day: visit.closedDayAhead,
  draft: visit.hasDraft,
});

export const spanWords = (from: CivilDate, to: CivilDate): string =>
  from === to ? fullDate(from) : `${fullDate(from)} to ${fullDate(to)}`;

export const weekendWords = (weekend: readonly number[]): string =>
  weekend.length === 0 ? 'no day' : weekend.map(weekdayName).join(', ');

const dayColumns: readonly Column<readonly [days: string, name: string | null]>[] = [
  { cell: ([days]) => days },
  { fit: 'wrap', cell: ([, name]) => name ?? '' },
];

export const dayLines = (days: readonly ClosedDay[], screen: Screen): Promise<readonly string[]> =>
  listLines(
    days.map(({ on, name }) => [fullDate(on), name] as const),
    dayColumns,
    screen,
    { indent: 1 },
  );

/** @param earlier number of past entries that are not shown */
export async function renderCalendar(
  { closed_days, away, weekend }: CalendarRecords,
  earlier: number,
  screen: Screen,
): Promise<string> {
  const { heading, quiet } = screen.style;
  const absences = away.map(({ from, to, reason }) => [spanWords(from, to), reason] as const);
  return [
    heading('CLOSED DAYS'),
    ...(closed_days.length === 0 ? [' none ahead'] : await dayLines(closed_days, screen)),
    ...(await section('AWAY', absences, dayColumns, screen)),
    heading('WEEKEND'),
    ` ${weekendWords(weekend)}`,
    ...present(earlier > 0 && quiet(`+ ${earlier} that passed: rapport calendar list --all`)),
  ].join('\n');
}

const shownFaults = 20;

export function faultLines(faults: readonly { line: number; fault: string }[]): readonly string[] {
  return present(
    ...faults.slice(0, shownFaults).map(({ line, fault }) => `  line ${line}: ${fault}`),
    faults.length > shownFaults && `  and ${faults.length - shownFaults} more`,
  );
}
