/**
 * The tables that undo covers, by the schemas of their records: flags are 0 or 1, lists JSON, all else as it is. And what
 * is derived from them: the look-up tables of patients and the text index.
 */
import type Database from 'better-sqlite3';
import { type ColumnKind, withTexts } from '../domain/fields.ts';
import { nameWords } from '../domain/patient-names.ts';
import { type Identifier, recordNames, schemas, type TableName } from '../domain/records.ts';
import { fold } from '../domain/text.ts';
import { conflict, usage } from '../errors.ts';
import { type Row, type Scalar, Sql } from './sql.ts';

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

/** The last to look, whoever read the text. */
const refuseLong = (
  text: string,
  { limit = text.length }: { readonly limit?: number },
  name: string,
): string => {
  if (text.length <= limit) return text;
  throw usage(`the ${name.replaceAll('_', ' ')} has ${text.length} characters; the limit is ${limit}`);
};

/** Leaves out missing fields, and names that are no column. @throws usage for a text that is too long */
export function rowOf({ name, columns }: Table, fields: object): Row {
  withTexts(schemas[name], fields, refuseLong);
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

/** Beside a discreet patient, private contacts but visits are not there. */
export const told = `NOT (sensitive = 1 AND channel NOT IN ('visit', 'home')
  AND EXISTS (SELECT 1 FROM patient WHERE patient.id = contact.patient_id AND patient.quiet = 1))`;

/** As in the partial index over held visits. */
export const heldVisit = `state = 'held' AND channel IN ('visit', 'home')`;

const listOf = <T>(json: Scalar | undefined): readonly T[] =>
  typeof json === 'string' ? (JSON.parse(json) as T[]) : [];

/** A table that patients are found by, and its rows for one patient, in the order of its columns. */
interface LookUp {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rowsOf: (patient: Row) => readonly (readonly Scalar[])[];
}
const lookUps: readonly LookUp[] = [
  {
    table: 'patient_handle',
    columns: ['handle', 'patient_id'],
    rowsOf: ({ handle, id = null }) => [[fold(String(handle)), id]],
  },
  {
    table: 'patient_word',
    columns: ['word', 'patient_id'],
    rowsOf({ name, goes_by, handle, aliases, former_names, id = null }) {
      const names = [name, goes_by, handle, ...listOf<string>(aliases), ...listOf<string>(former_names)];
      const words = names.flatMap((text) => (typeof text === 'string' ? nameWords(text) : []));
      return [...new Set(words)].map((word) => [word, id]);
    },
  },
  {
    table: 'patient_identifier',
    columns: ['system', 'value', 'patient_id'],
    rowsOf: ({ identifiers, id = null }) =>
      listOf<Identifier>(identifiers).map(({ system, value }) => [system, value, id]),
  },
];

/** A text as it is found, where that is another than the index's own folding of Latin letters makes of it. */
function foldedText(text: Scalar | undefined): string | null {
  if (typeof text !== 'string' || /^[\u0000-\u007f]*$/.test(text)) return null;
  const folded = fold(text);
  const isLatin = /^[\u0000-\u024f\u1e00-\u1eff\u2010-\u201f]*$/.test(text);
  const plain = isLatin ? text.normalize('NFD').replace(/[\u0300-\u036f]/g, '') : text;
  return folded === plain.toLowerCase() ? null : folded;
}

/** The field of a record that is found beside its text. */
type Outcome = 'answer' | 'how';

function keepFolded(sql: Sql, row: Row, outcome: Outcome): void {
  const [text, other] = [foldedText(row['text']), foldedText(row[outcome])];
  if (text !== null || other !== null)
    sql.run('INSERT INTO folded VALUES (?, ?, ?)', row['number'] ?? null, text, other);
}

const fewTexts = 1000;
/** A rebuild costs about a twentieth of indexing the same texts one by one, and far less of removing them. */
const rebuildShare = 20;

export type Indexes = ReturnType<typeof indexes>;

export function indexes(sql: Sql) {
  let texts = 0;
  let rebuilds = false;
  const expect = (count: number): void => {
    if (rebuilds || count < fewTexts) return;
    rebuilds = count * rebuildShare >= (sql.value<number>('SELECT max(number) FROM ref') ?? 0);
  };
  const followText = (before: Row | undefined, after: Row | undefined, outcome: Outcome): void => {
    if (before && after && before['text'] === after['text'] && before[outcome] === after[outcome]) return;
    texts += 1;
    if (texts % fewTexts === 0) expect(texts);
    const found = (row: Row, field: string): Scalar => foldedText(row[field]) ?? row[field] ?? '';
    const put = (row: Row | undefined, statement: string): void => {
      if (row === undefined || rebuilds) return;
      sql.run(statement, row['number'] ?? null, found(row, 'text'), found(row, outcome));
    };
    put(before, "INSERT INTO text_index (text_index, rowid, text, outcome) VALUES ('delete', ?, ?, ?)");
    if (before) sql.run('DELETE FROM folded WHERE number = ?', before['number'] ?? null);
    if (after) keepFolded(sql, after, outcome);
    put(after, 'INSERT INTO text_index (rowid, text, outcome) VALUES (?, ?, ?)');
  };
  const followPatient = (before: Row | undefined, after: Row | undefined): void => {
    for (const { table, columns, rowsOf } of lookUps) {
      const where = columns.map((column) => `${column} = ?`).join(' AND ');
      for (const row of before === undefined ? [] : rowsOf(before))
        sql.run(`DELETE FROM ${table} WHERE ${where}`, ...row);
      const values = columns.map(() => '?').join(', ');
      for (const row of after === undefined ? [] : rowsOf(after)) {
        const { changes } = sql.run(`INSERT OR IGNORE INTO ${table} VALUES (${values})`, ...row);
        if (changes === 0 && table === 'patient_handle')
          throw conflict('this handle belongs to another patient', 'rapport patient list');
      }
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

/** The schema since which look-ups are folded as now. */
const foldedSince = 3;
/** Characters of a handle to which a ref is added. */
const longestStem = 34;

/** Makes the look-ups of a vault of an older schema anew. A handle that is another's, as it is folded now, gets its ref. */
export function foldAnew(sql: Sql): void {
  for (const { table } of lookUps) sql.run(`DELETE FROM ${table}`);
  const used = new Set<string>();
  for (const row of sql.all('SELECT * FROM patient ORDER BY number')) {
    const { number = null, ref, handle, aliases } = row;
    const isTaken = used.has(fold(String(handle)));
    const own = isTaken ? `${[...String(handle)].slice(0, longestStem).join('')}-${ref}` : String(handle);
    used.add(fold(own));
    const called = isTaken ? JSON.stringify([...listOf<string>(aliases), handle]) : (aliases ?? null);
    if (isTaken) sql.run('UPDATE patient SET handle = ?, aliases = ? WHERE number = ?', own, called, number);
    for (const { table, columns, rowsOf } of lookUps)
      for (const values of rowsOf({ ...row, handle: own, aliases: called }))
        sql.run(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`, ...values);
  }
  const texts: readonly (readonly [table: string, outcome: Outcome])[] = [
    ['note', 'answer'],
    ['commitment', 'how'],
  ];
  for (const [table, outcome] of texts)
    for (const row of sql.all(`SELECT number, text, ${outcome} FROM ${table}`)) keepFolded(sql, row, outcome);
  sql.run("INSERT INTO text_index (text_index) VALUES ('rebuild')");
}

function brokenNow(sql: Sql): readonly string[] {
  // Older ones are folded by another rule, until the vault is opened.
  if (sql.pragma('user_version') < foldedSince) return [];
  const patients = sql.all('SELECT * FROM patient');
  const broken = lookUps.filter(({ table, columns, rowsOf }) => {
    const wanted = new Set(patients.flatMap(rowsOf).map((row) => JSON.stringify(row)));
    const found = sql.all(`SELECT ${columns.join(', ')} FROM ${table}`);
    return (
      found.length !== wanted.size || !found.every((row) => wanted.has(JSON.stringify(Object.values(row))))
    );
  });
  const hasLostRef = recordNames.some((name) =>
    sql.has(
      `SELECT 1 FROM ${name} AS one WHERE NOT EXISTS
         (SELECT 1 FROM ref WHERE number = one.number AND ref = one.ref AND record = ?) LIMIT 1`,
      name,
    ),
  );
  return [...broken.map(({ table }) => table), ...(hasLostRef ? ['ref'] : [])];
}

/** Tables of look-ups that do not follow from the records: a page of them may be of another time. Reads one moment. */
export function brokenLookUps(database: Database.Database): readonly string[] {
  const sql = new Sql({ database });
  return sql.reading(() => brokenNow(sql));
}
