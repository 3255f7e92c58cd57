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

interface Layout {
  readonly columns: readonly string[];
  /** With every column empty. */
  readonly record: Readonly<Record<string, null>>;
  readonly row: Readonly<Record<string, null>>;
}

const layouts = new Map<TrackedTable, Layout>();

/**
 * What the rows and records of a table are made from, so that all have one shape to V8: some twenty fields put on one by
 * one give each a shape of its own, a kilobyte that outlives it by far in a long import.
 */
function layoutOf(table: TrackedTable): Layout {
  const known = layouts.get(table);
  if (known !== undefined) return known;
  const columns = Object.keys(table.columns);
  // What the JSON parser makes is laid out as a literal would be.
  const empty = (names: readonly string[]): Readonly<Record<string, null>> =>
    JSON.parse(`{${names.map((name) => `"${name}":null`).join()}}`);
  const made = { columns, record: empty(columns), row: empty([...columns, 'number']) };
  layouts.set(table, made);
  return made;
}

function fill(row: Record<string, Scalar>, table: TrackedTable, fields: object): void {
  const values = fields as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(values)) {
    const kind = table.columns[field];
    const value = values[field];
    if (kind !== undefined && value !== undefined) row[field] = encodeValue(kind, value);
  }
}

/** The given fields as columns; fields that are not there, and names that are no column, are left out. */
export function encode(table: TrackedTable, fields: object): Row {
  const row: Record<string, Scalar> = {};
  fill(row, table, fields);
  return row;
}

/** A new record's row; a field that is not there is null. */
export function encodeWhole(table: TrackedTable, fields: object, own: Row): Row {
  const row: Record<string, Scalar> = { ...layoutOf(table).row };
  fill(row, table, fields);
  return Object.assign(row, own);
}

/** One empty list for all: most records have several. */
const none: readonly unknown[] = [];
const listOf = (json: Scalar): unknown => (json === '[]' ? none : JSON.parse(String(json)));

export function decode<R>(table: RecordTable<R>, row: Row): R {
  const { record, columns } = layoutOf(table);
  const decoded: Record<string, unknown> = { ...record };
  for (const field of columns) {
    const value = row[field] ?? null;
    const kind = table.columns[field];
    decoded[field] = kind === 'flag' ? value === 1 : kind === 'json' ? listOf(value) : value;
  }
  return decoded as R;
}

/** The expression that makes a row into the record's JSON, with these of its fields. */
export const asJson = (
  { name, columns }: TrackedTable,
  fields: readonly string[] = Object.keys(columns),
): string => {
  const expressionOf = (column: string, kind: ColumnKind): string => {
    const value = `${name}."${column}"`;
    if (kind === 'flag') return `json(iif(${value}, 'true', 'false'))`;
    return kind === 'json' ? `json(${value})` : value;
  };
  return `json_object(${fields
    .map((field) => `'${field}', ${expressionOf(field, columns[field] ?? 'text')}`)
    .join(', ')})`;
};
