/** What is due, for people: the domain's list meets names, wording and columns here. */
import { type CivilDate, readCivilDate } from '../dates/civil.ts';
import { fullDate, partialDate, shortDate } from '../dates/wording.ts';
import {
  type DueGroup,
  type DueItem,
  type DueList,
  dueGroups,
  isPromise,
  undatedUnlisted,
} from '../domain/due.ts';
import { displayName } from '../domain/naming.ts';
import { cutToWidth, widthOf } from '../domain/text.ts';
import { alignRows, type Column, type Row } from './columns.ts';
import { type DueNames, type NamedPatient, recordOf, textOf, whenOf } from './due-items.ts';
import type { TextStyle } from './tones.ts';

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

const diedMark = ({ status, died_on }: NamedPatient, on: CivilDate): string => {
  if (status !== 'died') return '';
  if (died_on === null) return ', died';
  const full = readCivilDate(died_on);
  return `, died ${full === undefined ? partialDate(died_on, on) : shortDate(full, on)}`;
};

interface ListedNames {
  /** By patient id. */
  readonly names: ReadonlyMap<string, string>;
  /** Those that several patients of the list have. */
  readonly shared: ReadonlySet<string>;
}

function listedNames(patients: ReadonlyMap<string, NamedPatient>): ListedNames {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const [id, patient] of patients) {
    const name = displayName(patient);
    names.set(id, name);
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return { names, shared };
}

/** The name in the list; with its handle where another patient of the list has the same. */
function nameIn(patient: NamedPatient, { names, shared }: ListedNames, on: CivilDate): string {
  const name = names.get(patient.id) ?? '';
  const marks = `${shared.has(name) ? ` (${patient.handle})` : ''}${diedMark(patient, on)}`;
  return cutToWidth(name, Math.max(nameWidth, widestName - widthOf(marks))) + marks;
}

const columnsOf: readonly Column[] = [
  { fit: 'keep' },
  { fit: 'cut', least: nameWidth },
  { fit: 'wrap', least: textWidth },
  { fit: 'keep' },
];

function rowOf(item: DueItem, view: DueView, listed: ListedNames, dateWidth: number): Row {
  const { style, list, patients } = view;
  const { ref, patientId } = recordOf(item);
  const patient = patients.get(patientId);
  const when = whenOf(item, list.on, dateWidth);
  const isLate = isPromise(item) && item.daysLate !== null;
  const tone = isLate ? style.overdue : item.group === 'today' ? style.due : undefined;
  return [
    { text: ref, tone: style.ref },
    patient === undefined ? '' : nameIn(patient, listed, list.on),
    view.namesOnly ? '' : textOf(item, list.on, view),
    { text: when, ...(tone && { tone }) },
  ];
}

/** The list for people: header, a blank line, groups with their headings. */
export function renderDue(view: DueView): string {
  const { list, style } = view;
  const header = `${style.title(fullDate(list.on))}, ${view.zone}`;
  const undated = undatedUnlisted(list);
  const closing = undated === 0 ? [] : [`${undated} without a date: rapport due --all`];
  if (list.items.length === 0) return [header, '', 'Nothing due', ...closing].join('\n');
  const listed = listedNames(view.patients);
  const dateWidth = Math.max(
    ...list.items.map((item) =>
      isPromise(item) && item.daysLate !== null && item.commitment.due !== null
        ? shortDate(item.commitment.due, list.on).length
        : 0,
    ),
  );
  const columns = view.namesOnly ? columnsOf.map(({ fit }): Column => ({ fit })) : columnsOf;
  const lines = alignRows(
    list.items.map((item) => rowOf(item, view, listed, dateWidth)),
    { columns, width: view.columns, indent: 1 },
  );
  const sectionOf = (item: DueItem): string =>
    isPromise(item) && item.commitment.owner === 'patient' ? theirs : headings[item.group];
  const more = (title: string): string =>
    title === headings.quiet && list.moreQuiet > 0 ? `  +${list.moreQuiet} more` : '';
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
      section.lines.length === 0
        ? []
        : [style.heading(section.title) + more(section.title), ...section.lines.flat()],
    ),
    ...closing,
  ].join('\n');
}
