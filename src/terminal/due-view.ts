/** What is due: as a list with groups and columns, as the document `rapport.due/1`, as counts for a shell's prompt. */
import {
  type CivilDate,
  distance,
  fullDate,
  lateWords,
  type PartialDate,
  partialDate,
  readCivilDate,
  shortDate,
  weekdayDate,
} from '../dates/civil.ts';
import type { Quiet } from '../domain/contact-plan.ts';
import {
  type DueGroup,
  type DueItem,
  type DueList,
  type DuePromise,
  dueGroups,
  firstDue,
  isPromise,
  type Outreach,
  undatedUnlisted,
} from '../domain/due-list.ts';
import { promiseMarks } from '../domain/note-rules.ts';
import { displayName, marksApart, patientDocument, personFirstName } from '../domain/patient-names.ts';
import { type Contact, isVisit, type Patient, type Person } from '../domain/records.ts';
import { cutToWidth, pick, present, printable, widthOf } from '../domain/text.ts';
import { type Column, listRows, type Screen } from './list-view.ts';

type NamedPatient = Pick<Patient, 'id' | 'ref' | 'name' | 'goes_by' | 'handle' | 'status' | 'died_on'>;

export interface DueNames {
  readonly patients: ReadonlyMap<string, NamedPatient>;
  readonly people: ReadonlyMap<string, Pick<Person, 'id' | 'name' | 'relation'>>;
  /** By promise: '(June died 2 Feb)'. */
  readonly marks: ReadonlyMap<string, string>;
}

const longestText = 240;
const longestUnread = 30;

const recordOf = (item: DueItem) =>
  item.group === 'quiet' ? item.patient : isPromise(item) ? item.commitment : item.note;

export function patientIdOf(item: DueItem): string {
  const record = recordOf(item);
  return 'patient_id' in record ? record.patient_id : record.id;
}

/** A day as a list of that day tells it; of a month or year, what is known of it. */
function plainly(date: PartialDate, on: CivilDate): string {
  const full = readCivilDate(date);
  return full === undefined ? partialDate(date, on) : shortDate(full, on);
}

function promiseText({ commitment }: DuePromise, { people, marks }: DueNames, on: CivilDate): string {
  const { id, owner, text, for_person } = commitment;
  const person = for_person === null ? undefined : people.get(for_person);
  return present(
    (owner === 'staff' ? 'staff: ' : '') + cutToWidth(text, longestText),
    person && `(for ${personFirstName(person)})`,
    ...promiseMarks(commitment, on),
    marks.get(id),
  ).join(' ');
}

const outreachText = ({ note, mark }: Outreach): string =>
  mark === undefined ? note.text : `${note.text}, ${mark}`;

const quietText = ({ since }: Quiet, on: CivilDate): string =>
  since === null
    ? 'No contact recorded yet'
    : `No contact recorded since ${plainly(since, on).replace(/^in /, '')}`;

function textOf(item: DueItem, on: CivilDate, names: DueNames): string {
  if (isPromise(item)) return promiseText(item, names, on);
  if (item.group === 'quiet') return quietText(item, on);
  return cutToWidth(outreachText(item), longestText);
}

/** 'visit today 10:20', 'call Tue 17 Mar'. */
function planned(contact: Contact | undefined, on: CivilDate): string {
  if (contact === undefined) return '';
  const what = isVisit(contact) ? 'visit' : contact.channel;
  const day = contact.on === on ? 'today' : weekdayDate(contact.on, on);
  return `${what} ${day}${contact.on !== on || contact.at === null ? '' : ` ${contact.at}`}`;
}

function whenOf(item: DueItem, on: CivilDate, dateWidth: number): string {
  if (item.group === 'quiet') return planned(item.nextContact, on);
  if (item.group === 'outreach') {
    const { date } = item.note;
    if (item.day !== undefined) return `${weekdayDate(item.day, on)}, ${distance(item.day, on)}`;
    return date === null ? '' : partialDate(date, on);
  }
  const { due, owner, unread } = item.commitment;
  if (item.group === 'unread') return unread ? `'${cutToWidth(printable(unread), longestUnread)}'?` : '';
  // My own promise is to be done before the contact of that day.
  if (due === null || due === on)
    return item.nextContact?.on === on && owner === 'me' ? planned(item.nextContact, on) : '';
  if (item.daysLate !== null) return `${shortDate(due, on).padEnd(dateWidth)}  ${lateWords(due, on)}`;
  if (due < on) return `since ${shortDate(due, on)}`;
  return item.group === 'closed_day' ? `falls on ${weekdayDate(due, on)}` : weekdayDate(due, on);
}

interface DueView extends DueNames {
  readonly list: DueList;
  readonly zone: string;
  readonly namesOnly: boolean;
}

const headings: Readonly<Record<DueGroup, string>> = {
  overdue: 'OVERDUE',
  today: 'TODAY',
  closed_day: 'CLOSED DAY AHEAD',
  unread: 'NO DATE READ',
  outreach: 'OUTREACH',
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

function nameIn(patient: NamedPatient, mark: string | undefined, on: CivilDate): string {
  const { status, died_on } = patient;
  const died = died_on === null ? ', died' : `, died ${plainly(died_on, on)}`;
  const marks = `${mark === undefined ? '' : ` (${mark})`}${status === 'died' ? died : ''}`;
  return cutToWidth(displayName(patient), Math.max(nameWidth, widestName - widthOf(marks))) + marks;
}

function dueColumns(view: DueView): readonly Column<DueItem>[] {
  const { list, patients, namesOnly } = view;
  const { on, items } = list;
  const marks = marksApart(patients.values());
  const lateDates = items.flatMap((item) =>
    isPromise(item) && item.daysLate !== null && item.commitment.due !== null
      ? [shortDate(item.commitment.due, on).length]
      : [],
  );
  const dateWidth = Math.max(0, ...lateDates);
  const least = (width: number) => (namesOnly ? {} : { least: width });
  return [
    { cell: (item) => recordOf(item).ref, tone: 'ref' },
    {
      fit: 'cut',
      ...least(nameWidth),
      cell: (item) => {
        const patientId = patientIdOf(item);
        const patient = patients.get(patientId);
        return patient === undefined ? '' : nameIn(patient, marks.get(patientId), on);
      },
    },
    { fit: 'wrap', ...least(textWidth), cell: (item) => (namesOnly ? '' : textOf(item, on, view)) },
    {
      cell: (item) => whenOf(item, on, dateWidth),
      tone: (item) =>
        isPromise(item) && item.daysLate !== null ? 'overdue' : item.group === 'today' ? 'due' : undefined,
    },
  ];
}

export async function renderDue(view: DueView, screen: Screen): Promise<string> {
  const { list } = view;
  const { style } = screen;
  const header = `${style.title(fullDate(list.on))}, ${view.zone}`;
  const undated = undatedUnlisted(list);
  const closing = present(undated > 0 && `${undated} without a date: rapport due --all`);
  if (list.items.length === 0) return [header, '', 'Nothing due', ...closing].join('\n');
  const rows = await listRows(list.items, dueColumns(view), screen, { indent: 1 });
  const sectionOf = (item: DueItem): string =>
    isPromise(item) && item.commitment.owner === 'patient' ? theirs : headings[item.group];
  const sections = [...dueGroups.map((group) => headings[group]), theirs].flatMap((title) => {
    const lines = list.items.flatMap((item, at) => (sectionOf(item) === title ? (rows[at] ?? []) : []));
    const more = title === headings.quiet && list.moreQuiet > 0 ? `  +${list.moreQuiet} more` : '';
    return lines.length === 0 ? [] : [style.heading(title) + more, ...lines];
  });
  return [header, '', ...sections, ...closing].join('\n');
}

const countWords = [
  ['overdue', 'overdue'],
  ['today', 'today'],
  ['closed_day', 'before a closed day'],
  ['unread', 'no date read'],
  ['outreach', 'to reach out for'],
  ['quiet', 'quiet'],
] as const;

/** Counts without names, for a shell's prompt: '1 overdue, 2 today'. */
export const dueLine = ({ counts }: DueList): string =>
  present(...countWords.map(([group, words]) => counts[group] > 0 && `${counts[group]} ${words}`)).join(
    ', ',
  ) || 'nothing due';

/** All fields of an item, in their order; a group fills in what it has, and adds its own. */
const blank = {
  text: null,
  owner: 'me',
  kind: null,
  for_person: null,
  group: null,
  due: null,
  first_due: null,
  made_on: null,
  days_late: null,
  snoozes: 0,
  attempts: 0,
  every: null,
  unread: null,
} as const;

function particulars(item: DueItem, { list, people }: DueView) {
  if (item.group === 'quiet')
    return {
      text: quietText(item, list.on),
      kind: 'quiet',
      since: item.since,
      next_on: item.nextContact?.on ?? null,
    };
  if (item.group === 'outreach') {
    const { kind, recorded_on, date } = item.note;
    const day = item.day ?? null;
    return { text: outreachText(item), kind, due: day, first_due: day, made_on: recorded_on, date };
  }
  const { commitment, daysLate } = item;
  const person = commitment.for_person === null ? undefined : people.get(commitment.for_person);
  return {
    ...pick(commitment, 'text', 'owner', 'kind', 'due', 'made_on', 'every'),
    unread: commitment.unread || null,
    for_person: person === undefined ? null : pick(person, 'id', 'name'),
    first_due: firstDue(commitment),
    days_late: daysLate,
    snoozes: commitment.snoozes.length,
    attempts: commitment.attempts.length,
  };
}

export function dueDocument(view: DueView) {
  const { list, zone, namesOnly } = view;
  const items = list.items.map((item) => {
    const patient = view.patients.get(patientIdOf(item));
    return {
      ...pick(recordOf(item), 'id', 'ref'),
      patient: patient && patientDocument(patient),
      ...blank,
      group: item.group,
      ...particulars(item, view),
      ...(namesOnly && { text: null }),
    };
  });
  const more = list.moreQuiet > 0 ? { more_quiet: list.moreQuiet } : {};
  return { on: list.on, time_zone: zone, items, counts: list.counts, ...more };
}
