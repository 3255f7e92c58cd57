/**
 * Putting another vault in a vault's place: made beside it as `FOLDER.restored-ID-MAC`, checked, then swapped by two
 * renames. It is moved or removed only where a MAC in its name holds.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { busy, conflict, damaged, Failure, notFound } from '../errors.ts';
import { type Keys, macOf, wiping } from '../keys.ts';
import { integrityFaults } from './database-copy.ts';
import { hkdf, type KeyFile } from './key-file.ts';
import { OutcomeUnknown, openDatabase, openKeyed, systemFailure, useRawKey, vaultFailure } from './open.ts';
import {
  checkFolder,
  databasePath,
  keyFileNames,
  type OwnerId,
  realPath,
  stagedBeside,
  statOf,
  syncFile,
  syncFolder,
  tryTo,
  waitingHints,
  waitingVault,
  writeFile,
} from './vault-folder.ts';

/** The vault's place, and keys of which one made a MAC in the name. */
interface StagedOf {
  readonly folder: string;
  readonly vault: string;
  readonly keys: Pick<Keys, 'keyFile'>;
}

function markOf({ folder, vault, keys }: StagedOf, id: string): string {
  const key = hkdf(keys.keyFile, 'restore mark');
  const place = join(realPath(dirname(folder)), basename(folder));
  using _ = wiping(key);
  return macOf(key, JSON.stringify(['restored', id, vault, place]))
    .toString('hex')
    .slice(0, 32);
}

/** @param id 12 random hex digits. @param earlier keys of the vault that is there: they may remove it, not put it in place */
export function stagedPath(owner: StagedOf, id: string, earlier?: Keys): string {
  const marks = [markOf(owner, id), ...(earlier ? [markOf({ ...owner, keys: earlier }, id)] : [])];
  return `${owner.folder}.restored-${id}-${marks.join('-')}`;
}

function isOf(owner: StagedOf, path: string, takesEarlier = false): boolean {
  const [, id = '', ...marks] = basename(path).slice(basename(owner.folder).length).split('-');
  return (takesEarlier ? marks : marks.slice(0, 1)).includes(markOf(owner, id));
}

/** Finishes a replacement killed between its two renames. @throws not-found where the MAC does not hold */
export function finishSwap(owner: StagedOf, waiting: string): void {
  const { folder } = owner;
  if (!isOf(owner, waiting))
    throw notFound(
      `no vault in ${folder}, and ${basename(waiting)} beside it is no restore of it`,
      'move that away, or look at it with --vault',
    );
  try {
    renameSync(waiting, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw systemFailure(error, 'the vault cannot be put in its place');
  }
}

/** Removes what killed runs left. A waiting one that these keys made is the vault, and stays. */
function sweepStaged(owner: StagedOf): void {
  const waiting = waitingVault(owner.folder);
  if (waiting !== undefined && isOf(owner, waiting)) finishSwap(owner, waiting);
  for (const path of stagedBeside(owner.folder))
    if (isOf(owner, path, true)) rmSync(path, { recursive: true, force: true });
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

interface Replacement {
  readonly folder: string;
  readonly uid: OwnerId;
  /** Of the vault that comes. */
  readonly keyFile: KeyFile;
  readonly keys: Keys;
  /** Of the vault that is there, if they are others. */
  readonly earlier?: Keys;
  /** Makes vault.db in the staged folder, under the page key that is in force there, without key files. */
  readonly stage: (staged: string, id: string) => Promise<void>;
  /** Called once it is whole. @returns where the vault that is there goes */
  readonly beforeSwap: (staged: string, id: string) => string;
  /** For messages: 'the backup cannot be restored here'. */
  readonly what: string;
}

/** Gives it a salt of its own, so that no journal of another vault is taken for its own, and looks at every page. */
function finishDatabase(staged: string, { keyFile, keys, earlier = keys, uid }: Replacement): void {
  const path = databasePath(staged);
  {
    using copy = openKeyed(path, earlier.page);
    // Nothing to take back: cut off, the whole folder is thrown away.
    copy.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF');
    useRawKey(keys.page, (raw) => copy.rekey(raw));
  }
  syncFile(path);
  using database = openDatabase({ folder: staged, keys, ...keyFile.payload, uid });
  if (integrityFaults(database, 1).length > 0)
    throw damaged('the new vault fails its checks', 'rapport doctor', 'is the disk sound?');
}

async function stageVault(wanted: Replacement, staged: string, id: string): Promise<void> {
  mkdirSync(staged, { mode: 0o700 });
  await wanted.stage(staged, id);
  finishDatabase(staged, wanted);
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

/** @returns where the old vault is now. @throws failed, busy, saying which vault stands */
function swap(folder: string, staged: string, aside: string, what: string): string | undefined {
  const inode = statOf(staged)?.ino;
  let moved: string | undefined;
  try {
    moved = moveAside(folder, aside);
    // Another process may have finished it already.
    if (existsSync(staged)) renameSync(staged, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    // What came of it is looked at below.
    tryTo(() => {
      if (moved !== undefined && !existsSync(folder)) renameSync(moved, folder);
    });
    const failure = systemFailure(error, what);
    if (!(failure instanceof Failure) || existsSync(folder)) throw failure;
    throw new OutcomeUnknown(
      failure,
      moved === undefined ? 'no vault is there' : `the vault that was there is now ${moved}`,
      ...waitingHints(folder),
    );
  }
  if (statOf(folder)?.ino !== inode)
    throw busy('the vault was replaced meanwhile', 'look at it: rapport status');
  return moved;
}

/**
 * The caller holds the vault's locks.
 * @returns where the old vault is now. @throws as `stage`; damaged, conflict, failed, with the old one in place
 */
export async function replaceVault(wanted: Replacement): Promise<string | undefined> {
  const { folder, keyFile, keys, earlier, what } = wanted;
  const owner = { folder, vault: keyFile.payload.vault, keys };
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
      ? failure.saying('nothing was changed')
      : failure;
  }
}
