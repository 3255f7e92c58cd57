/** A write-up on the terminal: open items, the echo of each line, the summary, what was saved. */
import { businessDaysBetween, isClosed, type WorkCalendar } from '../dates/business-days.ts';
import { type CivilDate, daysBetween } from '../dates/civil.ts';
import { daysLate, echoDate, partialDate, shortDate, weekdayDate } from '../dates/wording.ts';
import type { Entry } from '../domain/capture.ts';
import type { Owner } from '../domain/records.ts';
import { cutToWidth } from '../domain/text.ts';
import type { OpenItem, SummaryLine, WriteUp } from '../domain/write-up.ts';
import { alignColumns, type Column, type Row } from './columns.ts';
import type { TextStyle } from './styles.ts';

const longestText = 480;

const labels: Readonly<Record<Owner, string>> = { me: 'promise', staff: 'staff', patient: 'patient' };

/** 'Fri 20 Mar, 6 business days'. */
const echoedDue = (due: CivilDate, on: CivilDate, calendar: WorkCalendar): string =>
  echoDate(due, on, isClosed(due, calendar) ? undefined : businessDaysBetween(on, due, calendar));

function dueState(due: CivilDate | null, on: CivilDate, owner: Owner): string {
  if (due === null) return '';
  const late = daysBetween(due, on);
  if (late === 0) return 'due today';
  return late > 0 && owner !== 'patient'
    ? `due ${shortDate(due, on)}, ${daysLate(late)}`
    : `due ${weekdayDate(due, on)}`;
}

function itemRow(item: OpenItem, on: CivilDate): Row {
  if (item.type === 'commitment') {
    const { text, owner, due } = item.record;
    return [labels[owner], text, dueState(due, on, owner)];
  }
  const { kind, text, said_on, recorded_on } = item.record;
  const said = said_on ?? recorded_on;
  return [kind, text, said === null ? '' : shortDate(said, on)];
}

function entryRow(entry: Entry, on: CivilDate, calendar: WorkCalendar): Row {
  if (entry.type === 'commitment')
    return [
      labels[entry.owner],
      cutToWidth(entry.text, longestText),
      entry.due === null ? 'no date' : echoedDue(entry.due, on, calendar),
    ];
  const isDated = entry.type === 'loss' || entry.kind === 'milestone';
  const when = entry.date === null ? 'no date' : partialDate(entry.date, on);
  return [
    entry.type === 'loss' ? 'loss' : entry.kind,
    cutToWidth(entry.text, longestText),
    isDated ? (entry.date?.startsWith('--') ? `${when}, every year` : when) : '',
  ];
}

function lineRow(line: SummaryLine, on: CivilDate, calendar: WorkCalendar): Row {
  if (line.type === 'entry') return entryRow(line.entry, on, calendar);
  if (line.type === 'gone') return ['-', 'no longer open', cutToWidth(line.words ?? '', longestText)];
  const { record } = line.item;
  return [
    line.item.type === 'commitment' ? 'kept' : 'answered',
    cutToWidth(record.text, longestText),
    cutToWidth(line.words ?? '', longestText),
  ];
}

const columns = [{ fit: 'keep', align: 'right' }, { fit: 'keep' }, { fit: 'cut' }, { fit: 'cut' }] as const;
/** Wrapped, not cut: a summary is read over before it is saved. */
const wholeColumns = columns.map((column) => (column.fit === 'cut' ? ({ fit: 'wrap' } as const) : column));

const numbered = (rows: readonly Row[], width: number, layout: readonly Column[]): readonly string[] =>
  alignColumns(
    rows.map((row, index): Row => [String(index + 1), ...row]),
    { columns: layout, width, indent: 1 },
  );

export interface WriteUpLook {
  readonly on: CivilDate;
  readonly calendar: WorkCalendar;
  readonly width: number;
  readonly style: TextStyle;
}

/** Items that are marked already keep their numbers. */
export function renderOpenItems(
  items: readonly OpenItem[],
  isPrivate: number,
  look: Pick<WriteUpLook, 'on' | 'width' | 'style'>,
): string {
  return [
    look.style.heading('OPEN'),
    ...numbered(
      items.map((item) => itemRow(item, look.on)),
      look.width,
      columns,
    ),
    ...(isPrivate > 0 ? [look.style.quiet(` +${isPrivate} private`)] : []),
  ].join('\n');
}

/** One line on what was just typed: ' promise  call with the echo result  Fri 20 Mar, 6 business days'. */
export const renderEcho = (line: SummaryLine, { on, calendar, width }: WriteUpLook): string =>
  alignColumns([lineRow(line, on, calendar)], { columns: wholeColumns.slice(1), width, indent: 3 }).join(
    '\n',
  );

export const renderSummary = (writeUp: WriteUp, title: string, look: WriteUpLook): string =>
  [
    look.style.heading(title),
    ...(writeUp.length === 0
      ? [' nothing but the contact itself']
      : numbered(
          writeUp.map((line) => lineRow(line, look.on, look.calendar)),
          look.width,
          wholeColumns,
        )),
  ].join('\n');

export interface SavedLine {
  readonly ref: string;
  readonly line: SummaryLine;
}

export const renderSaved = (saved: readonly SavedLine[], look: WriteUpLook): readonly string[] =>
  alignColumns(
    saved.map(
      ({ ref, line }): Row => [{ text: ref, tone: look.style.ref }, ...lineRow(line, look.on, look.calendar)],
    ),
    { columns: [{ fit: 'keep' }, ...wholeColumns.slice(1)], width: look.width, indent: 1 },
  );
