/** The calendar in words: closed days, time away, the weekend; and what an import of closed days would bring. */
import type { CivilDate } from '../dates/civil.ts';
import { fullDate, weekdayName } from '../dates/wording.ts';
import type { CalendarRecords, ClosedDay } from '../store/store.ts';
import { alignColumns, type Row } from './columns.ts';
import type { TextStyle } from './tones.ts';

export interface CalendarLook {
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

/** @param earlier how many entries that have passed are left out */
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

/** What is wrong with a line of a file, counted from 1. */
export interface LineFault {
  readonly line: number;
  readonly fault: string;
}

const shownFaults = 20;

/** One line a fault, the first twenty. */
export function faultLines(faults: readonly LineFault[]): readonly string[] {
  const lines = faults.slice(0, shownFaults).map(({ line, fault }) => `  line ${line}: ${fault}`);
  return faults.length > shownFaults ? [...lines, `  and ${faults.length - shownFaults} more`] : lines;
}

export const dayLines = (days: readonly ClosedDay[], look: CalendarLook): readonly string[] =>
  rows(
    days.map(({ on, name }) => [fullDate(on), name ?? '']),
    look,
  );
