/** Creating a vault: killed before the key file is linked, there is none; after it, the next opening names vault.db. */
import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, Failure, usage } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { openKeyed, settle, systemFailure, type VaultDatabase, vaultFailure } from './driver.ts';
import { type KeyFile, keyHeader, writeKeyFile } from './key-file.ts';
import { deriveKeys, makeSlot, newMasterKey, type ScryptCost } from './slots.ts';
import { alreadyThere, refuseExisting, vaultExists } from './staged.ts';
import { checkNewPassphrase, passphraseBytes } from './typed-secrets.ts';
import {
  checkFolder,
  keyFileNames,
  nameDatabase,
  type OwnerId,
  syncFile,
  syncFolder,
  unfinishedPath,
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
  readonly cost?: ScryptCost | undefined;
}

export interface MadeVault {
  readonly keyFile: KeyFile;
  readonly keys: Keys;
}

const firstGeneration = 1;

function makeFolder(folder: string, uid: OwnerId): void {
  if (checkFolder(folder, uid)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  syncFolder(dirname(folder));
  checkFolder(folder, uid);
}

function makeDatabase(
  path: string,
  vaultId: string,
  pageKey: Buffer,
  { prepare, demonstration }: Pick<NewVault, 'prepare' | 'demonstration'>,
): void {
  // SQLite takes an empty file for a new database, and copies its mode to the journal.
  closeSync(openSync(path, 'wx', 0o600));
  const database = openKeyed(path, pageKey);
  try {
    settle(database);
    database
      .transaction(() => {
        database.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT');
        const insert = database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
        insert.run('vault_id', vaultId);
        insert.run('generation', String(firstGeneration));
        if (demonstration) insert.run('demonstration', '1');
      })
      .immediate();
    prepare?.(database);
  } finally {
    database.close();
  }
  syncFile(path);
}

/** The caller wipes the keys. @throws conflict (a vault is there; loose modes), usage (passphrase), failed (disk) */
export async function createVault(wanted: NewVault): Promise<MadeVault> {
  const { folder, uid } = wanted;
  checkNewPassphrase(wanted.passphrase);
  const vaultId = randomBytes(16).toString('hex');
  const header = { ...keyHeader, vault: vaultId };
  const master = newMasterKey();
  const keys = deriveKeys(master);
  const passphrase = passphraseBytes(wanted.passphrase);
  const unfinished = unfinishedPath(folder, vaultId);
  /** By final name. */
  const asides = new Map<string, string>();
  let isDecided = false;
  try {
    refuseExisting(folder);
    makeFolder(folder, uid);
    const { madeOn, cost } = wanted;
    const slots = [
      await makeSlot(header, master, { type: 'passphrase', secret: passphrase, madeOn, cost }),
      await makeSlot(header, master, { type: 'recovery', secret: wanted.recoverySecret, madeOn }),
    ];
    makeDatabase(unfinished, vaultId, keys.page, wanted);
    const { demonstration } = wanted;
    const payload = { ...header, generation: firstGeneration, demonstration, slots };
    const keyFile = writeKeyFile(payload, keys.keyFile);
    const first = join(folder, keyFileNames[0]);
    const second = join(folder, keyFileNames[1]);
    for (const path of [first, second]) asides.set(path, writeAside(path, keyFile.bytes));
    syncFolder(folder);
    refuseExisting(folder);
    // Fails where the name is taken: the second of two processes stops here.
    linkSync(asides.get(first) ?? '', first);
    isDecided = true;
    placeCopy(asides.get(second) ?? '', second);
    syncFolder(folder);
    if (!nameDatabase(folder, vaultId)) {
      for (const path of [second, first]) rmSync(path, { force: true });
      isDecided = false;
      throw new Failure('failed', 'the new vault cannot be given its name: is the disk full?');
    }
    return { keyFile, keys };
  } catch (error) {
    keys.wipe();
    if (isDecided) throw makingFailure(error, folder);
    for (const path of [unfinished, `${unfinished}-journal`]) rmSync(path, { force: true });
    throw vaultExists(folder) ? alreadyThere(folder) : makingFailure(error, folder);
  } finally {
    for (const path of asides.values()) rmSync(path, { force: true });
    wipe(master, passphrase);
  }
}

/** Once linked, another process may open the vault and repair this copy. */
function placeCopy(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch {}
}

function makingFailure(error: unknown, folder: string): unknown {
  const what = `cannot make the vault in ${folder}`;
  return errorCode(error) === 'ENAMETOOLONG'
    ? usage(`${what}: the name is too long`, 'name a shorter folder')
    : systemFailure(vaultFailure(error), what);
}
