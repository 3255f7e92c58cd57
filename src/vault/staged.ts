/** A vault on its way into place waits as `FOLDER.restored-ID-MAC`; it is moved or removed only where a MAC holds. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { conflict, type Failure, notFound } from '../errors.ts';
import { type Keys, keyLength, macOf, wipe } from '../keys.ts';
import { systemFailure } from './driver.ts';
import { derivationSalt, hkdf } from './slots.ts';
import { databasePath, keyFileNames, realPath, statOf, syncFolder } from './vault-folder.ts';

/** The vault's place, and keys of which one made a MAC in the name. */
interface StagedOf {
  readonly folder: string;
  readonly vaultId: string;
  readonly keys: Pick<Keys, 'keyFile'>;
}

const digits = 32;

function markOf({ folder, vaultId, keys }: StagedOf, id: string): string {
  const key = hkdf(keys.keyFile, derivationSalt, 'restore mark', keyLength);
  const place = join(realPath(dirname(folder)), basename(folder));
  const mac = macOf(key, JSON.stringify(['restored', id, vaultId, place])).toString('hex');
  wipe(key);
  return mac.slice(0, digits);
}

/** @param id 12 random hex digits. @param earlier keys of the vault that is there: they may remove it, not put it in place */
export function stagedPath(owner: StagedOf, id: string, earlier?: Keys): string {
  const marks = [markOf(owner, id), ...(earlier ? [markOf({ ...owner, keys: earlier }, id)] : [])];
  return `${owner.folder}.restored-${id}-${marks.join('-')}`;
}

/** Paths by name alone: nothing is authenticated yet. */
export function stagedBeside(folder: string): readonly string[] {
  const name = basename(folder).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const form = new RegExp(`^${name}\\.restored-[0-9a-f]{12}(?:-[0-9a-f]{${digits}}){1,2}$`);
  try {
    return readdirSync(dirname(folder))
      .filter((found) => form.test(found))
      .sort()
      .map((found) => join(dirname(folder), found));
  } catch {
    return [];
  }
}

/** A whole one: its key files were written last. Looked for only where the vault is missing. */
export const waitingVault = (folder: string): string | undefined =>
  existsSync(folder)
    ? undefined
    : stagedBeside(folder).find((path) => keyFileNames.some((name) => existsSync(join(path, name))));

export const waitingHints = (folder: string): readonly string[] => {
  const waiting = waitingVault(folder);
  return waiting === undefined
    ? []
    : [
        `a restore or key rotate was cut off: what opens the vault, as rapport due does, takes ${basename(waiting)} for it`,
      ];
};

/** True also for part of a vault. */
export const vaultExists = (folder: string): boolean =>
  [databasePath(folder), ...keyFileNames.map((name) => join(folder, name))].some(
    (path) => statOf(path) !== undefined,
  );

/** @throws conflict */
export function refuseExisting(folder: string): void {
  if (vaultExists(folder)) throw alreadyThere(folder);
  const [waiting] = waitingHints(folder);
  if (waiting !== undefined) throw conflict(`a vault is on its way to ${folder}`, waiting);
}

export const alreadyThere = (folder: string): Failure =>
  conflict(`a vault is already there: ${folder}`, 'rapport init --vault DIR makes another one elsewhere');

function isOf(owner: StagedOf, path: string, takesEarlier = false): boolean {
  const [, id = '', ...marks] = basename(path).slice(basename(owner.folder).length).split('-');
  return (takesEarlier ? marks : marks.slice(0, 1)).includes(markOf(owner, id));
}

/** Finishes a replacement killed between its two renames. @throws not-found where the MAC does not hold */
export function finishSwap(owner: StagedOf, waiting: string): void {
  const { folder } = owner;
  if (!isOf(owner, waiting))
    throw notFound(
      `no vault in ${folder}, and ${basename(waiting)} beside it is no restore of it`,
      'move that away, or look at it with --vault',
    );
  try {
    renameSync(waiting, folder);
    syncFolder(dirname(folder));
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw systemFailure(error, 'the vault cannot be put in its place');
  }
}

/** Removes what killed runs left. A waiting one that these keys made is the vault, and stays. */
export function sweepStaged(owner: StagedOf): void {
  const waiting = waitingVault(owner.folder);
  if (waiting !== undefined && isOf(owner, waiting)) finishSwap(owner, waiting);
  for (const path of stagedBeside(owner.folder))
    if (isOf(owner, path, true)) rmSync(path, { recursive: true, force: true });
}
