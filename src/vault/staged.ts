/** A restored vault waits as `FOLDER.STATE-ID-MAC`; it is moved or removed only where the MAC holds. */
import { existsSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { notFound } from '../errors.ts';
import { type Keys, keyLength, macOf, wipe } from '../keys.ts';
import { derivationSalt, hkdf } from './secrets.ts';
import { syncFolder } from './vault-folder.ts';

/** 'restoring': being unpacked. 'restored': checked, it may take the vault's place. */
type State = 'restoring' | 'restored';

export interface StagedOf {
  readonly folder: string;
  readonly vaultId: string;
  readonly keys: Pick<Keys, 'keyFile'>;
}

const digits = 32;

function placeOf(folder: string): string {
  try {
    return join(realpathSync(dirname(folder)), basename(folder));
  } catch {
    return folder;
  }
}

/** @param id 12 random hex digits */
export function stagedPath({ folder, vaultId, keys }: StagedOf, state: State, id: string): string {
  const key = hkdf(keys.keyFile, derivationSalt, 'restore mark', keyLength);
  const mac = macOf(key, JSON.stringify([state, id, vaultId, placeOf(folder)])).toString('hex');
  wipe(key);
  return `${folder}.${state}-${id}-${mac.slice(0, digits)}`;
}

/** Paths by name alone: nothing is authenticated yet. */
export function stagedBeside(
  folder: string,
  states: readonly State[] = ['restoring', 'restored'],
): readonly string[] {
  const name = basename(folder).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const form = new RegExp(`^${name}\\.(${states.join('|')})-[0-9a-f]{12}-[0-9a-f]{${digits}}$`);
  try {
    return readdirSync(dirname(folder))
      .filter((found) => form.test(found))
      .sort()
      .map((found) => join(dirname(folder), found));
  } catch {
    return [];
  }
}

/** Looked for only where the vault is missing. */
export const waitingRestore = (folder: string): string | undefined =>
  existsSync(folder) ? undefined : stagedBeside(folder, ['restored'])[0];

export const waitingHints = (folder: string): readonly string[] => {
  const waiting = waitingRestore(folder);
  return waiting === undefined
    ? []
    : [`a restore was cut off: what opens the vault, as rapport due does, takes ${basename(waiting)} for it`];
};

export function isOf(owner: StagedOf, path: string): boolean {
  const [, state, id] = /\.(restoring|restored)-([0-9a-f]{12})-[0-9a-f]+$/.exec(path) ?? [];
  if ((state !== 'restoring' && state !== 'restored') || id === undefined) return false;
  return stagedPath(owner, state, id) === path;
}

/** Finishes a restore killed between its two renames. @throws not-found where the MAC does not hold */
export function finishRestore(owner: StagedOf, waiting: string): void {
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
    if (!existsSync(folder)) throw error;
  }
}

export function sweepStaged(owner: StagedOf): void {
  for (const path of stagedBeside(owner.folder))
    if (isOf(owner, path)) rmSync(path, { recursive: true, force: true });
}
