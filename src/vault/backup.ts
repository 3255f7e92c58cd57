/** `rapport backup`. */
import { statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { Failure, notFound, usage } from '../errors.ts';
import { openLog } from '../store/access-log.ts';
import { recordDigest } from '../store/record-digest.ts';
import type { Store } from '../store/store.ts';
import type { OpenedVault, VaultAccess } from './access.ts';
import { checkTarget, type Interruptible, writeBackup } from './backup-writer.ts';
import type { VaultRun } from './run-keys.ts';
import {
  configName,
  earlierCopies,
  isWithin,
  largestConfig,
  readPrivateFile,
  removeEarlier,
} from './vault-folder.ts';

/** Both in the same unit. */
export type Advance = (done: number, whole: number) => void;

export interface CareParts extends VaultRun {
  readonly access: VaultAccess;
  /** Civil date of an instant, in the vault's time zone once it is open. */
  readonly dayOf: (instant: string) => string;
  /** --yes */
  readonly replaces: boolean;
  /** @returns settings in the vault's folder that have no effect there. @throws what is wrong with the person's own */
  readonly powerlessSettings: () => readonly string[];
  readonly openStore: () => Promise<Store>;
  /** The caller closes it. */
  readonly storeOver: (vault: OpenedVault) => Store;
  readonly interruptible: Interruptible;
}

export interface BackupWanted {
  /** From the working folder; undefined makes up a name there. */
  readonly file: string | undefined;
  readonly acceptRollback: boolean;
  readonly advance: Advance;
}

export interface BackupMade {
  readonly file: string;
  readonly bytes: number;
  readonly made_at: string;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** @throws not-found, usage */
function targetOf(
  { workingFolder, dayOf, access }: CareParts,
  file: string | undefined,
  now: string,
): string {
  const named = resolve(workingFolder, file ?? '');
  const folder = file?.endsWith('/') || file?.endsWith(sep) ? file.slice(0, -1) : dirname(file ?? '.');
  if (!isFolder(resolve(workingFolder, folder === '' ? sep : folder)))
    throw notFound(`no folder '${folder}'`, 'make it first, or name another');
  const target = isFolder(named) ? join(named, `rapport-${dayOf(now)}.backup`) : named;
  if (isWithin(access.folder, target))
    throw usage("a backup in the vault's own folder would be lost with it", 'name a file elsewhere');
  return target;
}

async function acceptAsIs({ access, instant, guardOf }: CareParts): Promise<void> {
  const { database, vaultId, logKey } = await access.openDatabase();
  const guard = guardOf(vaultId, logKey);
  const log = openLog(database, { instant, logKey, guard });
  if (log === undefined || guard.refusal(log) === undefined) return;
  guard.accept(log.head());
  log.happened('accept rollback');
}

function dropEarlier({ access: { folder }, say, warn }: CareParts, names: readonly string[]): void {
  if (names.length === 0) return;
  try {
    removeEarlier(folder, names);
    say(`rapport: ${names.join(', ')}, kept from before a migration, is removed`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    warn(`rapport: ${error.message}`);
  }
}

async function warnOfDamage({ access, warn }: CareParts): Promise<void> {
  const { database, logKey } = await access.openDatabase();
  const digest = recordDigest(logKey);
  const state = digest.state(database);
  digest.wipe();
  if (state !== 'other') return;
  warn('rapport: the records in this backup are not those of the last change: some are of another time');
  warn('hint: rapport doctor');
}

/** @throws conflict, usage, not-found, damaged, busy, failed, cancelled, and as opening does */
export async function backUp(parts: CareParts, wanted: BackupWanted): Promise<BackupMade> {
  const { access, uid, replaces, interruptible } = parts;
  const madeAt = parts.instant();
  checkTarget(targetOf(parts, wanted.file, madeAt), replaces);
  const { keys } = await access.ownKeys();
  try {
    if (wanted.acceptRollback) await acceptAsIs(parts);
    const { folder } = access;
    // A copy made by this opening stays: nobody has seen the migrated vault yet.
    const earlier = earlierCopies(folder);
    const store = await parts.openStore();
    // The day in the name depends on the vault's time zone.
    const target = targetOf(parts, wanted.file, madeAt);
    checkTarget(target, replaces);
    const config = readPrivateFile(join(folder, configName), uid, largestConfig) ?? Buffer.alloc(0);
    const { advance } = wanted;
    const request = { folder, keys, uid, config, target, replaces, madeAt, interruptible, advance };
    const bytes = await parts.exclusively(() => writeBackup(request));
    dropEarlier(parts, earlier);
    await warnOfDamage(parts);
    try {
      store.backups.remember(madeAt, 'backup');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      parts.warn(`rapport: the backup is made, but the vault cannot remember it: ${error.message}`);
    }
    return { file: target, bytes, made_at: madeAt };
  } finally {
    keys.wipe();
  }
}
