/**
 * Backing up: a checked copy of the database, joined with the keys and the settings in one file (`backup-file.ts`) that
 * gets its name when all of it is on the disk. What a killed backup leaves is encrypted, and swept by the next one.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { conflict, Failure, notFound, usage } from '../errors.ts';
import { type BackupHead, backupMacKey, digestLine, writeHead } from './backup-file.ts';
import type { Copier } from './copying.ts';
import { databasePath, errorCode, syncFolder, systemReason } from './files.ts';
import type { KeyFile } from './key-file.ts';
import { statOf } from './modes.ts';
import { type DerivedKeys, wipe } from './secrets.ts';

export interface BackupRequest {
  /** Of the vault. */
  readonly folder: string;
  readonly keys: Pick<DerivedKeys, 'page' | 'keyFile'>;
  readonly keyFile: KeyFile;
  /** The bytes of config.json; empty where there is none. */
  readonly config: Buffer;
  /** Absolute. */
  readonly target: string;
  /** Whether a file there may be replaced. */
  readonly replaces: boolean;
  /** ISO instant. */
  readonly madeAt: string;
  readonly copier: Copier;
  readonly signal: AbortSignal;
  /** In bytes, of the copy and then of the joining, which are about as long. */
  readonly advance: (done: number, whole: number) => void;
}

const piece = 1024 * 1024;
const staleAfter = 60 * 60 * 1000;

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

/** What killed backups to the same file left there an hour ago or earlier. */
function sweepPartial(target: string, now: string): void {
  const form = new RegExp(
    `^${basename(target).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\.[0-9a-f]{12}\\.(copy|partial)`,
  );
  for (const name of readdirSync(dirname(target))) {
    if (!form.test(name)) continue;
    const path = join(dirname(target), name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isFile() && found.mtimeMs < Date.parse(now) - staleAfter) rmSync(path, { force: true });
  }
}

interface Joining {
  readonly head: BackupHead;
  readonly macKey: Buffer;
  readonly signal: AbortSignal;
  readonly written: (bytes: number) => void;
}

/** In bytes: disks take 255, and what is being written has a longer name. */
const longestName = 220;

/** Writes head, database and MAC in pieces, and brings them to the disk. */
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

/**
 * Writes a backup. @returns its length in bytes
 * @throws conflict (a file is there), not-found (no such folder), damaged (the vault cannot be copied whole), busy,
 * failed (the disk refuses), and what the signal gives as its reason; nothing is left behind then
 */
export async function writeBackup(request: BackupRequest): Promise<number> {
  const { folder, keys, target, replaces, signal } = request;
  checkTarget(target, replaces);
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  const copy = `${temporary}.copy`;
  const partial = `${temporary}.partial`;
  const macKey = backupMacKey(keys);
  try {
    sweepPartial(target, request.madeAt);
    closeSync(openSync(copy, 'wx', 0o600));
    const expected = lstatSync(databasePath(folder)).size;
    const watching = {
      signal,
      grown: (bytes: number) => request.advance(Math.min(bytes, expected), 2 * expected),
    };
    await request.copier({ source: databasePath(folder), target: copy, pageKey: keys.page }, watching);
    signal.throwIfAborted();
    const from = await open(copy, 'r');
    try {
      const { size } = await from.stat();
      const head = writeHead({ ...request, databaseLength: size });
      const to = await open(partial, 'wx', 0o600);
      try {
        const written = (bytes: number): void => request.advance(size + bytes, 2 * size);
        await joinParts(from, to, { head, macKey, signal, written });
      } finally {
        await to.close();
      }
      // Made meanwhile by somebody else?
      checkTarget(target, replaces);
      await rename(partial, target);
      syncFolder(dirname(target));
      return head.bytes.length + size + digestLine;
    } finally {
      await from.close();
    }
  } catch (error) {
    const code = errorCode(error);
    if (error instanceof Failure || code === undefined || code.startsWith('SQLITE')) throw error;
    throw new Failure('failed', `the backup cannot be written: ${systemReason(error)}`);
  } finally {
    wipe(macKey);
    for (const path of [copy, `${copy}-journal`, partial]) rmSync(path, { force: true });
  }
}
