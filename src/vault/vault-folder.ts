/** Names in the vault's folder, and writing a file whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

export const databaseName = 'vault.db';
export const keyFileNames = ['vault.keys', 'vault.keys.copy'] as const;

export const databasePath = (folder: string): string => join(folder, databaseName);
export const journalPath = (folder: string): string => join(folder, `${databaseName}-journal`);
/** Where a hot journal is kept before SQLite plays it back: what is left to look at when that goes wrong. */
export const journalCopyPath = (folder: string): string => join(folder, `${databaseName}-journal.aside`);
/** A database that `init` is making: it becomes vault.db in one step. */
export const unfinishedPath = (folder: string, vaultId: string): string =>
  join(folder, `${databaseName}.making-${vaultId}`);

/** The vault as it was before a migration, by the schema that it had. */
export const earlierForm: RegExp = new RegExp(`^${databaseName.replace('.', '\\.')}\\.schema-\\d+$`);
export const earlierPath = (folder: string, schema: number): string =>
  join(folder, `${databaseName}.schema-${schema}`);

/** Where a path leads when every link on the way is followed; what is not there yet stays as it is called. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}

/** Whether a path is a folder or leads into it, by whatever links. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(realPath(folder), realPath(path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Makes a folder's new names durable. Windows has no such thing. */
export function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // Some file systems refuse it for folders.
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a new file of mode 0600 beside its target and returns its path. */
export function writeAside(path: string, bytes: Buffer): string {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return temporary;
}

/** Replaces a file: after a crash at any moment it holds the old bytes or the new ones. */
export function replaceFile(path: string, bytes: Buffer): void {
  const temporary = writeAside(path, bytes);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Removes what killed writers of this folder left: half-made databases and temporary key files. */
export function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    const isTemporary = name.startsWith(`${keyFileNames[0]}.`) && name.endsWith('.tmp');
    if (isTemporary || name.startsWith(`${databaseName}.making-`))
      rmSync(join(folder, name), { force: true });
  }
}

/**
 * Gives the database that `init` made its name: the last step of making a vault, or of opening one whose making was
 * killed just before it. @returns whether a vault.db stands there now
 */
export function nameDatabase(folder: string, vaultId: string): boolean {
  try {
    renameSync(unfinishedPath(folder, vaultId), databasePath(folder));
    sweepUnfinished(folder);
    syncFolder(folder);
  } catch {
    // Not there: another rapport was faster, or it is lost.
  }
  return existsSync(databasePath(folder));
}
