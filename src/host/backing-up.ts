/** `rapport backup`: the vault's keys, settings and a checked copy of its database, in one file. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { OwnSettings } from '../domain/setting-values.ts';
import { Failure, notFound, usage } from '../errors.ts';
import { openLog } from '../store/log-alone.ts';
import type { Store } from '../store/store.ts';
import type { Questions } from '../terminal/questions.ts';
import { checkTarget, writeBackup } from '../vault/backup.ts';
import { largestConfig } from '../vault/backup-file.ts';
import { copyAside, copyHere } from '../vault/copying.ts';
import { readPrivateFile } from '../vault/modes.ts';
import { earlierCopies, removeEarlier } from '../vault/pre-migration-copy.ts';
import type { Clock } from './clock.ts';
import { isWithin } from './files.ts';
import type { KeyAccess, OpenedVault, VaultKeeper } from './keeper.ts';
import type { Globals, Outside } from './outside.ts';
import { rollbackGuard } from './rollback.ts';
import type { Notices } from './text-streams.ts';

/** So much of the whole is done, in any one unit. */
export type Advance = (done: number, whole: number) => void;

export interface CaretakerParts {
  readonly outside: Pick<
    Outside,
    'env' | 'platform' | 'home' | 'workingFolder' | 'uid' | 'nodePath' | 'copierPath'
  >;
  readonly globals: Pick<Globals, 'yes'>;
  readonly questions: Questions;
  readonly notices: Pick<Notices, 'say' | 'warn'>;
  readonly keeper: VaultKeeper & KeyAccess;
  readonly clock: Pick<Clock, 'instant' | 'local'>;
  /** The person's own. */
  readonly settings: () => OwnSettings;
  readonly openStore: () => Promise<Store>;
  /** The store over another database than the run's own. The caller closes it. */
  readonly storeOver: (vault: OpenedVault) => Store;
  /**
   * Ends the work with `cancelled` at a signal, so that it can clean up. Nothing is asked in it: a question ends the
   * process by the signal itself.
   */
  readonly interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

export interface BackupWanted {
  /** A file or a folder, from the working folder; undefined makes up a name there. */
  readonly file: string | undefined;
  /** Takes an older copy of the vault that was put back as it is. */
  readonly acceptRollback: boolean;
  readonly advance: Advance;
}

export interface BackupMade {
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** ISO instant. */
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
function targetOf({ outside, clock, keeper }: CaretakerParts, file: string | undefined, now: string): string {
  const named = resolve(outside.workingFolder, file ?? '');
  // A name that ends in a slash means a folder, whether or not it is there.
  const folder = file?.endsWith('/') || file?.endsWith(sep) ? file.slice(0, -1) : dirname(file ?? '.');
  if (!isFolder(resolve(outside.workingFolder, folder === '' ? sep : folder)))
    throw notFound(`no folder '${folder}'`, 'make it first, or name another');
  const target = isFolder(named) ? join(named, `rapport-${clock.local(now).date}.backup`) : named;
  if (isWithin(keeper.folder, target))
    throw usage("a backup in the vault's own folder would be lost with it", 'name a file elsewhere');
  return target;
}

/** Takes an older copy of the vault as it is from now on, and logs that. */
export async function acceptAsIs(parts: CaretakerParts): Promise<void> {
  const { keeper, clock, outside } = parts;
  const { database, vaultId, logKey } = await keeper.openDatabase();
  const memory = rollbackGuard({ outside, vaultId, vaultFolder: keeper.folder, logKey });
  const log = openLog(database, { instant: clock.instant, logKey, guard: memory });
  if (log === undefined || memory.refusal(log) === undefined) return;
  memory.accept(log.head());
  log.happened('accept rollback');
}

/** The backup takes the place of what was set aside before a migration. */
function dropEarlier({ keeper: { folder }, notices }: CaretakerParts, names: readonly string[]): void {
  if (names.length === 0) return;
  try {
    removeEarlier(folder, names);
    notices.say(`rapport: ${names.join(', ')}, kept from before a migration, is removed`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notices.warn(`rapport: ${error.message}`);
  }
}

export async function backUp(parts: CaretakerParts, wanted: BackupWanted): Promise<BackupMade> {
  const { outside, keeper, clock, notices } = parts;
  const madeAt = clock.instant();
  const replaces = parts.globals.yes;
  checkTarget(targetOf(parts, wanted.file, madeAt), replaces);
  const { keys } = await keeper.ownKeys();
  try {
    if (wanted.acceptRollback) await acceptAsIs(parts);
    const { folder } = keeper;
    // One that this opening sets aside stays: nobody has seen yet how the migration turned out.
    const earlier = earlierCopies(folder);
    const store = await parts.openStore();
    // Again, since the day in its name is that of the vault's time zone.
    const target = targetOf(parts, wanted.file, madeAt);
    checkTarget(target, replaces);
    const config =
      readPrivateFile(join(folder, 'config.json'), outside.uid, largestConfig) ?? Buffer.alloc(0);
    const program = { node: outside.nodePath, script: outside.copierPath };
    const copier = existsSync(program.script) ? copyAside(program) : copyHere;
    const { advance } = wanted;
    const { uid } = outside;
    const request = { folder, keys, uid, config, target, replaces, madeAt, copier, advance };
    const bytes = await parts.interruptible((signal) => writeBackup({ ...request, signal }));
    dropEarlier(parts, earlier);
    try {
      store.backups.remember(madeAt, 'backup');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      notices.warn(`rapport: the backup is made, but the vault cannot remember it: ${error.message}`);
    }
    return { file: target, bytes, made_at: madeAt };
  } finally {
    keys.wipe();
  }
}
