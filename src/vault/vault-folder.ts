/** The vault's folder: its names, whose its files are (0700 and 0600), and atomic writing of them. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { shellQuoted } from '../domain/text.ts';
import { conflict, damaged, errorCode, type Failure, failed, systemReason } from '../errors.ts';

/** Undefined where the system has none (Windows). */
export type OwnerId = number | undefined;

/** '(mode 0644)' */
export const modeText = ({ mode }: Stats): string => `(mode ${(mode & 0o7777).toString(8).padStart(4, '0')})`;

function checkOwnerAndMode(path: string, found: Stats, uid: OwnerId, mode: '700' | '600'): void {
  if (uid === undefined) return;
  const name = basename(path);
  if (found.uid !== uid)
    throw conflict(`${name} belongs to another user`, `it must be your own: ls -l ${shellQuoted(path)}`);
  if ((found.mode & 0o077) !== 0)
    throw conflict(`others can get at ${name} ${modeText(found)}`, `chmod ${mode} ${shellQuoted(path)}`);
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

const notAFile = (path: string, kind: string): Failure =>
  damaged(`${basename(path)} is ${kind}, not a file`, `look at it: ls -l ${shellQuoted(path)}`);

/** What work gives, or the other where it fails. Trap: not of a promise. */
export function orElse<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** Whatever comes of it. */
export const tryTo = (work: () => void): void => orElse(work, undefined);

const isNowhere = (code: string | undefined): boolean =>
  code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';

/** Follows no link; undefined where nothing exists. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isNowhere(errorCode(error))) return undefined;
    throw failed(`cannot look at ${basename(path)}: ${systemReason(error)}`);
  }
}

/** @throws conflict for what `removeFile` would refuse */
export function refuseFolder(path: string): void {
  if (statOf(path)?.isDirectory())
    throw conflict(`${basename(path)} is a folder, not a file`, `take it away: ls -la ${shellQuoted(path)}`);
}

/** Follows no link. @throws conflict for a folder, failed */
export function removeFile(path: string): void {
  refuseFolder(path);
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw failed(`cannot remove ${basename(path)}: ${systemReason(error)}`);
  }
}

/** @returns whether it exists. @throws conflict for a link, another owner or loose modes */
export function checkFolder(path: string, uid: OwnerId): boolean {
  const found = statOf(path);
  if (found === undefined) return false;
  if (found.isSymbolicLink())
    throw conflict(
      `the vault folder ${path} is a symbolic link`,
      'give --vault the folder that it points to',
    );
  if (!found.isDirectory()) throw conflict(`${path} is not a folder`, 'give --vault a folder');
  checkOwnerAndMode(path, found, uid, '700');
  return true;
}

/** @returns size in bytes, or undefined where it does not exist. @throws damaged, conflict */
export function checkFile(path: string, uid: OwnerId): number | undefined {
  const found = statOf(path);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw notAFile(path, kindOf(found));
  checkOwnerAndMode(path, found, uid, '600');
  return found.size;
}

/** Follows no link and waits for no pipe; Windows has neither flag. */
const plainly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** `using file = openFile(path)` closes it with its block. Trap: that drops SQLite's locks on the file. @throws the system's error */
export function openFile(path: string, flags: string | number = plainly) {
  const descriptor = openSync(path, flags, 0o600);
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}

/** Checks the file that it opens; follows no link, waits for no pipe. @throws damaged (over `limit` bytes), conflict */
export function readPrivateFile(path: string, uid: OwnerId, limit: number): Buffer | undefined {
  let opened: ReturnType<typeof openFile>;
  try {
    opened = openFile(path);
  } catch (error) {
    const code = errorCode(error);
    if (isNowhere(code)) return undefined;
    if (code === 'ELOOP' || code === 'ENXIO')
      throw notAFile(path, code === 'ELOOP' ? 'a symbolic link' : 'a socket');
    throw failed(`cannot read ${basename(path)}: ${systemReason(error)}`);
  }
  using file = opened;
  const found = fstatSync(file.descriptor);
  if (!found.isFile()) throw notAFile(path, kindOf(found));
  checkOwnerAndMode(path, found, uid, '600');
  if (found.size > limit)
    throw damaged(
      `${basename(path)} is too large to be one of rapport's`,
      `look at it: ls -l ${shellQuoted(path)}`,
    );
  const bytes = Buffer.alloc(found.size);
  return bytes.subarray(0, readSync(file.descriptor, bytes));
}

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

/** The vault before, beside the one that `restore --newest` put in its place; named as that one is. */
export const setAsidePath = (folder: string, id: string): string => `${folder}.before-restore-${id}`;

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

/** Also by a link. */
export const isFolder = (path: string): boolean => orElse(() => statSync(path).isDirectory(), false);

export function isWithin(folder: string, path: string): boolean {
  const way = relative(realPath(folder), realPath(path));
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

export function syncFile(path: string, flags = 'r+'): void {
  using file = openFile(path, flags);
  fsyncSync(file.descriptor);
}

/** Makes new names in a folder durable. Windows has no such thing, and some file systems refuse it. */
export const syncFolder = (folder: string): void => tryTo(() => syncFile(folder, 'r'));

/** A new file of mode 0600, durable; removed where it cannot be written whole. */
export function writeFile(path: string, bytes: Buffer): void {
  using file = openFile(path, 'wx');
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file.descriptor, bytes, written);
    fsyncSync(file.descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
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
  // It fails where another process was faster, or it is lost.
  tryTo(() => {
    renameSync(unfinishedPath(folder, vaultId), databasePath(folder));
    sweepUnfinished(folder);
    syncFolder(folder);
  });
  return existsSync(databasePath(folder));
}

/** Copies of the database before a migration. */
export const earlierCopies = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => earlierForm.test(name));

/** Of those copies; all of them, and the journal's, unless some are named. @throws conflict, failed */
export function removeEarlier(
  folder: string,
  names: readonly string[] = [...earlierCopies(folder), basename(journalCopyPath(folder))],
): void {
  for (const name of names) removeFile(join(folder, name));
}

/** True also for part of a vault. */
export const vaultExists = (folder: string): boolean =>
  [databaseName, ...keyFileNames].some((name) => statOf(join(folder, name)) !== undefined);

const stagedEnd = /^[0-9a-f]{12}(?:-[0-9a-f]{32}){1,2}$/;

/** Vaults on their way into place (`replace.ts`), by name alone: nothing is authenticated yet. */
export function stagedBeside(folder: string): readonly string[] {
  const begins = `${basename(folder)}.restored-`;
  return orElse(() => readdirSync(dirname(folder)), [])
    .filter((name) => name.startsWith(begins) && stagedEnd.test(name.slice(begins.length)))
    .sort()
    .map((name) => join(dirname(folder), name));
}

/** A whole one: its key files were written last. Looked for only where the vault is missing. */
export const waitingVault = (folder: string): string | undefined =>
  existsSync(folder)
    ? undefined
    : stagedBeside(folder).find((path) => keyFileNames.some((name) => existsSync(join(path, name))));

export function waitingHints(folder: string): readonly string[] {
  const waiting = waitingVault(folder);
  if (waiting === undefined) return [];
  return [
    `a restore or key rotate was cut off: what opens the vault, as rapport due does, takes ${basename(waiting)} for it`,
  ];
}
