/** `rapport restore`: a vault is swapped in by two renames. Killed between them, the next opening finishes. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { conflict, Failure } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { newestSchema } from '../store/migrations.ts';
import type { Advance, CareParts } from './backup.ts';
import { type OpenedBackup, openBackup, type StageRequest, unpackTo } from './backup-reader.ts';
import { vaultExists } from './create.ts';
import { systemFailure } from './driver.ts';
import { checkFolder, statOf } from './modes.ts';
import { isDemonstration, openDatabase } from './open.ts';
import {
  finishRestore,
  isOf,
  type StagedOf,
  stagedPath,
  sweepStaged,
  waitingHints,
  waitingRestore,
} from './staged.ts';
import { type Authority, byEither, byRecoveryCode, unlockBySecret } from './unlock.ts';
import { syncFolder } from './vault-folder.ts';

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

const own = /^(vault\.db|vault\.keys|config\.json|demo$)/;

/** @returns whether a vault is there. @throws conflict for other files in the folder, or no folder */
function checkPlace(folder: string): boolean {
  checkFolder(folder, undefined);
  const others = existsSync(folder) ? readdirSync(folder).filter((name) => !own.test(name)) : [];
  if (others.length > 0)
    throw conflict(
      `${folder} holds other files besides a vault`,
      'move them away first, or name another folder with --vault',
    );
  return vaultExists(folder);
}

const restoreFailure = (error: unknown): unknown =>
  systemFailure(error, 'the backup cannot be restored here');

interface Staged extends StagedOf {
  readonly id: string;
  readonly path: string;
}

/** @throws damaged, conflict (a newer schema), failed (the disk refuses), cancelled */
async function stageBackup(request: StageRequest): Promise<Staged> {
  const { folder, backup, keys } = request;
  const owner = { folder, vaultId: backup.head.header.vault, keys };
  const id = randomBytes(6).toString('hex');
  const path = stagedPath(owner, 'restoring', id);
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    // A waiting vault is the one to be replaced.
    const waiting = waitingRestore(folder);
    if (waiting !== undefined && isOf(owner, waiting)) finishRestore(owner, waiting);
    sweepStaged(owner);
    mkdirSync(path, { mode: 0o700 });
    await unpackTo(path, request);
    request.signal.throwIfAborted();
    return { ...owner, id, path };
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw restoreFailure(error);
  }
}

const inodeOf = (path: string): number | undefined => statOf(path)?.ino;

/** @returns where the old vault is now. @throws failed, busy, saying which vault stands */
function swapIn(staged: Staged, stamp: string): string | undefined {
  const { folder, path } = staged;
  const waiting = stagedPath(staged, 'restored', staged.id);
  const inode = inodeOf(path);
  let aside: string | undefined;
  try {
    renameSync(path, waiting);
    syncFolder(dirname(folder));
    aside = moveAside(folder, stamp);
    // Another process may have finished it already.
    if (existsSync(waiting)) renameSync(waiting, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    throw afterFailure(restoreFailure(error), { folder, path, waiting, aside });
  }
  if (inodeOf(folder) !== inode)
    throw new Failure('busy', 'the vault was replaced meanwhile', ['look at it: rapport status']);
  return aside;
}

interface Interrupted {
  readonly folder: string;
  readonly path: string;
  readonly waiting: string;
  readonly aside: string | undefined;
}

function afterFailure(error: unknown, { folder, path, waiting, aside }: Interrupted): unknown {
  try {
    if (aside !== undefined && !existsSync(folder)) renameSync(aside, folder);
  } catch {
    // Checked below.
  }
  if (!(error instanceof Failure)) return error;
  if (existsSync(folder)) {
    for (const own of [path, waiting]) rmSync(own, { recursive: true, force: true });
    return new Failure(error.exit, `${error.message}; nothing was changed`, error.hints);
  }
  const old = aside === undefined ? '' : `; the vault that was there is now ${aside}`;
  const hints = existsSync(waiting) ? waitingHints(folder) : error.hints;
  return new Failure(error.exit, `${error.message}${old}`, hints);
}

function moveAside(folder: string, stamp: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  if (readdirSync(folder).length === 0) {
    rmdirSync(folder);
    return undefined;
  }
  const wanted = `${folder}.before-restore-${stamp}`;
  let aside = wanted;
  for (let number = 2; existsSync(aside); number += 1) aside = `${wanted}-${number}`;
  renameSync(folder, aside);
  return aside;
}

export async function withBackup<T>(
  { access, workingFolder }: CareParts,
  file: string,
  work: (found: BackupFound) => Promise<T>,
): Promise<T> {
  const opened = await openBackup(resolve(workingFolder, file));
  try {
    const { folder } = access;
    const replaces = checkPlace(folder);
    return await work({ made_at: opened.head.header.made_at, folder, replaces, opened });
  } finally {
    await opened.file.close();
  }
}

/** '20260312-083000' */
const stampOf = (instant: string): string => instant.slice(0, 19).replace(/[-:]/g, '').replace('T', '-');

/** Opens the vault in its place, and logs the restore. @throws what opening it does */
function openRestored(parts: CareParts, { opened, folder }: BackupFound, keys: Keys): void {
  const { vault: vaultId, generation, made_at } = opened.head.header;
  const database = openDatabase({ folder, keys, vaultId, generation, uid: parts.uid });
  try {
    const isDemo = isDemonstration(database);
    const store = parts.storeOver({ database, logKey: keys.log, vaultId, isDemonstration: isDemo });
    store.backups.remember(made_at, 'restore');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // The failure speaks of the log's row as if it were the vault.
    parts.warn('rapport: the vault is restored, but its log could not be written to say so');
  } finally {
    database.close();
  }
}

/** Asks for the backup's own secret. @throws locked, wrong-key, damaged, conflict, failed, cancelled */
export async function restore(
  parts: CareParts,
  found: BackupFound,
  wanted: RestoreWanted,
): Promise<Restored> {
  const { access, prompt, uid } = parts;
  const { opened: backup, folder } = found;
  const kind = wanted.by === 'recovery' ? byRecoveryCode : byEither;
  const unlocked = await unlockBySecret(backup.copies, kind, { sources: access.keySources, prompt });
  const { keys, master, secret } = unlocked;
  wipe(master, secret);
  try {
    const { advance } = wanted;
    return await parts.interruptible(async (signal) => {
      const staged = await stageBackup({ folder, uid, backup, keys, newestSchema, signal, advance });
      // Before the swap: killed between the two, either vault is accepted.
      parts.guardOf(backup.head.header.vault, keys.log).forget();
      const aside = swapIn(staged, stampOf(parts.instant()));
      openRestored(parts, found, keys);
      return { aside };
    });
  } finally {
    keys.wipe();
  }
}
