/**
 * The SQLite driver: keyed the one way that vault.db takes, and its errors turned into
 * failures that a person can act on.
 */

import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { errorCode, Failure, refusalOf } from '../errors.ts';
import { keyLength, wipe } from '../keys.ts';

export type VaultDatabase = Database.Database;

/** How long another rapport may hold the vault before this one gives up, in milliseconds. */
export const usualPatience = 10_000;

/** The driver's native half stays where npm built it; only its JavaScript is bundled. */
const nativeHalf = (): string =>
  createRequire(import.meta.url).resolve('better-sqlite3/build/Release/better_sqlite3.node');

/** Node's words on a native module that it can't load, as a way out. */
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

/**
 * A key as the driver takes it, to be wiped. @param salt the 16 bytes that the file begins with, where they must stay
 * as they are; any other length of the two would silently be taken for a passphrase
 */
export function rawKey(pageKey: Buffer, salt: Buffer = Buffer.alloc(0)): Buffer {
  if (pageKey.length !== keyLength || ![0, saltLength].includes(salt.length))
    throw new Error('a page key is 32 bytes, and a salt 16');
  return Buffer.concat([Buffer.from(rawKeyPrefix, 'latin1'), pageKey, salt]);
}

const connect = (path: string, options: Database.Options): VaultDatabase =>
  orDriverFailure(() => new Database(path, { ...options, nativeBinding: nativeHalf() }));

/** Opens a file without a key, for what is locked and never written; makes it where it is missing. */
export const openUnkeyed = (path: string): VaultDatabase => connect(path, { timeout: 0 });

/** Opens a file that exists and gives it the page key. Nothing is read yet. @throws a driver error */
export function openKeyed(path: string, pageKey: Buffer, patience = usualPatience): VaultDatabase {
  const database = connect(path, { fileMustExist: true, timeout: patience });
  try {
    // A driver without encryption answers nothing here and would go on to write plaintext.
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

/**
 * What every connection is set to: no temporary files (they would be plaintext), no trust in the schema's functions,
 * deleted content overwritten, one whole file between commands and nothing lost with the power.
 */
export function settle(database: VaultDatabase): void {
  database.exec(
    'PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;' +
      'PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;',
  );
}

/** A driver error as a failure, where a person can do something about it; anything else as it is. */
export function vaultFailure(error: unknown): unknown {
  const code = errorCode(error);
  return (error instanceof Failure || !code?.startsWith('SQLITE_') ? undefined : refusalOf(code)) ?? error;
}
