/** Owners and modes: folder and files are the person's own, 0700 and 0600. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmSync, type Stats } from 'node:fs';
import { basename } from 'node:path';
import { conflict, damaged, errorCode, Failure, shellQuoted, systemReason } from '../errors.ts';

/** Undefined where the system has none (Windows). */
export type OwnerId = number | undefined;

function checkOwnerAndMode(path: string, found: Stats, uid: OwnerId, mode: '700' | '600'): void {
  if (uid === undefined) return;
  const name = basename(path);
  if (found.uid !== uid)
    throw conflict(`${name} belongs to another user`, `it must be your own: ls -l ${shellQuoted(path)}`);
  if ((found.mode & 0o077) !== 0)
    throw conflict(
      `others can get at ${name} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`,
      `chmod ${mode} ${shellQuoted(path)}`,
    );
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

const isNowhere = (code: string | undefined): boolean =>
  code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';

/** Follows no link; undefined where nothing exists. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isNowhere(errorCode(error))) return undefined;
    throw new Failure('failed', `cannot look at ${basename(path)}: ${systemReason(error)}`);
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
    throw new Failure('failed', `cannot remove ${basename(path)}: ${systemReason(error)}`);
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
export const plainly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Checks the file that it opens; follows no link, waits for no pipe. @throws damaged (over `limit` bytes), conflict */
export function readPrivateFile(path: string, uid: OwnerId, limit: number): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, plainly);
  } catch (error) {
    const code = errorCode(error);
    if (isNowhere(code)) return undefined;
    if (code === 'ELOOP' || code === 'ENXIO')
      throw notAFile(path, code === 'ELOOP' ? 'a symbolic link' : 'a socket');
    throw new Failure('failed', `cannot read ${basename(path)}: ${systemReason(error)}`);
  }
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw notAFile(path, kindOf(found));
    checkOwnerAndMode(path, found, uid, '600');
    if (found.size > limit)
      throw damaged(
        `${basename(path)} is too large to be one of rapport's`,
        `look at it: ls -l ${shellQuoted(path)}`,
      );
    const bytes = Buffer.alloc(found.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}
