/** Opening vault.db: check the file, keep a hot journal aside, key it, and compare it with the key file. */
import { constants, copyFileSync, readdirSync, rmdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { shellQuoted } from '../domain/text.ts';
import {
  asFailure,
  conflict,
  damaged,
  errorCode,
  Failure,
  failed,
  refusalOf,
  systemReason,
} from '../errors.ts';
import { type Keys, keyLength, wiping } from '../keys.ts';
import { checkJournal, isHotJournal, pageSize, readAt } from './pages.ts';
import {
  checkFile,
  databasePath,
  journalCopyPath,
  journalPath,
  nameDatabase,
  type OwnerId,
  refuseFolder,
  removeEarlier,
  removeFile,
  replacedPath,
  setAsidePath,
  statOf,
  syncFolder,
  tryTo,
} from './vault-folder.ts';

/** Closed where the block of a `using` ends. */
export type VaultDatabase = Database.Database & Disposable;

/** Milliseconds to wait for another process's lock. */
export const usualPatience = 10_000;

/** Why the driver does not load; undefined for another error. */
function driverFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, its, own] = /NODE_MODULE_VERSION (\d+)\D*NODE_MODULE_VERSION (\d+)/.exec(error.message) ?? [];
  if (its !== undefined)
    return `the database driver was built for another Node (of module version ${its}, this one's is ${own})`;
  if (errorCode(error) === 'ERR_DLOPEN_FAILED') return "the database driver can't be loaded here";
  return errorCode(error) === 'MODULE_NOT_FOUND' ? 'the database driver is missing' : undefined;
}

function connect(path: string, options: Database.Options): VaultDatabase {
  try {
    // The native part stays where npm built it; only JavaScript is bundled.
    const { resolve } = createRequire(import.meta.url);
    const nativeBinding = resolve('better-sqlite3/build/Release/better_sqlite3.node');
    const database = new Database(path, { ...options, nativeBinding });
    return Object.assign(database, { [Symbol.dispose]: () => void database.close() });
  } catch (error) {
    const fault = driverFault(error);
    throw fault === undefined ? error : failed(fault, 'npm rebuild, or install rapport again');
  }
}

/** Once it is ready; closed where it can't be made so. */
export function orClosed<T extends Disposable>(opened: T, ready: (opened: T) => void): T {
  try {
    ready(opened);
    return opened;
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

export const openUnkeyed = (path: string): VaultDatabase => connect(path, { timeout: 0 });

/** The driver's key format. Trap: any other length is a passphrase. */
export function useRawKey(pageKey: Buffer, use: (raw: Buffer) => void): void {
  if (pageKey.length !== keyLength) throw new Error('a page key is 32 bytes');
  const raw = Buffer.concat([Buffer.from('raw:'), pageKey]);
  using _ = wiping(raw);
  use(raw);
}

/** No temporary files (they would be plaintext), deleted content overwritten, one whole file between commands. */
const settings =
  'PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;' +
  'PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;';

/** The file must exist. @throws a driver error */
export function openKeyed(path: string, pageKey: Buffer, patience = usualPatience): VaultDatabase {
  return orClosed(connect(path, { fileMustExist: true, timeout: patience }), (database) => {
    // Trap: a driver without encryption ignores the pragma, and would write plaintext.
    if (database.pragma("cipher='sqlcipher'", { simple: true }) !== 'sqlcipher' || !('key' in database))
      throw failed('the SQLite driver has no encryption', 'install rapport again');
    database.pragma('legacy=4');
    useRawKey(pageKey, (raw) => database.key(raw));
    database.exec(settings);
  });
}

export function vaultFailure(error: unknown): unknown {
  const code = errorCode(error);
  return (error instanceof Failure || !code?.startsWith('SQLITE_') ? undefined : refusalOf(code)) ?? error;
}

/** A refusal of the system as a failure; SQLite's and any other error as it is. */
export function systemFailure(error: unknown, what: string): unknown {
  const code = errorCode(error);
  if (error instanceof Failure || code === undefined || code.startsWith('SQLITE')) return error;
  return failed(`${what}: ${systemReason(error)}`);
}

/** What stands could not be looked at: keep all that was prepared. */
export class OutcomeUnknown extends Failure {
  constructor({ exit, message, hints }: Failure, either: string, ...wayOut: readonly string[]) {
    super(exit, `${message}; ${either}`, [...wayOut, ...hints]);
  }
}

interface OpenRequest {
  readonly folder: string;
  readonly keys: Pick<Keys, 'page'>;
  /** The vault's id. */
  readonly vault: string;
  /** Undefined where these keys opened it earlier in the run: a slot changed since then does not matter. */
  readonly generation?: number | undefined;
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
  // It fails where another process finished and removed it, or the folder is read-only.
  tryTo(() => {
    if (!isHotJournal(journal)) return;
    // A link would lead the copy elsewhere, and a pipe would block.
    removeFile(copy);
    copyFileSync(journal, copy, constants.COPYFILE_EXCL);
  });
  return true;
}

/** Before SQLite says 'not a database' of everything. */
function checkShape({ folder, vault, uid }: OpenRequest): void {
  const sizeOf = (): number | undefined => checkFile(databasePath(folder), uid);
  const size = sizeOf() ?? (nameDatabase(folder, vault) ? sizeOf() : undefined);
  if (size === undefined)
    throw damaged(
      'vault.db is missing, only its keys are there',
      fromBackup,
      'or, if it was never used, move vault.keys and vault.keys.copy away and run rapport init',
    );
  if (size === 0) throw damaged('vault.db is empty: it was truncated', fromBackup);
  const journal = keepJournalAside(folder, uid);
  // After a crash, playing the journal back may complete a partial page.
  if (size % pageSize !== 0 && !journal && (sizeOf() ?? 0) % pageSize !== 0)
    throw damaged('vault.db is no whole number of pages: it was cut short or added to', fromBackup);
}

/** @returns whether another vault stands there now than when this was called: that is no damage */
export function watchFile(folder: string): () => Failure | undefined {
  const inode = (): number | undefined => statOf(databasePath(folder))?.ino;
  const seen = inode();
  return () => (seen === undefined || inode() === seen ? undefined : refusalOf('SQLITE_READONLY_DBMOVED'));
}

const metaIn = (database: VaultDatabase, key: string): string | undefined =>
  database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck().get(key);

export const isDemonstration = (database: VaultDatabase): boolean =>
  metaIn(database, 'demonstration') !== undefined;

/** Trap: upward only. */
export const writeGeneration = (database: VaultDatabase, generation: number): void => {
  database
    .prepare("UPDATE meta SET value = ? WHERE key = 'generation' AND CAST(value AS INTEGER) < ?")
    .run(String(generation), generation);
};

/** With its keys and copies. @returns whether it was there */
function removeVault(folder: string): boolean {
  if (!statOf(folder)?.isDirectory()) return false;
  for (const name of readdirSync(folder)) removeFile(join(folder, name));
  rmdirSync(folder);
  syncFolder(dirname(folder));
  return true;
}

/** Deletes the vault that this one replaced. A killed or refused run leaves it to the next. */
export function removeReplaced(database: VaultDatabase, folder: string): void {
  const id = metaIn(database, 'replaced');
  if (id === undefined) return;
  // A read-only folder must not prevent reading.
  tryTo(() => {
    removeVault(replacedPath(folder, id));
    database.prepare("DELETE FROM meta WHERE key = 'replaced'").run();
  });
}

/** Where the vault goes that another one replaces: kept until the next backup, or, where something is to be gone, not. */
export function nameAside(database: VaultDatabase, id: string, isKept: boolean): void {
  database.prepare("DELETE FROM meta WHERE key IN ('replaced', 'set_aside')").run();
  const key = isKept ? 'set_aside' : 'replaced';
  database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(key, id);
}

/** Deletes the vault that `restore --newest` set aside. @returns its name, where it was there. @throws conflict, failed */
export function removeSetAside(database: VaultDatabase, folder: string): string | undefined {
  const id = metaIn(database, 'set_aside');
  if (id === undefined) return undefined;
  const old = setAsidePath(folder, id);
  try {
    return removeVault(old) ? basename(old) : undefined;
  } catch (error) {
    const { exit, message } = asFailure(systemFailure(error, `${basename(old)} cannot be removed`));
    throw new Failure(exit, message, [`rm -r ${shellQuoted(old)}`]);
  }
}

/** Before something is erased: no other file of this vault may keep it. @throws conflict, failed */
export function removeCopies(database: VaultDatabase, folder: string): void {
  removeEarlier(folder);
  removeSetAside(database, folder);
}

function checkIdentity(database: VaultDatabase, { vault, generation }: OpenRequest): void {
  const found = metaIn(database, 'vault_id');
  const stored = Number(metaIn(database, 'generation') ?? Number.NaN);
  if (found === undefined || !Number.isSafeInteger(stored))
    throw damaged('vault.db does not say which vault it is', fromBackup);
  if (found !== vault) throw damaged('vault.db and vault.keys belong to different vaults', fromBackup);
  if (generation === undefined || stored === generation) return;
  if (stored > generation)
    throw conflict(
      'the key files are older than the database',
      'put the newest vault.keys back, or restore a backup',
    );
  // A change of keys was cut off between its two writes.
  try {
    writeGeneration(database, generation);
  } catch (error) {
    if (!/^SQLITE_(READONLY|BUSY|FULL|IOERR|CANTOPEN)/.test(errorCode(error) ?? '')) throw error;
  }
}

function explain(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === 'SQLITE_NOTADB')
    return readAt(path, 0, 16).toString('latin1') === 'SQLite format 3\0'
      ? damaged('vault.db is an unencrypted database, not a vault', fromBackup)
      : damaged(
          'vault.db does not open with its keys: its first page is damaged, or it is another vault’s',
          fromBackup,
        );
  if (code === 'SQLITE_ERROR' && error instanceof Error && /no such (table|column)/.test(error.message))
    return damaged('vault.db does not say which vault it is', fromBackup);
  return vaultFailure(error);
}

/** The store checks the schema. @throws damaged, conflict (owner, modes, older keys), busy, failed */
export function openDatabase(request: OpenRequest): VaultDatabase {
  const path = databasePath(request.folder);
  try {
    checkShape(request);
    checkJournal(request.folder, request.keys.page);
    const database = openKeyed(path, request.keys.page, request.patience);
    return orClosed(database, () => checkIdentity(database, request));
  } catch (error) {
    throw explain(error, path);
  }
}

/** Keeps writers away until it is closed. Trap: open vault.db by SQLite alone meanwhile. @throws as openDatabase */
export function holdVault(request: OpenRequest): VaultDatabase {
  try {
    return orClosed(openDatabase(request), (database) => {
      try {
        database.exec('BEGIN IMMEDIATE');
      } catch (error) {
        if (!errorCode(error)?.startsWith('SQLITE_READONLY')) throw error;
        // A reader's lock holds others up as well, at their commit.
        database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
      }
    });
  } catch (error) {
    throw vaultFailure(error);
  }
}
