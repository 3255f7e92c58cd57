/** What is due: as a list with groups and columns, and as counts for a shell's prompt. */
import {
  type CivilDate,
  daysBetween,
  distance,
  fullDate,
  lateWords,
  type PartialDate,
  partialDate,
  readCivilDate,
  shortDate,
  weekdayDate,
  weekdayName,
  weekdayOf,
} from '../dates/civil.ts';
import type { Quiet, Unwritten } from '../domain/contact-plan.ts';
import {
  type DueGroup,
  type DueItem,
  type DueList,
  type DuePromise,
  dueGroups,
  isPromise,
  type Outreach,
  undatedUnlisted,
} from '../domain/due-list.ts';
import { lastAttempt, promiseMarks } from '../domain/note-rules.ts';
import { displayName, marksApart, personFirstName } from '../domain/patient-names.ts';
import { type Contact, isVisit, type Patient, type Person } from '../domain/records.ts';
import { cutToWidth, present, printable, shellQuoted, widthOf } from '../domain/text.ts';
import { type Column, listRows, type Screen } from './list-view.ts';

type NamedPatient = Pick<Patient, 'id' | 'ref' | 'name' | 'goes_by' | 'handle' | 'status' | 'died_on'>;

export interface DueNames {
  readonly patients: ReadonlyMap<string, NamedPatient>;
  readonly people: ReadonlyMap<string, Pick<Person, 'id' | 'name' | 'relation'>>;
  /** By promise: '(June died 2 Feb)'. */
  readonly marks: ReadonlyMap<string, string>;
  /** Promises of whose last attempt a loss holds back what came of it. */
  readonly untold: ReadonlySet<string>;
}

const longestText = 240;
const longestOutcome = 48;
const longestUnread = 30;

export function recordOf(item: DueItem) {
  if (item.group === 'quiet') return item.patient;
  if (item.group === 'outreach') return item.note;
  return isPromise(item) ? item.commitment : item.contact;
}

export function patientIdOf(item: DueItem): string {
  const record = recordOf(item);
  return 'patient_id' in record ? record.patient_id : record.id;
}

/** A day as a list of that day tells it; of a month or year, what is known of it. */
function plainly(date: PartialDate, on: CivilDate): string {
  const full = readCivilDate(date);
  return full === undefined ? partialDate(date, on) : shortDate(full, on);
}

/** With what came of it, where that may be told. */
export function toldAttempt({ commitment }: DuePromise, { untold }: DueNames) {
  const last = lastAttempt(commitment);
  return last && untold.has(commitment.id) ? { ...last, note: null } : last;
}

function promiseText(item: DuePromise, names: DueNames, on: CivilDate): string {
  const { id, text, for_person } = item.commitment;
  const person = for_person === null ? undefined : names.people.get(for_person);
  const came = toldAttempt(item, names)?.note;
  return present(
    cutToWidth(text, longestText),
    person && `(for ${personFirstName(person)})`,
    ...promiseMarks(
      item.commitment,
      on,
      came == null ? undefined : cutToWidth(printable(came), longestOutcome),
    ),
    names.marks.get(id),
  ).join(' ');
}

export const outreachText = ({ note, mark }: Outreach): string =>
  mark === undefined ? note.text : `${note.text}, ${mark}`;

export const quietText = ({ since }: Quiet, on: CivilDate): string =>
  since === null
    ? 'No contact recorded yet'
    : `No contact recorded since ${plainly(since, on).replace(/^in /, '')}`;

/** 'Visit at 10:20'. */
export const unwrittenText = ({ contact: { channel, at } }: Unwritten): string =>
  `${channel === 'home' ? 'Home visit' : 'Visit'}${at === null ? '' : ` at ${at}`}`;

/** The command that writes a visit up, short enough for one line. A weekday is the last one, on its own day of a week ago. */
function writingUp({ contact: { patient_id, on: day } }: Unwritten, { patients, today }: DueView): string {
  const weekday = weekdayName(weekdayOf(day)).slice(0, 3).toLowerCase();
  const handle = shellQuoted(patients.get(patient_id)?.handle ?? '');
  return `rapport commit ${handle} --on ${daysBetween(day, today) <= 7 ? weekday : day}`;
}

/** What a row says of whose promise it is. */
const ownersSaid = { me: '', staff: 'staff: ', patient: '' };

function textOf(
  item: DueItem,
  view: DueView,
  owners: typeof ownersSaid,
): ReturnType<Column<DueItem>['cell']> {
  const { on } = view.list;
  if (isPromise(item)) return owners[item.commitment.owner] + promiseText(item, view, on);
  if (item.group === 'quiet') return quietText(item, on);
  if (item.group === 'outreach') return cutToWidth(outreachText(item), longestText);
  return [unwrittenText(item), { text: writingUp(item, view), tone: 'quiet' }];
}

/** 'visit today 10:20', 'call Tue 17 Mar'. */
export function planned(contact: Contact | undefined, on: CivilDate): string {
  if (contact === undefined) return '';
  const what = isVisit(contact) ? 'visit' : contact.channel;
  const day = contact.on === on ? 'today' : weekdayDate(contact.on, on);
  return `${what} ${day}${contact.on !== on || contact.at === null ? '' : ` ${contact.at}`}`;
}

function whenOf(item: DueItem, { list: { on }, namesOnly }: DueView, dateWidth: number): string {
  if (item.group === 'quiet') return planned(item.nextContact, on);
  if (item.group === 'outreach') {
    const { date } = item.note;
    if (item.day !== undefined) return `${weekdayDate(item.day, on)}, ${distance(item.day, on)}`;
    return date === null ? '' : partialDate(date, on);
  }
  if (!isPromise(item)) return weekdayDate(item.contact.on, on);
  const { due, owner, unread } = item.commitment;
  if (item.group === 'unread')
    return unread && !namesOnly ? `'${cutToWidth(printable(unread), longestUnread)}'?` : '';
  // My own promise is to be done before the contact of that day.
  if (due === null || due === on)
    return item.nextContact?.on === on && owner === 'me' ? planned(item.nextContact, on) : '';
  if (item.daysLate !== null) return `${shortDate(due, on).padEnd(dateWidth)}  ${lateWords(due, on)}`;
  if (due < on) return `since ${shortDate(due, on)}`;
  return item.group === 'closed_day' ? `falls on ${weekdayDate(due, on)}` : weekdayDate(due, on);
}

export interface DueView extends DueNames {
  readonly list: DueList;
  readonly zone: string;
  readonly today: CivilDate;
  readonly namesOnly: boolean;
  /** Of this patient alone. */
  readonly only: Patient | undefined;
  readonly byPatient: boolean;
}

const headings: Readonly<Record<DueGroup, string>> = {
  overdue: 'OVERDUE',
  today: 'TODAY',
  closed_day: 'CLOSED DAY AHEAD',
  unread: 'NO DATE READ',
  outreach: 'OUTREACH',
  unwritten: 'NOT WRITTEN UP',
  quiet: 'QUIET',
  ahead: 'AHEAD',
  undated: 'NO DATE',
};
/** A section of its own: what patients undertook is never due. */
const theirs = 'THEIRS';

// Minimum widths; a narrower screen takes from the texts.
const nameWidth = 13;
const widestName = 26;
const textWidth = 41;

export function nameIn(patient: NamedPatient, mark: string | undefined, on: CivilDate): string {
  const { status, died_on } = patient;
  const died = died_on === null ? ', died' : `, died ${plainly(died_on, on)}`;
  const marks = `${mark === undefined ? '' : ` (${mark})`}${status === 'died' ? died : ''}`;
  return cutToWidth(displayName(patient), Math.max(nameWidth, widestName - widthOf(marks))) + marks;
}

/** Where the patient is said above, a row says in its own words what else its section would say. */
interface OfPatient {
  readonly owners: typeof ownersSaid;
  readonly when: (item: DueItem, said: string) => string;
}

export function dueColumns(view: DueView, ofPatient?: OfPatient): readonly Column<DueItem>[] {
  const { list, patients, namesOnly } = view;
  const { on, items } = list;
  const { owners = ownersSaid, when = (_: DueItem, said: string) => said } = ofPatient ?? {};
  const lateDates = items.flatMap((item) =>
    isPromise(item) && item.daysLate !== null && item.commitment.due !== null
      ? [shortDate(item.commitment.due, on).length]
      : [],
  );
  const dateWidth = Math.max(0, ...lateDates);
  const least = (width: number) => (namesOnly ? {} : { least: width });
  const marks = ofPatient ? undefined : marksApart(patients.values());
  const name: Column<DueItem> = {
    fit: 'cut',
    ...least(nameWidth),
    cell: (item) => {
      const patientId = patientIdOf(item);
      const patient = patients.get(patientId);
      return patient === undefined ? '' : nameIn(patient, marks?.get(patientId), on);
    },
  };
  return [
    { cell: (item) => recordOf(item).ref, tone: 'ref' },
    ...(ofPatient ? [] : [name]),
    { fit: 'wrap', ...least(textWidth), cell: (item) => (namesOnly ? '' : textOf(item, view, owners)) },
    {
      cell: (item) => when(item, whenOf(item, view, dateWidth)),
      tone: (item) =>
        isPromise(item) && item.daysLate !== null ? 'overdue' : item.group === 'today' ? 'due' : undefined,
    },
  ];
}

async function groupLines(view: DueView, screen: Screen): Promise<readonly string[]> {
  const { items, moreQuiet, moreUnwritten } = view.list;
  const rows = await listRows(items, dueColumns(view), screen, { indent: 1 });
  const sectionOf = (item: DueItem): string =>
    isPromise(item) && item.commitment.owner === 'patient' ? theirs : headings[item.group];
  const more = new Map([
    [headings.quiet, moreQuiet],
    [headings.unwritten, moreUnwritten],
  ]);
  return [...dueGroups.map((group) => headings[group]), theirs].flatMap((title) => {
    const lines = items.flatMap((item, at) => (sectionOf(item) === title ? (rows[at] ?? []) : []));
    const left = more.get(title) ?? 0;
    return lines.length === 0
      ? []
      : [screen.style.heading(title) + (left > 0 ? `  +${left} more` : ''), ...lines];
  });
}

/** @param linesOf puts the items under headings: by group, or as `due-document.ts` does */
export async function renderDue(view: DueView, screen: Screen, linesOf = groupLines): Promise<string> {
  const { list, only } = view;
  const header = `${screen.style.title(fullDate(list.on))}, ${view.zone}`;
  const undated = undatedUnlisted(list);
  const whose = only === undefined ? '' : ` ${shellQuoted(only.handle)}`;
  const closing = present(undated > 0 && `${undated} without a date: rapport due${whose} --all`);
  const nothing = `Nothing due${only === undefined ? '' : ` for ${printable(displayName(only))}`}`;
  if (list.items.length === 0) return [header, '', nothing, ...closing].join('\n');
  return [header, '', ...(await linesOf(view, screen)), ...closing].join('\n');
}

const countWords = [
  ['overdue', 'overdue'],
  ['today', 'today'],
  ['closed_day', 'before a closed day'],
  ['unread', 'no date read'],
  ['outreach', 'to reach out for'],
  ['unwritten', 'not written up'],
  ['quiet', 'quiet'],
] as const;

export const nothingDue = 'nothing due';

/** Counts without names, for a shell's prompt: '1 overdue, 2 today'. */
export const dueLine = ({ counts }: DueList): string =>
  present(...countWords.map(([group, words]) => counts[group] > 0 && `${counts[group]} ${words}`)).join(
    ', ',
  ) || nothingDue;
