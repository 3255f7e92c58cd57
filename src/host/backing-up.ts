/** `rapport backup`: the vault's keys, settings and a checked copy of its database, in one file. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { Failure, notFound, usage } from '../errors.ts';
import { openLog } from '../store/log-alone.ts';
import { checkTarget, writeBackup } from '../vault/backup.ts';
import { largestConfig } from '../vault/backup-file.ts';
import { copyAside, copyHere } from '../vault/copying.ts';
import { readPrivateFile } from '../vault/modes.ts';
import { earlierCopies, removeEarlier } from '../vault/pre-migration-copy.ts';
import { wipeKeys } from '../vault/secrets.ts';
import type { BackupMade, BackupWanted, CaretakerParts, Interruptible } from './caretaker.ts';
import { isWithin } from './files.ts';
import { rollbackGuard } from './rollback.ts';

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

export async function backUp(
  parts: CaretakerParts,
  wanted: BackupWanted,
  interruptible: Interruptible,
): Promise<BackupMade> {
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
    const bytes = await interruptible((signal) => writeBackup({ ...request, signal }));
    dropEarlier(parts, earlier);
    try {
      store.backups.remember(madeAt, 'backup');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      notices.warn(`rapport: the backup is made, but the vault cannot remember it: ${error.message}`);
    }
    return { file: target, bytes, made_at: madeAt };
  } finally {
    wipeKeys(keys);
  }
}
