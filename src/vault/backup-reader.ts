/** Reading a backup (`backup-file.ts`): its head, then the database, checked and opened as a vault. */
import { createHmac } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { conflict, damaged, Failure, notFound, systemReason, usage } from '../errors.ts';
import { type Keys, wipe } from '../keys.ts';
import {
  alteredBackup,
  type BackupHead,
  backupMacKey,
  endsWith,
  readFully,
  readHead,
} from './backup-file.ts';
import { integrityFaults } from './database-copy.ts';
import { vaultFailure } from './driver.ts';
import type { KeyCopies } from './key-copies.ts';
import { type OwnerId, statOf } from './modes.ts';
import { openDatabase } from './open.ts';
import { configName, databasePath, writeFile } from './vault-folder.ts';

export interface OpenedBackup {
  readonly head: BackupHead;
  readonly file: FileHandle;
  readonly copies: KeyCopies;
}

/** The caller closes the file. @throws not-found, usage, damaged, conflict (a newer version) */
export async function openBackup(path: string): Promise<OpenedBackup> {
  const found = statOf(path);
  if (found === undefined) throw notFound(`no file '${path}'`);
  if (!found.isFile() && !found.isSymbolicLink()) throw usage(`'${path}' is not a file`);
  let file: FileHandle;
  try {
    // Trap: a link may lead to a pipe.
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

interface StageRequest {
  readonly folder: string;
  readonly uid: OwnerId;
  readonly backup: OpenedBackup;
  readonly keys: Pick<Keys, 'page' | 'keyFile'>;
  readonly newestSchema: number;
  readonly signal: AbortSignal;
  /** In bytes. */
  readonly advance: (done: number, whole: number) => void;
}

const piece = 1024 * 1024;
/** Reads the database, and checks the MAC of the whole file. */
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

/** The MAC does not say that the database was sound when the backup was made. */
function checkUnpacked({ folder, backup, keys, uid, newestSchema }: StageRequest): void {
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

function complete(request: StageRequest): void {
  const { folder, backup } = request;
  const { config } = backup.head;
  if (config.length > 0) writeFile(join(folder, configName), config);
  checkUnpacked(request);
}

/** All but the key files. @throws damaged, conflict (a newer schema), failed (the disk refuses), cancelled */
export async function unpack(request: StageRequest): Promise<void> {
  const to = await open(databasePath(request.folder), 'wx', 0o600);
  try {
    await readDatabase(request, (part) => to.writeFile(part));
  } finally {
    await to.close();
  }
  complete(request);
}

/** Checks a backup whose database still lies in the folder, instead of unpacking another copy. */
export async function checkBackup(request: StageRequest): Promise<void> {
  await readDatabase(request, async () => undefined);
  complete(request);
}
