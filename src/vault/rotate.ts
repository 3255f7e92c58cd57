/** A new master key: a copy of the vault is made under it, and takes the vault's place (`replace.ts`). */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asFailure, damaged } from '../errors.ts';
import { Keys, keyLength, wiping } from '../keys.ts';
import { isLogOf, rechain } from '../store/access-log.ts';
import { recordDigest } from '../store/record-digest.ts';
import { copyDatabase } from './database-copy.ts';
import { keysChanged, readKeyCopies, type Unlocked, winnerUnder } from './key-copies.ts';
import { deriveKeys, type KeyFile, makeSlot, type NewSlot, writeKeyFile } from './key-file.ts';
import {
  holdVault,
  openDatabase,
  openKeyed,
  removeSetAside,
  type VaultDatabase,
  writeGeneration,
} from './open.ts';
import { isPageKey } from './pages.ts';
import { replaceVault } from './replace.ts';
import type { VaultRun } from './unlock.ts';
import {
  configName,
  databasePath,
  largestConfig,
  readPrivateFile,
  refuseFolder,
  replacedPath,
  writeFile,
} from './vault-folder.ts';

interface RotationPlace extends Pick<VaultRun, 'uid' | 'instant' | 'exclusively'> {
  readonly folder: string;
}

/** The caller wipes the keys. */
export type Rotated = Pick<Unlocked, 'keyFile' | 'keys'>;

interface Change extends Rotated {
  /** The key file that must still stand. */
  readonly standing: KeyFile;
  /** Open the vault that is there. */
  readonly from: Keys;
}

/** What does not fit goes on not to fit: the new key vouches for nothing that the old one did not. */
function renewDigest(database: VaultDatabase, from: Buffer, to: Buffer): void {
  using before = recordDigest(from);
  using after = recordDigest(to);
  if (before.state(database) === 'same') after.accept(database);
}

/** The copy is still under the page key before. */
function copyUnder(
  { folder, uid, instant }: RotationPlace,
  { from, keys, keyFile }: Change,
  staged: string,
  id: string,
): void {
  const path = databasePath(staged);
  copyDatabase(databasePath(folder), path, from.page)();
  const config = readPrivateFile(join(folder, configName), uid, largestConfig);
  if (config !== undefined) writeFile(join(staged, configName), config);
  using database = openKeyed(path, from.page);
  database
    .transaction(() => {
      rechain(database, { from: from.log, to: keys.log, instant });
      renewDigest(database, from.log, keys.log);
      writeGeneration(database, keyFile.payload.generation);
      database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('replaced', ?)").run(id);
    })
    .immediate();
}

/** @throws conflict where the keys were changed meanwhile; busy, damaged, failed, with the old vault in place */
const takeOver = (place: RotationPlace, change: Change): Promise<void> =>
  place.exclusively(async () => {
    const { folder, uid } = place;
    const { standing, from, keys, keyFile } = change;
    const current = winnerUnder(readKeyCopies(folder, uid), from);
    if (!current?.bytes.equals(standing.bytes)) throw keysChanged();
    // The old vault is deleted, and a folder in it would stay.
    for (const name of readdirSync(folder)) refuseFolder(join(folder, name));
    using held = holdVault({ folder, keys: from, ...standing.payload, uid });
    // It opens with the keys of before.
    removeSetAside(held, folder);
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
  });

/** The old vault is deleted by `removeReplaced`. @throws conflict, busy, damaged, failed, with the old keys; OutcomeUnknown */
export async function rotateMaster(
  place: RotationPlace,
  { keyFile: standing, keys: from }: Unlocked,
  wanted: readonly NewSlot[],
): Promise<Rotated> {
  const { payload } = standing;
  const master = randomBytes(keyLength);
  using _ = wiping(master);
  const keys = deriveKeys(master);
  try {
    const slots = [];
    for (const slot of wanted) slots.push(await makeSlot(payload, master, slot));
    const keyFile = writeKeyFile({ ...payload, generation: payload.generation + 1, slots }, keys.keyFile);
    await takeOver(place, { standing, from, keyFile, keys });
    return { keyFile, keys };
  } catch (error) {
    keys.wipe();
    throw error;
  }
}

/** Version 0.1 rewrote the pages in place, then the log: what opens the vault where that was cut off. @throws damaged */
function keysInForce({ folder, uid }: RotationPlace, { keyFile, keys }: Unlocked, before: Keys): Keys {
  if (isPageKey(folder, before.page)) return Keys.of(before.page, keys.keyFile, before.log);
  if (!isPageKey(folder, keys.page))
    throw damaged('vault.db does not open with its keys', 'rapport doctor', 'restore it from a backup');
  using database = openDatabase({ folder, keys, ...keyFile.payload, uid });
  return Keys.of(keys.page, keys.keyFile, isLogOf(database, keys.log) ? keys.log : before.log);
}

/** Finishes a rotation that version 0.1 began: its key file holds the master before. @returns the key file then */
export async function finishOldRotation(
  place: RotationPlace & Pick<VaultRun, 'say'>,
  unlocked: Unlocked & { readonly previous: Buffer },
): Promise<KeyFile> {
  const { keyFile: standing, keys, previous: old } = unlocked;
  using _ = wiping(old);
  using before = deriveKeys(old);
  try {
    using from = keysInForce(place, unlocked, before);
    const { previous: _, ...payload } = standing.payload;
    const keyFile = writeKeyFile({ ...payload, generation: payload.generation + 1 }, keys.keyFile);
    await takeOver(place, { standing, from, keyFile, keys });
    place.say('rapport: finished a change of the master key that was cut off');
    return keyFile;
  } catch (error) {
    throw asFailure(error).saying('a change of the master key was cut off, and cannot be finished');
  }
}
