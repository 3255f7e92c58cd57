/** SQLite's own checks of a database, whatever its schema. Names of tables may be shown, rows never. */
import { errorCode } from '../errors.ts';
import type { VaultDatabase } from './driver.ts';

/** Empty where all is well. */
export function integrityFaults(database: VaultDatabase, most = 20): readonly string[] {
  const rows = database
    .prepare<[], { integrity_check: string }>(`PRAGMA integrity_check(${most})`)
    .all()
    .map((row) => row.integrity_check);
  return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
}

/** Rows that refer to missing ones: how many, by table. */
export function foreignKeyFaults(database: VaultDatabase): ReadonlyMap<string, number> {
  const faults = new Map<string, number>();
  const statement = database.prepare<[], { table: string }>('PRAGMA foreign_key_check');
  for (const { table } of statement.iterate()) faults.set(table, (faults.get(table) ?? 0) + 1);
  return faults;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Text indexes that are broken, or differ from their records. */
export function brokenTextIndexes(database: VaultDatabase): readonly string[] {
  const names = database
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%USING fts5%'",
    )
    .all();
  return names.flatMap(({ name }) => {
    try {
      // A command to FTS5 in the form of an INSERT; it writes nothing.
      database
        .prepare(`INSERT INTO ${quoted(name)} (${quoted(name)}, rank) VALUES ('integrity-check', 1)`)
        .run();
      return [];
    } catch (error) {
      if (errorCode(error)?.startsWith('SQLITE_CORRUPT')) return [name];
      throw error;
    }
  });
}

/** Includes the tables of the text index. */
export function rowCounts(database: VaultDatabase): ReadonlyMap<string, number> {
  const names = database
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )
    .all();
  return new Map(
    names.map(({ name }) => [
      name,
      database.prepare<[], { rows: number }>(`SELECT count(*) AS rows FROM ${quoted(name)}`).get()?.rows ?? 0,
    ]),
  );
}

export const sameCounts = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean =>
  one.size === other.size && [...one].every(([name, rows]) => other.get(name) === rows);
