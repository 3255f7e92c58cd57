/** Writing a backup: keys and database of one moment, opened as `restore` would before the file gets its name. */
import { closeSync, lstatSync, openSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { conflict, notFound, usage } from '../errors.ts';
import type { Keys } from '../keys.ts';
import {
  checkUnpacked,
  type Going,
  openBackup,
  readDatabase,
  writeBackupFile,
  writeHead,
} from './backup-file.ts';
import { checkCopy, copyDatabase } from './database-copy.ts';
import { systemFailure } from './driver.ts';
import { keysChanged, readKeyCopies } from './key-copies.ts';
import { type KeyFile, macHolds } from './key-file.ts';
import { holdVault } from './open.ts';
import { databasePath, type OwnerId, statOf, syncFolder } from './vault-folder.ts';
import { beginWork, madePath, sweepWork } from './work-folder.ts';

/** Ends with `cancelled` at a signal, to clean up. Trap: ask nothing in it; a signal at a question ends the process. */
export type Interruptible = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

interface BackupRequest {
  readonly folder: string;
  readonly keys: Pick<Keys, 'page' | 'keyFile'>;
  readonly uid: OwnerId;
  /** Bytes of config.json; empty where there is none. */
  readonly config: Buffer;
  readonly target: string;
  readonly replaces: boolean;
  readonly madeAt: string;
  readonly interruptible: Interruptible;
  /** In bytes: a third each for copying, joining and checking. */
  readonly advance: Going['advance'];
}

/** In bytes: disks take 255, and the work file's name is longer. */
const longestName = 220;

/** @throws conflict where something stands there, not-found where its folder is missing */
export function checkTarget(target: string, replaces: boolean): void {
  if (Buffer.byteLength(basename(target)) > longestName)
    throw usage(`'${basename(target)}' is too long for the name of a backup`);
  const found = statOf(target);
  if (found === undefined) {
    if (statOf(dirname(target)) === undefined) throw notFound(`no folder '${dirname(target)}'`);
    return;
  }
  if (!found.isFile() && !found.isSymbolicLink()) throw conflict(`'${target}' is there and is no file`);
  if (!replaces)
    throw conflict(`'${basename(target)}' exists already`, 'name another file, or add --yes to replace it');
}

/** @throws conflict where the master key is another by now */
function standingKeys({ folder, uid, keys }: BackupRequest): KeyFile {
  const found = readKeyCopies(folder, uid)?.candidates.find((copy) => macHolds(copy, keys.keyFile));
  if (found === undefined) throw keysChanged();
  return found;
}

/** Keys and database of one moment: both change under the lock that is held here. @returns the key file */
function copyVault(request: BackupRequest, target: string): KeyFile {
  const { folder, keys, uid, advance } = request;
  const source = databasePath(folder);
  closeSync(openSync(target, 'wx', 0o600));
  advance(0, lstatSync(source).size);
  const { vault: vaultId } = standingKeys(request).payload;
  const copy = { source, target, pageKey: keys.page };
  // Signals keep their default meanwhile: the next backup sweeps what they leave.
  const held = holdVault({ folder, keys, vaultId, generation: undefined, uid });
  let keyFile: KeyFile;
  let counts: ReturnType<typeof copyDatabase>;
  try {
    keyFile = standingKeys(request);
    counts = copyDatabase(copy);
  } finally {
    held.close();
  }
  checkCopy(copy, counts);
  return keyFile;
}

/** Joins what lies in the work folder, and checks the whole as it is on the disk. @returns bytes */
async function joinParts(request: BackupRequest, keyFile: KeyFile, folder: string, signal: AbortSignal) {
  const { keys, config, madeAt, advance } = request;
  const from = await open(databasePath(folder), 'r');
  try {
    const { size } = await from.stat();
    const third = (number: number): Going => ({
      signal,
      advance: (done) => advance(number * size + done, 3 * size),
    });
    await writeBackupFile(madePath(folder), from, writeHead(keyFile, config, madeAt, size), keys, third(1));
    const backup = await openBackup(madePath(folder));
    try {
      await readDatabase(backup, keys, third(2));
      // The MAC covers the database, so the copy is opened in place of unpacking another one.
      checkUnpacked(folder, backup.head, request);
    } finally {
      await backup.file.close();
    }
  } finally {
    await from.close();
  }
  signal.throwIfAborted();
  return (await stat(madePath(folder))).size;
}

/** Leaves nothing on failure. @returns bytes. @throws conflict, not-found, damaged, busy, failed, cancelled */
export async function writeBackup(request: BackupRequest): Promise<number> {
  const { target, replaces, uid, interruptible } = request;
  checkTarget(target, replaces);
  try {
    sweepWork(dirname(target), uid);
    const work = beginWork(dirname(target));
    try {
      const { folder } = work;
      const keyFile = copyVault(request, databasePath(folder));
      const length = await interruptible((signal) => joinParts(request, keyFile, folder, signal));
      // Another process may have created it meanwhile.
      checkTarget(target, replaces);
      await rename(madePath(folder), target);
      syncFolder(dirname(target));
      return length;
    } finally {
      work.end();
    }
  } catch (error) {
    throw systemFailure(error, 'the backup cannot be written');
  }
}
