/** `rapport backup`: keys and database of one moment, opened as `restore` would before the file gets its name. */
import { lstatSync } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { asFailure, conflict, notFound, usage } from '../errors.ts';
import type { Keys } from '../keys.ts';
import { openLog } from '../store/access-log.ts';
import { recordDigest } from '../store/record-digest.ts';
import type { Store } from '../store/store.ts';
import type { OpenedVault, VaultAccess } from './access.ts';
import {
  checkUnpacked,
  type Going,
  openBackup,
  readDatabase,
  writeBackupFile,
  writeHead,
} from './backup-file.ts';
import { copyDatabase } from './database-copy.ts';
import { keysChanged, readKeyCopies } from './key-copies.ts';
import { type KeyFile, macHolds } from './key-file.ts';
import { holdVault, removeSetAside, systemFailure } from './open.ts';
import type { VaultRun } from './unlock.ts';
import {
  databasePath,
  earlierCopies,
  isFolder,
  isWithin,
  type OwnerId,
  removeEarlier,
  statOf,
  syncFolder,
} from './vault-folder.ts';
import { beginWork, madePath, sweepWork } from './work-folder.ts';

/** Of a long work. Both in the same unit. */
export type Advance = (done: number, whole: number) => void;

/** What backup, restore and doctor need. */
export interface CareParts extends VaultRun {
  readonly access: VaultAccess;
  /** Day and HH:MM of an instant, in the vault's time zone once it is open. */
  readonly local: (instant: string) => { readonly date: string; readonly time: string };
  /** --yes */
  readonly replaces: boolean;
  /** @returns settings in the vault's folder that have no effect there. @throws what is wrong with the person's own */
  readonly powerlessSettings: () => readonly string[];
  readonly openStore: () => Promise<Store>;
  /** The caller closes it. */
  readonly storeOver: (vault: OpenedVault) => Store;
  /** Ends with `cancelled` at a signal, to clean up. Trap: ask nothing in it; a signal at a question ends the process. */
  readonly interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

interface BackupRequest extends Pick<CareParts, 'uid' | 'replaces' | 'interruptible'> {
  readonly folder: string;
  readonly keys: Pick<Keys, 'page' | 'keyFile'>;
  readonly target: string;
  readonly madeAt: string;
  /** In bytes: a third each for copying, joining and checking. */
  readonly advance: Advance;
}

/** In bytes: disks take 255, and the work file's name is longer. */
const longestName = 220;

/** @throws conflict where something stands there, not-found where its folder is missing */
function checkTarget(target: string, replaces: boolean): void {
  const name = basename(target);
  if (Buffer.byteLength(name) > longestName) throw usage(`'${name}' is too long for the name of a backup`);
  const found = statOf(target);
  if (found === undefined) {
    if (statOf(dirname(target)) === undefined) throw notFound(`no folder '${dirname(target)}'`);
    return;
  }
  if (!found.isFile() && !found.isSymbolicLink()) throw conflict(`'${target}' is there and is no file`);
  if (!replaces) throw conflict(`'${name}' exists already`, 'name another file, or add --yes to replace it');
}

/** @throws conflict where the master key is another by now */
export function standingKeys(folder: string, uid: OwnerId, keys: BackupRequest['keys']): KeyFile {
  const found = readKeyCopies(folder, uid)?.candidates.find((copy) => macHolds(copy, keys.keyFile));
  if (found === undefined) throw keysChanged();
  return found;
}

/** Keys and database of one moment: both change under the lock that is held here. @returns the key file */
function copyVault({ folder, keys, uid, advance }: BackupRequest, target: string): KeyFile {
  const source = databasePath(folder);
  advance(0, lstatSync(source).size);
  const { vault } = standingKeys(folder, uid, keys).payload;
  let keyFile: KeyFile;
  let check: () => void;
  {
    // Signals keep their default meanwhile: the next backup sweeps what they leave.
    using _ = holdVault({ folder, keys, vault, uid });
    keyFile = standingKeys(folder, uid, keys);
    check = copyDatabase(source, target, keys.page);
  }
  check();
  return keyFile;
}

/** Joins what lies in the work folder, and checks the whole as it is on the disk. @returns bytes */
async function joinParts(request: BackupRequest, keyFile: KeyFile, folder: string, signal: AbortSignal) {
  const { keys, madeAt, advance, uid } = request;
  const made = madePath(folder);
  await using from = await open(databasePath(folder), 'r');
  const { size } = await from.stat();
  const third = (number: number): Going => ({
    signal,
    advance: (done) => advance(number * size + done, 3 * size),
  });
  const head = writeHead(folder, { keyFile, madeAt, size }, keys, uid);
  await writeBackupFile(made, from, head, keys, third(1));
  await using backup = await openBackup(made);
  await readDatabase(backup, keys, third(2));
  // The MAC covers the database, so the copy is opened in place of unpacking another one.
  checkUnpacked(folder, backup.head, request);
  signal.throwIfAborted();
  return (await stat(made)).size;
}

/** Leaves nothing on failure. @returns bytes. @throws conflict, not-found, damaged, busy, failed, cancelled */
export async function writeBackup(request: BackupRequest): Promise<number> {
  const { target, replaces, uid, interruptible } = request;
  checkTarget(target, replaces);
  try {
    sweepWork(dirname(target), uid);
    using work = beginWork(dirname(target));
    const { folder } = work;
    const keyFile = copyVault(request, databasePath(folder));
    const length = await interruptible((signal) => joinParts(request, keyFile, folder, signal));
    // Another process may have created it meanwhile.
    checkTarget(target, replaces);
    await rename(madePath(folder), target);
    syncFolder(dirname(target));
    return length;
  } catch (error) {
    throw systemFailure(error, 'the backup cannot be written');
  }
}

/** Two machines may carry one folder: chance keeps their names apart. */
function ownName({ local, random }: CareParts, now: string): string {
  const { date, time } = local(now);
  return `rapport-${date}-${time.replace(':', '')}-${random(3).toString('hex')}.backup`;
}

/** @throws not-found, usage */
function targetOf(parts: CareParts, file = '', now: string): string {
  const { workingFolder, access } = parts;
  const named = resolve(workingFolder, file);
  const folder = file.endsWith('/') || file.endsWith(sep) ? file.slice(0, -1) || sep : dirname(file);
  if (!isFolder(resolve(workingFolder, folder)))
    throw notFound(`no folder '${folder}'`, 'make it first, or name another');
  const target = isFolder(named) ? join(named, ownName(parts, now)) : named;
  if (isWithin(access.folder, target))
    throw usage("a backup in the vault's own folder would be lost with it", 'name a file elsewhere');
  return target;
}

async function acceptAsIs({ access, instant, guardOf }: CareParts): Promise<void> {
  const { database, vaultId, logKey } = await access.open();
  const guard = guardOf(vaultId, logKey);
  const log = openLog(database, { instant, logKey, guard });
  if (log === undefined || guard.refusal(log) === undefined) return;
  guard.accept(log.head());
  log.happened('accept rollback');
}

/** @param names copies of before a migration */
async function dropCopies({ access, say, report }: CareParts, names: readonly string[]): Promise<void> {
  const { folder } = access;
  try {
    removeEarlier(folder, names);
    if (names.length > 0) say(`rapport: ${names.join(', ')}, kept from before a migration, is removed`);
    const aside = removeSetAside((await access.open()).database, folder);
    if (aside !== undefined) say(`rapport: ${aside}, set aside by restore --newest, is removed`);
  } catch (error) {
    report(asFailure(error));
  }
}

async function warnOfDamage({ access, warn }: CareParts): Promise<void> {
  const { database, logKey } = await access.open();
  using digest = recordDigest(logKey);
  if (digest.state(database) !== 'other') return;
  warn('rapport: the records in this backup are not those of the last change: some are of another time');
  warn('hint: rapport doctor');
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

/** @throws conflict, usage, not-found, damaged, busy, failed, cancelled, and as opening does */
export async function backUp(parts: CareParts, wanted: BackupWanted): Promise<BackupMade> {
  const { access, replaces } = parts;
  const madeAt = parts.instant();
  checkTarget(targetOf(parts, wanted.file, madeAt), replaces);
  // Copied before the vault is open: opening it wipes the key of the key file.
  using keys = (await access.obtain({ ask: true })).keys.copy();
  if (wanted.acceptRollback) await acceptAsIs(parts);
  const { folder } = access;
  // A copy made by this opening stays: nobody has seen the migrated vault yet.
  const earlier = earlierCopies(folder);
  const store = await parts.openStore();
  // The day in the name depends on the vault's time zone.
  const target = targetOf(parts, wanted.file, madeAt);
  const bytes = await parts.exclusively(() =>
    writeBackup({ ...parts, folder, keys, target, madeAt, advance: wanted.advance }),
  );
  await dropCopies(parts, earlier);
  await warnOfDamage(parts);
  try {
    store.backups.remember(madeAt, 'backup');
  } catch (error) {
    const why = asFailure(error).message;
    parts.warn(`rapport: the backup is made, but the vault cannot remember it: ${why}`);
  }
  return { file: target, bytes, made_at: madeAt };
}
