/** Copies of vault.db by VACUUM INTO (the online backup fails on encrypted sources), and the one before a migration. */
// Trap: VACUUM cannot be stopped, and copies of an earlier state keep what was erased later.
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type Database from 'better-sqlite3';
import { damaged, errorCode, Failure, refusalOf, systemReason } from '../errors.ts';
import { wiping } from '../keys.ts';
import { openKeyed, type VaultDatabase, vaultFailure } from './open.ts';
import { databasePath, earlierPath, syncFile, syncFolder, unfinishedPath } from './vault-folder.ts';

function within<T>(path: string, pageKey: Buffer, work: (database: VaultDatabase) => T): T {
  try {
    using database = openKeyed(path, pageKey);
    return work(database);
  } catch (error) {
    const refusal = refusalOf(errorCode(error));
    if (refusal?.exit !== 'failed') throw vaultFailure(error);
    throw new Failure('failed', `the copy of the vault cannot be made: ${refusal.message}`, refusal.hints);
  }
}

/** Nobody may write meanwhile. @returns what checks the copy, later. @throws damaged, busy, failed; so does the check */
export function copyDatabase(source: string, target: string, pageKey: Buffer): () => void {
  // SQLite would create one that others can read.
  closeSync(openSync(target, 'wx', 0o600));
  const counts = within(source, pageKey, (database) => {
    database.prepare('VACUUM INTO ?').run(target);
    return rowCounts(database);
  });
  return () =>
    within(target, pageKey, (copy) => {
      if (!isDeepStrictEqual(rowCounts(copy), counts) || integrityFaults(copy, 1).length > 0)
        throw damaged('the copy of the vault fails its checks', 'rapport doctor', 'is the disk sound?');
    });
}

const columnOf = <T>(database: Database.Database, text: string): readonly T[] =>
  database.prepare<[], T>(text).pluck().all();

export function integrityFaults(database: VaultDatabase, most = 20): readonly string[] {
  const rows = columnOf<string>(database, `PRAGMA integrity_check(${most})`);
  return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Names of indexes of words that are broken. */
export function brokenTextIndexes(database: Database.Database): readonly string[] {
  const names = columnOf<string>(
    database,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%USING fts5%'",
  );
  return names.filter((name) => {
    try {
      // A command to FTS5 in the form of an INSERT; it writes nothing.
      database
        .prepare(`INSERT INTO ${quoted(name)} (${quoted(name)}, rank) VALUES ('integrity-check', 1)`)
        .run();
      return false;
    } catch (error) {
      if (errorCode(error)?.startsWith('SQLITE_CORRUPT')) return true;
      throw error;
    }
  });
}

/** By table. */
function rowCounts(database: VaultDatabase): ReadonlyMap<string, number> {
  const names = columnOf<string>(
    database,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
  );
  return new Map(
    names.map((name) => [name, columnOf<number>(database, `SELECT count(*) FROM ${quoted(name)}`)[0] ?? 0]),
  );
}

/** Nobody may write meanwhile. @throws failed (the disk refuses), damaged (it cannot be copied whole), busy */
export function keepEarlier(folder: string, pageKey: Buffer, schema: number): void {
  const unfinished = unfinishedPath(folder, `schema-${schema}`);
  const remove = (): void => {
    for (const path of [unfinished, `${unfinished}-journal`]) rmSync(path, { force: true });
  };
  try {
    remove();
    copyDatabase(databasePath(folder), unfinished, pageKey)();
    syncFile(unfinished);
    renameSync(unfinished, earlierPath(folder, schema));
    syncFolder(folder);
  } catch (error) {
    remove();
    const isFailure = error instanceof Failure;
    if (!isFailure && errorCode(error) === undefined) throw error;
    const [exit, why] = isFailure ? [error.exit, error.message] : (['failed', systemReason(error)] as const);
    throw new Failure(exit, `no copy of the vault can be set aside before it is changed: ${why}`, [
      'make room, or look at it with rapport doctor',
    ]);
  }
}

/** Called by the store. Copies `page`. @throws failed, damaged, busy when called */
export function copyBeforeMigration(
  folder: string,
  page: Buffer,
  say: (text: string) => void,
): (from: number, to: number) => void {
  const key = Buffer.from(page);
  return (from, to) => {
    say(`rapport: an older vault (schema ${from}): it is copied before it is brought to schema ${to}`);
    using _ = wiping(key);
    keepEarlier(folder, key, from);
    say(`rapport: the copy is vault.db.schema-${from}; the next backup removes it`);
  };
}
