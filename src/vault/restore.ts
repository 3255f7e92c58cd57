/**
 * Restoring: the backup is unpacked and checked in a folder beside the vault's, which then takes its place in two
 * renames. Killed before the first one, the old vault stands; killed between them, whoever opens the vault next finishes
 * it (`staged.ts`): the folder is then missing, and the checked one waits under a name that its keys vouch for.
 */

import { createHmac, randomBytes } from 'node:crypto';
import { constants, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conflict, damaged, errorCode, Failure, notFound, systemReason, usage } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import {
  alteredBackup,
  type BackupHead,
  backupMacKey,
  endsWith,
  readFully,
  readHead,
} from './backup-file.ts';
import { integrityFaults } from './checks.ts';
import { vaultExists } from './create.ts';
import { vaultFailure } from './driver.ts';
import type { KeyCopies } from './key-copies.ts';
import { checkFolder, type OwnerId, statOf } from './modes.ts';
import { openDatabase } from './open.ts';
import {
  finishRestore,
  isOf,
  type StagedOf,
  stagedPath,
  sweepStaged,
  waitingHints,
  waitingRestore,
} from './staged.ts';
import { databasePath, keyFileNames, syncFolder } from './vault-folder.ts';

/** A backup whose head is whole; its database is still unread. */
export interface OpenedBackup {
  readonly head: BackupHead;
  readonly file: FileHandle;
  /** As a vault's key files, to be unlocked by its own passphrase or recovery code. */
  readonly copies: KeyCopies;
}

/** The caller closes the file. @throws not-found, usage, damaged, conflict (a newer version) */
export async function openBackup(path: string): Promise<OpenedBackup> {
  const found = statOf(path);
  if (found === undefined) throw notFound(`no file '${path}'`);
  if (!found.isFile() && !found.isSymbolicLink()) throw usage(`'${path}' is not a file`);
  let file: FileHandle;
  try {
    // A link may lead to a pipe, which must not be waited for.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw new Failure('failed', `cannot read '${path}': ${systemReason(error)}`);
  }
  try {
    if (!(await file.stat()).isFile()) throw usage(`'${path}' is not a file`);
    const head = await readHead(file);
    return { head, file, copies: { folder: '', found: [head.keyFile], candidates: [head.keyFile] } };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const configName = 'config.json';
/** Files that may stand in a vault's folder, which is moved aside as a whole. */
const own = /^(vault\.db|vault\.keys|config\.json|demo$)/;

/** @returns whether a vault stands there. @throws conflict where the folder holds other things, or is no folder */
export function checkPlace(folder: string): boolean {
  checkFolder(folder, undefined);
  const others = existsSync(folder) ? readdirSync(folder).filter((name) => !own.test(name)) : [];
  if (others.length > 0)
    throw conflict(
      `${folder} holds other files besides a vault`,
      'move them away first, or name another folder with --vault',
    );
  return vaultExists(folder);
}

export interface StageRequest {
  readonly folder: string;
  readonly uid: OwnerId;
  readonly backup: OpenedBackup;
  readonly keys: Pick<Keys, 'page' | 'keyFile'>;
  /** A backup of a later schema is refused. */
  readonly newestSchema: number;
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly advance: (done: number, whole: number) => void;
}

const piece = 1024 * 1024;

async function writeFile(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the database, and holds the whole file against its MAC. */
async function readDatabase(
  { backup, keys, signal, advance }: StageRequest,
  take: (part: Buffer) => Promise<void>,
): Promise<void> {
  const { head, file } = backup;
  const macKey = backupMacKey(keys);
  const mac = createHmac('sha256', macKey).update(head.bytes);
  wipe(macKey);
  const bytes = Buffer.alloc(piece);
  const whole = head.header.database;
  for (let done = 0; done < whole; ) {
    signal.throwIfAborted();
    const part = bytes.subarray(0, Math.min(piece, whole - done));
    await readFully(file, part, head.bytes.length + done);
    mac.update(part);
    await take(part);
    done += part.length;
    advance(done, whole);
  }
  if (!(await endsWith(file, head, mac.digest()))) throw alteredBackup();
}

async function unpack(request: StageRequest, path: string): Promise<void> {
  const to = await open(path, 'wx', 0o600);
  try {
    await readDatabase(request, async (part) => {
      await to.writeFile(part);
    });
    await to.sync();
  } finally {
    await to.close();
  }
}

/** What the MAC cannot say: that the backup was whole when it was made. */
function checkUnpacked({ backup, keys, uid, newestSchema }: StageRequest, folder: string): void {
  const { vault: vaultId, generation, database: length } = backup.head.header;
  const database = openDatabase({ folder, keys, vaultId, generation, uid });
  try {
    const value = (name: string): number => Number(database.pragma(name, { simple: true }));
    if (value('user_version') > newestSchema)
      throw conflict('the backup was made by a newer rapport', 'install the newest version to restore it');
    if (value('page_count') * value('page_size') !== length || integrityFaults(database, 1).length > 0)
      throw damaged('the database in the backup is damaged', 'take another one, an older one perhaps');
  } catch (error) {
    throw vaultFailure(error);
  } finally {
    database.close();
  }
}

const restoreFailure = (error: unknown): unknown => {
  const code = errorCode(error);
  if (error instanceof Failure || code === undefined || code.startsWith('SQLITE')) return error;
  return new Failure('failed', `the backup cannot be restored here: ${systemReason(error)}`);
};

/** A checked vault beside its place. */
export interface Staged extends StagedOf {
  readonly id: string;
  readonly path: string;
}

/**
 * Unpacks and checks a backup beside the vault's folder.
 * @throws damaged, conflict (a newer schema), failed (the disk refuses), and what the signal gives as its reason
 */
export async function stageBackup(request: StageRequest): Promise<Staged> {
  const { folder, backup, keys } = request;
  const owner = { folder, vaultId: backup.head.header.vault, keys };
  const id = randomBytes(6).toString('hex');
  const path = stagedPath(owner, 'restoring', id);
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    // What waits for the place is the vault that this one is to be put in the place of.
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

/** Makes the vault of a backup in an empty folder, and checks it. */
async function unpackTo(path: string, request: StageRequest): Promise<void> {
  await unpack(request, databasePath(path));
  await complete(path, request);
}

/** Checks a whole backup beside whose file, in a folder of its own, the database that went into it still is. */
export async function checkBackup(request: StageRequest): Promise<void> {
  await readDatabase(request, async () => undefined);
  await complete(request.folder, request);
}

/** Gives the database its keys and settings, and opens it. */
async function complete(path: string, request: StageRequest): Promise<void> {
  const { head } = request.backup;
  for (const name of keyFileNames) await writeFile(join(path, name), head.keyFile.bytes);
  if (head.config.length > 0) await writeFile(join(path, configName), head.config);
  checkUnpacked(request, path);
  syncFolder(path);
}

const inodeOf = (path: string): number | undefined => statOf(path)?.ino;

/**
 * Puts an unpacked vault in its place. @param stamp what tells the old vault's name apart, fit for a file name
 * @returns where the old vault is now, or undefined where there was none
 * @throws failed, busy; which vault stands then was looked at, and is said
 */
export function swapIn(staged: Staged, stamp: string): string | undefined {
  const { folder, path } = staged;
  const waiting = stagedPath(staged, 'restored', staged.id);
  const inode = inodeOf(path);
  let aside: string | undefined;
  try {
    renameSync(path, waiting);
    syncFolder(dirname(folder));
    aside = moveAside(folder, stamp);
    // Whoever looked for the vault just now may have finished it already.
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

/** Puts the old vault back, where it can, and says what stands. */
function afterFailure(error: unknown, { folder, path, waiting, aside }: Interrupted): unknown {
  try {
    if (aside !== undefined && !existsSync(folder)) renameSync(aside, folder);
  } catch {
    // What came of it is looked at.
  }
  if (!(error instanceof Failure)) return error;
  if (existsSync(folder)) {
    for (const own of [path, waiting]) rmSync(own, { recursive: true, force: true });
    return new Failure(error.exit, `${error.message}; nothing was changed`, error.hints);
  }
  const old = aside === undefined ? '' : `; the vault that was there is now ${aside}`;
  return existsSync(waiting)
    ? new Failure(error.exit, `${error.message}${old}`, waitingHints(folder))
    : new Failure(error.exit, `${error.message}${old}`, error.hints);
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
