/** A write-up on the terminal: open items, the echo of each line, the summary, what was saved. */
import {
  type CivilDate,
  daysBetween,
  echoDate,
  everyWords,
  lateWords,
  partialDate,
  shortDate,
  weekdayDate,
} from '../dates/civil.ts';
import { businessDaysBetween, closedTest, type WorkCalendar } from '../dates/work-calendar.ts';
import type { Entry } from '../domain/capture.ts';
import type { Owner } from '../domain/records.ts';
import { cutToWidth, present } from '../domain/text.ts';
import type { EntryLine, OpenItem, OpenItems, SummaryLine, WriteUp } from '../domain/write-up.ts';
import { type Column, listLines, type Screen } from './list-view.ts';

const longestText = 480;

const labels: Readonly<Record<Owner, string>> = { me: 'promise', staff: 'staff', patient: 'patient' };

const echoedDue = (due: CivilDate, on: CivilDate, calendar: WorkCalendar): string =>
  echoDate(due, on, closedTest(calendar)(due) ? undefined : businessDaysBetween(on, due, calendar));

function dueState(due: CivilDate | null, on: CivilDate, owner: Owner): string {
  if (due === null) return '';
  const late = daysBetween(due, on);
  if (late === 0) return 'due today';
  return late > 0 && owner !== 'patient'
    ? `due ${shortDate(due, on)}, ${lateWords(due, on)}`
    : `due ${weekdayDate(due, on)}`;
}

type Words = readonly [kind: string, text: string, when: string, isDropped?: boolean];

function itemRow(item: OpenItem, on: CivilDate): Words {
  if (item.type === 'sent') {
    const { text, closed_on } = item.record;
    return ['sent', text, `${present('sent', closed_on && shortDate(closed_on, on)).join(' ')}: of use?`];
  }
  if (item.type === 'commitment') {
    const { text, owner, due } = item.record;
    return [labels[owner], text, dueState(due, on, owner)];
  }
  const { kind, text, said_on, recorded_on } = item.record;
  const said = said_on ?? recorded_on;
  return [kind, text, said === null ? '' : shortDate(said, on)];
}

/** '(about Ana, daughter)', '(for Siobhan, daughter)', '(new: Ana, daughter)'. */
function whomWords({ type, whom }: Entry): string {
  if (whom === undefined) return '';
  const who = present(whom.name, whom.relation).join(', ');
  return ` (${whom.isNew ? 'new:' : type === 'commitment' ? 'for' : 'about'} ${who})`;
}

function entryRow(entry: Entry, { on, calendar }: WriteUpDay): Words {
  const { type, text } = entry;
  const none = entry.unread === null ? 'no date' : `no date read: ${entry.unread}`;
  const label = (word: string): string =>
    `${entry.sensitive ? 'private ' : ''}${word}${entry.guessed ? '?' : ''}`;
  const isNoDeath = type === 'loss' && entry.isNoDeath;
  const whole = `${text}${whomWords(entry)}${isNoDeath ? ' (not a death)' : ''}`;
  if (type === 'commitment') {
    const due = entry.due === null ? none : echoedDue(entry.due, on, calendar);
    return [
      label(labels[entry.owner]),
      whole,
      entry.every === null ? due : `${due}, ${everyWords(entry.every)}`,
    ];
  }
  const kind = type === 'loss' ? type : entry.kind;
  const when = entry.date === null ? none : partialDate(entry.date, on);
  const whenever = type === 'note' && entry.yearly ? `${when}, every year` : when;
  return [label(kind), whole, kind === 'loss' || kind === 'milestone' ? whenever : ''];
}

function lineRow(line: SummaryLine, day: WriteUpDay): Words {
  const [kind, text, when] = wordsOf(line, day);
  return line.isDropped ? ['dropped', text, when, true] : [kind, text, when];
}

/** What was set at the summary: '(pinned, you reach out)'. */
function markWords({ marks }: EntryLine): string {
  const said = present(marks?.pinned && 'pinned', marks?.reach_out && 'you reach out');
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

function wordsOf(line: SummaryLine, day: WriteUpDay): Words {
  if (line.type === 'entry') {
    const [kind, text, when] = entryRow(line.entry, day);
    return [kind, `${text}${markWords(line)}`, when];
  }
  const words = line.words ?? '';
  if (line.type === 'gone') return ['-', 'no longer open', words];
  return [line.item.type === 'commitment' ? 'kept' : 'answered', line.item.record.text, words];
}

const tone = ([, , , isDropped]: Words) => (isDropped ? 'struck' : undefined);
const wordColumns = (fit: 'cut' | 'wrap'): readonly Column<Words>[] => [
  { cell: ([kind]) => kind, tone },
  { fit, cell: ([, text]) => cutToWidth(text, longestText), tone },
  { fit, cell: ([, , when]) => cutToWidth(when, longestText), tone },
];
/** Wrapped, not cut: what was typed is read over before it is saved. */
const whole = wordColumns('wrap');

const numbered = (
  rows: readonly Words[],
  numberOf: (at: number) => number,
  fit: 'cut' | 'wrap',
  screen: Screen,
): Promise<readonly string[]> =>
  listLines(
    rows,
    [{ align: 'right', cell: (row) => String(numberOf(rows.indexOf(row))) }, ...wordColumns(fit)],
    screen,
    { indent: 1 },
  );

export interface WriteUpDay {
  readonly on: CivilDate;
  readonly calendar: WorkCalendar;
}

/** Each with its number in the whole list. @param left those that are not marked already */
export async function renderOpenItems(
  open: OpenItems,
  left: OpenItems['items'],
  on: CivilDate,
  screen: Screen,
): Promise<string> {
  const rows = left.map((item) => itemRow(item, on));
  return present(
    screen.style.heading('OPEN'),
    ...(await numbered(rows, (at) => open.items.indexOf(left[at] as OpenItem) + 1, 'cut', screen)),
    open.private > 0 && screen.style.quiet(` +${open.private} private`),
  ).join('\n');
}

/** One line on what was just typed, with its number: ' 3  promise  call  Fri 20 Mar, 6 business days'. */
export const renderEcho = async (
  line: SummaryLine,
  number: number,
  day: WriteUpDay,
  screen: Screen,
): Promise<string> => (await numbered([lineRow(line, day)], () => number, 'wrap', screen)).join('\n');

export async function renderSummary(
  writeUp: WriteUp,
  title: string,
  day: WriteUpDay,
  screen: Screen,
): Promise<string> {
  const rows = writeUp.map((line) => lineRow(line, day));
  const lines =
    rows.length === 0
      ? [' nothing but the contact itself']
      : await numbered(rows, (at) => at + 1, 'wrap', screen);
  return [screen.style.heading(title), ...lines].join('\n');
}

export interface SavedLine {
  readonly ref: string;
  readonly line: SummaryLine;
}

export function renderSaved(
  saved: readonly SavedLine[],
  day: WriteUpDay,
  screen: Screen,
): Promise<readonly string[]> {
  const refs = new Map(saved.map(({ ref, line }) => [lineRow(line, day), ref]));
  const ref: Column<Words> = { cell: (row) => refs.get(row) ?? '', tone: 'ref' };
  return listLines([...refs.keys()], [ref, ...whole], screen, { indent: 1 });
}
