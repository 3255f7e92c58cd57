/**
 * Restoring: the backup is unpacked and checked in a folder beside the vault's, which then takes its place in two
 * renames. Killed before the first one, the old vault stands; killed between them, whoever comes next finishes it
 * (`finishRestore`): the folder is then missing, and the checked one waits under its own name.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { constants, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { conflict, damaged, Failure, notFound, usage } from '../errors.ts';
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
import { databasePath, errorCode, keyFileNames, syncFolder, systemReason } from './files.ts';
import type { KeyCopies } from './key-copies.ts';
import { checkFolder, type OwnerId, statOf } from './modes.ts';
import { openDatabase } from './open.ts';
import { finishRestore, ready } from './restore-end.ts';
import { type DerivedKeys, wipe } from './secrets.ts';

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
const stagingForm = (folder: string): RegExp =>
  new RegExp(
    `^${basename(folder).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\.(restoring-[0-9a-f]{12}|restored)$`,
  );

/** What killed restores left beside the vault's folder: paths. */
export function unfinishedRestores(folder: string): readonly string[] {
  const parent = dirname(folder);
  const form = stagingForm(folder);
  try {
    return readdirSync(parent).flatMap((name) => (form.test(name) ? [join(parent, name)] : []));
  } catch {
    // Not there, or not to be listed.
    return [];
  }
}

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
  readonly keys: Pick<DerivedKeys, 'page' | 'keyFile'>;
  /** A backup of a later schema is refused. */
  readonly newestSchema: number;
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly advance: (done: number, whole: number) => void;
}

const piece = 1024 * 1024;
const afterwards = 'run any command of rapport: it finishes what is left';

async function writeFile(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Copies the database out, and holds the whole file against its MAC. */
async function unpack(request: StageRequest, path: string): Promise<void> {
  const { head, file } = request.backup;
  const macKey = backupMacKey(request.keys);
  const mac = createHmac('sha256', macKey).update(head.bytes);
  wipe(macKey);
  const to = await open(path, 'wx', 0o600);
  try {
    const bytes = Buffer.alloc(piece);
    const whole = head.header.database;
    for (let done = 0; done < whole; ) {
      request.signal.throwIfAborted();
      const part = bytes.subarray(0, Math.min(piece, whole - done));
      await readFully(file, part, head.bytes.length + done);
      mac.update(part);
      await to.writeFile(part);
      done += part.length;
      request.advance(done, whole);
    }
    await to.sync();
  } finally {
    await to.close();
  }
  if (!(await endsWith(file, head, mac.digest()))) throw alteredBackup();
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
  return new Failure(
    'failed',
    `the backup cannot be restored here: ${systemReason(error)}; nothing was changed`,
  );
};

/**
 * Unpacks and checks a backup beside the vault's folder. @returns the folder it is in
 * @throws damaged, conflict (a newer schema), failed (the disk refuses), and what the signal gives as its reason
 */
export async function stageBackup(request: StageRequest): Promise<string> {
  const { folder, backup } = request;
  const staging = `${folder}.restoring-${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    for (const path of unfinishedRestores(folder)) rmSync(path, { recursive: true, force: true });
    mkdirSync(staging, { mode: 0o700 });
    await unpack(request, databasePath(staging));
    for (const name of keyFileNames) await writeFile(join(staging, name), backup.head.keyFile.bytes);
    if (backup.head.config.length > 0) await writeFile(join(staging, configName), backup.head.config);
    checkUnpacked(request, staging);
    syncFolder(staging);
    request.signal.throwIfAborted();
    return staging;
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw restoreFailure(error);
  }
}

/**
 * Puts an unpacked vault in its place. @param stamp what tells the old vault's name apart, fit for a file name
 * @returns where the old vault is now, or undefined where there was none. @throws failed; the old vault stands then
 */
export function swapIn(staging: string, folder: string, stamp: string): string | undefined {
  const parent = dirname(folder);
  try {
    renameSync(staging, ready(folder));
    syncFolder(parent);
    const aside = moveAside(folder, stamp);
    // Whoever looked for the vault just now may have finished it already.
    finishRestore(folder);
    if (existsSync(ready(folder)))
      throw new Failure('failed', `cannot give ${folder} its name`, [afterwards]);
    return aside;
  } catch (error) {
    // Where the old vault is out of the way already, the next opening finishes what is left.
    if (existsSync(folder))
      for (const path of [staging, ready(folder)]) rmSync(path, { recursive: true, force: true });
    throw restoreFailure(error);
  }
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
