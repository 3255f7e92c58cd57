/** Operations in words: "commitment kept 'call with echo result' (Malu, 10:42)". */
import type { CivilDate, TimeOfDay } from '../dates/civil.ts';
import { shortDate } from '../dates/wording.ts';
import type { Patient } from '../domain/records.ts';
import { cutToWidth, printable } from '../domain/text.ts';
import type { ChangedRecord, Operation } from '../store/store.ts';

export interface OperationView {
  readonly operation: Operation;
  /** The first of its records; `operation.count` tells how many there were. */
  readonly records: readonly ChangedRecord[];
  readonly patients: ReadonlyMap<string, Patient>;
  readonly local: { readonly date: CivilDate; readonly time: TimeOfDay };
  readonly today: CivilDate;
}

const longestLabel = 48;

const nouns: Readonly<Record<ChangedRecord['table'], readonly [one: string, many: string]>> = {
  patient: ['patient', 'patients'],
  person: ['person', 'people'],
  note: ['note', 'notes'],
  commitment: ['commitment', 'commitments'],
  contact: ['contact', 'contacts'],
  closed_day: ['closed day', 'closed days'],
  away: ['time away', 'times away'],
  weekend: ['weekend', 'weekends'],
};

/** The first of the changed fields that says what was done. */
const meanings: readonly (readonly [field: string, meaning: string])[] = [
  ['patient_id', 'moved'],
  ['text', 'edited'],
  ['snoozes', 'put off'],
  ['attempts', 'tried'],
  ['told_on', 'told'],
  ['confirmed_on', 'confirmed'],
  ['answer', 'answer edited'],
  ['pinned', 'pin changed'],
  ['hold', 'put on or off hold'],
];

function meaningOf({ change, fields, status }: ChangedRecord): string {
  if (change !== 'changed') return change;
  if ((fields.includes('status') || fields.includes('state')) && status !== null)
    return status === 'open' || status === 'current' ? `${status} again` : status;
  return meanings.find(([field]) => fields.includes(field))?.[1] ?? 'changed';
}

const nounOf = ({ table, kind }: ChangedRecord): string =>
  table === 'note' && kind !== null ? kind : nouns[table][0];

const labelOf = (record: ChangedRecord): string =>
  record.sensitive ? '(private)' : `'${cutToWidth(printable(record.label), longestLabel)}'`;

/** "commitment kept 'call with echo result'". */
export const describeChange = (record: ChangedRecord): string =>
  `${nounOf(record)} ${meaningOf(record)}${record.label === '' ? '' : ` ${labelOf(record)}`}`;

function countTables(records: readonly ChangedRecord[]): string {
  const counts = new Map<ChangedRecord['table'], number>();
  for (const { table } of records) counts.set(table, (counts.get(table) ?? 0) + 1);
  return [...counts].map(([table, count]) => `${count} ${nouns[table][count === 1 ? 0 : 1]}`).join(', ');
}

function whatOf({ operation, records }: OperationView): string {
  const [only, ...others] = records;
  if (only === undefined)
    return operation.undoable ? `${operation.verb}, what it changed was erased since` : operation.verb;
  if (others.length === 0 && operation.count <= 1) return describeChange(only);
  const isWhole = records.length >= operation.count;
  return `${operation.verb}: ${isWhole ? countTables(records) : `${operation.count} records`}`;
}

function whoseOf({ records, patients, operation }: OperationView): string {
  const ids = [...new Set(records.flatMap(({ patient_id }) => patient_id ?? []))];
  const [only] = ids;
  if (ids.length !== 1 || only === undefined || records.length < operation.count) return '';
  const patient = patients.get(only);
  return patient === undefined ? '' : printable(patient.goes_by ?? patient.name);
}

/** One line: what it did, to whom, when. */
export function describeOperation(view: OperationView): string {
  const { local, today } = view;
  const when = local.date === today ? local.time : `${shortDate(local.date, today)} ${local.time}`;
  const whose = whoseOf(view);
  return `${whatOf(view)} (${whose === '' ? when : `${whose}, ${when}`})`;
}

export const operationDocument = ({ operation, records }: OperationView) => ({
  ...operation,
  records: records.map(({ label, ...record }) => ({ ...record, label: record.sensitive ? null : label })),
});
