/** A patient's page and the list of patients: who they are and counts of records, never their texts. */
import {
  type CivilDate,
  count,
  fullDate,
  type PartialDate,
  plainDate,
  readCivilDate,
  shortDate,
  spanOf,
  yearOf,
  yearsBetween,
} from '../dates/civil.ts';
import { type AskableState, stateOf } from '../domain/patient-changes.ts';
import type { AskableField, Contact, Patient, Person } from '../domain/records.ts';
import { present, printable } from '../domain/text.ts';
import { type Column, listLines, type Screen, section } from './list-view.ts';

function ageAt(birth: PartialDate, on: CivilDate): string {
  const span = spanOf(birth);
  if (span === undefined || span.first > on) return '';
  const [most, least] = [yearsBetween(span.first, on), span.last > on ? 0 : yearsBetween(span.last, on)];
  return most === least ? String(most) : `about ${most}`;
}

export interface PatientFacts {
  readonly patient: Patient;
  readonly people: readonly Person[];
  readonly counts: { readonly notes: number; readonly open: number; readonly contacts: number };
  readonly lastSeen: CivilDate | undefined;
  readonly next: Contact | undefined;
  readonly notSaved: readonly string[];
}

const stateNotes: Readonly<Record<AskableState, string>> = {
  known: '',
  unconfirmed: ' (imported, not confirmed)',
  declined: 'would rather not say',
  'not asked': 'not asked',
};

const statusWords = ({ status, died_on }: Pick<Patient, 'status' | 'died_on'>): string =>
  status === 'died' && died_on !== null ? `died ${plainDate(died_on)}` : status;

const personColumns = (
  today: CivilDate,
  same: ReadonlyMap<string, Patient> = new Map(),
): readonly Column<Person>[] => [
  { cell: ({ ref }) => ref, tone: 'ref' },
  { fit: 'cut', cell: ({ name }) => name ?? '' },
  { fit: 'cut', cell: ({ relation }) => relation ?? '' },
  {
    cell: ({ status, birth_date, died_on, apart_since }) => {
      if (status === 'apart') return apart_since === null ? 'apart' : `apart since ${plainDate(apart_since)}`;
      if (status === 'died') return died_on === null ? 'died' : `died ${plainDate(died_on)}`;
      return birth_date === null ? '' : ageAt(birth_date, today);
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

/** @param same those of them who are patients too, by their ids */
export const renderPeople = (
  people: readonly Person[],
  same: ReadonlyMap<string, Patient>,
  today: CivilDate,
  screen: Screen,
): Promise<readonly string[]> => listLines(people, personColumns(today, same), screen, { indent: 1 });

type Fact = readonly [name: string, value: string];

const factColumns: readonly Column<Fact>[] = [
  { cell: ([name]) => name, tone: 'quiet' },
  { fit: 'wrap', cell: ([, value]) => value },
];

const keptColumns: readonly Column<readonly [number: number, name: string, command: string]>[] = [
  { align: 'right', cell: ([number]) => String(number) },
  { cell: ([number, name]) => (number === 1 ? name : `${name}s`) },
  { fit: 'cut', cell: ([number, , command]) => (number === 0 ? '' : command), tone: 'quiet' },
];

/** @param handle quoted for a shell */
export async function renderPatient(
  facts: PatientFacts,
  handle: string,
  today: CivilDate,
  screen: Screen,
): Promise<readonly string[]> {
  const { patient, people, counts, lastSeen, next } = facts;
  const { style } = screen;
  const asked = (field: AskableField, text: string | null): string =>
    `${text ?? ''}${stateNotes[stateOf(patient, field)]}`;
  const { goes_by, pronouns, language, birth_date, first_met, cadence_days } = patient;
  const said = patient.say === null ? '' : ` ("${patient.say}")`;
  const age = birth_date === null || patient.status === 'died' ? '' : ageAt(birth_date, today);
  const years = age === '' ? '' : `, ${age} years`;
  const at = next === undefined || next.at === null ? '' : ` ${next.at}`;
  const seen = lastSeen === undefined ? 'no visit recorded' : `last seen ${shortDate(lastSeen, today)}`;
  const known = present<Fact>(
    ['handle', patient.handle],
    ['goes by', asked('goes_by', goes_by && `${goes_by}${said}`)],
    ['pronouns', asked('pronouns', pronouns)],
    language !== null && ['language', asked('language', language)],
    birth_date !== null && ['born', asked('birth_date', `${plainDate(birth_date)}${years}`)],
    patient.aliases.length > 0 && ['aliases', patient.aliases.join(', ')],
    first_met !== null && ['first met', plainDate(first_met)],
    ['visits', present(seen, next && `next ${next.channel} ${shortDate(next.on, today)}`).join(', ') + at],
    cadence_days !== null && ['keep in touch', `every ${cadence_days} days`],
    patient.new && ['new', 'yes'],
    patient.hold && ['hold', 'yes: nothing may be forgotten'],
    patient.status !== 'active' && ['status', statusWords(patient)],
  );
  const kept = [
    [counts.notes, 'note', `rapport notes ${handle}`],
    [counts.open, 'open promise', `rapport due --patient ${handle} --all`],
    [counts.contacts, 'contact', ''],
  ] as const;
  return [
    `${style.title(printable(patient.name))}  ${style.ref(patient.ref)}`,
    ...(await listLines(known, factColumns, screen, { indent: 1 })),
    ...(await section('PEOPLE', people, personColumns(today), screen)),
    ...(await section('KEPT', kept, keptColumns, screen)),
    ...facts.notSaved.map((line) => style.caution(line)),
  ];
}

interface ListedPatient {
  readonly patient: Patient;
  readonly lastSeen: CivilDate | undefined;
}

const patientColumns = (today: CivilDate, hasStatus: boolean): readonly Column<ListedPatient>[] => [
  { title: 'handle', fit: 'cut', most: 24, cell: ({ patient }) => patient.handle },
  { title: 'name', fit: 'cut', least: 12, cell: ({ patient }) => patient.name },
  {
    title: 'born',
    cell: ({ patient: { birth_date } }) => (birth_date === null ? '' : String(yearOf(birth_date))),
  },
  { title: 'last seen', cell: ({ lastSeen }) => (lastSeen === undefined ? '' : shortDate(lastSeen, today)) },
  {
    title: hasStatus ? 'status' : '',
    cell: ({ patient }) => (patient.status === 'active' ? '' : statusWords(patient)),
    tone: 'quiet',
  },
];

export function renderPatients(
  listed: readonly ListedPatient[],
  today: CivilDate,
  screen: Screen,
): Promise<readonly string[]> {
  const hasStatus = listed.some(({ patient }) => patient.status !== 'active');
  return listLines(listed, patientColumns(today, hasStatus), screen, { head: true });
}

export function diedWords(date: PartialDate | null): string {
  if (date === null) return '';
  const day = readCivilDate(date);
  return day === undefined ? ` in ${plainDate(date)}` : ` on ${fullDate(day)}`;
}

const nouns = [
  ['notes', 'note', 'notes'],
  ['commitments', 'promise', 'promises'],
  ['contacts', 'contact', 'contacts'],
  ['people', 'person', 'people'],
  ['drafts', 'draft not saved yet', 'drafts not saved yet'],
] as const;

type Holdings = Readonly<Record<(typeof nouns)[number][0], number>>;

export function describeHoldings(holdings: Holdings): string {
  const parts = nouns.map(([key, one, many]) => holdings[key] > 0 && count(holdings[key], one, many));
  return present(...parts).join(', ') || 'nothing but the name';
}
