/** Putting another vault in a vault's place: made beside it, checked, then swapped by two renames (`staged.ts`). */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { conflict, damaged, Failure, OutcomeUnknown } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { integrityFaults } from './database-copy.ts';
import { openKeyed, rawKey, settle, systemFailure, vaultFailure } from './driver.ts';
import type { KeyFile } from './key-file.ts';
import { openDatabase } from './open.ts';
import { stagedPath, sweepStaged, waitingHints } from './staged.ts';
import {
  checkFolder,
  databasePath,
  keyFileNames,
  type OwnerId,
  statOf,
  syncFile,
  syncFolder,
  writeFile,
} from './vault-folder.ts';

interface Replacement {
  readonly folder: string;
  readonly uid: OwnerId;
  /** Of the vault that comes. */
  readonly keyFile: KeyFile;
  readonly keys: Keys;
  /** Of the vault that is there, if they are others. */
  readonly earlier?: Keys;
  /** Makes vault.db in the staged folder, without key files. @returns the page key it has there */
  readonly stage: (staged: string, id: string) => Promise<Buffer>;
  /** Called once it is whole. @returns where the vault that is there goes */
  readonly beforeSwap: (staged: string, id: string) => string;
  /** For messages: 'the backup cannot be restored here'. */
  readonly what: string;
}

const own = /^(vault\.db|vault\.keys|config\.json|demo$)/;

/** @throws conflict for other files in the folder, no folder, or one that cannot be renamed */
export function checkReplaceable(folder: string): void {
  if (!checkFolder(folder, undefined)) return;
  if (readdirSync(folder).some((name) => !own.test(name)))
    throw conflict(
      `${folder} holds other files besides a vault`,
      'move them away first, or name another folder with --vault',
    );
  if (statOf(folder)?.dev !== statOf(dirname(folder))?.dev)
    throw conflict(
      `${folder} is a mount point, which cannot be renamed`,
      'put the vault into a folder in it',
    );
}

/** Gives it a salt of its own, so that no journal of another vault is taken for its own, and looks at every page. */
function finishDatabase(staged: string, pageKey: Buffer, { keyFile, keys, uid }: Replacement): void {
  const path = databasePath(staged);
  const raw = rawKey(keys.page);
  const copy = openKeyed(path, pageKey);
  try {
    settle(copy);
    // Nothing to take back: cut off, the whole folder is thrown away.
    copy.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF');
    copy.rekey(raw);
  } finally {
    copy.close();
    wipe(raw);
  }
  syncFile(path);
  const { vault: vaultId, generation } = keyFile.payload;
  const database = openDatabase({ folder: staged, keys, vaultId, generation, uid });
  try {
    if (integrityFaults(database, 1).length > 0)
      throw damaged('the new vault fails its checks', 'rapport doctor', 'is the disk sound?');
  } finally {
    database.close();
  }
}

async function stageVault(wanted: Replacement, staged: string, id: string): Promise<void> {
  mkdirSync(staged, { mode: 0o700 });
  finishDatabase(staged, await wanted.stage(staged, id), wanted);
  // Last: with a key file it is whole.
  for (const name of keyFileNames) writeFile(join(staged, name), wanted.keyFile.bytes);
  for (const folder of [staged, dirname(staged)]) syncFolder(folder);
}

function moveAside(folder: string, aside: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  if (readdirSync(folder).length === 0) {
    rmdirSync(folder);
    return undefined;
  }
  renameSync(folder, aside);
  return aside;
}

const inodeOf = (path: string): number | undefined => statOf(path)?.ino;

/** @returns where the old vault is now. @throws failed, busy, saying which vault stands */
function swap(folder: string, staged: string, aside: string, what: string): string | undefined {
  const inode = inodeOf(staged);
  let moved: string | undefined;
  try {
    moved = moveAside(folder, aside);
    // Another process may have finished it already.
    if (existsSync(staged)) renameSync(staged, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    try {
      if (moved !== undefined && !existsSync(folder)) renameSync(moved, folder);
    } catch {
      // Looked at below.
    }
    const failure = systemFailure(error, what);
    if (!(failure instanceof Failure) || existsSync(folder)) throw failure;
    throw new OutcomeUnknown(
      failure,
      moved === undefined ? 'no vault is there' : `the vault that was there is now ${moved}`,
      ...waitingHints(folder),
    );
  }
  if (inodeOf(folder) !== inode)
    throw new Failure('busy', 'the vault was replaced meanwhile', ['look at it: rapport status']);
  return moved;
}

/**
 * The caller holds the vault's locks.
 * @returns where the old vault is now. @throws as `stage`; damaged, conflict, failed, with the old one in place
 */
export async function replaceVault(wanted: Replacement): Promise<string | undefined> {
  const { folder, keyFile, keys, earlier, what } = wanted;
  const owner = { folder, vaultId: keyFile.payload.vault, keys };
  const id = randomBytes(6).toString('hex');
  const staged = stagedPath(owner, id, earlier);
  try {
    for (const each of earlier === undefined ? [keys] : [keys, earlier])
      sweepStaged({ ...owner, keys: each });
    checkReplaceable(folder);
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    await stageVault(wanted, staged, id);
    return swap(folder, staged, wanted.beforeSwap(staged, id), what);
  } catch (error) {
    const failure = vaultFailure(systemFailure(error, what));
    if (failure instanceof OutcomeUnknown) throw failure;
    rmSync(staged, { recursive: true, force: true });
    throw failure instanceof Failure && failure.exit === 'failed'
      ? new Failure(failure.exit, `${failure.message}; nothing was changed`, failure.hints)
      : failure;
  }
}
