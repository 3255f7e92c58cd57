/** What is due, as text and as JSON: the domain's list meets names, wording and columns here. */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { daysLate, fullDate, partialDate, shortDate, weekdayDate } from '../dates/wording.ts';
import { firstDue } from '../domain/commitments.ts';
import { type DueGroup, type DueItem, type DueList, dueGroups } from '../domain/due.ts';
import { displayName } from '../domain/naming.ts';
import { isVisit, type Patient, type Person } from '../domain/records.ts';
import { cutToWidth, widthOf } from '../domain/text.ts';
import { alignRows, type Column, type Row } from './columns.ts';
import type { TextStyle } from './tones.ts';

/** Who the list is about: patients by id, and persons that a promise was redirected to. */
export interface DueNames {
  readonly patients: ReadonlyMap<string, Patient>;
  readonly people: ReadonlyMap<string, Person>;
}

export interface DueView extends DueNames {
  readonly list: DueList;
  /** IANA name. */
  readonly zone: string;
  readonly columns: number;
  readonly style: TextStyle;
  /** Leaves the texts out. */
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
/** What patients undertook stands by itself: it is never due. */
const theirs = 'THEIRS';

// The list reads well from these on; a narrower screen takes from the texts.
const nameWidth = 13;
const widestName = 26;
const textWidth = 41;
const longestText = 240;

const diedMark = ({ status, died_on }: Patient, on: CivilDate): string => {
  if (status !== 'died') return '';
  if (died_on === null) return ', died';
  const full = readCivilDate(died_on);
  return `, died ${full === undefined ? partialDate(died_on, on) : shortDate(full, on)}`;
};

/** The name in the list; with its handle where another patient of the list has the same. */
function nameOf(patient: Patient, shared: ReadonlySet<string>, on: CivilDate): string {
  const name = displayName(patient);
  const marks = `${shared.has(name) ? ` (${patient.handle})` : ''}${diedMark(patient, on)}`;
  return cutToWidth(name, Math.max(nameWidth, widestName - widthOf(marks))) + marks;
}

function textOf({ commitment }: DueItem, people: DueNames['people'], on: CivilDate): string {
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
    person === undefined ? '' : ` (for ${person.name.split(/\s+/u)[0]})`,
    remarks.length === 0 ? '' : ` (${remarks.join('; ')})`,
  ].join('');
}

/** The visit or call of the day, beside what I have to have done by then. */
function comesToday({ nextContact, commitment }: DueItem, on: CivilDate): string {
  if (nextContact === undefined || nextContact.on !== on || commitment.owner !== 'me') return '';
  const what = isVisit(nextContact) ? 'visit' : nextContact.channel;
  return `${what} today${nextContact.at === null ? '' : ` ${nextContact.at}`}`;
}

/** When it is or was due, as far as the heading does not say so. */
function whenOf(item: DueItem, on: CivilDate, dateWidth: number): string {
  const { due } = item.commitment;
  if (due === null || due === on) return comesToday(item, on);
  if (item.daysLate !== null) return `${shortDate(due, on).padEnd(dateWidth)}  ${daysLate(item.daysLate)}`;
  if (due < on) return `since ${shortDate(due, on)}`;
  return item.group === 'closed_day' ? `falls on ${weekdayDate(due, on)}` : weekdayDate(due, on);
}

const columnsOf: readonly Column[] = [
  { fit: 'keep' },
  { fit: 'cut', least: nameWidth },
  { fit: 'wrap', least: textWidth },
  { fit: 'keep' },
];

function rowOf(item: DueItem, view: DueView, shared: ReadonlySet<string>, dateWidth: number): Row {
  const { style, list, people, patients } = view;
  const patient = patients.get(item.commitment.patient_id);
  const when = whenOf(item, list.on, dateWidth);
  const tone = item.daysLate !== null ? style.overdue : item.group === 'today' ? style.due : undefined;
  return [
    { text: item.commitment.ref, tone: style.ref },
    patient === undefined ? '' : nameOf(patient, shared, list.on),
    view.namesOnly ? '' : textOf(item, people, list.on),
    { text: when, ...(tone && { tone }) },
  ];
}

function sharedNames(patients: ReadonlyMap<string, Patient>): ReadonlySet<string> {
  const names = [...patients.values()].map(displayName);
  return new Set(names.filter((name, place) => names.indexOf(name) !== place));
}

/** The list for people: header, a blank line, groups with their headings. */
export function renderDue(view: DueView): string {
  const { list, style } = view;
  const header = `${style.title(fullDate(list.on))}, ${view.zone}`;
  if (list.items.length === 0) return `${header}\n\nNothing due`;
  const shared = sharedNames(view.patients);
  const dateWidth = Math.max(
    ...list.items.map(({ daysLate: days, commitment: { due } }) =>
      days === null || due === null ? 0 : shortDate(due, list.on).length,
    ),
  );
  const columns = view.namesOnly ? columnsOf.map(({ fit }): Column => ({ fit })) : columnsOf;
  const lines = alignRows(
    list.items.map((item) => rowOf(item, view, shared, dateWidth)),
    { columns, width: view.columns, indent: 1 },
  );
  const sectionOf = ({ group, commitment: { owner } }: DueItem): string =>
    owner === 'patient' ? theirs : headings[group];
  const sections = [...dueGroups.map((group) => headings[group]), theirs].map((title) => ({
    title,
    lines: lines.filter((_, place) => {
      const item = list.items[place];
      return item !== undefined && sectionOf(item) === title;
    }),
  }));
  return [
    header,
    '',
    ...sections.flatMap((section) =>
      section.lines.length === 0 ? [] : [style.heading(section.title), ...section.lines.flat()],
    ),
  ].join('\n');
}

/** Counts without names, for a shell's prompt: '1 overdue, 2 today'. */
export function dueLine({ counts }: DueList): string {
  const parts = [
    ...(counts.overdue > 0 ? [`${counts.overdue} overdue`] : []),
    ...(counts.today > 0 ? [`${counts.today} today`] : []),
    ...(counts.closed_day > 0 ? [`${counts.closed_day} before a closed day`] : []),
  ];
  return parts.length === 0 ? 'nothing due' : parts.join(', ');
}

/** The document `rapport.due/1`. */
export const dueDocument = (list: DueList, zone: string, { patients, people }: DueNames) => ({
  schema: 'rapport.due/1',
  on: list.on,
  time_zone: zone,
  items: list.items.map(({ commitment, group, daysLate: days }) => {
    const patient = patients.get(commitment.patient_id);
    const person = commitment.for_person === null ? undefined : people.get(commitment.for_person);
    return {
      id: commitment.id,
      ref: commitment.ref,
      patient: patient && {
        id: patient.id,
        ref: patient.ref,
        name: patient.name,
        goes_by: patient.goes_by,
        handle: patient.handle,
      },
      text: commitment.text,
      owner: commitment.owner,
      kind: commitment.kind,
      for_person: person === undefined ? null : { id: person.id, name: person.name },
      group,
      due: commitment.due,
      first_due: firstDue(commitment),
      made_on: commitment.made_on,
      days_late: days,
      snoozes: commitment.snoozes.length,
      attempts: commitment.attempts.length,
    };
  }),
  counts: list.counts,
});
