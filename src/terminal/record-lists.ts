/** Notes, search results and operations as lists. */
import { type CivilDate, count, partialDate, shortDate, type TimeOfDay } from '../dates/civil.ts';
import { displayName } from '../domain/patient-names.ts';
import type { Note, Patient, Person } from '../domain/records.ts';
import { cutToWidth, foldedWords, present, printable, widthOf } from '../domain/text.ts';
import type { ChangedRecord, Operation } from '../store/history.ts';
import type { SearchHit } from '../store/look-ups.ts';
import type { Column } from './list-view.ts';

interface NotesView {
  readonly people: ReadonlyMap<string, Person>;
  readonly earlier: ReadonlyMap<string, readonly { readonly text: string; readonly until: CivilDate }[]>;
  readonly today: CivilDate;
  /** '(before June died)', of what a briefing holds back. */
  readonly markOf: (note: Note) => string | undefined;
}

const dateOf = (date: CivilDate | null, today: CivilDate): string =>
  date === null ? '' : shortDate(date, today);

function detailsOf(note: Note, { people, today, markOf }: NotesView): string {
  const person = note.person === null ? undefined : people.get(note.person);
  const answered = note.answered_on === null ? 'answered' : `answered ${shortDate(note.answered_on, today)}`;
  return present(
    note.date !== null && partialDate(note.date, today) + (note.yearly ? ', every year' : ''),
    person && present(person.name, person.relation).join(', '),
    note.said_on !== null && note.said_on !== note.recorded_on && `said ${shortDate(note.said_on, today)}`,
    note.confirmed_on !== null && `confirmed ${shortDate(note.confirmed_on, today)}`,
    note.pinned && 'pinned',
    note.reach_out && 'reach out',
    note.sensitive && (note.show_in_brief ? 'private, shown in brief' : 'private'),
    note.status !== 'current' && (note.status === 'answered' ? answered : note.status),
    note.answer !== null && `"${note.answer}"`,
    markOf(note),
  ).join(' · ');
}

export const noteColumns = (view: NotesView): readonly Column<Note>[] => [
  { cell: ({ ref }) => ref, tone: 'ref' },
  { cell: ({ recorded_on }) => dateOf(recorded_on, view.today) },
  { cell: ({ kind }) => kind },
  {
    fit: 'wrap',
    cell: (note) => {
      const earlier = (view.earlier.get(note.id) ?? []).map(
        ({ text, until }) => `until ${shortDate(until, view.today)}: ${text}`,
      );
      const below = [detailsOf(note, view), ...earlier].filter((text) => text !== '');
      return [note.text, ...below.map((text) => ({ text, tone: 'quiet' as const }))];
    },
  },
];

/** Columns that are surely visible, and words kept before the match. */
const inSight = 36;
const leadingWords = 3;

/** Begins shortly before the first match where it would be cut off otherwise. */
function fromFirstMatch(text: string, words: readonly string[]): string {
  const sought = words.flatMap((word) => foldedWords(word));
  const parts = printable(text).split(' ');
  const place = parts.findIndex((part) =>
    foldedWords(part).some((own) => sought.some((word) => own.startsWith(word))),
  );
  const before = parts.slice(0, Math.max(0, place)).join(' ');
  return widthOf(before) <= inSight ? parts.join(' ') : `…${parts.slice(place - leadingWords).join(' ')}`;
}

export const resultColumns = (
  words: readonly string[],
  patients: ReadonlyMap<string, Patient>,
  today: CivilDate,
): readonly Column<SearchHit>[] => [
  { cell: ({ ref }) => ref, tone: 'ref' },
  {
    fit: 'cut',
    most: 24,
    cell: ({ patient_id }) => {
      const patient = patients.get(patient_id);
      return patient ? displayName(patient) : '';
    },
  },
  { cell: ({ recorded_on }) => dateOf(recorded_on, today) },
  { cell: ({ record, kind }) => (record === 'commitment' ? 'promise' : kind) },
  {
    fit: 'cut',
    least: 20,
    cell: ({ status, text, outcome }) => {
      const isUsual = status === 'current' || status === 'open';
      const all = outcome === null ? text : `${text} → ${outcome}`;
      return `${isUsual ? '' : `${status}: `}${fromFirstMatch(all, words)}`;
    },
  },
];

export interface OperationView {
  readonly operation: Operation;
  /** Those that may be told of; one that is private has no label. */
  readonly records: readonly ChangedRecord[];
  /** It changed nothing else than what may not be told of. */
  readonly isHidden: boolean;
  readonly patients: ReadonlyMap<string, Patient>;
  readonly local: { readonly date: CivilDate; readonly time: TimeOfDay };
  readonly today: CivilDate;
}

const longestLabel = 48;

/** What each kind of record is called: one, and several. */
export const nouns: Readonly<Record<ChangedRecord['table'], readonly [one: string, many: string]>> = {
  patient: ['patient', 'patients'],
  person: ['person', 'people'],
  note: ['note', 'notes'],
  commitment: ['promise', 'promises'],
  contact: ['contact', 'contacts'],
  closed_day: ['closed day', 'closed days'],
  away: ['time away', 'times away'],
  weekend: ['weekend', 'weekends'],
};

/** The first listed field among those changed names the change. */
const meanings: readonly (readonly [field: string, meaning: string])[] = [
  ['patient_id', 'moved'],
  ['text', 'edited'],
  ['snoozes', 'put off'],
  ['attempts', 'tried'],
  ['told_on', 'told to the patient'],
  ['confirmed_on', 'confirmed'],
  ['answer', 'answer edited'],
  ['pinned', 'pin changed'],
  ['hold', 'hold changed'],
];

function meaningOf({ change, fields, status }: ChangedRecord): string {
  if (change !== 'changed') return change;
  if ((fields.includes('status') || fields.includes('state')) && status !== null)
    return status === 'open' || status === 'current' ? `${status} again` : status;
  return meanings.find(([field]) => fields.includes(field))?.[1] ?? 'changed';
}

export function describeChange(record: ChangedRecord): string {
  const { table, kind, label, sensitive } = record;
  const noun = table === 'note' && kind !== null ? kind : nouns[table][0];
  const text = label === '' ? '' : ` '${cutToWidth(printable(label), longestLabel)}'`;
  return `${noun} ${meaningOf(record)}${sensitive ? ' (private)' : text}`;
}

function countTables(records: readonly ChangedRecord[]): string {
  const counts = new Map<ChangedRecord['table'], number>();
  for (const { table } of records) counts.set(table, (counts.get(table) ?? 0) + 1);
  return [...counts].map(([table, number]) => count(number, ...nouns[table])).join(', ');
}

function whatOf({ operation, records, isHidden }: OperationView): string {
  const [only, ...others] = records;
  if (isHidden) return operation.verb;
  if (only === undefined)
    return operation.undoable && operation.count > 0
      ? `${operation.verb}, what it changed was erased since`
      : operation.verb;
  if (others.length === 0 && operation.count <= 1) return describeChange(only);
  const isWhole = records.length >= operation.count;
  return `${operation.verb}: ${isWhole ? countTables(records) : `${operation.count} records`}`;
}

/** Undefined where several patients' records were changed. */
function whoseOf({ records, patients, operation }: OperationView): string | undefined {
  const [only, ...others] = new Set(records.flatMap(({ patient_id }) => patient_id ?? []));
  const patient = others.length === 0 && records.length >= operation.count && patients.get(only ?? '');
  return patient ? printable(patient.goes_by ?? patient.name) : undefined;
}

export const momentOf = ({ local: { date, time }, today }: OperationView): string =>
  date === today ? time : `${shortDate(date, today)} ${time}`;

export const describeOperation = (view: OperationView): string =>
  `${whatOf(view)} (${present(whoseOf(view), momentOf(view)).join(', ')})`;

export const operationDocument = ({ operation, records }: OperationView) => ({
  ...operation,
  records: records.map(({ label, day: _, ...record }) => ({
    ...record,
    label: record.sensitive ? null : label,
  })),
});
