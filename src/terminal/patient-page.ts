/** A patient's page and the list of patients: who they are and counts of records, never their texts. */
import {
  type CivilDate,
  type PartialDate,
  readCivilDate,
  spanOf,
  yearOf,
  yearsBetween,
} from '../dates/civil.ts';
import { fullDate, plainDate, shortDate } from '../dates/wording.ts';
import { type AskableState, stateOf } from '../domain/patient-changes.ts';
import type { AskableField, Contact, Patient, Person } from '../domain/records.ts';
import { printable } from '../domain/text.ts';
import { alignColumns, type Cell, type Row, renderTable } from './columns.ts';
import type { TextStyle } from './styles.ts';

/** Age in years; 'about' where only the year or month of birth is known. */
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

interface Look {
  readonly today: CivilDate;
  readonly columns: number;
  readonly style: TextStyle;
}

const stateNotes: Readonly<Record<AskableState, string>> = {
  known: '',
  unconfirmed: ' (imported, not confirmed)',
  declined: 'would rather not say',
  'not asked': 'not asked',
};

const contactWord = (contact: Contact, today: CivilDate): string =>
  `next ${contact.channel} ${shortDate(contact.on, today)}${contact.at === null ? '' : ` ${contact.at}`}`;

const statusWords = ({ status, died_on }: Pick<Patient, 'status' | 'died_on'>): string =>
  status === 'died' && died_on !== null ? `died ${plainDate(died_on)}` : status;

function personRow(person: Person, { today, style }: Look): Row {
  const age = person.birth_date === null || person.status === 'died' ? '' : ageAt(person.birth_date, today);
  const died = person.died_on === null ? 'died' : `died ${plainDate(person.died_on)}`;
  return [
    { text: person.ref, tone: style.ref },
    person.name,
    person.relation ?? '',
    person.status === 'died' ? died : age,
  ];
}

const personColumns = [{ fit: 'keep' }, { fit: 'cut' }, { fit: 'cut' }, { fit: 'keep' }] as const;

export const renderPeople = (people: readonly Person[], look: Look): readonly string[] =>
  alignColumns(
    people.map((person) => personRow(person, look)),
    { columns: personColumns, width: look.columns, indent: 1 },
  );

/** @param handle quoted for a shell */
export function renderPatient(facts: PatientFacts, handle: string, look: Look): readonly string[] {
  const { patient, people, counts, lastSeen, next } = facts;
  const { today, style } = look;
  const asked = (field: AskableField, text: string | null): string => {
    const state = stateOf(patient, field);
    return `${text ?? ''}${stateNotes[state]}`;
  };
  const said = patient.say === null ? '' : ` ("${patient.say}")`;
  const age =
    patient.birth_date === null || patient.status === 'died' ? '' : ageAt(patient.birth_date, today);
  const born =
    patient.birth_date === null
      ? null
      : `${plainDate(patient.birth_date)}${age === '' ? '' : `, ${age} years`}`;
  const seen = lastSeen === undefined ? 'no visit recorded' : `last seen ${shortDate(lastSeen, today)}`;
  const rows: readonly (readonly [string, string | null])[] = [
    ['handle', patient.handle],
    ['goes by', asked('goes_by', patient.goes_by === null ? null : `${patient.goes_by}${said}`)],
    ['pronouns', asked('pronouns', patient.pronouns)],
    ['language', patient.language === null ? null : asked('language', patient.language)],
    ['born', born === null ? null : asked('birth_date', born)],
    ['aliases', patient.aliases.length === 0 ? null : patient.aliases.join(', ')],
    ['first met', patient.first_met === null ? null : plainDate(patient.first_met)],
    ['visits', next === undefined ? seen : `${seen}, ${contactWord(next, today)}`],
    ['keep in touch', patient.cadence_days === null ? null : `every ${patient.cadence_days} days`],
    ['new', patient.new ? 'yes' : null],
    ['hold', patient.hold ? 'yes: nothing may be forgotten' : null],
    ['status', patient.status === 'active' ? null : statusWords(patient)],
  ];
  const row = ([name, value]: readonly [string, string | null]): readonly Row[] =>
    value === null ? [] : [[{ text: name, tone: style.quiet }, value]];
  const many = (number: number, name: string, command: string): Row => [
    { text: String(number), tone: (text) => text },
    number === 1 ? name : `${name}s`,
    { text: number === 0 ? '' : command, tone: style.quiet },
  ];
  const kept: readonly Row[] = [
    many(counts.notes, 'note', `rapport notes ${handle}`),
    many(counts.open, 'open promise', `rapport due --patient ${handle} --all`),
    many(counts.contacts, 'contact', ''),
  ];
  return [
    `${style.title(printable(patient.name))}  ${style.ref(patient.ref)}`,
    ...alignColumns(rows.flatMap(row), {
      columns: [{ fit: 'keep' }, { fit: 'wrap' }],
      width: look.columns,
      indent: 1,
    }),
    ...(people.length === 0 ? [] : [style.heading('PEOPLE'), ...renderPeople(people, look)]),
    style.heading('KEPT'),
    ...alignColumns(kept, {
      columns: [{ fit: 'keep', align: 'right' }, { fit: 'keep' }, { fit: 'cut' }],
      width: look.columns,
      indent: 1,
    }),
    ...facts.notSaved.map((line) => style.caution(line)),
  ];
}

interface ListedPatient {
  readonly patient: Patient;
  readonly lastSeen: CivilDate | undefined;
}

export function renderPatients(
  listed: readonly ListedPatient[],
  { today, columns, style }: Look,
): Promise<string> {
  const hasStatus = listed.some(({ patient }) => patient.status !== 'active');
  const rows = listed.map(({ patient, lastSeen }): readonly Cell[] => [
    patient.handle,
    patient.name,
    patient.birth_date === null ? '' : String(yearOf(patient.birth_date)),
    lastSeen === undefined ? '' : shortDate(lastSeen, today),
    { text: patient.status === 'active' ? '' : statusWords(patient), tone: style.quiet },
  ]);
  return renderTable(rows, {
    head: ['handle', 'name', 'born', 'last seen', hasStatus ? 'status' : ''],
    columns: [
      { fit: 'cut', most: 24 },
      { fit: 'cut', least: 12 },
      { fit: 'keep' },
      { fit: 'keep' },
      { fit: 'keep' },
    ],
    width: columns,
    style,
  });
}

/** When somebody died, in words: ' on Mon 2 Feb 2026', ' in Feb 2026'. */
export function diedWords(date: PartialDate | null): string {
  if (date === null) return '';
  const day = readCivilDate(date);
  return day === undefined ? ` in ${plainDate(date)}` : ` on ${fullDate(day)}`;
}

interface Holdings {
  readonly notes: number;
  readonly commitments: number;
  readonly contacts: number;
  readonly people: number;
}

const nouns = {
  notes: ['note', 'notes'],
  commitments: ['promise', 'promises'],
  contacts: ['contact', 'contacts'],
  people: ['person', 'people'],
} as const;

export function describeHoldings(holdings: Holdings, drafts: number): string {
  const parts = (Object.keys(nouns) as (keyof Holdings)[]).flatMap((key) => {
    const count = holdings[key];
    return count === 0 ? [] : [`${count} ${nouns[key][count === 1 ? 0 : 1]}`];
  });
  const all =
    drafts === 0 ? parts : [...parts, `${drafts} ${drafts === 1 ? 'draft' : 'drafts'} not saved yet`];
  return all.length === 0 ? 'nothing but the name' : all.join(', ');
}
