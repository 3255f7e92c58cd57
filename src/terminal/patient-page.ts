/** A patient's page, the list of patients, and the people around one. */
import {
  type CivilDate,
  count,
  fullDate,
  type PartialDate,
  plainDate,
  readCivilDate,
  shortDate,
  yearOf,
} from '../dates/civil.ts';
import { ageAt, type PageItem, patientStanding, personStanding } from '../domain/page-items.ts';
import type { PatientPage } from '../domain/patient-sections.ts';
import type { Patient, Person } from '../domain/records.ts';
import { present, printable, wrapToWidth } from '../domain/text.ts';
import { type Column, listLines, listRows, type Screen } from './list-view.ts';
import { nouns } from './record-lists.ts';

/** @param same those of them who are patients too, by their ids */
export const personColumns = (
  today: CivilDate,
  same: ReadonlyMap<string, Patient>,
): readonly Column<Person>[] => [
  { cell: ({ ref }) => ref, tone: 'ref' },
  { fit: 'cut', cell: ({ name }) => name ?? '' },
  { fit: 'cut', cell: ({ relation }) => relation ?? '' },
  {
    cell: (person) => {
      const { birth_date } = person;
      return personStanding(person) ?? (birth_date === null ? '' : ageAt(birth_date, today));
    },
  },
  {
    cell: ({ patient }) => {
      const handle = same.get(patient ?? '')?.handle;
      return handle === undefined ? '' : `also a patient: ${handle}`;
    },
    tone: 'quiet',
  },
];

type Fact = readonly [name: string, value: string];

const factColumns: readonly Column<Fact>[] = [
  { cell: ([name]) => name, tone: 'quiet' },
  { fit: 'wrap', cell: ([, value]) => value },
];

/** Columns of the screen below which the day stands before the text. */
const roomy = 60;

const itemColumns = ({ screenReader, columns }: Screen): readonly Column<PageItem>[] => [
  { cell: ({ ref }) => ref, tone: 'ref' },
  {
    cell: ({ when }) => (columns < roomy ? '' : when),
    tone: ({ isLate }) => (isLate ? 'overdue' : undefined),
  },
  {
    fit: 'wrap',
    cell: ({ when, text, details, below }) => [
      columns < roomy ? `${when}: ${text}` : text,
      ...[details.join(screenReader ? ', ' : ' · '), ...below]
        .filter((line) => line !== '')
        .map((line) => ({ text: line, tone: 'quiet' as const })),
    ],
  },
];

/** Of people, who stand on no day. */
const bareColumns: readonly Column<PageItem>[] = [
  { cell: ({ ref }) => ref, tone: 'ref' },
  { fit: 'wrap', cell: ({ text, details }) => [text, ...details].join(', ') },
];

/** @param below what is not on it, with the commands that show it */
export async function renderPage(
  { name, ref, facts, sections }: PatientPage,
  below: readonly string[],
  screen: Screen,
): Promise<readonly string[]> {
  const { style, columns } = screen;
  const items = sections.flatMap((section) => section.items);
  const rowsOf = async (isBare: boolean, shape: readonly Column<PageItem>[]) => {
    const some = items.filter(({ when }) => (when === '') === isBare);
    const rows = await listRows(some, shape, screen, { indent: 1 });
    return some.map((item, at) => [item, rows[at] ?? []] as const);
  };
  const rows = new Map([...(await rowsOf(true, bareColumns)), ...(await rowsOf(false, itemColumns(screen)))]);
  const names = wrapToWidth(printable(name), columns - ref.length - 2).map(style.title);
  return [
    ...names.slice(0, -1),
    `${names.at(-1) ?? ''}  ${style.ref(ref)}`,
    ...(await listLines(facts, factColumns, screen, { indent: 1 })),
    ...sections.flatMap((section) => [
      style.heading(section.title.toUpperCase()),
      ...section.items.flatMap((item) => rows.get(item) ?? []),
    ]),
    ...below.flatMap((line) => wrapToWidth(line, columns)).map(style.quiet),
  ];
}

interface ListedPatient {
  readonly patient: Patient;
  readonly lastSeen: CivilDate | undefined;
}

/** @param hasStatus whether any of them is not active */
export const patientColumns = (today: CivilDate, hasStatus: boolean): readonly Column<ListedPatient>[] => [
  { title: 'handle', fit: 'cut', most: 24, cell: ({ patient }) => patient.handle },
  { title: 'name', fit: 'cut', least: 12, cell: ({ patient }) => patient.name },
  {
    title: 'born',
    cell: ({ patient: { birth_date } }) => (birth_date === null ? '' : String(yearOf(birth_date))),
  },
  { title: 'last seen', cell: ({ lastSeen }) => (lastSeen === undefined ? '' : shortDate(lastSeen, today)) },
  {
    title: hasStatus ? 'status' : '',
    cell: ({ patient }) => (patient.status === 'active' ? '' : patientStanding(patient)),
    tone: 'quiet',
  },
];

export function diedWords(date: PartialDate | null): string {
  if (date === null) return '';
  const day = readCivilDate(date);
  return day === undefined ? ` in ${plainDate(date)}` : ` on ${fullDate(day)}`;
}

type Holdings = Readonly<Record<'notes' | 'commitments' | 'contacts' | 'people' | 'drafts', number>>;

export function describeHoldings({ notes, commitments, contacts, people, drafts }: Holdings): string {
  const parts = present(
    notes > 0 && count(notes, ...nouns.note),
    commitments > 0 && count(commitments, ...nouns.commitment),
    contacts > 0 && count(contacts, ...nouns.contact),
    people > 0 && count(people, ...nouns.person),
    drafts > 0 && count(drafts, 'draft not saved yet', 'drafts not saved yet'),
  );
  return parts.join(', ') || 'nothing but the name';
}
