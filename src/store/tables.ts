/** The tables that undo covers, by the schemas of their records: flags are 0 or 1, lists JSON, all else as it is. */
import type { ColumnKind } from '../domain/fields.ts';
import { schemas, type TableName } from '../domain/records.ts';
import type { Row, Scalar, Sql } from './sql.ts';

export interface Table {
  readonly name: TableName;
  readonly columns: Readonly<Record<string, ColumnKind>>;
}

function tableOf(name: TableName): Table {
  const fields = Object.entries(schemas[name]).map(([field, { column }]) => [field, column] as const);
  const own = 'id' in schemas[name] ? ['id', 'ref', ...(name === 'patient' ? [] : ['patient_id'])] : [];
  return {
    name,
    columns: Object.fromEntries([...own.map((field) => [field, 'plain'] as const), ...fields]),
  };
}

const tables = new Map<string, Table>(
  (Object.keys(schemas) as TableName[]).map((name) => [name, tableOf(name)]),
);

export function tableNamed(name: string): Table {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`no table '${name}'`);
  return table;
}

/** Leaves out missing fields, and names that are no column. */
export function rowOf({ columns }: Table, fields: object): Row {
  const row: Record<string, Scalar> = {};
  for (const [field, value] of Object.entries(fields)) {
    const kind = columns[field];
    if (kind === undefined || value === undefined) continue;
    row[field] = kind === 'json' ? JSON.stringify(value) : kind === 'flag' ? Number(value) : value;
  }
  return row;
}

/** A record as one JSON text: each value that crosses from SQLite costs time. */
export function jsonOf({ name, columns }: Table, fields: readonly string[] = Object.keys(columns)): string {
  const pairs = fields.map((field) => {
    const value = `${name}."${field}"`;
    const kind = columns[field];
    const json = kind === 'flag' ? `json(iif(${value}, 'true', 'false'))` : `json(${value})`;
    return `'${field}', ${kind === 'plain' ? value : json}`;
  });
  return `json_object(${pairs.join(', ')}) AS record`;
}

export const readJson = <R>(sql: Sql, text: string, ...values: readonly Scalar[]): readonly R[] =>
  sql.map(text, ({ record }) => JSON.parse(String(record)), ...values);
