/** `rapport restore`: a backup is unpacked beside the vault, and takes its place (`replace.ts`). */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asFailure, conflict, Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import type { Advance, CareParts } from './backup.ts';
import { checkUnpacked, type Going, type OpenedBackup, openBackup, readDatabase } from './backup-file.ts';
import type { KeyFile } from './key-file.ts';
import { holdVault, isDemonstration, openDatabase, removeReplaced, type VaultDatabase } from './open.ts';
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

export async function withBackup<T>(
  { access, workingFolder }: CareParts,
  file: string,
  work: (found: BackupFound) => Promise<T>,
): Promise<T> {
  await using opened = await openBackup(resolve(workingFolder, file));
  const { folder } = access;
  checkReplaceable(folder);
  return await work({ made_at: opened.head.header.made_at, folder, replaces: vaultExists(folder), opened });
}

/** '…/vault.before-restore-20260312-083000', with a number where that is taken. */
function asidePath(folder: string, instant: string): string {
  const stamp = instant.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const wanted = `${folder}.before-restore-${stamp}`;
  let aside = wanted;
  for (let number = 2; existsSync(aside); number += 1) aside = `${wanted}-${number}`;
  return aside;
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

/** All but the key files, beside the vault, and looked at whole. @throws damaged, conflict (a newer schema), cancelled */
export async function unpackBackup(
  staged: string,
  backup: OpenedBackup,
  by: { readonly keys: Keys; readonly uid: OwnerId },
  going: Going,
): Promise<void> {
  const { config } = backup.head;
  {
    await using to = await open(databasePath(staged), 'wx', 0o600);
    await readDatabase(backup, by.keys, going, (part) => to.writeFile(part));
  }
  if (config.length > 0) writeFile(join(staged, configName), config);
  if (checkUnpacked(staged, backup.head, by) > newestSchema)
    throw conflict('the backup was made by a newer rapport', 'install the newest version to restore it');
  going.signal.throwIfAborted();
}

/** By the backup's own secret. @throws locked, wrong-key, damaged, cancelled */
export async function keysOfBackup(
  { access, prompt }: CareParts,
  keyFile: KeyFile,
  by: Authority | undefined,
): Promise<Keys> {
  const copies = { folder: '', candidates: [keyFile], areAlike: true };
  const kind = by === 'recovery' ? byRecoveryCode : byEither;
  const { keys, master, secret } = await unlockBySecret(copies, kind, { sources: access.sources, prompt });
  wipe(master, secret);
  return keys;
}

interface Taking {
  /** For messages: 'the backup cannot be restored here'. */
  readonly what: string;
  /** The vault that is there; closed once the other one is in its place. */
  readonly held: VaultDatabase | undefined;
  readonly stage: (staged: string, id: string, signal: AbortSignal) => Promise<void>;
  /** @returns where the vault that is there goes */
  readonly aside: (staged: string, id: string) => string;
}

/** Puts a backup in the vault's place, opens it there, and logs that. @returns where the vault before is now */
export async function takeBackup(
  parts: CareParts,
  { header, keyFile }: OpenedBackup['head'],
  keys: Keys,
  { held, stage, aside, what }: Taking,
): Promise<string | undefined> {
  const { uid } = parts;
  const { folder } = parts.access;
  const old = await parts.interruptible((signal) =>
    replaceVault({
      folder,
      uid,
      keyFile,
      keys,
      stage: (staged, id) => stage(staged, id, signal),
      beforeSwap(staged, id) {
        const path = aside(staged, id);
        // Killed between the two, either vault is accepted.
        parts.guardOf(header.vault, keys.log).forget();
        return path;
      },
      what,
    }),
  );
  held?.close();
  using database = openDatabase({ ...header, folder, keys, uid });
  try {
    removeReplaced(database, folder);
    const about = { vaultId: header.vault, isDemonstration: isDemonstration(database) };
    parts.storeOver({ database, logKey: keys.log, ...about }).backups.remember(header.made_at, 'restore');
  } catch (error) {
    asFailure(error);
    // The failure speaks of the log's row as if it were the vault.
    parts.warn('rapport: the vault is restored, but its log could not be written to say so');
  }
  return old;
}

/** Asks for the backup's own secret. @returns where the vault before is now. @throws locked, wrong-key, damaged, conflict, busy, failed, cancelled */
export async function restore(
  parts: CareParts,
  found: BackupFound,
  { by, advance }: RestoreWanted,
): Promise<string | undefined> {
  const { opened, folder } = found;
  const { uid } = parts;
  using keys = await keysOfBackup(parts, opened.head.keyFile, by);
  return await parts.exclusively(async () => {
    using held = holdStanding(parts, found, keys);
    return await takeBackup(parts, opened.head, keys, {
      held,
      stage: (staged, _, signal) => unpackBackup(staged, opened, { keys, uid }, { signal, advance }),
      aside: () => asidePath(folder, parts.instant()),
      what: 'the backup cannot be restored here',
    });
  });
}
