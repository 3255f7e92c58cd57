/** The due list for people: what each item says, the day beside it, groups and columns. */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { daysLate, distance, fullDate, partialDate, shortDate, weekdayDate } from '../dates/wording.ts';
import { firstDue } from '../domain/commitment-changes.ts';
import {
  type DueGroup,
  type DueItem,
  type DueList,
  type DueOutreach,
  type DuePromise,
  type DueQuiet,
  dueGroups,
  isPromise,
  undatedUnlisted,
} from '../domain/due-list.ts';
import { displayName, firstName, marksApart } from '../domain/patient-names.ts';
import { type Contact, isVisit, type Patient, type Person } from '../domain/records.ts';
import { cutToWidth, widthOf } from '../domain/text.ts';
import { type Column, listRows, type Screen } from './list-view.ts';

export type NamedPatient = Pick<Patient, 'id' | 'ref' | 'name' | 'goes_by' | 'handle' | 'status' | 'died_on'>;

export interface DueNames {
  readonly patients: ReadonlyMap<string, NamedPatient>;
  readonly people: ReadonlyMap<string, Pick<Person, 'id' | 'name'>>;
}

const longestText = 240;

interface DueRecord {
  readonly id: string;
  readonly ref: string;
  readonly patientId: string;
}

export function recordOf(item: DueItem): DueRecord {
  if (item.group === 'quiet') {
    const { id, ref } = item.patient;
    return { id, ref, patientId: id };
  }
  const { id, ref, patient_id: patientId } = isPromise(item) ? item.commitment : item.note;
  return { id, ref, patientId };
}

function promiseText({ commitment }: DuePromise, people: DueNames['people'], on: CivilDate): string {
  const { owner, text, attempts, snoozes, for_person } = commitment;
  const person = for_person === null ? undefined : people.get(for_person);
  const first = firstDue(commitment);
  const last = attempts.at(-1);
  const remarks = [
    ...(snoozes.length > 0 && first !== null ? [`first due ${shortDate(first, on)}`] : []),
    ...(last === undefined
      ? []
      : [`tried ${attempts.length > 1 ? `${attempts.length} times, last ` : ''}${shortDate(last.on, on)}`]),
  ];
  return [
    owner === 'staff' ? 'staff: ' : '',
    cutToWidth(text, longestText),
    person === undefined ? '' : ` (for ${firstName(person.name)})`,
    remarks.length === 0 ? '' : ` (${remarks.join('; ')})`,
  ].join('');
}

/** A private milestone's text is replaced by the command that shows it. */
export function outreachText(
  { note, without }: DueOutreach,
  patient: Pick<Patient, 'handle'> | undefined,
): string {
  if (note.sensitive && !note.show_in_brief)
    return `private: rapport notes ${patient?.handle ?? ''} --sensitive`;
  return without === undefined ? note.text : `${note.text}, ${without}`;
}

export function quietText({ since }: DueQuiet, on: CivilDate): string {
  if (since === null) return 'No contact recorded yet';
  const full = readCivilDate(since);
  const when = full === undefined ? partialDate(since, on).replace(/^in /, '') : shortDate(full, on);
  return `No contact recorded since ${when}`;
}

function textOf(item: DueItem, on: CivilDate, { people, patients }: DueNames): string {
  if (isPromise(item)) return promiseText(item, people, on);
  if (item.group === 'quiet') return quietText(item, on);
  return cutToWidth(outreachText(item, patients.get(item.note.patient_id)), longestText);
}

/** 'visit today 10:20', 'call Tue 17 Mar'. */
function planned(contact: Contact | undefined, on: CivilDate): string {
  if (contact === undefined) return '';
  const what = isVisit(contact) ? 'visit' : contact.channel;
  const day = contact.on === on ? 'today' : weekdayDate(contact.on, on);
  return `${what} ${day}${contact.on !== on || contact.at === null ? '' : ` ${contact.at}`}`;
}

/** Shown beside my own promise: it is to be done before this contact. */
function comesToday({ nextContact, commitment }: DuePromise, on: CivilDate): string {
  return nextContact?.on === on && commitment.owner === 'me' ? planned(nextContact, on) : '';
}

function comesWhen({ day, note }: DueOutreach, on: CivilDate): string {
  if (day === undefined) return note.date === null ? '' : partialDate(note.date, on);
  return `${weekdayDate(day, on)}, ${distance(day, on)}`;
}

function whenOf(item: DueItem, on: CivilDate, dateWidth: number): string {
  if (item.group === 'outreach') return comesWhen(item, on);
  return item.group === 'quiet' ? planned(item.nextContact, on) : promiseWhen(item, on, dateWidth);
}

function promiseWhen(item: DuePromise, on: CivilDate, dateWidth: number): string {
  const { due } = item.commitment;
  if (due === null || due === on) return comesToday(item, on);
  if (item.daysLate !== null) return `${shortDate(due, on).padEnd(dateWidth)}  ${daysLate(item.daysLate)}`;
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

const diedMark = ({ status, died_on }: NamedPatient, on: CivilDate): string => {
  if (status !== 'died') return '';
  if (died_on === null) return ', died';
  const full = readCivilDate(died_on);
  return `, died ${full === undefined ? partialDate(died_on, on) : shortDate(full, on)}`;
};

function nameIn(patient: NamedPatient, mark: string | undefined, on: CivilDate): string {
  const marks = `${mark === undefined ? '' : ` (${mark})`}${diedMark(patient, on)}`;
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
        const { patientId } = recordOf(item);
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
  const closing = undated === 0 ? [] : [`${undated} without a date: rapport due --all`];
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
