/** `rapport restore`: a backup is unpacked beside the vault, and takes its place (`replace.ts`). */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asFailure, conflict, Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import type { Advance, CareParts } from './backup.ts';
import { checkUnpacked, type Going, type OpenedBackup, openBackup, readDatabase } from './backup-file.ts';
import { holdVault, isDemonstration, openDatabase, removeReplaced } from './open.ts';
import { checkReplaceable, replaceVault } from './replace.ts';
import { type Authority, byEither, byRecoveryCode, unlockBySecret } from './unlock.ts';
import { configName, databasePath, type OwnerId, vaultExists, writeFile } from './vault-folder.ts';

export interface BackupFound {
  /** ISO instant. */
  readonly made_at: string;
  readonly folder: string;
  readonly replaces: boolean;
  readonly opened: OpenedBackup;
}

export interface RestoreWanted {
  /** Undefined takes either secret. */
  readonly by: Authority | undefined;
  readonly advance: Advance;
}

export interface Restored {
  readonly aside: string | undefined;
}

export async function withBackup<T>(
  { access, workingFolder }: CareParts,
  file: string,
  work: (found: BackupFound) => Promise<T>,
): Promise<T> {
  await using opened = await openBackup(resolve(workingFolder, file));
  const { folder } = access;
  checkReplaceable(folder);
  const { made_at } = opened.head.header;
  return await work({ made_at, folder, replaces: vaultExists(folder), opened });
}

/** '…/vault.before-restore-20260312-083000', with a number where that is taken. */
function asidePath(folder: string, instant: string): string {
  const stamp = instant.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const wanted = `${folder}.before-restore-${stamp}`;
  let aside = wanted;
  for (let number = 2; existsSync(aside); number += 1) aside = `${wanted}-${number}`;
  return aside;
}

/** All but the key files. */
async function unpack(folder: string, backup: OpenedBackup, keys: Keys, going: Going): Promise<void> {
  await using to = await open(databasePath(folder), 'wx', 0o600);
  await readDatabase(backup, keys, going, (part) => to.writeFile(part));
  const { config } = backup.head;
  if (config.length > 0) writeFile(join(folder, configName), config);
}

/** Undefined where the vault that is there does not open with these keys. @throws busy */
function holdStanding({ uid }: CareParts, { folder, opened }: BackupFound, keys: Keys) {
  try {
    return holdVault({ folder, keys, vault: opened.head.header.vault, uid });
  } catch (error) {
    if (error instanceof Failure && error.exit === 'busy') throw error;
    return undefined;
  }
}

/** Beside the vault, and looked at whole. @throws damaged, conflict (a newer schema), cancelled */
export async function unpackBackup(
  staged: string,
  backup: OpenedBackup,
  { keys, uid }: { readonly keys: Keys; readonly uid: OwnerId },
  going: Going,
): Promise<void> {
  await unpack(staged, backup, keys, going);
  if (checkUnpacked(staged, backup.head, { keys, uid }) > newestSchema)
    throw conflict('the backup was made by a newer rapport', 'install the newest version to restore it');
  going.signal.throwIfAborted();
}

/** Opens the vault in its place, and logs the restore. @throws what opening it does */
export function openRestored(
  parts: CareParts,
  { opened, folder }: Pick<BackupFound, 'opened' | 'folder'>,
  keys: Keys,
): void {
  const { header } = opened.head;
  using database = openDatabase({ ...header, folder, keys, uid: parts.uid });
  try {
    removeReplaced(database, folder);
    const about = { vaultId: header.vault, isDemonstration: isDemonstration(database) };
    const store = parts.storeOver({ database, logKey: keys.log, ...about });
    store.backups.remember(header.made_at, 'restore');
  } catch (error) {
    asFailure(error);
    // The failure speaks of the log's row as if it were the vault.
    parts.warn('rapport: the vault is restored, but its log could not be written to say so');
  }
}

/** Asks for the backup's own secret. @throws locked, wrong-key, damaged, conflict, busy, failed, cancelled */
export async function restore(
  parts: CareParts,
  found: BackupFound,
  { by, advance }: RestoreWanted,
): Promise<Restored> {
  const { access, prompt, uid } = parts;
  const { opened: backup, folder } = found;
  const { header, keyFile } = backup.head;
  const kind = by === 'recovery' ? byRecoveryCode : byEither;
  const unlocked = await unlockBySecret(backup.copies, kind, { sources: access.sources, prompt });
  wipe(unlocked.master, unlocked.secret);
  using keys = unlocked.keys;
  return await parts.exclusively(async () => {
    using held = holdStanding(parts, found, keys);
    const aside = await parts.interruptible((signal) =>
      replaceVault({
        folder,
        uid,
        keyFile,
        keys,
        stage: (staged) => unpackBackup(staged, backup, { keys, uid }, { signal, advance }),
        beforeSwap() {
          // Killed between the two, either vault is accepted.
          parts.guardOf(header.vault, keys.log).forget();
          return asidePath(folder, parts.instant());
        },
        what: 'the backup cannot be restored here',
      }),
    );
    held?.close();
    openRestored(parts, found, keys);
    return { aside };
  });
}
