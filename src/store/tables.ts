/**
 * The tables that undo covers, by the schemas of their records: flags are 0 or 1, lists JSON, all else as it is. And what
 * is derived from them: the look-up tables of patients and the text index.
 */
import type Database from 'better-sqlite3';
import type { ColumnKind } from '../domain/fields.ts';
import { type Identifier, recordNames, schemas, type TableName } from '../domain/records.ts';
import { fold, foldedWords } from '../domain/text.ts';
import { conflict } from '../errors.ts';
import { isUniqueViolation, type Row, type Scalar, Sql } from './sql.ts';

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

const listOf = <T>(json: Scalar | undefined): readonly T[] =>
  typeof json === 'string' ? (JSON.parse(json) as T[]) : [];

const wordsOf = (patient: Row): ReadonlySet<string> =>
  new Set(
    [patient['name'], patient['goes_by'], patient['handle'], ...listOf<string>(patient['aliases'])].flatMap(
      (name) => (typeof name === 'string' ? foldedWords(name) : []),
    ),
  );

const fewTexts = 1000;
/** A rebuild costs about a twentieth of indexing the same texts one by one, and far less of removing them. */
const rebuildShare = 20;

export type Indexes = ReturnType<typeof indexes>;

export function indexes(sql: Sql) {
  let texts = 0;
  let rebuilds = false;
  const expect = (count: number): void => {
    if (rebuilds || count < fewTexts) return;
    const all = sql.get<{ records: number }>('SELECT max(number) AS records FROM ref');
    rebuilds = count * rebuildShare >= (all?.records ?? 0);
  };
  const followText = (before: Row | undefined, after: Row | undefined, outcome: 'answer' | 'how'): void => {
    if (before && after && before['text'] === after['text'] && before[outcome] === after[outcome]) return;
    texts += 1;
    if (texts % fewTexts === 0) expect(texts);
    if (rebuilds) return;
    const valuesOf = (row: Row): readonly Scalar[] => [
      row['number'] ?? null,
      row['text'] ?? null,
      row[outcome] ?? '',
    ];
    if (before)
      sql.run(
        "INSERT INTO text_index (text_index, rowid, text, outcome) VALUES ('delete', ?, ?, ?)",
        ...valuesOf(before),
      );
    if (after) sql.run('INSERT INTO text_index (rowid, text, outcome) VALUES (?, ?, ?)', ...valuesOf(after));
  };
  const takeHandle = (handle: string, id: Scalar): void => {
    try {
      sql.run('INSERT INTO patient_handle (handle, patient_id) VALUES (?, ?)', handle, id);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw conflict('this handle belongs to another patient', 'rapport patient list');
    }
  };
  const followPatient = (before: Row | undefined, after: Row | undefined): void => {
    const id = (after ?? before)?.['id'] ?? null;
    if (before) {
      sql.run('DELETE FROM patient_handle WHERE handle = ?', fold(String(before['handle'])));
      sql.run('DELETE FROM patient_word WHERE patient_id = ?', id);
      for (const { system, value } of listOf<Identifier>(before['identifiers']))
        sql.run(
          'DELETE FROM patient_identifier WHERE system = ? AND value = ? AND patient_id = ?',
          system,
          value,
          id,
        );
    }
    if (after) {
      takeHandle(fold(String(after['handle'])), id);
      for (const word of wordsOf(after))
        sql.run('INSERT INTO patient_word (word, patient_id) VALUES (?, ?)', word, id);
      for (const { system, value } of listOf<Identifier>(after['identifiers']))
        sql.run(
          'INSERT OR IGNORE INTO patient_identifier (system, value, patient_id) VALUES (?, ?, ?)',
          system,
          value,
          id,
        );
    }
  };
  return {
    begin(): void {
      texts = 0;
      rebuilds = false;
    },
    /** @param count of the texts that are about to change */
    expect,
    /** After an erasure: a plain delete leaves the words in the FTS5 index. */
    rebuildText(): void {
      rebuilds = true;
    },
    follow({ name }: Table, before: Row | undefined, after: Row | undefined): void {
      if (name === 'patient') followPatient(before, after);
      else if (name === 'note') followText(before, after, 'answer');
      else if (name === 'commitment') followText(before, after, 'how');
    },
    finish(): void {
      if (rebuilds) sql.run("INSERT INTO text_index (text_index) VALUES ('rebuild')");
    },
  };
}

/** Tables of look-ups that do not follow from the records: a page of them may be of another time. */
export function brokenLookUps(database: Database.Database): readonly string[] {
  const sql = new Sql({ database });
  if (sql.pragma('user_version') === 0) return [];
  const wanted = new Map<string, Set<string>>([
    ['patient_handle (handle, patient_id)', new Set()],
    ['patient_word (word, patient_id)', new Set()],
    ['patient_identifier (system, value, patient_id)', new Set()],
  ]);
  const [handles, words, identifiers] = [...wanted.values()];
  const add = (rows: Set<string> | undefined, ...row: readonly (Scalar | undefined)[]): void =>
    void rows?.add(JSON.stringify(row));
  for (const patient of sql.all('SELECT * FROM patient')) {
    const { id } = patient;
    add(handles, fold(String(patient['handle'])), id);
    for (const word of wordsOf(patient)) add(words, word, id);
    for (const { system, value } of listOf<Identifier>(patient['identifiers']))
      add(identifiers, system, value, id);
  }
  const lookUps = [...wanted].flatMap(([described, rows]) => {
    const [table = '', columns = ''] = described.split(/ \(|\)/);
    const found = sql.all(`SELECT ${columns} FROM ${table}`).map((row) => JSON.stringify(Object.values(row)));
    return found.length === rows.size && found.every((row) => rows.has(row)) ? [] : [table];
  });
  const lostRefs = recordNames.filter(
    (name) =>
      sql.get(
        `SELECT 1 FROM ${name} AS one WHERE NOT EXISTS
           (SELECT 1 FROM ref WHERE number = one.number AND ref = one.ref AND record = ?) LIMIT 1`,
        name,
      ) !== undefined,
  );
  return [...lookUps, ...(lostRefs.length > 0 ? ['ref'] : [])];
}
