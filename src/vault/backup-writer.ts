/** Writing a backup: keys and database of one moment, opened as `restore` would before the file gets its name. */
import { createHmac } from 'node:crypto';
import { closeSync, lstatSync, openSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { conflict, notFound, usage } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import { alteredBackup, type BackupHead, backupMacKey, digestLine, writeHead } from './backup-file.ts';
import { checkBackup, openBackup } from './backup-reader.ts';
import { checkCopy, copyDatabase } from './database-copy.ts';
import { systemFailure } from './driver.ts';
import { keysChanged, readKeyCopies } from './key-copies.ts';
import { type KeyFile, macHolds } from './key-file.ts';
import { type OwnerId, statOf } from './modes.ts';
import { holdVault } from './open.ts';
import { databasePath, syncFolder } from './vault-folder.ts';
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
  readonly advance: (done: number, whole: number) => void;
}

const piece = 1024 * 1024;

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

interface Joining {
  readonly head: BackupHead;
  readonly macKey: Buffer;
  readonly signal: AbortSignal;
  readonly written: (bytes: number) => void;
}

/** In bytes: disks take 255, and the work file's name is longer. */
const longestName = 220;

async function joinParts(
  from: FileHandle,
  to: FileHandle,
  { head, macKey, signal, written }: Joining,
): Promise<void> {
  const mac = createHmac('sha256', macKey).update(head.bytes);
  await to.writeFile(head.bytes);
  const bytes = Buffer.alloc(piece);
  let length = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(bytes, 0, piece, length);
    if (bytesRead === 0) break;
    const part = bytes.subarray(0, bytesRead);
    mac.update(part);
    await to.writeFile(part);
    length += bytesRead;
    written(length);
  }
  if (length !== head.header.database) throw new Error('the copy changed its length');
  await to.writeFile(`${mac.digest('hex')}\n`);
  await to.sync();
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
  // Signals keep their default meanwhile: the next backup sweeps what they leave.
  const held = holdVault({ folder, keys, vaultId, generation: undefined, uid });
  const copy = { source, target, pageKey: keys.page };
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

/** @returns length in bytes */
async function join(
  request: BackupRequest,
  keyFile: KeyFile,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const { keys, advance } = request;
  const made = madePath(folder);
  const from = await open(databasePath(folder), 'r');
  const macKey = backupMacKey(keys);
  try {
    const { size } = await from.stat();
    const head = writeHead({ ...request, keyFile, databaseLength: size });
    const to = await open(made, 'wx', 0o600);
    try {
      const written = (bytes: number): void => advance(size + bytes, 3 * size);
      await joinParts(from, to, { head, macKey, signal, written });
    } finally {
      await to.close();
    }
    await checkMade(folder, { ...request, advance: (bytes) => advance(2 * size + bytes, 3 * size) }, signal);
    signal.throwIfAborted();
    return head.bytes.length + size + digestLine;
  } finally {
    wipe(macKey);
    await from.close();
  }
}

/** The MAC covers the database, so the copy beside the file is opened in place of unpacking another. */
async function checkMade(folder: string, request: BackupRequest, signal: AbortSignal): Promise<void> {
  const { uid, keys, advance } = request;
  const backup = await openBackup(madePath(folder));
  try {
    if (!macHolds(backup.head.keyFile, keys.keyFile)) throw alteredBackup();
    await checkBackup({ folder, uid, backup, keys, newestSchema: Number.POSITIVE_INFINITY, signal, advance });
  } finally {
    await backup.file.close();
  }
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
      const length = await interruptible((signal) => join(request, keyFile, folder, signal));
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
