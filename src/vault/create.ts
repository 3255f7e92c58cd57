/** Creating a vault: killed before the key file is linked, there is none; after it, the next opening names vault.db. */
import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { conflict, errorCode, type Failure, failed, usage } from '../errors.ts';
import { keyLength, wiping } from '../keys.ts';
import { deriveKeys, keyHeader, makeSlot, writeKeyFile } from './key-file.ts';
import { openKeyed, systemFailure, type VaultDatabase, vaultFailure } from './open.ts';
import { checkNewPassphrase, passphraseBytes } from './typed-secrets.ts';
import {
  checkFolder,
  keyFileNames,
  nameDatabase,
  type OwnerId,
  syncFile,
  syncFolder,
  tryTo,
  unfinishedPath,
  vaultExists,
  waitingHints,
  writeAside,
} from './vault-folder.ts';

interface NewVault {
  readonly folder: string;
  readonly uid: OwnerId;
  readonly passphrase: string;
  /** 20 bytes. Not wiped here. */
  readonly recoverySecret: Buffer;
  /** YYYY-MM-DD. */
  readonly madeOn: string;
  readonly prepare?: (database: VaultDatabase) => void;
  readonly demonstration?: true | undefined;
  readonly cost?: number | undefined;
}

const generation = 1;

const alreadyThere = (folder: string): Failure =>
  conflict(`a vault is already there: ${folder}`, 'rapport init --vault DIR makes another one elsewhere');

/** @throws conflict */
export function refuseExisting(folder: string): void {
  if (vaultExists(folder)) throw alreadyThere(folder);
  const [waiting] = waitingHints(folder);
  if (waiting !== undefined) throw conflict(`a vault is on its way to ${folder}`, waiting);
}

function makeFolder(folder: string, uid: OwnerId): void {
  if (checkFolder(folder, uid)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncFolder(dirname(folder));
  checkFolder(folder, uid);
}

function makeDatabase(path: string, vaultId: string, pageKey: Buffer, wanted: NewVault): void {
  // SQLite takes an empty file for a new database, and copies its mode to the journal.
  closeSync(openSync(path, 'wx', 0o600));
  {
    using database = openKeyed(path, pageKey);
    database
      .transaction(() => {
        database.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT');
        const insert = database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
        insert.run('vault_id', vaultId);
        insert.run('generation', String(generation));
        if (wanted.demonstration) insert.run('demonstration', '1');
      })
      .immediate();
    wanted.prepare?.(database);
  }
  syncFile(path);
}

function makingFailure(error: unknown, folder: string): unknown {
  const what = `cannot make the vault in ${folder}`;
  return errorCode(error) === 'ENAMETOOLONG'
    ? usage(`${what}: the name is too long`, 'name a shorter folder')
    : systemFailure(vaultFailure(error), what);
}

/** The caller wipes the keys. @throws conflict (a vault is there; loose modes), usage (passphrase), failed (disk) */
export async function createVault(wanted: NewVault) {
  const { folder, uid, madeOn, cost, demonstration } = wanted;
  checkNewPassphrase(wanted.passphrase);
  const vault = randomBytes(16).toString('hex');
  const header = { ...keyHeader, vault };
  const master = randomBytes(keyLength);
  const keys = deriveKeys(master);
  const passphrase = passphraseBytes(wanted.passphrase);
  using _ = wiping(master, passphrase);
  const unfinished = unfinishedPath(folder, vault);
  const asides: string[] = [];
  let isDecided = false;
  try {
    refuseExisting(folder);
    makeFolder(folder, uid);
    const slots = [
      await makeSlot(header, master, { type: 'passphrase', secret: passphrase, madeOn, cost }),
      await makeSlot(header, master, { type: 'recovery', secret: wanted.recoverySecret, madeOn }),
    ];
    makeDatabase(unfinished, vault, keys.page, wanted);
    const keyFile = writeKeyFile({ ...header, generation, demonstration, slots }, keys.keyFile);
    const [first, second] = keyFileNames.map((name) => join(folder, name)) as [string, string];
    for (const path of [first, second]) asides.push(writeAside(path, keyFile.bytes));
    syncFolder(folder);
    refuseExisting(folder);
    // Fails where the name is taken: the second of two processes stops here.
    linkSync(asides[0] ?? '', first);
    isDecided = true;
    // Once the first is linked, another process may open the vault and repair this copy.
    tryTo(() => linkSync(asides[1] ?? '', second));
    syncFolder(folder);
    if (!nameDatabase(folder, vault)) {
      for (const path of [second, first]) rmSync(path, { force: true });
      isDecided = false;
      throw failed('the new vault cannot be given its name: is the disk full?');
    }
    return { keyFile, keys };
  } catch (error) {
    keys.wipe();
    if (isDecided) throw makingFailure(error, folder);
    for (const path of [unfinished, `${unfinished}-journal`]) rmSync(path, { force: true });
    throw vaultExists(folder) ? alreadyThere(folder) : makingFailure(error, folder);
  } finally {
    for (const path of asides) rmSync(path, { force: true });
  }
}
