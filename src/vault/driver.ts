/** The SQLite driver, keyed the one way that vault.db takes. */
import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { errorCode, Failure, refusalOf, systemReason } from '../errors.ts';
import { keyLength, wipe } from '../keys.ts';

export type VaultDatabase = Database.Database;

/** Milliseconds to wait for another process's lock. */
export const usualPatience = 10_000;

/** The native part stays where npm built it; only JavaScript is bundled. */
const nativeHalf = (): string =>
  createRequire(import.meta.url).resolve('better-sqlite3/build/Release/better_sqlite3.node');

function orDriverFailure<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const hint = 'npm rebuild, or install rapport again';
    const versions = /NODE_MODULE_VERSION (\d+)\D*NODE_MODULE_VERSION (\d+)/.exec(error.message);
    if (versions !== null)
      throw new Failure(
        'failed',
        `the database driver was built for another Node (of module version ${versions[1]}, this one's is ${versions[2]})`,
        [hint],
      );
    if (errorCode(error) === 'ERR_DLOPEN_FAILED')
      throw new Failure('failed', "the database driver can't be loaded here", [hint]);
    if (errorCode(error) === 'MODULE_NOT_FOUND')
      throw new Failure('failed', 'the database driver is missing', [hint]);
    throw error;
  }
}

const rawKeyPrefix = 'raw:';
const saltLength = 16;

/** The driver's key format, for the caller to wipe; a salt keeps the file's. Trap: any other length is a passphrase. */
export function rawKey(pageKey: Buffer, salt: Buffer = Buffer.alloc(0)): Buffer {
  if (pageKey.length !== keyLength || ![0, saltLength].includes(salt.length))
    throw new Error('a page key is 32 bytes, and a salt 16');
  return Buffer.concat([Buffer.from(rawKeyPrefix, 'latin1'), pageKey, salt]);
}

const connect = (path: string, options: Database.Options): VaultDatabase =>
  orDriverFailure(() => new Database(path, { ...options, nativeBinding: nativeHalf() }));

export const openUnkeyed = (path: string): VaultDatabase => connect(path, { timeout: 0 });

/** The file must exist. Nothing is read yet. @throws a driver error */
export function openKeyed(path: string, pageKey: Buffer, patience = usualPatience): VaultDatabase {
  const database = connect(path, { fileMustExist: true, timeout: patience });
  try {
    // Trap: a driver without encryption ignores the pragma, and would write plaintext.
    if (database.pragma("cipher='sqlcipher'", { simple: true }) !== 'sqlcipher' || !('key' in database))
      throw new Failure('failed', 'the SQLite driver has no encryption', ['install rapport again']);
    database.pragma('legacy=4');
    const raw = rawKey(pageKey);
    try {
      database.key(raw);
    } finally {
      wipe(raw);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** No temporary files (they would be plaintext), deleted content overwritten, one whole file between commands. */
export function settle(database: VaultDatabase): void {
  database.exec(
    'PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;' +
      'PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;',
  );
}

export function vaultFailure(error: unknown): unknown {
  const code = errorCode(error);
  return (error instanceof Failure || !code?.startsWith('SQLITE_') ? undefined : refusalOf(code)) ?? error;
}

/** A refusal of the system as a failure; SQLite's and any other error as it is. */
export function systemFailure(error: unknown, what: string): unknown {
  const code = errorCode(error);
  if (error instanceof Failure || code === undefined || code.startsWith('SQLITE')) return error;
  return new Failure('failed', `${what}: ${systemReason(error)}`);
}
