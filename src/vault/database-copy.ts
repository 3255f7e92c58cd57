/** A checked copy of vault.db by VACUUM INTO: the online backup fails on encrypted sources. Trap: cannot be stopped. */
import { damaged, errorCode, Failure, refusalOf } from '../errors.ts';
import { openKeyed, settle, type VaultDatabase, vaultFailure } from './driver.ts';

interface CopyRequest {
  readonly source: string;
  /** An empty file of mode 0600: SQLite would create one that others can read. */
  readonly target: string;
  readonly pageKey: Buffer;
}

/** Rows by table. */
type Counts = ReadonlyMap<string, number>;

function settled<T>(path: string, pageKey: Buffer, work: (database: VaultDatabase) => T): T {
  const database = openKeyed(path, pageKey);
  try {
    settle(database);
    return work(database);
  } catch (error) {
    const refusal = refusalOf(errorCode(error));
    if (refusal?.exit !== 'failed') throw vaultFailure(error);
    throw new Failure('failed', `the copy of the vault cannot be made: ${refusal.message}`, refusal.hints);
  } finally {
    database.close();
  }
}

/** Nobody may write meanwhile. @returns rows that the copy must have. @throws damaged, busy, failed */
export const copyDatabase = ({ source, target, pageKey }: CopyRequest): Counts =>
  settled(source, pageKey, (database) => {
    database.prepare('VACUUM INTO ?').run(target);
    return rowCounts(database);
  });

/** @throws damaged, failed */
export const checkCopy = ({ target, pageKey }: Omit<CopyRequest, 'source'>, counts: Counts): void =>
  settled(target, pageKey, (copy) => {
    if (integrityFaults(copy, 1).length > 0 || !sameCounts(rowCounts(copy), counts))
      throw damaged('the copy of the vault fails its checks', 'rapport doctor', 'is the disk sound?');
  });

export function integrityFaults(database: VaultDatabase, most = 20): readonly string[] {
  const rows = database.prepare<[], string>(`PRAGMA integrity_check(${most})`).pluck().all();
  return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
}

export function foreignKeyFaults(database: VaultDatabase): ReadonlyMap<string, number> {
  const faults = new Map<string, number>();
  const statement = database.prepare<[], { table: string }>('PRAGMA foreign_key_check');
  for (const { table } of statement.iterate()) faults.set(table, (faults.get(table) ?? 0) + 1);
  return faults;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export function brokenTextIndexes(database: VaultDatabase): readonly string[] {
  const names = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%USING fts5%'")
    .pluck()
    .all();
  return names.flatMap((name) => {
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

function rowCounts(database: VaultDatabase): Counts {
  const names = database
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )
    .pluck()
    .all();
  const countOf = (name: string): number =>
    database
      .prepare<[], number>(`SELECT count(*) FROM ${quoted(name)}`)
      .pluck()
      .get() ?? 0;
  return new Map(names.map((name) => [name, countOf(name)]));
}

const sameCounts = (one: Counts, other: Counts): boolean =>
  one.size === other.size && [...one].every(([name, rows]) => other.get(name) === rows);
