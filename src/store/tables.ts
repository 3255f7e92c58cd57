/**
 * The tables whose rows are undone and redone, and how a row is read as a record. Fields and columns have the same
 * names; only flags (0 or 1) and lists (JSON) are kept in another shape.
 */
import type { Commitment, Contact, Note, Patient, Person } from '../domain/records.ts';
import type { Row, Scalar } from './sql.ts';

type ColumnKind = 'text' | 'whole' | 'flag' | 'json';
type KindOf<V> = [V] extends [boolean]
  ? 'flag'
  : [V] extends [readonly unknown[]]
    ? 'json'
    : [V] extends [number | null]
      ? 'whole'
      : 'text';

export interface TrackedTable {
  readonly name: 'patient' | 'person' | 'note' | 'commitment' | 'contact' | 'closed_day' | 'away' | 'weekend';
  readonly columns: Readonly<Record<string, ColumnKind>>;
}

export interface RecordTable<R> extends TrackedTable {
  readonly name: 'patient' | 'person' | 'note' | 'commitment' | 'contact';
  readonly columns: { readonly [K in keyof R]: KindOf<R[K]> } & TrackedTable['columns'];
}

const patient: RecordTable<Patient> = {
  name: 'patient',
  columns: {
    id: 'text',
    ref: 'text',
    name: 'text',
    handle: 'text',
    goes_by: 'text',
    say: 'text',
    pronouns: 'text',
    language: 'text',
    aliases: 'json',
    birth_date: 'text',
    first_met: 'text',
    new: 'flag',
    unconfirmed: 'json',
    declined: 'json',
    status: 'text',
    died_on: 'text',
    cadence_days: 'whole',
    identifiers: 'json',
    hold: 'flag',
  },
};

const person: RecordTable<Person> = {
  name: 'person',
  columns: {
    id: 'text',
    ref: 'text',
    patient_id: 'text',
    name: 'text',
    relation: 'text',
    birth_date: 'text',
    status: 'text',
    died_on: 'text',
  },
};

const note: RecordTable<Note> = {
  name: 'note',
  columns: {
    id: 'text',
    ref: 'text',
    patient_id: 'text',
    kind: 'text',
    text: 'text',
    recorded_on: 'text',
    said_on: 'text',
    confirmed_on: 'text',
    person: 'text',
    date: 'text',
    yearly: 'flag',
    tone: 'text',
    reach_out: 'flag',
    sensitive: 'flag',
    show_in_brief: 'flag',
    pinned: 'flag',
    status: 'text',
    answered_on: 'text',
    answer: 'text',
    replaces: 'text',
    source: 'text',
  },
};

const commitment: RecordTable<Commitment> = {
  name: 'commitment',
  columns: {
    id: 'text',
    ref: 'text',
    patient_id: 'text',
    text: 'text',
    owner: 'text',
    kind: 'text',
    for_person: 'text',
    made_on: 'text',
    due: 'text',
    status: 'text',
    closed_on: 'text',
    how: 'text',
    who: 'text',
    reason: 'text',
    told_on: 'text',
    snoozes: 'json',
    attempts: 'json',
  },
};

const contact: RecordTable<Contact> = {
  name: 'contact',
  columns: {
    id: 'text',
    ref: 'text',
    patient_id: 'text',
    on: 'text',
    at: 'text',
    time_zone: 'text',
    channel: 'text',
    direction: 'text',
    state: 'text',
    gist: 'text',
    uid: 'text',
    sequence: 'whole',
    source: 'text',
  },
};

const closedDay: TrackedTable = { name: 'closed_day', columns: { on: 'text', name: 'text' } };
const away: TrackedTable = { name: 'away', columns: { from: 'text', to: 'text', reason: 'text' } };
const weekend: TrackedTable = { name: 'weekend', columns: { days: 'json' } };

export const tables = { patient, person, note, commitment, contact, closedDay, away, weekend } as const;
export type TableName = TrackedTable['name'];

const byName = new Map<string, TrackedTable>(Object.values(tables).map((table) => [table.name, table]));

export function tableNamed(name: string): TrackedTable {
  const table = byName.get(name);
  if (table === undefined) throw new Error(`no table '${name}'`);
  return table;
}

function encodeValue(kind: ColumnKind, value: unknown): Scalar {
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'flag') return value === true ? 1 : 0;
  return value as string | number | null;
}

/** The given fields as columns; fields that are not there, and names that are no column, are left out. */
export function encode(table: TrackedTable, fields: object): Row {
  const row: Record<string, Scalar> = {};
  for (const [field, value] of Object.entries(fields)) {
    const kind = table.columns[field];
    if (kind !== undefined && value !== undefined) row[field] = encodeValue(kind, value);
  }
  return row;
}

export function decode<R>(table: RecordTable<R>, row: Row): R {
  const record: Record<string, unknown> = {};
  for (const [field, kind] of Object.entries<ColumnKind>(table.columns)) {
    const value = row[field];
    record[field] = kind === 'flag' ? value === 1 : kind === 'json' ? JSON.parse(String(value)) : value;
  }
  return record as R;
}
