/** Opening vault.db: check the file, keep a hot journal aside, key it, and compare it with the key file. */
import { constants, copyFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { conflict, damaged, errorCode, type Failure, refusalOf } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { openKeyed, settle, usualPatience, type VaultDatabase, vaultFailure } from './driver.ts';
import { pageSize, readAt } from './pages.ts';
import { checkJournal, isHotJournal } from './rollback-journal.ts';
import {
  checkFile,
  databasePath,
  journalCopyPath,
  journalPath,
  nameDatabase,
  type OwnerId,
  refuseFolder,
  removeFile,
  replacedPath,
  statOf,
  syncFolder,
} from './vault-folder.ts';

interface OpenRequest {
  readonly folder: string;
  readonly keys: Pick<Keys, 'page'>;
  readonly vaultId: string;
  /** Undefined where these keys opened it earlier in the run: a slot changed since then does not matter. */
  readonly generation: number | undefined;
  readonly uid: OwnerId;
  /** Milliseconds. */
  readonly patience?: number;
}

const fromBackup = 'restore it from a backup';

function keepJournalAside(folder: string, uid: OwnerId): boolean {
  const journal = journalPath(folder);
  if (checkFile(journal, uid) === undefined) return false;
  const copy = journalCopyPath(folder);
  refuseFolder(copy);
  try {
    if (isHotJournal(journal)) {
      // A link would lead the copy elsewhere, and a pipe would block.
      removeFile(copy);
      copyFileSync(journal, copy, constants.COPYFILE_EXCL);
    }
  } catch {
    // Another process finished and removed it, or the folder is read-only.
  }
  return true;
}

/** Before SQLite says 'not a database' of everything. */
function checkShape(request: OpenRequest): void {
  const { folder, uid } = request;
  const path = databasePath(folder);
  const size =
    checkFile(path, uid) ?? (nameDatabase(folder, request.vaultId) ? checkFile(path, uid) : undefined);
  if (size === undefined)
    throw damaged(
      'vault.db is missing, only its keys are there',
      fromBackup,
      'or, if it was never used, move vault.keys and vault.keys.copy away and run rapport init',
    );
  if (size === 0) throw damaged('vault.db is empty: it was truncated', fromBackup);
  const journal = keepJournalAside(folder, uid);
  // After a crash, playing the journal back may complete a partial page.
  if (size % pageSize !== 0 && !journal && (checkFile(path, uid) ?? 0) % pageSize !== 0)
    throw damaged('vault.db is no whole number of pages: it was cut short or added to', fromBackup);
}

const isPlaintext = (path: string): boolean => readAt(path, 0, 16).toString('latin1') === 'SQLite format 3\0';

/** @returns whether another vault stands there now than when this was called: that is no damage */
export function watchFile(folder: string): () => Failure | undefined {
  const inode = (): number | undefined => statOf(databasePath(folder))?.ino;
  const seen = inode();
  return () => (seen === undefined || inode() === seen ? undefined : refusalOf('SQLITE_READONLY_DBMOVED'));
}

function readIdentity(database: VaultDatabase): { readonly vaultId: string; readonly generation: number } {
  const statement = database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const textOf = (key: string): string | undefined => statement.get(key);
  const vaultId = textOf('vault_id');
  const generation = Number(textOf('generation') ?? Number.NaN);
  if (vaultId === undefined || !Number.isSafeInteger(generation))
    throw damaged('vault.db does not say which vault it is', fromBackup);
  return { vaultId, generation };
}

export const isDemonstration = (database: VaultDatabase): boolean =>
  database.prepare("SELECT 1 FROM meta WHERE key = 'demonstration'").get() !== undefined;

/** Trap: upward only. */
export const writeGeneration = (database: VaultDatabase, generation: number): void => {
  database
    .prepare("UPDATE meta SET value = ? WHERE key = 'generation' AND CAST(value AS INTEGER) < ?")
    .run(String(generation), generation);
};

/** Keeps writers away until it is closed. Trap: open vault.db by SQLite alone meanwhile. @throws as openDatabase */
export function holdVault(request: OpenRequest): VaultDatabase {
  const database = openDatabase(request);
  try {
    try {
      database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      if (!errorCode(error)?.startsWith('SQLITE_READONLY')) throw error;
      // A reader's lock holds others up as well, at their commit.
      database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    }
    return database;
  } catch (error) {
    database.close();
    throw vaultFailure(error);
  }
}

/** Deletes the vault that this one replaced, with its keys and copies. A killed or refused run leaves it to the next. */
export function removeReplaced(database: VaultDatabase, folder: string): void {
  const id = database.prepare<[], string>("SELECT value FROM meta WHERE key = 'replaced'").pluck().get();
  if (id === undefined) return;
  const old = replacedPath(folder, id);
  try {
    if (statOf(old)?.isDirectory()) {
      for (const name of readdirSync(old)) removeFile(join(old, name));
      rmdirSync(old);
      syncFolder(folder);
    }
    database.prepare("DELETE FROM meta WHERE key = 'replaced'").run();
  } catch {
    // A read-only folder must not prevent reading.
  }
}

function checkIdentity(database: VaultDatabase, request: OpenRequest): void {
  const identity = readIdentity(database);
  if (identity.vaultId !== request.vaultId)
    throw damaged('vault.db and vault.keys belong to different vaults', fromBackup);
  const { generation = identity.generation } = request;
  if (identity.generation > generation)
    throw conflict(
      'the key files are older than the database',
      'put the newest vault.keys back, or restore a backup',
    );
  if (identity.generation === generation) return;
  // A change of keys was cut off between its two writes.
  try {
    writeGeneration(database, generation);
  } catch (error) {
    if (!/^SQLITE_(READONLY|BUSY|FULL|IOERR|CANTOPEN)/.test(errorCode(error) ?? '')) throw error;
  }
}

/** The store checks the schema. @throws damaged, conflict (owner, modes, older keys), busy, failed */
export function openDatabase(request: OpenRequest): VaultDatabase {
  const path = databasePath(request.folder);
  let database: VaultDatabase | undefined;
  try {
    checkShape(request);
    checkJournal(request.folder, request.keys.page);
    database = openKeyed(path, request.keys.page, request.patience ?? usualPatience);
    settle(database);
    checkIdentity(database, request);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

function explain(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === 'SQLITE_NOTADB')
    return isPlaintext(path)
      ? damaged('vault.db is an unencrypted database, not a vault', fromBackup)
      : damaged(
          'vault.db does not open with its keys: its first page is damaged, or it is another vault’s',
          fromBackup,
        );
  if (code === 'SQLITE_ERROR' && error instanceof Error && /no such (table|column)/.test(error.message))
    return damaged('vault.db does not say which vault it is', fromBackup);
  return vaultFailure(error);
}
