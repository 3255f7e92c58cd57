/** Copies of vault.db by VACUUM INTO (the online backup fails on encrypted sources), and the one before a migration. */
// Trap: VACUUM cannot be stopped, and copies of an earlier state keep what was erased later.

import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { damaged, errorCode, Failure, refusalOf, systemReason } from '../errors.ts';
import { wipe } from '../keys.ts';
import { openKeyed, settle, type VaultDatabase, vaultFailure } from './driver.ts';
import { databasePath, earlierPath, syncFile, syncFolder, unfinishedPath } from './vault-folder.ts';

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

function refusal(error: unknown): unknown {
  const code = errorCode(error);
  const why = error instanceof Failure ? error.message : code !== undefined && systemReason(error);
  if (typeof why !== 'string') return error;
  const exit = error instanceof Failure ? error.exit : 'failed';
  return new Failure(exit, `no copy of the vault can be set aside before it is changed: ${why}`, [
    'make room, or look at it with rapport doctor',
  ]);
}

/** Nobody may write meanwhile. @throws failed (the disk refuses), damaged (it cannot be copied whole), busy */
export function keepEarlier(folder: string, pageKey: Buffer, schema: number): void {
  const unfinished = unfinishedPath(folder, `schema-${schema}`);
  const remove = (): void => {
    for (const path of [unfinished, `${unfinished}-journal`]) rmSync(path, { force: true });
  };
  try {
    remove();
    closeSync(openSync(unfinished, 'wx', 0o600));
    const request = { source: databasePath(folder), target: unfinished, pageKey };
    checkCopy(request, copyDatabase(request));
    syncFile(unfinished);
    renameSync(unfinished, earlierPath(folder, schema));
    syncFolder(folder);
  } catch (error) {
    remove();
    throw refusal(error);
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
    try {
      keepEarlier(folder, key, from);
    } finally {
      wipe(key);
    }
    say(`rapport: the copy is vault.db.schema-${from}; the next backup removes it`);
  };
}
