/** A checked copy of vault.db by VACUUM INTO: the online backup fails on encrypted sources. Trap: cannot be stopped. */
import { truncateSync } from 'node:fs';
import { damaged, errorCode, Failure, refusalOf } from '../errors.ts';
import { openKeyed, settle, type VaultDatabase, vaultFailure } from './driver.ts';

interface CopyRequest {
  readonly source: string;
  /** An empty file of mode 0600: SQLite would create one that others can read. */
  readonly target: string;
  readonly pageKey: Buffer;
}

const tries = 3;

function settled<T>(path: string, pageKey: Buffer, work: (database: VaultDatabase) => T): T {
  const database = openKeyed(path, pageKey);
  try {
    settle(database);
    return work(database);
  } finally {
    database.close();
  }
}

/** @returns rows the copy must have; undefined where the source changed meanwhile */
function copyOnce(source: VaultDatabase, target: string): ReadonlyMap<string, number> | undefined {
  const version = (): unknown => source.pragma('data_version', { simple: true });
  const before = version();
  const counts = rowCounts(source);
  source.prepare('VACUUM INTO ?').run(target);
  return version() === before ? counts : undefined;
}

/** @throws damaged (the source cannot be read whole, or the copy fails its checks), busy, failed */
export function copyDatabase({ source, target, pageKey }: CopyRequest): void {
  try {
    const counts = settled(source, pageKey, (database) => {
      for (let left = tries; left > 0; left -= 1) {
        const copied = copyOnce(database, target);
        if (copied !== undefined) return copied;
        truncateSync(target);
      }
      throw new Failure('busy', 'the vault is being written all the time', ['try again in a moment']);
    });
    settled(target, pageKey, (copy) => {
      if (integrityFaults(copy, 1).length > 0 || !sameCounts(rowCounts(copy), counts))
        throw damaged('the copy of the vault fails its checks', 'rapport doctor', 'is the disk sound?');
    });
  } catch (error) {
    const refusal = refusalOf(errorCode(error));
    if (refusal?.exit !== 'failed') throw vaultFailure(error);
    throw new Failure('failed', `the copy of the vault cannot be made: ${refusal.message}`, refusal.hints);
  }
}

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

function rowCounts(database: VaultDatabase): ReadonlyMap<string, number> {
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

const sameCounts = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean =>
  one.size === other.size && [...one].every(([name, rows]) => other.get(name) === rows);
