/** Names in the vault's folder, and atomic writing of files. */
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
import { removeFile } from './modes.ts';

export const databaseName = 'vault.db';
/** Settings of a vault that version 0.1 made first. */
export const configName = 'config.json';
/** In bytes. */
export const largestConfig = 64 * 1024;
export const keyFileNames = ['vault.keys', 'vault.keys.copy'] as const;

export const databasePath = (folder: string): string => join(folder, databaseName);
export const journalPath = (folder: string): string => join(folder, `${databaseName}-journal`);
/** A copy of a hot journal, kept in case that playing it back goes wrong. */
export const journalCopyPath = (folder: string): string => join(folder, `${databaseName}-journal.aside`);
/** The database until `init` renames it. */
export const unfinishedPath = (folder: string, vaultId: string): string =>
  join(folder, `${databaseName}.making-${vaultId}`);

/** The vault before, in the folder of the one that took its place; `meta` names it by its id. */
export const replacedPath = (folder: string, id: string): string => join(folder, `replaced-${id}`);

export const earlierForm: RegExp = new RegExp(`^${databaseName.replace('.', '\\.')}\\.schema-\\d+$`);
export const earlierPath = (folder: string, schema: number): string =>
  join(folder, `${databaseName}.schema-${schema}`);

/** Resolves links as far as the path exists. */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}

export function isWithin(folder: string, path: string): boolean {
  const way = relative(realPath(folder), realPath(path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Makes new names in a folder durable. Windows has no such thing. */
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
    // Some file systems refuse it.
  } finally {
    closeSync(descriptor);
  }
}

export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A new file of mode 0600, durable; removed where it cannot be written whole. */
export function writeFile(path: string, bytes: Buffer): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Beside its target. @returns the path */
export function writeAside(path: string, bytes: Buffer): string {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  writeFile(temporary, bytes);
  return temporary;
}

/** After a crash the file holds the old bytes or the new ones. */
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

export function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    const isTemporary = name.startsWith(`${keyFileNames[0]}.`) && name.endsWith('.tmp');
    if (isTemporary || name.startsWith(`${databaseName}.making-`))
      rmSync(join(folder, name), { force: true });
  }
}

/** The last step of `init`, or of an opening after a killed one. @returns whether a vault.db stands there now */
export function nameDatabase(folder: string, vaultId: string): boolean {
  try {
    renameSync(unfinishedPath(folder, vaultId), databasePath(folder));
    sweepUnfinished(folder);
    syncFolder(folder);
  } catch {
    // Another process was faster, or it is lost.
  }
  return existsSync(databasePath(folder));
}

/** Copies of the database before a migration. */
export const earlierCopies = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => earlierForm.test(name));

/** @throws conflict, failed */
export function removeEarlier(folder: string, names: readonly string[]): void {
  for (const name of names) removeFile(join(folder, name));
}

export const removeAllEarlier = (folder: string): void =>
  removeEarlier(folder, [...earlierCopies(folder), basename(journalCopyPath(folder))]);
