/** A new master key: a copy of the vault is made under it, and takes the vault's place (`replace.ts`). */
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { damaged } from '../errors.ts';
import { Keys, wipe } from '../keys.ts';
import type { LogChain } from '../store/access-log.ts';
import { recordDigest } from '../store/record-digest.ts';
import { checkCopy, copyDatabase } from './database-copy.ts';
import { openKeyed, settle, type VaultDatabase } from './driver.ts';
import { keysChanged, standingUnder, type Unlocked } from './key-copies.ts';
import { type KeyFile, writeKeyFile } from './key-file.ts';
import { holdVault, openDatabase, writeGeneration } from './open.ts';
import { replaceVault } from './replace.ts';
import { pageKeyInUse } from './rollback-journal.ts';
import { deriveKeys, makeSlot, type NewSlot, newMasterKey } from './slots.ts';
import {
  configName,
  databasePath,
  largestConfig,
  type OwnerId,
  readPrivateFile,
  refuseFolder,
  replacedPath,
  statOf,
  writeFile,
} from './vault-folder.ts';

interface RotationPlace {
  readonly folder: string;
  readonly uid: OwnerId;
  readonly log: LogChain;
  /** One at a time over restore, rotate and backup. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface Rotated {
  readonly keyFile: KeyFile;
  /** The caller wipes them. */
  readonly keys: Keys;
}

interface Change extends Rotated {
  /** The key file that must still stand. */
  readonly standing: KeyFile;
  /** Open the vault that is there. */
  readonly from: Keys;
}

/** Bytes of room that a rotation takes for a while. */
export const roomFor = (folder: string): number => statOf(databasePath(folder))?.size ?? 0;

/** What does not fit goes on not to fit: the new key vouches for nothing that the old one did not. */
function renewDigest(database: VaultDatabase, from: Buffer, to: Buffer): void {
  const [before, after] = [recordDigest(from), recordDigest(to)];
  if (before.state(database) === 'same') after.accept(database);
  before.wipe();
  after.wipe();
}

/** @returns the page key of the copy, still the one before */
function copyUnder(
  { folder, uid, log }: RotationPlace,
  { from, keys, keyFile }: Change,
  staged: string,
  id: string,
): Buffer {
  const path = databasePath(staged);
  closeSync(openSync(path, 'wx', 0o600));
  const request = { source: databasePath(folder), target: path, pageKey: from.page };
  checkCopy(request, copyDatabase(request));
  const config = readPrivateFile(join(folder, configName), uid, largestConfig);
  if (config !== undefined) writeFile(join(staged, configName), config);
  const database = openKeyed(path, from.page);
  try {
    settle(database);
    database
      .transaction(() => {
        log.rechain(database, from.log, keys.log);
        renewDigest(database, from.log, keys.log);
        writeGeneration(database, keyFile.payload.generation);
        database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('replaced', ?)").run(id);
      })
      .immediate();
  } finally {
    database.close();
  }
  return from.page;
}

/** @throws conflict where the keys were changed meanwhile; busy, damaged, failed, with the old vault in place */
const takeOver = (place: RotationPlace, change: Change): Promise<void> =>
  place.exclusively(async () => {
    const { folder, uid } = place;
    const { standing, from, keys, keyFile } = change;
    if (!standingUnder(place, from)?.bytes.equals(standing.bytes)) throw keysChanged();
    // The old vault is deleted, and a folder in it would stay.
    for (const name of readdirSync(folder)) refuseFolder(join(folder, name));
    const { vault: vaultId, generation } = standing.payload;
    const held = holdVault({ folder, keys: from, vaultId, generation, uid });
    try {
      await replaceVault({
        folder,
        uid,
        keyFile,
        keys,
        earlier: from,
        stage: async (staged, id) => copyUnder(place, change, staged, id),
        beforeSwap: replacedPath,
        what: 'the new vault cannot be put in place',
      });
    } finally {
      held.close();
    }
  });

interface RotationWanted extends RotationPlace {
  readonly unlocked: Unlocked;
  readonly slots: readonly NewSlot[];
}

/** The old vault is deleted by `removeReplaced`. @throws conflict, busy, damaged, failed, with the old keys; OutcomeUnknown */
export async function rotateMaster(wanted: RotationWanted): Promise<Rotated> {
  const { keyFile: standing, keys: from } = wanted.unlocked;
  const { payload } = standing;
  const master = newMasterKey();
  const keys = deriveKeys(master);
  try {
    const slots = [];
    for (const slot of wanted.slots) slots.push(await makeSlot(payload, master, slot));
    const keyFile = writeKeyFile({ ...payload, generation: payload.generation + 1, slots }, keys.keyFile);
    await takeOver(wanted, { standing, from, keyFile, keys });
    return { keyFile, keys };
  } catch (error) {
    keys.wipe();
    throw error;
  } finally {
    wipe(master);
  }
}

/** Version 0.1 rewrote the pages in place, then the log: what opens the vault where that was cut off. @throws damaged */
function keysInForce({ folder, uid, log }: RotationPlace, { keyFile, keys }: Unlocked, before: Keys): Keys {
  const used = pageKeyInUse(folder, [before.page, keys.page]);
  if (used === undefined)
    throw damaged('vault.db does not open with its keys', 'rapport doctor', 'restore it from a backup');
  if (used === 0) return Keys.of(before.page, keys.keyFile, before.log);
  const { vault: vaultId, generation } = keyFile.payload;
  const database = openDatabase({ folder, keys, vaultId, generation, uid });
  try {
    return Keys.of(keys.page, keys.keyFile, log.isUnder(database, keys.log) ? keys.log : before.log);
  } finally {
    database.close();
  }
}

/** Finishes a rotation that version 0.1 began: its key file holds the master before. @returns the key file then */
export async function finishOldRotation(
  place: RotationPlace,
  unlocked: Unlocked & { readonly previous: Buffer },
): Promise<KeyFile> {
  const { keyFile: standing, keys } = unlocked;
  const before = deriveKeys(unlocked.previous);
  let from: Keys | undefined;
  try {
    from = keysInForce(place, unlocked, before);
    const { previous: _, ...payload } = standing.payload;
    const keyFile = writeKeyFile({ ...payload, generation: payload.generation + 1 }, keys.keyFile);
    await takeOver(place, { standing, from, keyFile, keys });
    return keyFile;
  } finally {
    before.wipe();
    from?.wipe();
  }
}
