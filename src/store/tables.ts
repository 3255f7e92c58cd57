/** The tables that undo covers, and how rows become records: flags are 0 or 1, lists JSON, all else as it is. */
import type { ColumnKind } from '../domain/fields.ts';
import { type RecordName, type RecordOf, schemas, type TableName } from '../domain/records.ts';
import type { Row, Scalar } from './sql.ts';

export interface TrackedTable {
  readonly name: TableName;
  readonly columns: Readonly<Record<string, ColumnKind>>;
}

export interface RecordTable<R> extends TrackedTable {
  readonly name: RecordName;
  readonly record?: R;
}

const columnsOf = (name: TableName): TrackedTable['columns'] =>
  Object.fromEntries(Object.entries(schemas[name]).map(([field, { column }]) => [field, column]));

function recordTable<N extends RecordName>(name: N): RecordTable<RecordOf<N>> {
  const { id: _, ...fields } = columnsOf(name);
  const owner = name === 'patient' ? {} : { patient_id: 'plain' as const };
  return { name, columns: { id: 'plain', ref: 'plain', ...owner, ...fields } };
}

export const tables = {
  patient: recordTable('patient'),
  person: recordTable('person'),
  note: recordTable('note'),
  commitment: recordTable('commitment'),
  contact: recordTable('contact'),
  closedDay: { name: 'closed_day', columns: columnsOf('closed_day') },
  away: { name: 'away', columns: columnsOf('away') },
  weekend: { name: 'weekend', columns: columnsOf('weekend') },
} as const;

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
  readonly record: Readonly<Record<string, null>>;
  readonly row: Readonly<Record<string, null>>;
}

const layouts = new Map<TrackedTable, Layout>();

/** Templates that give rows and records one V8 shape: fields added one by one cost a kilobyte a record. */
function layoutOf(table: TrackedTable): Layout {
  const known = layouts.get(table);
  if (known !== undefined) return known;
  const columns = Object.keys(table.columns);
  // JSON.parse lays an object out as a literal would be.
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

/** Leaves out missing fields, and names that are no column. */
export function encode(table: TrackedTable, fields: object): Row {
  const row: Record<string, Scalar> = {};
  fill(row, table, fields);
  return row;
}

export function encodeWhole(table: TrackedTable, fields: object, own: Row): Row {
  const row: Record<string, Scalar> = { ...layoutOf(table).row };
  fill(row, table, fields);
  return Object.assign(row, own);
}

/** Shared: most records have several empty lists. */
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
    .map((field) => `'${field}', ${expressionOf(field, columns[field] ?? 'plain')}`)
    .join(', ')})`;
};

/** Of a note, in SQL: the newest of its thread, as `newestOfThreads` of the domain has it. */
export const isNewest = `NOT EXISTS (SELECT 1 FROM note AS newer WHERE newer.replaces = note.id AND newer.status <> 'retired')`;
