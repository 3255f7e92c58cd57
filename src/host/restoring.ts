/** `rapport restore`: a backup unpacked and checked, then put in the place of the vault, which is kept aside. */

import { resolve } from 'node:path';
import { Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import { isDemonstration, openDatabase } from '../vault/open.ts';
import { checkPlace, type OpenedBackup, openBackup, stageBackup, swapIn } from '../vault/restore.ts';
import { forgetVault } from '../vault/rollback-guard.ts';
import type { Advance, CaretakerParts } from './backing-up.ts';
import { stateFolder } from './folders.ts';
import type { Authority } from './key-ring.ts';
import { unlockByEither, unlockByRecovery } from './unlocking.ts';

/** A backup that may be restored: its head is whole, and nothing was changed yet. */
export interface BackupFound {
  /** ISO instant. */
  readonly made_at: string;
  /** The folder that it would be restored to. */
  readonly folder: string;
  /** Whether a vault stands there. */
  readonly replaces: boolean;
  readonly opened: OpenedBackup;
}

export interface RestoreWanted {
  /** 'recovery' asks for the code; undefined takes either. */
  readonly by: Authority | undefined;
  readonly advance: Advance;
}

export interface Restored {
  /** Where the vault that stood there is now. */
  readonly aside: string | undefined;
}

export async function withBackup<T>(
  { outside, keeper }: CaretakerParts,
  file: string,
  work: (found: BackupFound) => Promise<T>,
): Promise<T> {
  const opened = await openBackup(resolve(outside.workingFolder, file));
  try {
    const { folder } = keeper;
    const replaces = checkPlace(folder);
    return await work({ made_at: opened.head.header.made_at, folder, replaces, opened });
  } finally {
    await opened.file.close();
  }
}

/** '20260312-083000', of an ISO instant. */
const stampOf = (instant: string): string => instant.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');

/**
 * Opens the restored vault, which is only then called so, and has it remember the backup that it came from; it is whole
 * without. @throws what opening it does
 */
function openRestored(parts: CaretakerParts, { opened, folder }: BackupFound, keys: Keys): void {
  const { vault: vaultId, generation, made_at } = opened.head.header;
  const database = openDatabase({ folder, keys, vaultId, generation, uid: parts.outside.uid });
  try {
    const isDemo = isDemonstration(database);
    const store = parts.storeOver({ database, logKey: keys.log, vaultId, isDemonstration: isDemo });
    store.backups.remember(made_at, 'restore');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // Why it failed says what became of the log's row, which reads as if it were of the vault.
    parts.notices.warn('rapport: the vault is restored, but its log could not be written to say so');
  } finally {
    database.close();
  }
}

export async function restore(
  parts: CaretakerParts,
  found: BackupFound,
  wanted: RestoreWanted,
): Promise<Restored> {
  const { outside, keeper, questions, clock } = parts;
  const { opened: backup, folder } = found;
  const unlock = wanted.by === 'recovery' ? unlockByRecovery : unlockByEither;
  const { keys, master } = await unlock({ copies: backup.copies, sources: keeper.keySources, questions });
  wipe(master);
  try {
    const { uid } = outside;
    const { advance } = wanted;
    return await parts.interruptible(async (signal) => {
      const staged = await stageBackup({ folder, uid, backup, keys, newestSchema, signal, advance });
      // Before the swap: killed between the two, the vault is taken as it is, whichever it is.
      forgetVault({
        folder: stateFolder(outside),
        vaultId: backup.head.header.vault,
        vaultFolder: folder,
      });
      const aside = swapIn(staged, stampOf(clock.instant()));
      openRestored(parts, found, keys);
      return { aside };
    });
  } finally {
    keys.wipe();
  }
}
